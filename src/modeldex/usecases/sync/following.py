"""What another registry says: a model's facts as a whole, below what people say here.

A registry that is followed has merged, guarded and reviewed already. So its word on a
model is not weighed against that of the sources which it has read itself: it is laid
over theirs, field by field, prices as a whole. Where both say the same the source that
gave a fact here keeps the credit; what only sources here tell stays. A followed
registry that has been silent for so long that a source would be too old is laid below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain.change import Fact, typed
from modeldex.domain.source_name import is_followed
from modeldex.ports import Claim

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modeldex.catalog.merging.claims import Key, Values
    from modeldex.domain.change import Facts

    Said = Mapping[str, Any]

_WHOLE = ""  # the field of a claim that is all that a source says of a model
_DAY = "updated_at"
_PRICES = ("pricing", "rates")


def followed_in(values: Values, order: Sequence[str]) -> list[str]:
    """Return the followed registries that say anything, the least believed first."""
    found = {s for said in values.values() for s in said if is_followed(s)}
    places = {name: place for place, name in enumerate(order)}
    last = len(places)
    return sorted(found, key=lambda name: (-places.get(name, last), name))


def without(values: Values, sources: Iterable[str]) -> Values:
    """Return claims without those of some sources."""
    gone = set(sources)
    kept = {
        name: {source: value for source, value in said.items() if source not in gone}
        for name, said in values.items()
    }
    return {name: said for name, said in kept.items() if said}


def laid(facts: Facts, said: Said, source: str, *, below: bool = False) -> Facts:
    """Return merged facts with those of a followed registry over or below them."""
    has_prices = any(map(_is_price, facts if below else said))
    given = {
        n: v for n, v in said.items() if not (below and has_prices and _is_price(n))
    }
    found = dict(facts)
    if has_prices and not below:
        found = {name: fact for name, fact in facts.items() if not _is_price(name)}
    for name, value in given.items():
        known = facts.get(name)
        if known is not None and (below or known.value == value):
            found[name] = known
        else:
            found[name] = Fact(value, source)
    days = [fact for fact in (facts.get(_DAY), found.get(_DAY)) if fact is not None]
    if days:
        found[_DAY] = max(days, key=lambda fact: str(fact.value))
    return found


def _is_price(name: str) -> bool:
    return name.partition(".")[0] in _PRICES


def whole_claim(source: str, key: Key, said: Said | None, at: str) -> Claim:
    """Return all that a followed registry says of a model as one claim."""
    value = None if said is None else dict(said)
    return Claim(*key, _WHOLE, source, value=value, observed_at=at)


def is_whole(claim: Claim) -> bool:
    """Tell whether a claim is all that its source says of a model."""
    return claim.field == _WHOLE


def take_whole(values: Values, claim: Claim) -> Values:
    """Return claims with all of one source's replaced by a whole claim's."""
    found = without(values, [claim.source])
    for name, value in (claim.value or {}).items():
        found.setdefault(name, {})[claim.source] = typed(name, value)
    return found
