"""An API's answer: decoded, its rows found, what they say collected."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from modeldex.errors import SourceDeniedError, SourceFormatError
from modeldex.sources.api import Reading
from modeldex.sources.claim import Claims, Json, rejected_id
from modeldex.sources.paging import goes_on
from modeldex.sources.strict_json import read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from modeldex.catalog.merging.claims import Key
    from modeldex.sources.api import Api
    from modeldex.sources.rate_claims import PriceReading

    Row = Mapping[str, Any]

MAX_BYTES = 64_000_000
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
# the word or number by which an error answer says what it is; never its message
_CODE = re.compile(r"\d{3}|[A-Za-z][A-Za-z_]{1,40}")
_CODE_KEYS = ("code", "status", "type", "reason", "__type")
_DENIED = re.compile(
    r"401|403|auth|forbidden|denied|permission|api_?key|invalid_?key|credential",
    re.IGNORECASE,
)
_ERROR_KEYS = ("error", "errors", "detail", "message", "code", "__type")
# what is only one account's: OpenAI's marks in ids and owners
_PRIVATE_ID = re.compile(r"ft:|.*:ft-|.*:ckpt-step-")
_PRIVATE_OWNER = re.compile(r"(?:user|org)-.+")
NO_ANSWER = "there is no answer"
PRIVATE = "fine-tuned, of one account"


def decode_answer(payload: bytes, source: str) -> Json:
    """Return a recorded answer, plain or gzipped JSON, read as one from the network.

    Raises SourceFormatError as `read_json`, and when it is larger than 64 MB.
    """
    try:
        data = payload
        if payload.startswith(_GZIP):
            unpacker = zlib.decompressobj(_GZIP_WINDOW)
            data = unpacker.decompress(payload, MAX_BYTES)
            if not unpacker.eof:
                refuse(source, "the answer is cut short, or too large")
        if len(data) > MAX_BYTES:
            refuse(source, f"the answer is larger than {MAX_BYTES} bytes")
    except zlib.error as error:
        message = f"{source}: the answer is no JSON"
        raise SourceFormatError(message) from error
    try:
        return read_json(data)
    except SourceFormatError as error:
        refuse(source, str(error))


def refuse(source: str, reason: str) -> NoReturn:
    """Raise SourceFormatError."""
    message = f"{source}: {reason}"
    raise SourceFormatError(message)


def listed(page: Json, source: str, keys: Sequence[str]) -> list[Json]:
    """Return the rows of a page: a bare list, or the list under one of the keys.

    Raises SourceDeniedError or SourceFormatError when the page is an error, and
    SourceFormatError when it has no list.
    """
    if isinstance(page, list):
        return page
    if isinstance(page, dict) and not page.get("error"):
        for key in keys:
            if isinstance(page.get(key), list):
                return list(page[key])
    refuse_error(page, source)
    refuse(source, "the answer holds no list of models")


def refuse_error(page: Json, source: str) -> None:
    """Raise for an answer that is an error; the message has its code, not its text."""
    if not isinstance(page, dict) or not any(page.get(key) for key in _ERROR_KEYS):
        return
    codes = list(dict.fromkeys(_codes(page)))
    told = f" ({', '.join(codes)})" if codes else ""
    message = f"{source}: the answer is an error{told}"
    if any(_DENIED.search(code) for code in codes):
        raise SourceDeniedError(message)
    raise SourceFormatError(message)


def _codes(page: Json) -> Iterator[str]:
    inner = page.get("error")
    for table in (page, inner if isinstance(inner, dict) else {}):
        for key in _CODE_KEYS:
            value = table.get(key)
            if isinstance(value, (int, str)) and _CODE.fullmatch(str(value)):
                yield str(value)


@dataclass(slots=True)
class Rows:
    """What is read of an API's answer, row by row.

    Where two rows of one id say otherwise, neither is believed.
    """

    api: Api
    at: str
    provider_of: Callable[[str], str] | None = None
    """Who serves a model, by its id, where it is not the API's own provider."""
    models: dict[Key, dict[str, Any]] = field(default_factory=dict)
    aliases: dict[Key, set[str]] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    not_carried: Counter[str] = field(default_factory=Counter)
    carried: Counter[str] = field(default_factory=Counter)
    disputed: set[tuple[Key, str]] = field(default_factory=set)
    rows: int = 0

    def skip(self, model: object, reason: str) -> None:
        """Leave out what is listed but is no model."""
        self.skipped.append((str(model)[:80], reason))

    def leave(self, key: str, reason: str) -> None:
        """Count a fact that is not carried, by the source's own key."""
        self.not_carried[f"{key}: {reason}"] += 1

    def count(self, prices: PriceReading) -> None:
        """Count what became of a row's price keys."""
        self.carried.update(prices.carried)
        self.not_carried.update(prices.not_carried)

    def add(self, model: str, facts: Mapping[str, Any]) -> None:
        """Add what a row says of a model; None says nothing."""
        served_by = self.provider_of(model) if self.provider_of else self.api.provider
        key = (served_by, model)
        known = self.models.setdefault(key, {})
        for name, value in facts.items():
            if value is None or (key, name) in self.disputed:
                continue
            if known.setdefault(name, value) != value:
                del known[name]
                self.disputed.add((key, name))
                self.leave(name, "rows of one id say otherwise")

    def alias(self, model: str, target: str) -> None:
        """Note another id of a model, of which the list has no row of its own."""
        self.aliases.setdefault((self.api.provider, model), set()).add(target)

    def reading(self, *, complete: bool = True) -> Reading:
        """Return the reading, with the aliases that have one target each."""
        aliases = {
            key: min(targets)
            for key, targets in self.aliases.items()
            if len(targets) == 1 and key not in self.models
        }
        claims = Claims(
            self.api.name,
            self.at[:10],
            self.models,
            {},
            tuple(self.skipped),
            self.not_carried,
            self.carried,
        )
        return Reading(claims, self.rows, complete, aliases)


