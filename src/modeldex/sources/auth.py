"""How a request says who asks: a key in one header, or AWS' Signature Version 4."""

from __future__ import annotations

import hmac
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, unquote

from modeldex.errors import InvalidSettingsError, SourceDeniedError
from modeldex.sources.api import auth_header
from modeldex.sources.secret import Secret, find_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modeldex.sources.addresses import Target

AWS = "aws"  # the bearer key of Bedrock where it is set, else a signature
AWS_BEARER = "AWS_BEARER_TOKEN_BEDROCK"
AWS_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
AWS_TOKEN = "AWS_SESSION_TOKEN"  # noqa: S105
_HEADER = re.compile(r"authorization [A-Za-z-]{1,20}|[a-z][a-z0-9-]{0,40}")
_ALGORITHM = "AWS4-HMAC-SHA256"


class Credential(Protocol):
    """What signs a request: it returns headers, for the host that it is bound to."""

    def sign(
        self, method: str, target: Target, headers: Mapping[str, str], body: bytes
    ) -> dict[str, str]:
        """Return the headers that say who asks."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The keys, which no answer may repeat."""


@dataclass(frozen=True, slots=True)
class HeaderKey:
    """A key that is sent in one header.

    `auth` is `bearer`, `authorization WORD` for another word before the key, or the
    name of a header that holds the bare key: `x-api-key`, `x-goog-api-key`, `api-key`.
    """

    secret: Secret
    auth: str = "bearer"

    def sign(
        self, _method: str, target: Target, _headers: Mapping[str, str], _body: bytes
    ) -> dict[str, str]:
        """Return the header with the key."""
        name, value = auth_header(self.auth, self.secret.reveal_to(target.host))
        return {name: value}

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The key."""
        return (self.secret,)


@dataclass(frozen=True, slots=True)
class AwsSignature:
    """AWS' Signature Version 4: the secret key itself is never sent.

    `at` is the time of the request, by default the present.
    """

    key_id: Secret
    key: Secret
    region: str
    service: str
    token: Secret | None = None
    at: datetime | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The keys; the id of a key is told in every request."""
        return tuple(key for key in (self.key_id, self.key, self.token) if key)

    def sign(
        self, method: str, target: Target, headers: Mapping[str, str], body: bytes
    ) -> dict[str, str]:
        """Return the headers with the time and the signature."""
        at = self.at or datetime.now(UTC)
        stamp, host = at.strftime("%Y%m%dT%H%M%SZ"), target.host
        added = {"X-Amz-Date": stamp}
        if self.token:
            added["X-Amz-Security-Token"] = self.token.reveal_to(host)
        signed = {name.lower(): " ".join(v.split()) for name, v in headers.items()}
        signed |= {name.lower(): value for name, value in added.items()}
        signed["host"] = target.authority
        names = ";".join(sorted(signed))
        scope = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        request = "\n".join(
            (
                method,
                *_canonical(target.path),
                *(f"{name}:{signed[name]}" for name in sorted(signed)),
                "",
                names,
                sha256(body).hexdigest(),
            )
        )
        digest = sha256(request.encode()).hexdigest()
        key = self._key(host, scope)
        signature = _hmac(key, f"{_ALGORITHM}\n{stamp}\n{scope}\n{digest}").hex()
        said = f"Credential={self.key_id.reveal_to(host)}/{scope}"
        said += f", SignedHeaders={names}, Signature={signature}"
        return {**added, "Authorization": f"{_ALGORITHM} {said}"}

    def _key(self, host: str, scope: str) -> bytes:
        key = f"AWS4{self.key.reveal_to(host)}".encode()
        for part in scope.split("/"):
            key = _hmac(key, part)
        return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), sha256).digest()


def _canonical(path: str) -> tuple[str, str]:
    """Return the path and the query as they are signed.

    What is encoded in a path is encoded again, as all services but S3 have it.
    """
    path, _, query = path.partition("?")
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    encoded = [
        (quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~"))
        for name, value in pairs
    ]
    said = "&".join(f"{name}={value}" for name, value in sorted(encoded))
    return quote(path, safe="/-_.~"), said


def find_credential(  # noqa: PLR0913
    auth: str,
    keys: Iterable[str],
    host: str,
    *,
    source: str,
    region: str = "",
    environ: Mapping[str, str] = os.environ,
) -> Credential | None:
    """Return what signs the requests of a source, or None where it needs no key.

    Raises SourceDeniedError that names the variables where none is set,
    InvalidSettingsError for a key that cannot be.
    """
    keys = tuple(keys)
    if auth == AWS:
        keys = keys or (AWS_BEARER,)
        found = _aws_signature(host, region, environ)
    elif _HEADER.fullmatch(auth):
        found = None
    else:
        raise InvalidSettingsError(f"{source}: auth is bearer or a header's name")
    secret = find_secret(_bearers(auth, keys), host, environ)
    if secret:
        return HeaderKey(secret, "bearer" if auth == AWS else auth)
    if found or not keys:
        return found
    ways = " or ".join(_bearers(auth, keys))
    if auth == AWS:
        ways += f", or {' and '.join(AWS_KEYS)}"
    raise SourceDeniedError(f"{source} needs a key: set {ways}", missing=keys)


def _bearers(auth: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the references of keys that are sent as they are."""
    parts = (*AWS_KEYS, AWS_TOKEN)
    return tuple(key for key in keys if auth != AWS or key not in parts)


def _aws_signature(
    host: str, region: str, environ: Mapping[str, str]
) -> AwsSignature | None:
    key_id, key = (find_secret((name,), host, environ) for name in AWS_KEYS)
    if key_id is None or key is None:
        return None
    token = find_secret((AWS_TOKEN,), host, environ)
    return AwsSignature(key_id, key, region, "bedrock", token)
