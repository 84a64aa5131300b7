"""Where sources disagree about a model, and a person's verdict in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.agreement import Case
from modeldex.catalog.merging.facts import disagreeing
from modeldex.domain.change import Fact, plain
from modeldex.domain.provider import provider_kind
from modeldex.errors import DoesNotApplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from modeldex.catalog.merging.claims import Key
    from modeldex.domain.change import Facts
    from modeldex.usecases.sync.known import Known


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field of which sources do not say the same; `claims` is who says what.

    `value` is what is served and `source` who gave it; `verdict` names the source
    that a person decided for, "" where nobody did.
    """

    ref: str
    field: str
    value: Any
    source: str | None
    claims: Mapping[str, Any]
    verdict: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "ref": self.ref,
            "field": self.field,
            "value": self.value,
            "source": self.source,
            "claims": dict(self.claims),
            "verdict": self.verdict or None,
        }


def conflicts(
    known: Known,
    keys: Iterable[Key],
    told: Mapping[Key, Facts],
    own: Callable[[str, str], Facts],
    field: str | None = None,
) -> Iterator[Conflict]:
    """Yield the disagreements about models; of one field, or group, or of all.

    Values within tolerance are the same: 2 % of a price, 5 % of a limit.
    """
    for key in keys:
        said = known.models.get(key)
        if not said:
            continue
        case = Case(*key, provider_kind(key[0]), said, known.dates)
        for name in sorted(disagreeing(case)):
            if not _is_of(name, field):
                continue
            mine = own(*key).get(name)
            served = mine or told.get(key, {}).get(name)
            yield Conflict(
                "/".join(key),
                name,
                None if served is None else served.value,
                None if served is None else name_of(served.source),
                dict(sorted(said[name].items())),
                verdict_of(mine),
            )


def _is_of(name: str, field: str | None) -> bool:
    return field is None or name == field or name.startswith(f"{field}.")


def name_of(source: Any) -> str | None:
    """Return the name of a source that may say who, when and why."""
    return source.get("source") if isinstance(source, dict) else source


def verdict_of(fact: Fact | None) -> str:
    """Return the source that a fact on top was decided for; "" for no verdict."""
    source = None if fact is None else fact.source
    name = source.get("source", "") if isinstance(source, dict) else ""
    return "" if name == "curated" else str(name)


def decided_claims(known: Known, key: Key, field: str, source: str) -> dict[str, Any]:
    """Return what a source says of a field, or of each field of a group.

    Raises DoesNotApplyError where it says nothing.
    """
    said = known.said_by(source, key)
    found = {name: value for name, value in said.items() if _is_of(name, field)}
    if not found:
        others = sorted(
            who
            for name, claims in known.models.get(key, {}).items()
            if _is_of(name, field)
            for who in claims
        )
        message = f"{'/'.join(key)}: {source} says nothing of {field}"
        if others:
            message += f"; {', '.join(dict.fromkeys(others))} do"
        raise DoesNotApplyError(message)
    return found


def lapsed(own: Facts, source: str, said: Mapping[str, Any]) -> dict[str, Fact]:
    """Return the verdicts for a source whose claim is another one by now.

    One decision about several fields lapses whole: half a price is nobody's.
    """
    decided = {n: fact for n, fact in own.items() if verdict_of(fact) == source}
    moved = [
        fact.source
        for name, fact in decided.items()
        if plain(said.get(name)) != plain(fact.value)
    ]
    return {name: fact for name, fact in decided.items() if fact.source in moved}
