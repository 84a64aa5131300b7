"""A sync with many sources: asked side by side, taken one after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from modeldex.domain.provider import provider_id
from modeldex.domain.source_name import FOLLOWED
from modeldex.errors import InvalidInputError, SourceError
from modeldex.usecases.sync.run import (
    FAILED,
    PARTIAL,
    SKIPPED,
    SourceReport,
    failed,
    take,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from modeldex.domain.syncing import Answer
    from modeldex.ports import Source
    from modeldex.usecases.sync.run import Desk

    # told what is done, of how many; and when
    Tell = Callable[[str, int, int], None]

_AT_ONCE = 8
LOCAL = "local"


def choose(sources: Sequence[Source], names: Sequence[str]) -> list[Source]:
    """Return the sources of these names, or of a provider's name; all for none.

    Those on this host are asked only by name. Raises InvalidInputError.
    """
    if not names:
        return [source for source in sources if source.kind != LOCAL]
    found: dict[str, Source] = {}
    for name in names:
        text = name.lower()
        some = [s for s in sources if s.name in (text, f"{FOLLOWED}{text}")]
        if not some:
            place = provider_id(text)
            some = [source for source in sources if source.provider == place]
        if not some:
            known = ", ".join(sorted(source.name for source in sources))
            raise InvalidInputError(f"unknown source {name!r:.60}; known are {known}")
        found |= {source.name: source for source in some}
    return list(found.values())


def sync(
    desk: Desk,
    sources: Sequence[Source],
    *,
    dry_run: bool = False,
    tell: Tell = lambda _what, _done, _total: None,
) -> list[SourceReport]:
    """Ask sources and take what they answer; return a report of each, in their order.

    One that cannot be asked changes nothing, and does not keep others from it. Raises
    StoreError.
    """
    reports: dict[str, SourceReport] = {}
    tell("asking", 0, len(sources))
    for source, answer in _answers(desk, sources):
        at = desk.stored.around.now()
        tell(source.name, len(reports), len(sources))
        if isinstance(answer, SourceReport):
            reports[source.name] = answer
        elif isinstance(answer, SourceError):
            reports[source.name] = failed(
                source.name, str(answer), desk, at, dry_run=dry_run
            )
        else:
            reports[source.name] = take(answer, desk, dry_run=dry_run)
        tell(source.name, len(reports), len(sources))
    return [reports[source.name] for source in sources]


def _answers(
    desk: Desk, sources: Sequence[Source]
) -> Iterator[tuple[Source, Answer | SourceReport | SourceError]]:
    """Yield what each source answers, as they do; what lacks a key is not asked."""
    ready = []
    for source in sources:
        lacks = source.lacks()
        if lacks:
            yield source, SourceReport(source.name, SKIPPED, why=lacks)
        else:
            ready.append(source)
    states = desk.states(source.name for source in ready)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        at = desk.stored.around.now()
        asked = {pool.submit(s.ask, states[s.name], at): s for s in ready}
        for future in as_completed(asked):
            try:
                yield asked[future], future.result()
            except SourceError as error:
                yield asked[future], error


def is_whole(reports: Sequence[SourceReport]) -> bool:
    """Tell whether every source that was asked answered, and whole."""
    return not any(report.outcome in (PARTIAL, FAILED) for report in reports)
