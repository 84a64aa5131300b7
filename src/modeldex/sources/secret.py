"""Keys: by reference, bound to one host, shown to nobody.

A reference is `env:NAME` (or only `NAME`), an environment variable, or `file:PATH`.
Keys travel in headers, never in a URL; what logs of the HTTP library hold is masked.
"""

from __future__ import annotations

import logging
import os
import re
from base64 import b64encode, urlsafe_b64encode
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote, quote_plus
from weakref import WeakSet

from modeldex.errors import ForbiddenAddressError, InvalidSettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MASK = "***"
MAX_BYTES = 16_384
SHORT = 8  # characters of a key that tell it already
LEAST = 16  # characters of a key that is looked for in answers
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_KEY = re.compile(r"[!-~]{1,16384}")

_alive: WeakSet[Secret] = WeakSet()
_lock = Lock()


class Secret:
    """A key, told to one host only; it has no text of its own.

    `reference` says where it comes from, `host` whom it may be sent to.
    """

    __slots__ = ("__weakref__", "_forms", "_text", "host", "reference")

    def __init__(self, text: str, *, reference: str, host: str) -> None:
        self._text = text
        self.reference = reference
        self.host = host
        self._forms: tuple[str, ...] = ()
        with _lock:
            _alive.add(self)

    def reveal_to(self, host: str) -> str:
        """Return the key for a header of a request; only its own host gets it.

        Raises ForbiddenAddressError.
        """
        if host != self.host:
            message = f"the key of {self.reference} belongs to {self.host}, not {host}"
            raise ForbiddenAddressError(message)
        return self._text

    def forms(self) -> tuple[str, ...]:
        """Return every spelling that is masked, the longest first."""
        if not self._forms:
            self._forms = spellings(self._text)
        return self._forms

    @property
    def mark(self) -> str:
        """What tells it from other keys, and does not tell it: 32 bits of a digest."""
        host = self.host.encode()[:64]
        return blake2b(self._text.encode(), key=host, digest_size=4).hexdigest()

    def is_in(self, data: bytes) -> bool:
        """Tell whether bytes hold the key, in any spelling.

        Short ones, such as the `EMPTY` of local servers, are words, not keys.
        """
        if len(self._text) < LEAST:
            return False
        return any(form.encode() in data for form in self.forms())

    def mask_in(self, text: str) -> str:
        """Return a text without the key, and without what begins as the key does."""
        for form in self.forms():
            text = text.replace(form, MASK)
        if len(self._text) <= SHORT:
            return text
        begun = re.escape(self._text[:SHORT])
        return re.sub(rf"{begun}[^\s'\",;)]*", MASK, text)

    def __repr__(self) -> str:
        return f"Secret({self.reference!r}, {MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a secret is not copied, pickled or stored")

    def __setattr__(self, name: str, value: object) -> None:
        if name != "_forms" and hasattr(self, name):
            raise AttributeError("a secret does not change")
        object.__setattr__(self, name, value)


def spellings(text: str) -> tuple[str, ...]:
    """Return a key as it is, quoted, URL-encoded, in hex, and within any base64."""
    data = text.encode()
    forms = {text, quote(text), quote(text, safe=""), quote_plus(text), data.hex()}
    doubled = text.replace("\\", "\\\\")
    forms |= {doubled, doubled.replace("'", "\\'"), doubled.replace('"', '\\"')}
    for encode in (b64encode, urlsafe_b64encode):
        for offset, skipped in ((0, 0), (1, 2), (2, 3)):
            within = encode(b"\0" * offset + data).decode().rstrip("=")
            forms.add(within[skipped:-1])
    long = {form for form in forms if len(form) > SHORT} | {text}
    return tuple(sorted(long, key=len, reverse=True))


def mask(text: str) -> str:
    """Return a text in which no key that is known has been left."""
    with _lock:
        known = list(_alive)
    for secret in known:
        text = secret.mask_in(text)
    return text


class Redaction(logging.Filter):
    """Masks keys in records of a logger."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask a record's message; its arguments and its exception go."""
        record.msg = mask(record.getMessage())
        record.args = None
        if record.exc_info or record.exc_text:
            record.exc_info, record.exc_text = None, None
        return True


_redaction = Redaction()


def guard_logs(names: Iterable[str]) -> None:
    """Mask keys in what loggers say, from now on."""
    for name in names:
        logging.getLogger(name).addFilter(_redaction)


def find_secret(
    references: Iterable[str], host: str, environ: Mapping[str, str] = os.environ
) -> Secret | None:
    """Return the key of the first reference that is set, bound to a host, or None.

    Raises InvalidSettingsError for a reference or key that cannot be; a key is
    printable ASCII without spaces.
    """
    for reference in references:
        text = _read(reference, environ)
        if not text:
            continue
        if not _KEY.fullmatch(text):
            message = f"{reference} holds no key: a key is printable, without spaces"
            raise InvalidSettingsError(message)
        return Secret(text, reference=reference, host=host)
    return None


def _read(reference: str, environ: Mapping[str, str]) -> str:
    kind, _, name = reference.rpartition(":")
    if reference.startswith("file:"):
        return _read_file(reference.removeprefix("file:"))
    if kind not in ("", "env") or not _VARIABLE.fullmatch(name):
        # it may be the key itself, written where its name belongs: not shown
        raise InvalidSettingsError("a key is named as env:NAME or file:PATH")
    return environ.get(name, "").strip()


def _read_file(path: str) -> str:
    try:
        with open(os.path.expanduser(path), "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise InvalidSettingsError(f"file:{path}: no key: {why}") from None
    try:
        return data.decode("ascii").strip()
    except UnicodeDecodeError:
        pass
    raise InvalidSettingsError(f"file:{path} holds no key: a key is printable ASCII")
