"""What all sources say: the shipped claims, with what was remembered since on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.facts import flat_facts
from modeldex.catalog.merging.agreement import stale_sources
from modeldex.catalog.merging.canonical import Canonicals, merge_alias, merge_canonical
from modeldex.catalog.merging.merge import (
    LABEL,
    PRESENCE,
    STAND_IN,
    Serving,
    facts_of,
    weigh,
)
from modeldex.domain.provider import provider_kind
from modeldex.usecases.sync.following import (
    followed_in,
    is_whole,
    laid,
    take_whole,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modeldex.catalog.merging.claims import Key, Packed, Quarantined, Values
    from modeldex.domain.change import Facts
    from modeldex.domain.syncing import SourceState
    from modeldex.ports import Claim

    Authority = Mapping[str, frozenset[str]]
    Said = Mapping[str, Any]  # field -> value, by one source


class Known:
    """What each source says of each model, and on which day it was seen to say so.

    `authority` says of what a source is believed above all others. Values are shared
    and not to be changed in place.
    """

    def __init__(
        self,
        packed: Packed,
        remembered: Iterable[Claim] = (),
        states: Mapping[str, SourceState] | None = None,
        authority: Authority | None = None,
    ) -> None:
        self.models: dict[Key, Values] = dict(packed.models)
        self.dates: dict[str, str] = dict(packed.dates)
        self.authority: Authority = authority or {}
        for claim in remembered:
            day = claim.observed_at[:10]
            if day >= packed.dates.get(claim.source, ""):  # else the shipped is newer
                self._take(claim)
                self.dates[claim.source] = max(day, self.dates.get(claim.source, ""))
        for name, state in (states or {}).items():
            if name in self.dates:
                self.dates[name] = max(self.dates[name], state.synced_at[:10])
        self._canonicals: Canonicals | None = None
        self._listed: dict[str, set[Key]] = {}

    def _take(self, claim: Claim) -> None:
        key = (claim.provider, claim.model)
        if is_whole(claim):
            self.models[key] = take_whole(self.models.get(key, {}), claim)
            return
        values = {name: dict(said) for name, said in self.models.get(key, {}).items()}
        said = values.setdefault(claim.field, {})
        if claim.value is None:
            said.pop(claim.source, None)
        else:
            said[claim.source] = claim.value
        if not said:
            del values[claim.field]
        self.models[key] = values

    def said_by(self, source: str, key: Key) -> dict[str, Any]:
        """Return what a source says of a model."""
        values = self.models.get(key, {})
        return {name: said[source] for name, said in values.items() if source in said}

    def sources_of(self, key: Key) -> set[str]:
        """Return the sources that say anything of a model."""
        return {source for said in self.models.get(key, {}).values() for source in said}

    def listed_by(self, source: str) -> set[Key]:
        """Return the models of which a source says anything."""
        if source not in self._listed:
            self._listed[source] = {
                key
                for key, values in self.models.items()
                if any(source in said for said in values.values())
            }
        return self._listed[source]

    def joined(self, source: str, models: Mapping[Key, Said]) -> Mapping[Key, Said]:
        """Return a source's models by the ids by which they are served.

        An id that differs from a known one only in case, or in a path that does not
        matter, is that one. Labels count only where another source lists the id,
        stand-ins only where none does. Of two ids for one model the first counts.
        """
        serving = Serving(self.models)
        found: dict[Key, dict[str, Any]] = {}
        for key in sorted(models, key=lambda key: (key not in self.models, key)):
            place = serving.key_of(key)
            mark = models[key].get(PRESENCE)
            if mark in (LABEL, STAND_IN):
                others = self.sources_of(place) - {source}
                if bool(others) != (mark == LABEL):
                    continue
            facts = {n: v for n, v in models[key].items() if n != PRESENCE}
            known = found.setdefault(place, facts or {PRESENCE: True})
            if facts:
                for name, value in facts.items():
                    known.setdefault(name, value)
        return found

    def with_said(self, source: str, key: Key, said: Said) -> Values:
        """Return all that is said of a model when a source says just this."""
        values: Values = {}
        for name, others in self.models.get(key, {}).items():
            kept = {s: value for s, value in others.items() if s != source}
            if kept:
                values[name] = kept
        for name, value in said.items():
            values.setdefault(name, {})[source] = value
        return values

    def merged(
        self, key: Key, values: Values, dates: Mapping[str, str]
    ) -> tuple[Facts, Sequence[Quarantined]]:
        """Return what claims come to: facts, flat, and the claims put aside.

        What registries that are followed say is laid over what the others come to.
        """
        followed = followed_in(values, tuple(self.authority))
        if not followed:
            return self._weighed(key, values, dates)
        facts, held = self._weighed(key, without(values, followed), dates)
        sources = {source for said in values.values() for source in said}
        stale = stale_sources(key[1], provider_kind(key[0]), dates, sources)
        for source in followed:
            said = {n: told[source] for n, told in values.items() if source in told}
            facts = laid(facts, said, source, below=source in stale)
        return facts, held

    def _weighed(
        self, key: Key, values: Values, dates: Mapping[str, str]
    ) -> tuple[Facts, Sequence[Quarantined]]:
        if not any(values.values()):
            return {}, ()
        if self._canonicals is None:
            self._canonicals = Canonicals(self.models)
        kind = provider_kind(key[0])
        case = weigh(key, kind, values, dates, self.authority)
        merge_canonical(case, self._canonicals)
        merge_alias(case, self.models)
        return flat_facts(facts_of(case, dates)), case.quarantined
