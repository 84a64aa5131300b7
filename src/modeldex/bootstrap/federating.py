"""Another registry of modeldex as a source of syncs: a service, or a static site."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modeldex.bootstrap.upstream import HttpUpstream, token_for
from modeldex.config import load_settings
from modeldex.domain.source_name import FOLLOWED
from modeldex.domain.syncing import Answer
from modeldex.errors import SourceFormatError
from modeldex.sources.api import CAPABILITIES, LIFECYCLE, LIMITS, PRICES
from modeldex.usecases.chain import Followed, read_followed, refuse_loop
from modeldex.usecases.followed_models import said_in
from modeldex.usecases.mirror_parts import Said
from modeldex.usecases.publishing import chosen, opened, read_manifest, refuse_older

if TYPE_CHECKING:
    from modeldex.domain.own_source import OwnSource
    from modeldex.domain.syncing import SourceState
    from modeldex.ports import Source
    from modeldex.usecases.publishing import Manifest
    from modeldex.usecases.stored import StoredCatalog

REGISTRY = "registry"


class FollowedSource:
    """A registry that is followed, as `modeldex:NAME`."""

    kind = REGISTRY
    provider = ""
    authority = frozenset((CAPABILITIES, LIFECYCLE, LIMITS, PRICES))

    def __init__(self, own: OwnSource, stored: StoredCatalog) -> None:
        self.name = FOLLOWED + own.name
        self.place = own.url
        self.needs = own.keys
        self._stored = stored

    def lacks(self) -> str:
        """Return which reference of a token is set nowhere; "" for none."""
        if self.needs and token_for(self.place, None, self.needs) is None:
            return f"{self.name} needs a token: set {self.needs[0]}"
        return ""

    def account(self) -> str | None:
        """Return a mark of the token; "" where none is named, None where it lacks."""
        if not self.needs:
            return ""
        token = token_for(self.place, None, self.needs)
        return None if token is None else token.mark

    def ask(self, state: SourceState, at: str) -> Answer:
        """Ask for the manifest, and for the catalogue where it is another one.

        Raises FederationLoopError where it follows this registry, SourceError.
        """
        known = read_followed(state.etag) if state.digest else None
        token = token_for(self.place, None, self.needs) if self.needs else None
        upstream = HttpUpstream(self.place, token)
        asked = None if known is None else Said(b"", known.etag, state.last_modified)
        said = upstream.manifest(asked)
        if said is None:
            return self._again(state, at)
        try:
            manifest = read_manifest(said.body)
            if known is not None:
                refuse_older(manifest, known.epoch, known.revision)
            offered = chosen(manifest)
            refuse_loop(self._stored.ids(), self.name, manifest.id, manifest.chain)
            etag = self._place(manifest, said)
            if offered.sha256 == state.digest:
                same = self._again(state, at)
                return replace(same, etag=etag, last_modified=said.last_modified)
            snapshot = opened(upstream.fetch(offered.path), offered, manifest)
        except (ValueError, RecursionError) as error:
            raise SourceFormatError(f"{self.name}: {error}") from None
        models, skipped = said_in(snapshot, self._stored.catalog.snapshot)
        return Answer(
            self.name,
            at,
            models,
            snapshot.size,
            complete=not skipped,
            digest=offered.sha256,
            etag=etag,
            last_modified=said.last_modified,
            skipped=skipped,
        )

    def _again(self, state: SourceState, at: str) -> Answer:
        """Return that it says what it said before."""
        return Answer(
            self.name,
            at,
            {},
            state.rows,
            complete=state.complete,
            digest=state.digest,
            etag=state.etag,
            last_modified=state.last_modified,
            same=True,
        )

    def _place(self, manifest: Manifest, said: Said) -> str:
        """Return what is remembered of where it is."""
        known = Followed(
            *(manifest.id, manifest.chain, manifest.epoch, manifest.revision),
            etag=said.etag,
        )
        return known.as_text()


def followed_sources(stored: StoredCatalog) -> list[Source]:
    """Return the registries that the settings follow, in their order."""
    own = load_settings().sources
    return [FollowedSource(source, stored) for source in own if source.follows]
