"""Models that a source lists no more: missing, later retired, never removed.

A complete answer without a model marks it missing; one more, at least a day later,
retires it. Where others still list it, only this source's claims go. What a provider's
own whole list leaves out is missing whatever others say.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from modeldex.catalog.merging.merge import PRESENCE
from modeldex.domain.change import Change, Fact
from modeldex.domain.lifecycle import status_on
from modeldex.domain.source_name import is_followed
from modeldex.domain.syncing import ALL_MODELS, Answer, Listing
from modeldex.ports import Claim
from modeldex.usecases.sync.following import whole_claim
from modeldex.usecases.sync.waiting import QUARANTINED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from modeldex.catalog.merging.claims import Key
    from modeldex.domain.change import Facts
    from modeldex.usecases.sync.doubting import Guards
    from modeldex.usecases.sync.known import Known
    from modeldex.usecases.sync.plan import Plan
    from modeldex.usecases.sync.waiting import Waiting

APART = timedelta(days=1)
STATUS, _END = "status", "deprecation_date"
_SILENT = "absent"  # digest of a listing that stands only for an absence


def absences(  # noqa: PLR0913, PLR0917  what it is held against
    answered: Answer,
    known: Known,
    listed: Mapping[Key, Listing],
    state: Mapping[Key, Facts],
    waiting: Waiting,
    guards: Guards,
    made: Plan,
) -> list[Change]:
    """Return the changes that a complete answer makes of models it leaves out."""
    if not answered.complete or answered.scoped:
        return []
    expected = _expected(answered, known, listed, state)
    gone = sorted(expected - set(answered.models))
    changes: list[Change] = []
    for provider, keys in _by_provider(gone).items():
        fresh = [key for key in keys if not _since(listed, key)]
        had = {key for key in expected if key[0] == provider} | set(fresh)
        added = [k for k in answered.models if k[0] == provider and k not in state]
        names = _canonicals(answered, state, [*had, *added])
        source = answered.source
        doubts = tuple(guards.of_absences(source, had, fresh, added, names))
        times = [item.missing_since for k, item in listed.items() if k[0] == provider]
        times += [answered.at] * len(fresh)
        if doubts and not waiting.is_allowed(provider, times):
            mark = Change(
                provider, ALL_MODELS, PRESENCE, None, Fact(len(fresh)), kind="missing"
            )
            outcome = waiting.hold(mark, doubts, made.reviews)
            made.counts[outcome] += len(fresh)
            if outcome == QUARANTINED:
                made.held.add((provider, ALL_MODELS))
            keys = [key for key in keys if key not in set(fresh)]  # noqa: PLW2901
        else:
            waiting.let_go((provider, ALL_MODELS), (), made.reviews)
        for key in keys:
            changes += _absent(answered, known, listed.get(key), key, state, made)
    return changes


def _expected(
    answered: Answer,
    known: Known,
    listed: Mapping[Key, Listing],
    state: Mapping[Key, Facts],
) -> set[Key]:
    """Return the models that an answer should have."""
    day = answered.at[:10]
    expected = set(listed) | known.listed_by(answered.source)
    if answered.is_list:
        here = {key for key in state if key[0] == answered.provider}
        named = {_canonical(state, key) for key in here & set(answered.models)} - {None}
        expected |= {
            key
            for key in here
            if key in answered.models
            or (_is_listed(state[key], day) and _canonical(state, key) not in named)
        }
    return {
        key
        for key in expected
        if key in state and (key in answered.models or not _is_retired(state[key], day))
    }


def _canonicals(
    answered: Answer, state: Mapping[Key, Facts], keys: Sequence[Key]
) -> dict[Key, str]:
    """Return the canonical ids of models, as far as they are known or said."""
    found = {}
    for key in keys:
        name = _canonical(state, key) if key in state else None
        name = name or answered.models.get(key, {}).get("canonical")
        if name:
            found[key] = name
    return found


def _is_listed(facts: Facts, day: str) -> bool:
    """Tell whether a provider's list would name a model.

    It need not name pointers, and other ids of a model that it names.
    """
    return "alias_of" not in facts and not _is_retired(facts, day)


def _canonical(state: Mapping[Key, Facts], key: Key) -> str | None:
    return _value(state[key], "canonical")


def _value(facts: Facts, name: str) -> str | None:
    fact = facts.get(name)
    return None if fact is None else fact.value


def _is_retired(facts: Facts, day: str) -> bool:
    return status_on(day, _value(facts, STATUS), _value(facts, _END)) == "retired"


def _by_provider(keys: Sequence[Key]) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for key in keys:
        found.setdefault(key[0], []).append(key)
    return found


def _since(listed: Mapping[Key, Listing], key: Key) -> str:
    known = listed.get(key)
    return "" if known is None else known.missing_since


def _absent(  # noqa: PLR0913, PLR0917  what it is held against
    answered: Answer,
    known: Known,
    listing: Listing | None,
    key: Key,
    state: Mapping[Key, Facts],
    made: Plan,
) -> Iterator[Change]:
    """Mark a model missing, or retire it when it was missing a day ago."""
    others = known.sources_of(key) - {answered.source}
    alone = answered.is_list or not others
    if listing is None or not listing.missing_since:
        mark = listing or Listing(answered.source, *key, _SILENT)
        made.listings.append(replace(mark, missing_since=answered.at))
        if alone:
            made.counts["missing"] += 1
            yield Change(*key, "", None, None, kind="missing", observed_at=answered.at)
        return
    if not _is_later(listing.missing_since, answered.at):
        return
    if not alone:  # it is theirs alone from now on
        made.listings.append(replace(listing, digest=""))
        if is_followed(answered.source):
            made.claims.append(whole_claim(answered.source, key, None, answered.at))
            return
        for name in known.said_by(answered.source, key):
            gone = Claim(
                *key, name, answered.source, value=None, observed_at=answered.at
            )
            made.claims.append(gone)
        return
    old = state[key].get(STATUS)
    new = Fact("retired", answered.source)
    made.counts["retired"] += 1
    yield Change(*key, STATUS, old, new, kind="retired", observed_at=answered.at)


def _is_later(since: str, at: str) -> bool:
    return datetime.fromisoformat(at) - datetime.fromisoformat(since) >= APART


def came_back(
    answered: Answer,
    known: Known,
    listed: Mapping[Key, Listing],
    state: Mapping[Key, Facts],
    made: Plan,
) -> list[Change]:
    """Return the changes of models that were missing and are listed again."""
    changes = []
    for key in sorted(key for key in answered.models if _since(listed, key)):
        others = known.sources_of(key) - {answered.source}
        if key not in state or (others and not answered.is_list):
            continue
        made.counts["returned"] += 1
        at = answered.at
        changes.append(Change(*key, "", None, None, kind="returned", observed_at=at))
        status = state[key].get(STATUS)
        taken = {change.field for change in made.changes if change.key[1:] == key}
        retired = Fact("retired", answered.source)
        if status == retired and STATUS not in taken:
            changes.append(
                Change(*key, STATUS, status, None, kind="returned", observed_at=at)
            )
    return changes
