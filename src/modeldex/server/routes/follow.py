"""What mirrors and other registries follow: the manifest, and its snapshots."""

from __future__ import annotations

from typing import Any

import msgspec

from modeldex.errors import NotFoundError
from modeldex.server.route import Asked, Policy, Route, Said
from modeldex.server.routes.terms import MIN_REVISION
from modeldex.usecases.publishing import MANIFEST, MEDIA_TYPE


class Offered(msgspec.Struct, forbid_unknown_fields=True):
    """A snapshot: its path below the base URL, its hash and its size in bytes."""

    path: str
    sha256: str
    size: int


class Followed(msgspec.Struct, forbid_unknown_fields=True):
    """Who this registry is, where it is, and its catalogue in each format."""

    modeldex: str
    id: str
    chain: list[str]
    epoch: str
    revision: int
    digest: str
    updated_at: str
    snapshots: dict[str, Offered]
    events: str | None


def _manifest(asked: Asked) -> Any:
    return Said(asked.service.publication().manifest.as_bytes())


def _snapshot(asked: Asked) -> Said:
    path = f"snapshot/{asked.path}"
    found = asked.service.publication().files.get(path)
    if found is None:
        message = f"there is no {path[:120]} any more; {MANIFEST} names those there are"
        raise NotFoundError(message)
    return Said(found, MEDIA_TYPE)


ROUTES = (
    Route(
        "GET",
        f"/{MANIFEST}",
        "follow.manifest",
        "Tell mirrors who this registry is, and where its catalogue can be had.",
        Policy.READ,
        _manifest,
        Followed,
        (MIN_REVISION,),
        waits=True,
        tag="following",
    ),
    Route(
        "GET",
        "/snapshot/{path:path}",
        "follow.snapshot",
        "Return a snapshot that the manifest names.",
        Policy.READ,
        _snapshot,
        media=(MEDIA_TYPE,),
        waits=True,
        errors=(404,),
        path_example="v2/0000000000000000000000000000000000000000000000000000000000000000.snapshot",
        tag="following",
    ),
)