@contextmanager
def known_shape(source: str, model: str) -> Iterator[None]:
    """Raise SourceFormatError for what a row of another shape raises."""
    try:
        yield
    except (
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        ArithmeticError,
    ) as error:
        message = f"{source}: {model}: unknown shape: {type(error).__name__}"
        raise SourceFormatError(message) from error


def private_reason(row: Row) -> str | None:
    """Return why a row is left out that only one account can use."""
    model, owner = str(row.get("id")), str(row.get("owned_by"))
    own = _PRIVATE_ID.match(model) or _PRIVATE_OWNER.fullmatch(owner)
    return PRIVATE if own else None


def read_rows(
    pages: Sequence[Json],
    rows: Rows,
    *,
    keys: Sequence[str],
    model_id: Callable[[Row], object],
    facts: Callable[[Row, Rows], Mapping[str, Any] | str],
) -> Reading:
    """Read the rows of all pages.

    `facts` returns what a row says, or the reason for which it is no model. Raises
    SourceFormatError or SourceDeniedError when a page is not what it should be.
    """
    source = rows.api.name
    if not pages:
        refuse(source, NO_ANSWER)
    for page in pages:
        for row in listed(page, source, keys):
            rows.rows += 1
            _read_row(rows, row, model_id, facts)
    return rows.reading(complete=not goes_on(rows.api, pages[-1]))


def _read_row(
    rows: Rows,
    row: Json,
    model_id: Callable[[Row], object],
    facts: Callable[[Row, Rows], Mapping[str, Any] | str],
) -> None:
    if not isinstance(row, dict):
        rows.skip("?", "it is no row")
        return
    model = model_id(row)
    if not isinstance(model, str) or rejected_id(model):
        rows.skip(model, "id is malformed")
        return
    with known_shape(rows.api.name, model):
        said = private_reason(row) or facts(row, rows)
    if isinstance(said, str):
        rows.skip(model, said)
    else:
        rows.add(model, said)
