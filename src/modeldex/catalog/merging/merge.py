"""The claims of several sources, merged field by field into one catalogue."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from modeldex.catalog.authoring.schema import MODEL_KEYS
from modeldex.catalog.merging.abilities import merge_capabilities, merge_requests
from modeldex.catalog.merging.agreement import (
    DERIVED,
    FACT_RANK,
    Case,
    stale_sources,
)
from modeldex.catalog.merging.canonical import (
    Canonicals,
    contradicted,
    merge_alias,
    merge_canonical,
)
from modeldex.catalog.merging.claims import (
    Claims,
    Key,
    Packed,
    Quarantined,
    Values,
    flatten,
)
from modeldex.catalog.merging.defaults import choose_default
from modeldex.catalog.merging.facts import (
    disagreeing,
    merge_limits,
    merge_mode,
    merge_plain,
)
from modeldex.catalog.merging.prices import merge_prices
from modeldex.catalog.merging.rate_guards import PREFIX
from modeldex.catalog.merging.rates import kinds_of, merge_rates
from modeldex.domain.pricing import METERS, WORDS
from modeldex.domain.provider import provider_kind
from modeldex.domain.provider_name import provider_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

# facts that an import writes, in the order in which they are authored
FACT_ORDER = tuple(key for key in MODEL_KEYS if key not in ("description", "metadata"))
# a mark on what a source lists, in place of True: a label counts only where another
# source lists the id, a stand-in only where none does
PRESENCE = "presence"
LABEL, STAND_IN = "label", "stand-in"
_DROPPED = "a label, no model"


@dataclass(frozen=True, slots=True)
class _Path:
    """The path before a name, with or without which an id is the same."""

    path: re.Pattern[str]
    served: bool = True
    """Whether the id that is served has the path, where both are stated."""
    given: str = ""
    """The path that a name gets when no source states one."""


_PATHS = {
    "cloudflare-workers-ai": _Path(re.compile("@cf/cloudflare/")),
    "fireworks-ai": _Path(
        re.compile("accounts/fireworks/(?:models|routers)/"),
        given="accounts/fireworks/models/",
    ),
    "openrouter": _Path(re.compile("openrouter/")),
    "scaleway": _Path(re.compile(".+/"), served=False),
}


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one source brought: counts, and what was left out and why."""

    source: str
    date: str
    providers: int
    models: int
    claims: int
    skipped: Mapping[str, int]
    not_carried: Mapping[str, int]
    carried: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """What a merge did: per source, per field, and what is not served."""

    sources: tuple[SourceReport, ...]
    providers: int
    models: int
    compared: Mapping[str, int]
    disagreements: Mapping[str, int]
    quarantined: tuple[Quarantined, ...]
    zeros_dropped: int
    rates_dropped: int = 0
    """Rates of models whose price is a state: free, included or variable."""
    rates: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Number of served rates by the conditions they hold under, and by source."""
    contradicted: tuple[tuple[str, str, str], ...] = ()
    """Refs whose stated canonical id is not the one of the rules, which follows it."""

    @property
    def reasons(self) -> Mapping[str, int]:
        """Number of quarantined values by reason."""
        return Counter(item.reason for item in self.quarantined)


@dataclass(frozen=True, slots=True)
class Merged:
    """A catalogue: facts of providers and models, all claims, and the report."""

    providers: Mapping[str, dict[str, Any]]
    models: Mapping[Key, dict[str, Any]]
    claims: Packed
    report: Report

    def of(self, provider: str) -> dict[str, dict[str, Any]]:
        """Return a provider's models by id, in the order of their ids."""
        return {key[1]: self.models[key] for key in self.models if key[0] == provider}

    def by_provider(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return every provider's models by id."""
        grouped: dict[str, dict[str, dict[str, Any]]] = {p: {} for p in self.providers}
        for (provider, model), facts in self.models.items():
            grouped[provider][model] = facts
        return grouped


@dataclass(slots=True)
class _Tally:
    compared: Counter[str] = field(default_factory=Counter)
    disagreements: Counter[str] = field(default_factory=Counter)
    quarantined: list[Quarantined] = field(default_factory=list)
    zeros_dropped: int = 0
    rates_dropped: int = 0
    rates: Counter[tuple[str, str]] = field(default_factory=Counter)


def merge(sources: Sequence[Claims]) -> Merged:
    """Merge claims into a catalogue; the order of the sources does not matter.

    Ids are joined when they differ in case only, in models.dev's spelling where
    it has one. A default model must work on the day of the newest source.
    """
    ranked = _settled(sorted(sources, key=lambda c: source_rank(c.source)))
    dates = {claims.source: claims.date for claims in ranked}
    kinds: dict[str, str] = {}
    tally = _Tally()
    models: dict[Key, dict[str, Any]] = {}
    packed: dict[Key, Values] = {}
    gathered = gather(ranked)
    known = Canonicals(gathered)
    for key, said in sorted(gathered.items()):
        kind = kinds.setdefault(key[0], provider_kind(key[0]))
        case = weigh(key, kind, said, dates)
        merge_canonical(case, known)
        merge_alias(case, gathered)
        _count(tally, case)
        models[key] = facts_of(case, dates)
        packed[key] = said
    held = tuple(sorted(tally.quarantined))
    providers = _providers(ranked, models, kinds, max(dates.values(), default=""))
    report = Report(
        tuple(_source_report(claims) for claims in ranked),
        len(providers),
        len(models),
        tally.compared,
        tally.disagreements,
        held,
        tally.zeros_dropped,
        tally.rates_dropped,
        tally.rates,
        tuple(contradicted(models, known)),
    )
    served = {key: flatten(facts) for key, facts in models.items()}
    return Merged(providers, models, Packed(dates, packed, held, served), report)


def source_rank(source: str) -> tuple[int, str]:
    """Return what puts sources in the order in which facts are believed."""
    place = FACT_RANK.index(source) if source in FACT_RANK else len(FACT_RANK)
    return place, source


def _bare(provider: str, model: str) -> str:
    """Return an id without the path that does not matter at its provider."""
    rule = _PATHS.get(provider)
    found = rule.path.match(model) if rule else None
    return model[found.end() :] if found else model


def _join_key(provider: str, model: str) -> Key:
    return provider, _bare(provider, model).lower()


def _settled(ranked: Sequence[Claims]) -> list[Claims]:
    """Return the claims without marks: with the labels and stand-ins that count."""
    listed = {
        _join_key(*key)
        for claims in ranked
        for key, facts in claims.models.items()
        if facts.get(PRESENCE) not in (LABEL, STAND_IN)
    }
    settled = []
    for claims in ranked:
        models: dict[Key, Mapping[str, Any]] = {}
        skipped = list(claims.skipped)
        for key, facts in claims.models.items():
            mark = facts.get(PRESENCE)
            if mark not in (LABEL, STAND_IN):
                models[key] = facts
            elif (_join_key(*key) in listed) == (mark == LABEL):
                models[key] = {n: v for n, v in facts.items() if n != PRESENCE}
            elif mark == LABEL:
                skipped.append(("/".join(key), _DROPPED))
        settled.append(replace(claims, models=models, skipped=tuple(skipped)))
    return settled


def _spellings(ranked: Sequence[Claims]) -> dict[Key, str]:
    """Return how each id is served: as the best-ranked source has it."""
    best: dict[Key, tuple[bool, int, str]] = {}
    for place, claims in enumerate(ranked):
        for provider, model in claims.models:
            rule = _PATHS.get(provider)
            has_path = _bare(provider, model) != model
            unwanted = rule is not None and has_path != rule.served
            candidate = (unwanted, place, model)
            join = _join_key(provider, model)
            best[join] = min(candidate, best.get(join, candidate))
    return {join: _given(join[0], choice[-1]) for join, choice in best.items()}


def _given(provider: str, model: str) -> str:
    rule = _PATHS.get(provider)
    return f"{rule.given}{model}" if rule and "/" not in model else model


def gather(ranked: Sequence[Claims]) -> dict[Key, Values]:
    """Return every source's values per model, ids joined across the sources.

    Two ids of one source stay two models when their case differs; of two that
    only differ in their path the one that is served speaks first.
    """
    spelled = _spellings(ranked)

    def served_first(key: Key) -> tuple[bool, Key]:
        return spelled[_join_key(*key)] != key[1], key

    gathered: dict[Key, Values] = {}
    for claims in ranked:
        taken: dict[Key, str] = {}
        for key in sorted(claims.models, key=served_first):
            join, bare = _join_key(*key), _bare(*key)
            joined = taken.setdefault(join, bare) == bare
            spelling = spelled[join] if joined else key[1]
            values = gathered.setdefault((key[0], spelling), {})
            for name, value in (claims.models[key] or {PRESENCE: True}).items():
                values.setdefault(name, {}).setdefault(claims.source, value)
    return gathered


class Serving:
    """By which id a model is served that a source lists under one of its own."""

    def __init__(self, known: Collection[Key]) -> None:
        self._known = known
        self._places = {_join_key(*key): key for key in known}

    def key_of(self, key: Key) -> Key:
        """Return the known id that this one is, or the one that it gets."""
        if key in self._known:
            return key
        return self._places.get(_join_key(*key)) or (key[0], _given(*key))


def weigh(
    key: Key,
    kind: str,
    said: Values,
    dates: Mapping[str, str],
    authority: Mapping[str, frozenset[str]] | None = None,
) -> Case:
    """Merge what sources say of one model; `dates` is the day of each source.

    `authority` names the sources that are believed before others, and of what.
    """
    sources = {source for values in said.values() for source in values}
    stale = stale_sources(key[1], kind, dates, sources)
    case = Case(*key, kind, said, dates, stale, authority or {})
    merge_mode(case)
    merge_prices(case)
    merge_rates(case)
    merge_limits(case)
    merge_capabilities(case)
    merge_requests(case)
    merge_plain(case)
    return case


def _count(tally: _Tally, case: Case) -> None:
    compared = [name for name, said in case.said.items() if len(said) > 1]
    tally.compared.update(map(_counted, compared))
    tally.disagreements.update(map(_counted, disagreeing(case)))
    tally.quarantined += case.quarantined
    tally.zeros_dropped += case.zeros_dropped
    tally.rates_dropped += case.rates_dropped
    for key in case.facts.get("rates", ()):
        tally.rates[kinds_of(key), case.origin[PREFIX + key]] += 1


def _counted(name: str) -> str:
    """Return the field that a report counts: rates go by their conditions."""
    if not name.startswith(PREFIX):
        return name
    return f"rates by {kinds_of(name.removeprefix(PREFIX))}"


def facts_of(case: Case, dates: Mapping[str, str]) -> dict[str, Any]:
    """Return a weighed model's facts with their sources, in the authored order."""
    facts = case.facts
    pricing = facts.get("pricing", {})
    if "state" not in pricing and pricing:
        facts["pricing"] = {m: pricing[m] for m in (*WORDS, *METERS) if m in pricing}
    own = case.said.get("updated_at", {})
    winners = set(case.origin.values()) or {s for v in case.said.values() for s in v}
    facts["updated_at"] = max(own.get(source, dates[source]) for source in winners)
    stated = compress_sources(case.origin) or {"*": min(winners, key=source_rank)}
    facts["sources"] = stated | dict.fromkeys(sorted(case.derived), DERIVED)
    return {name: facts[name] for name in FACT_ORDER if name in facts}


def compress_sources(origin: Mapping[str, str]) -> dict[str, str]:
    """Return `sources:` of a model from the source of each of its fields.

    `*` is the source of most fields; `pricing`, `rates` or `capabilities` stand for
    all of theirs when these have one other source.
    """
    if not origin:
        return {}
    counts = Counter(origin.values())
    most = min(counts, key=lambda source: (-counts[source], source_rank(source)))
    groups: dict[str, set[str]] = {}
    for name, source in origin.items():
        groups.setdefault(name.partition(".")[0], set()).add(source)
    shown = {"*": most}
    for name, source in sorted(origin.items()):
        group = name.partition(".")[0]
        if source != most:
            shown[group if len(groups[group]) == 1 else name] = source
    return shown


def _providers(
    ranked: Sequence[Claims],
    models: Mapping[Key, dict[str, Any]],
    kinds: Mapping[str, str],
    day: str,
) -> dict[str, dict[str, Any]]:
    grouped: dict[str, dict[str, dict[str, Any]]] = {}
    for (provider, model), facts in models.items():
        grouped.setdefault(provider, {})[model] = facts
    providers = {}
    for provider, listed in grouped.items():
        said: dict[str, Any] = {}
        for claims in ranked:
            said = {**claims.providers.get(provider, {}), **said}
        facts = {"name": said.get("name") or provider_name(provider)}
        facts["kind"] = kinds[provider]
        facts |= {key: said[key] for key in ("env", "api", "docs") if said.get(key)}
        default = choose_default(provider, listed, day)
        if default:
            facts["default_model"] = default
        facts["updated_at"] = max(model["updated_at"] for model in listed.values())
        providers[provider] = facts
    return providers


def _source_report(claims: Claims) -> SourceReport:
    return SourceReport(
        claims.source,
        claims.date,
        len({provider for provider, _ in claims.models}),
        len(claims.models),
        sum(len(facts) for facts in claims.models.values()),
        Counter(reason for _, reason in claims.skipped),
        dict(claims.not_carried),
        dict(claims.carried),
    )
