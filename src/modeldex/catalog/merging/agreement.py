"""Which of several claims is served: rank, freshness, majority, tolerance.

The rules are those of the data notes: a ranked list per kind of field, a source
that is too old loses its rank, and a strict majority of three or more overrules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.claims import Quarantined, Values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# highest first
PRICE_RANK = ("genai-prices", "models.dev", "litellm", "pi-ai")
LIMIT_RANK = ("models.dev", "genai-prices", "pi-ai", "litellm")
FACT_RANK = ("models.dev", "litellm", "genai-prices", "pi-ai")
# an aggregator's prices move daily: the source that reads its own list goes before
# the one whose rows are added by hand
ROUTER_PRICE_RANK = ("genai-prices", "models.dev", "pi-ai", "litellm")
# a source -> the source that it is made from: where both say the same, one has spoken
DERIVED_FROM = {"pi-ai": "models.dev"}
# who is named for a fact that no source states: the rules of merging
DERIVED = "derived"

# first word of a field -> the matter on which a source can be an authority
_MATTERS = {
    "pricing": "prices",
    "rates": "prices",
    "context_window": "limits",
    "max_input_tokens": "limits",
    "max_output_tokens": "limits",
    "capabilities": "capabilities",
    "request_parameters": "capabilities",
    "modalities": "capabilities",
    "deprecation_date": "lifecycle",
    "replacement": "lifecycle",
    "status": "lifecycle",
}

# days after which a source that is older than the newest one loses its rank
HORIZON_ROUTER, HORIZON = 7, 60
# prices that are rounded, and 1,000 against 1,024, are the same
PRICE_TOLERANCE, LIMIT_TOLERANCE = Decimal("0.02"), Decimal("0.05")
MAJORITY_OF = 3

_DATED_ID = re.compile(r"20\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])")

Said = list[tuple[str, Any]]  # (source, value), highest rank first


@dataclass(slots=True)
class Case:
    """One model while its claims are weighed; `facts` and `origin` grow.

    `derived` names the facts that no source states, as in `sources:`. `authority` says
    of what a source is believed before all others: prices, limits, capabilities,
    lifecycle.
    """

    provider: str
    model: str
    kind: str
    said: Values
    dates: Mapping[str, str]
    stale: frozenset[str] = frozenset()
    authority: Mapping[str, frozenset[str]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    derived: set[str] = field(default_factory=set)
    quarantined: list[Quarantined] = field(default_factory=list)
    zeros_dropped: int = 0
    rates_dropped: int = 0

    def serve(self, name: str, value: object, source: str) -> None:
        """Set a fact and who gave it, or `DERIVED`; `name` is as in `sources:`."""
        group, _, part = name.partition(".")
        if part:
            self.facts.setdefault(group, {})[part] = value
        else:
            self.facts[name] = value
        self.cite(name, source)

    def cite(self, name: str, source: str) -> None:
        """Note who gave a fact, or that it is derived."""
        if source == DERIVED:
            self.derived.add(name)
            self.origin.pop(name, None)
        else:
            self.derived.discard(name)
            self.origin[name] = source

    def hold(self, name: str, sources: Iterable[str], reason: str) -> None:
        """Quarantine what some sources say of a field: it is no longer weighed."""
        said = self.said[name]
        held = list(sources)
        texts = {source: _text(value) for source, value in said.items()}
        for source in held:
            others = tuple(sorted((s, t) for s, t in texts.items() if s != source))
            self.quarantined.append(
                Quarantined(
                    self.provider,
                    self.model,
                    name,
                    source,
                    texts[source],
                    reason,
                    others,
                )
            )

    def claims(self, name: str, rank: Sequence[str], *, all: bool = False) -> Said:  # noqa: A002
        """Return the claims to a field that are not quarantined, ranked.

        Where a fresh source is an authority on the matter, there is no other claim,
        unless `all` are wanted: then it is the first.
        """
        said = self.said.get(name)
        if not said:
            return []
        ranked = [(source, said[source]) for source in rank if source in said]
        if len(ranked) < len(said):  # sources without a rank come last
            ranked += [(s, said[s]) for s in sorted(said) if s not in rank]
        if self.quarantined:
            held = {q.source for q in self.quarantined if q.field == name}
            ranked = [claim for claim in ranked if claim[0] not in held]
        if self.authority:
            matter = _MATTERS.get(name.partition(".")[0])
            own = [c for c in ranked if self._is_authority(c[0], matter)]
            if own and all:
                return own + [claim for claim in ranked if claim not in own]
            return own or ranked
        return ranked

    def _is_authority(self, source: str, matter: str | None) -> bool:
        known = self.authority.get(source, ())
        return matter in known and source not in self.stale

    def fresh(self, said: Said) -> Said:
        """Return the claims of fresh sources, or all where none is fresh."""
        if not self.stale:
            return said
        return [claim for claim in said if claim[0] not in self.stale] or said


def _text(value: object) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def stale_sources(
    model: str, kind: str, dates: Mapping[str, str], sources: Iterable[str]
) -> frozenset[str]:
    """Return the sources that are too old beside the newest claim of a model.

    A dated snapshot id does not move, so no claim about it ages.
    """
    if _DATED_ID.search(model):
        return frozenset()
    days = {source: date.fromisoformat(dates[source]) for source in sources}
    newest = max(days.values())
    horizon = HORIZON_ROUTER if kind == "aggregator" else HORIZON
    return frozenset(s for s, day in days.items() if (newest - day).days > horizon)


def within(tolerance: Decimal) -> Callable[[Any, Any], bool]:
    """Return a test whether two numbers agree."""

    def agree(one: Decimal, other: Decimal) -> bool:
        return abs(one - other) <= tolerance * max(one, other)

    return agree


def equal(one: object, other: object) -> bool:
    """Tell whether two values are the same."""
    return one == other


def voters(said: Said) -> Said:
    """Return the claims that count: what a source only copied is no second vote."""
    values = dict(said)
    return [
        (source, value)
        for source, value in said
        if (origin := DERIVED_FROM.get(source)) not in values or values[origin] != value
    ]


def majority(said: Said, agree: Callable[[Any, Any], bool]) -> tuple[str, Any] | None:
    """Return the highest-ranked claim of a strict majority of three or more votes."""
    voting = voters(said)
    if len(voting) < MAJORITY_OF:
        return None
    for claim in voting:
        votes = sum(agree(claim[1], other) for _, other in voting)
        if votes * 2 > len(voting):
            return claim
    return None


def choose(
    case: Case, said: Said, agree: Callable[[Any, Any], bool]
) -> tuple[str, Any] | None:
    """Return the claim to serve: the majority's, else the highest-ranked fresh one.

    An old source still has a vote, but what is shown is a fresh source's.
    """
    if not said:
        return None
    fresh = case.fresh(said)
    agreed = majority(said, agree)
    if agreed:
        members = [claim for claim in fresh if agree(claim[1], agreed[1])]
        if members:
            return members[0]
    return fresh[0]


def all_agree(values: Sequence[Any], agree: Callable[[Any, Any], bool]) -> bool:
    """Tell whether every value agrees with the first and the others."""
    return all(agree(one, two) for i, one in enumerate(values) for two in values[:i])
