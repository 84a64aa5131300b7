"""Who a registry is, and whom it follows: so that none follows itself.

A registry has an id that a store keeps for ever: it is made of the hash of its first
revision, so that a restored copy is still the same one. What it follows is a source of
its syncs, named `modeldex:NAME`; where that was when it last answered (its id, the ids
that it follows itself, its epoch and revision) is remembered as its validator.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from modeldex.domain.source_name import is_followed
from modeldex.errors import FederationLoopError, UnknownRevisionError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from modeldex.domain.syncing import SourceState
    from modeldex.ports import Store

_ID_LENGTH = 32
_SHOWN = 8
MOST = 64  # registries in a chain


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a followed registry was when it answered; `etag` is of its manifest."""

    id: str
    chain: tuple[str, ...] = ()
    epoch: str = ""
    revision: int = 0
    etag: str = ""

    def as_text(self) -> str:
        """Return what is remembered."""
        said = [self.id, list(self.chain), self.epoch, self.revision, self.etag]
        return json.dumps(said, separators=(",", ":"))


def read_followed(text: str) -> Followed | None:
    """Read what `as_text` wrote; None for what it did not write."""
    try:
        name, chain, epoch, revision, etag = json.loads(text)
        return Followed(name, tuple(chain), epoch, int(revision), etag)
    except (ValueError, TypeError):
        return None


def id_of(store: Store) -> str:
    """Return the id of a store's registry; "" before its first revision."""
    try:
        first = store.revision(1)
    except UnknownRevisionError:
        return ""
    return sha256(f"registry\0{first.hash}".encode()).hexdigest()[:_ID_LENGTH]


def chain_of(states: Mapping[str, SourceState]) -> tuple[str, ...]:
    """Return the ids of all that is followed, through whatever is between."""
    found: dict[str, None] = {}
    for name in sorted(states):
        known = read_followed(states[name].etag) if is_followed(name) else None
        if known is not None:
            found |= dict.fromkeys((known.id, *known.chain))
    return tuple(found)


def identity_in(store: Store) -> dict[str, str]:
    """Return a registry's id and whom it follows, as a catalogue file keeps them."""
    return {"id": id_of(store), "chain": " ".join(chain_of(store.sources()))}


def refuse_loop(
    own: Collection[str], source: str, name: str, chain: Iterable[str]
) -> None:
    """Raise FederationLoopError, naming the path, where a registry follows us."""
    path = [name, *chain]
    met = next((place for place, step in enumerate(path) if step in own), None)
    if met is None:
        return
    steps = " → ".join(f"{step[:_SHOWN]}…" for step in path[: met + 1])
    raise FederationLoopError(
        f"{source} follows this registry: {path[met][:_SHOWN]}… → {steps}; "
        f"take {source.partition(':')[2]} out of the settings, here or there"
    )


def read_ids(given: Any) -> tuple[str, ...]:
    """Read ids of registries as they come from outside; raise ValueError."""
    if not isinstance(given, list) or len(given) > MOST:
        raise ValueError("chain is no list of ids")
    return tuple(read_id(item) for item in given)


def read_id(given: Any) -> str:
    """Read an id of a registry as it comes from outside; raise ValueError."""
    if not (
        isinstance(given, str) and 0 < len(given) <= 2 * _ID_LENGTH and given.isalnum()
    ):
        raise ValueError("id is no id of a registry")
    if not given.isascii():
        raise ValueError("id is no id of a registry")
    return given
