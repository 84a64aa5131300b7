"""Lists of a provider's models as its API has them now: cache, API, last good, YAML.

A reader is answered at once from what is there, and told from where. What is too old
has one refresh begin in a thread of its own: the API is asked, its answer merged and
guarded as a sync does it, and kept in memory and on disk. Nothing is committed.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from modeldex.catalog.facts import with_hand
from modeldex.catalog.query import Query
from modeldex.domain.listed import (
    TIER_API,
    TIER_CACHE,
    TIER_CATALOGUE,
    TIER_LAST_GOOD,
    Listed,
    shown,
)
from modeldex.domain.model import COLUMNS, Model
from modeldex.domain.syncing import SourceState
from modeldex.errors import ModeldexError, SourceFormatError
from modeldex.usecases.refreshing import Kept, Refreshing, told
from modeldex.usecases.sync.laying import laid_over

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modeldex.catalog import Catalog
    from modeldex.domain.syncing import Answer
    from modeldex.ports import Source
    from modeldex.usecases.sync.run import Desk

LONGEST_WAIT = 30.0  # seconds that `force_refresh=True` waits
_NO_SOURCE = "no source lists the models of {}; this is the catalogue"
_CATALOGUE_KIND = "catalogue"


class Keeping(Protocol):
    """Where last good answers are kept, by name and place."""

    def save(self, name: str, place: str, payload: str) -> None:
        """Keep an answer with the time; what cannot be written is not kept."""

    def load(self, name: str, place: str) -> tuple[str, float] | None:
        """Return an answer and its age in seconds; None for none that is sound."""


@dataclass(frozen=True, slots=True)
class _Live:
    """An answer, and the models it came to over a catalogue; None for one of before."""

    columns: Sequence[Sequence[str]]
    catalog: Catalog | None = None
    answer: Answer | None = None


class LiveList:
    """The list of one source."""

    def __init__(  # noqa: PLR0913, PLR0917  what a list is made of
        self,
        source: Source,
        catalog: Callable[[], Catalog],
        desk: Desk,
        keeping: Keeping,
        lasts: float,
        merging: Lock,
    ) -> None:
        self.source = source
        self._catalog = catalog
        self._desk = desk
        self._keeping = keeping
        self._merging = merging
        self._state: Refreshing[_Live] = Refreshing(self._ask, lasts)
        self._looked = False
        self._laid: tuple[_Live, Catalog, Sequence[Sequence[str]]] | None = None

    def list(self, provider: str, *, force: bool, wait: float) -> Listed | None:
        """Return the list of a provider, or None where there is none yet.

        `force` asks anew and waits so many seconds for it.
        """
        state = self._state
        self._follow()
        kept, error = state.kept, ""
        if kept is None:
            kept = self._last_good()
        if force:
            return self._forced(provider, wait)
        fresh = state.is_fresh(kept)
        if not fresh:
            error = self._lacks() or self._begin()
        elif kept and kept.value.catalog is not self._catalog():
            state.start()  # it is merged anew; the API is not asked
        return self._listed(kept, provider, error, TIER_CACHE)

    def _follow(self) -> None:
        """Forget what another account was answered, or another server said."""
        whom = self.source.place, self.source.account()
        if all(part is not None for part in whom) and self._state.follow(whom):
            self._looked = False

    def why(self) -> str:
        """Return why there is no answer."""
        return self._lacks() or self._told()

    def _lacks(self) -> str:
        try:
            return self.source.lacks()
        except ModeldexError as error:
            return told(self.source.name, error)

    def _begin(self) -> str:
        self._state.start()
        return self._told()

    def _told(self) -> str:
        error = self._state.error
        return "" if error is None else told(self.source.name, error)

    def _forced(self, provider: str, wait: float) -> Listed | None:
        state = self._state
        error = self._lacks()
        if error:
            return self._listed(state.kept, provider, error, TIER_CACHE)
        before = state.kept
        done = False
        for _ in range(2):  # what is under way may only be merging anew
            if not state.wait(state.start(force=True), wait):
                error = f"{self.source.name} has not answered within {wait:g} s"
            kept = state.kept
            done = kept is not None and (before is None or kept.at > before.at)
            if done or error or state.error is not None:
                break
        return self._listed(
            kept,
            provider,
            "" if done else error or self._told(),
            TIER_API if done else TIER_CACHE,
        )

    def _listed(
        self, kept: Kept[_Live] | None, provider: str, error: str, tier: str
    ) -> Listed | None:
        if kept is None:
            return None
        catalog = self._catalog()
        rows, today = self._rows(kept.value, catalog), catalog.today
        own = (Model(list(row), today) for row in rows if row[0] == provider)
        models = shown(own)
        is_now = tier == TIER_API or self._state.is_fresh(kept)
        found = tier if is_now else TIER_LAST_GOOD
        age = self._state.age(kept)
        return Listed(models, found, age, error, self.source.name)

    def _rows(self, live: _Live, catalog: Catalog) -> Sequence[Sequence[str]]:
        """Return the columns of models, with what people say of them by now."""
        if live.catalog is catalog:
            return live.columns
        laid = self._laid
        if laid is None or laid[0] is not live or laid[1] is not catalog:
            known = catalog.snapshot.columns
            rows = [with_hand(row, known(row[0], row[1])) for row in live.columns]
            laid = self._laid = (live, catalog, rows)
        return laid[2]

    def _last_good(self) -> Kept[_Live] | None:
        """Take what is kept on disk, once."""
        if self._looked:
            return self._state.kept
        self._looked = True
        found = self._keeping.load(self.source.name, self.source.place)
        rows = None if found is None else _read_columns(found[0], self.source.account())
        if found is not None and rows:
            self._state.seed(_Live(rows), found[1])
        return self._state.kept

    def _ask(self, kept: Kept[_Live] | None, anew: bool) -> Kept[_Live]:  # noqa: FBT001
        """Ask the API; a fresh answer over another catalogue is only merged anew."""
        state = self._state
        known = kept.value.answer if kept and state.is_fresh(kept) else None
        if kept is not None and known is not None and not anew:
            if kept.value.catalog is self._catalog():
                return kept
            return Kept(self._merged(known), kept.at, kept.until)
        around, account = self._desk.stored.around, self.source.account()
        answer = self.source.ask(SourceState(self.source.name), around.now())
        if not answer.models:
            message = f"none of the {answer.rows} entries of the answer is a model"
            raise SourceFormatError(message)
        got = state.clock()
        live = self._merged(answer)
        said = {"columns": COLUMNS, "models": live.columns, "account": account}
        text = json.dumps(said)
        self._keeping.save(self.source.name, self.source.place, text)
        return state.new(live, got)

    def _merged(self, answer: Answer) -> _Live:
        with self._merging:
            catalog = self._catalog()
            return _Live(laid_over(answer, self._desk), catalog, answer)


class LiveLists:
    """The live lists of all sources; `open_desk` is asked when one is needed.

    `lasts` is how many seconds an answer is used before the API is asked again.
    """

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        open_desk: Callable[[], tuple[Desk, Sequence[Source]]] | None,
        keeping: Keeping,
        lasts: float,
    ) -> None:
        self._catalog = catalog
        self._open = open_desk
        self._keeping = keeping
        self._lasts = lasts
        self._lock = Lock()
        self._merging = Lock()
        self._lists: dict[str, LiveList | None] = {}
        self._opened: tuple[Desk, Sequence[Source]] | None = None

    def list(
        self, provider: str, *, force: bool = False, wait: float = LONGEST_WAIT
    ) -> Listed:
        """Return a provider's models from the freshest tier there is."""
        live = self._list_of(provider)
        if live is None:
            return self.catalogue(provider, self._why_none(provider))
        provider = live.source.provider or provider  # it may be named by the source
        found = live.list(provider, force=force, wait=wait)
        if found is None:
            error = live.why()
            if force and not error:
                error = f"{live.source.name} has not answered within {wait:g} s"
            return self.catalogue(provider, error, live.source.name)
        return found

    def catalogue(self, provider: str, error: str, source: str = "") -> Listed:
        """Return what the catalogue lists."""
        models = catalogue_models(self._catalog(), provider)
        return Listed(models, TIER_CATALOGUE, None, error, source)

    def clear(self, provider: str | None = None) -> None:
        """Forget the answers in memory: of a provider, or all."""
        with self._lock:
            if provider is None:
                self._lists = {}
            else:
                self._lists.pop(provider, None)

    def _why_none(self, provider: str) -> str:
        if self._open is None:
            return "a catalogue opened at a path is not laid over with live lists"
        return _NO_SOURCE.format(provider)

    def _list_of(self, provider: str) -> LiveList | None:
        with suppress(KeyError):
            return self._lists[provider]
        if self._open is None:
            return None
        with self._lock:
            if self._opened is None:
                self._opened = self._open()
            if provider not in self._lists:
                self._lists[provider] = self._made(provider, *self._opened)
            return self._lists[provider]

    def _made(
        self, provider: str, desk: Desk, sources: Sequence[Source]
    ) -> LiveList | None:
        asked = [s for s in sources if s.kind != _CATALOGUE_KIND]
        source = next((s for s in asked if s.provider == provider), None)
        if source is None and provider not in self._catalog().snapshot.providers:
            source = next((s for s in asked if s.name == provider), None)
        if source is None:
            return None
        parts = (source, self._catalog, desk, self._keeping, self._lasts)
        return LiveList(*parts, self._merging)


def catalogue_models(catalog: Catalog, provider: str) -> list[Model]:
    """Return the models of a provider in the catalogue; none of an unknown one."""
    if provider not in catalog.snapshot.providers:
        return []
    return catalog.models(catalog.rows(Query([("provider", "in", (provider,))])))


def _read_columns(text: str, account: str | None) -> list[list[str]] | None:
    """Return the columns of models that were kept; None where they are not ours.

    Nor are those that another account was answered.
    """
    try:
        kept: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(kept, dict) or kept.get("columns") != list(COLUMNS):
        return None
    if account is not None and kept.get("account") != account:
        return None
    rows = kept.get("models")
    if not isinstance(rows, list):
        return None
    sound = all(
        isinstance(row, list)
        and len(row) == len(COLUMNS)
        and all(isinstance(text, str) for text in row)
        for row in rows
    )
    return rows if sound else None
