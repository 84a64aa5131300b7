"""Rules on whole answers: empty ones, cut ones, and lists that shrank."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from modeldex.domain.syncing import Doubt
from modeldex.usecases.guard.names import skeleton

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from modeldex.usecases.guard.doubt import Ref

# models that may go at once, and the share of a provider's; beyond, it is reviewed
FEW, SHARE = 3, 0.1
# the share beyond which a person must name the number
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Answered:
    """A source's whole answer beside the accepted one before it.

    `rows` counts the entries of the answer, models or not. Of a `scoped` list absence
    proves nothing. `confirmed` is the number of removals that a person named.
    """

    source: str
    before: frozenset[Ref]
    after: frozenset[Ref]
    rows: int
    complete: bool = True
    scoped: bool = False
    canonical: Mapping[Ref, str] | None = None
    confirmed: int | None = None


class Removal(NamedTuple):
    """What an answer no longer lists of one provider, and how many it had."""

    provider: str
    gone: list[Ref]
    had: int


def judge_answer(  # noqa: PLR0913
    source: str,
    before_refs: Iterable[Ref],
    after_refs: Iterable[Ref],
    rows: int,
    *,
    complete: bool = True,
    scoped: bool = False,
    canonical: Mapping[Ref, str] | None = None,
    confirmed: int | None = None,
    rules: Mapping[str, Callable[[Answered], Iterable[Doubt]]] | None = None,
) -> list[Doubt]:
    """Return the doubts about a whole answer.

    An empty answer is none at all. Of the others what is listed may change, only what
    is absent is not marked missing: of the provider that a doubt names, else of any.
    `canonical` gives the canonical ids of models of both sides, by which renamed ones
    are known; `confirmed` is the number of a provider's removals that a person named.
    """
    answer = Answered(
        *(source, frozenset(before_refs), frozenset(after_refs), rows),
        complete=complete,
        scoped=scoped,
        canonical=canonical,
        confirmed=confirmed,
    )
    table = ANSWER_RULES if rules is None else rules
    return [doubt for rule in table.values() for doubt in rule(answer)]


def empty_answer(answer: Answered) -> Iterator[Doubt]:
    """Refuse an answer that lists nothing, or nothing that could be read."""
    if answer.rows > 0 and answer.after:
        return
    counts = {"had": f"{len(answer.before):,}", "rows": f"{answer.rows:,}"}
    yield Doubt("empty_answer", {"source": answer.source, **counts}, refuse=True)


def incomplete_answer(answer: Answered) -> Iterator[Doubt]:
    """Doubt an answer that is cut, or names a page that was not read."""
    if not answer.complete:
        counts = {"had": f"{len(answer.before):,}", "rows": f"{answer.rows:,}"}
        yield Doubt("incomplete_answer", {"source": answer.source, **counts})


def mass_removal(answer: Answered) -> Iterator[Doubt]:
    """Doubt it when more than 3, and more than 10 in 100, of a provider are gone."""
    for removal in removals(answer):
        count = len(removal.gone)
        if count > max(FEW, SHARE * removal.had) and count != answer.confirmed:
            yield Doubt("mass_removal", _told(answer, removal))


def mass_removal_half(answer: Answered) -> Iterator[Doubt]:
    """Refuse when more than half are gone, until a person names the number."""
    for removal in removals(answer):
        count = len(removal.gone)
        few = count <= max(FEW, HALF * removal.had)
        if not few and count != answer.confirmed:
            told = _told(answer, removal) | {"confirm": str(count)}
            yield Doubt("mass_removal_half", told, refuse=True)


ANSWER_RULES: Mapping[str, Callable[[Answered], Iterable[Doubt]]] = {
    "empty_answer": empty_answer,
    "incomplete_answer": incomplete_answer,
    "mass_removal": mass_removal,
    "mass_removal_half": mass_removal_half,
}


def removals(answer: Answered) -> Iterator[Removal]:
    """Yield what is gone of each provider, without what only has another id now."""
    if answer.scoped or not answer.complete or not answer.after:
        return
    had = Counter(provider for provider, _ in answer.before)
    gone: dict[str, list[Ref]] = {}
    for ref in sorted(answer.before - answer.after):
        gone.setdefault(ref[0], []).append(ref)
    for provider, refs in gone.items():
        added = [r for r in answer.after - answer.before if r[0] == provider]
        yield Removal(provider, _without_renamed(answer, refs, added), had[provider])


def _without_renamed(
    answer: Answered, gone: Iterable[Ref], added: Iterable[Ref]
) -> list[Ref]:
    """Return the models that are gone and did not come back under another id."""
    canonical = answer.canonical or {}
    names = Counter(_names(ref, canonical) for ref in added)
    spellings = Counter(skeleton(ref[1]) for ref in added)
    found = []
    for ref in gone:
        name = _names(ref, canonical)
        if name and names[name]:
            names[name] -= 1
        elif spellings[skeleton(ref[1])]:
            spellings[skeleton(ref[1])] -= 1
        else:
            found.append(ref)
    return found


def _names(ref: Ref, canonical: Mapping[Ref, str]) -> str:
    return canonical.get(ref) or ""


def _told(answer: Answered, removal: Removal) -> dict[str, str]:
    count = len(removal.gone)
    share = f"{count:,} of {removal.had:,} ({count / removal.had:.0%})"
    some = ", ".join(model for _, model in removal.gone[:3])
    more = f" and {count - 3:,} more" if count > 3 else ""  # noqa: PLR2004
    return {
        "source": answer.source,
        "provider": removal.provider,
        "gone": share,
        "models": some + more,
    }
