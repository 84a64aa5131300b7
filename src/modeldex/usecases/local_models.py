"""Models of a local server: memory, the live server, what it last said, the catalogue.

The server is asked by one thread at a time; readers wait for it a moment at most, once,
and are told how old what they get is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from modeldex.domain.listed import (
    TIER_API,
    TIER_CACHE,
    TIER_CATALOGUE,
    TIER_LAST_GOOD,
    Listed,
    shown,
)
from modeldex.domain.local_model import LocalFacts, LocalModel, read_facts
from modeldex.errors import (
    ModeldexError,
    SourceUnavailableError,
    UnknownModelError,
)
from modeldex.usecases.live_lists import catalogue_models
from modeldex.usecases.local_overlay import catalogue_entry, local_model, spellings
from modeldex.usecases.refreshing import Kept, Refreshing, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from modeldex.catalog import Catalog
    from modeldex.domain.model import Model
    from modeldex.ports import LocalServer
    from modeldex.usecases.live_lists import Keeping

    Models = list[Model]
    Details = list[LocalModel]

SHORT_WAIT = 2.0  # seconds that a reader waits for a server, from when it was asked
LONG_WAIT = 30.0  # the same for who asks anew
_SOON = 1.0  # seconds within which a name that is not there is not asked for again
_LOADED_LASTS = 60.0  # seconds for which it is known what is loaded
_LEAST_DIGEST = 12  # characters by which a model may be named


@dataclass(slots=True)
class _Held:
    """What a server holds, by name; and over which catalogue, its models."""

    found: dict[str, LocalFacts]
    over: tuple[Catalog, list[Model]] | None = None


class LocalModels:
    """The models of one server; `lasts` is how many seconds its answer is used."""

    def __init__(
        self,
        server: LocalServer,
        catalog: Callable[[], Catalog],
        keeping: Keeping,
        lasts: float,
        now: Callable[[], str],
    ) -> None:
        self.server = server
        self._catalog = catalog
        self._keeping = keeping
        self._now = now
        self._state: Refreshing[_Held] = Refreshing(self._ask, lasts)
        self._looked = False

    def list(self, *, force_refresh: bool = False, wait: float | None = None) -> Listed:
        """Return the models that the server holds; the catalogue's where it is silent.

        `force_refresh` asks anew; `wait` is how many seconds at most it is waited for.
        """
        kept, tier, error = self._current(force=force_refresh, wait=wait)
        name = self.server.name
        if kept is None:
            models = catalogue_models(self._catalog(), self.server.provider)
            return Listed(models, TIER_CATALOGUE, None, error, name)
        age = self._state.age(kept)
        return Listed(shown(self._models(kept)), tier, age, error, name)

    def details(
        self, *, force_refresh: bool = False, wait: float | None = None
    ) -> Details:
        """Return the same with all that the server says of each."""
        kept, tier, error = self._current(force=force_refresh, wait=wait)
        if kept is None:
            listed = catalogue_models(self._catalog(), self.server.provider)
            return [self._of_catalogue(model, error) for model in listed]
        pairs = zip(kept.value.found.values(), self._models(kept), strict=True)
        return [self._told(kept, found, m, tier, error) for found, m in pairs]

    def get_model_details(
        self, name: str, *, force_refresh: bool = False, wait: float | None = None
    ) -> LocalModel:
        """Return a model by its name at the server, or by its digest.

        Where the server does not answer, what it last said; else the catalogue's entry.
        Raises SourceUnavailableError where neither knows the name and the server does
        not answer, UnknownModelError where it answers and has no such model.
        """
        kept, tier, error = self._current(force=force_refresh, wait=wait)
        found = None if kept is None else self._find(kept.value, name)
        age = 0.0 if kept is None else self._state.age(kept)
        if found is None and tier == TIER_CACHE and age > _SOON and not force_refresh:
            # it may have come since: the server is asked once more
            kept, tier, error = self._current(force=True, wait=wait)
            found = None if kept is None else self._find(kept.value, name)
        if kept is not None and found is not None:
            model = self._models(kept)[list(kept.value.found).index(found.name)]
            return self._told(kept, found, model, tier, error)
        entry = catalogue_entry(self._catalog(), self.server, name)
        if entry is not None:
            return self._of_catalogue(entry, error or "the server does not hold it")
        if tier in (TIER_API, TIER_CACHE) and kept is not None:
            raise self._unknown(name, kept.value.found)
        raise self._unavailable(error)

    def clear_cache(self) -> None:
        """Forget what the server said: the next question goes to it.

        What it last said is on disk still, for when it does not answer.
        """
        self._state.clear()
        self._looked = False

    def ask_now(self, wait: float = LONG_WAIT) -> None:
        """Ask the server. Raises SourceUnavailableError where it does not answer."""
        _, tier, error = self._current(force=True, wait=wait)
        if tier != TIER_API:
            raise self._unavailable(error)

    @property
    def failure(self) -> Exception | None:
        """Why the last try to ask it failed; None where it did not."""
        return self._state.error

    # what is there

    def _current(
        self, *, force: bool, wait: float | None
    ) -> tuple[Kept[_Held] | None, str, str]:
        """Return what is known of the server, its tier, and why it is no fresher."""
        state = self._state
        self._follow()
        kept, asked = state.kept, state.clock()
        if not force and state.is_fresh(kept):
            return kept, TIER_CACHE, ""
        if kept is None:
            kept = self._last_known()
        flight = state.start(force=force)
        least = LONG_WAIT if force else SHORT_WAIT
        ended = state.wait(flight, least if wait is None else wait)
        after = state.kept
        is_new = after is not None and after is not kept
        if after and is_new and (after.at >= asked or state.is_fresh(after)):
            return after, TIER_API, ""
        error = state.error if ended else None
        told = self._why(error) if ended else f"{self.server.name} has not answered yet"
        tier = TIER_CACHE if state.is_fresh(after) else TIER_LAST_GOOD
        return after, TIER_CATALOGUE if after is None else tier, told

    def _follow(self) -> None:
        """Forget what another server said, or this one to another key."""
        try:
            whom = self.server.place(), self.server.account()
        except ModeldexError:
            return
        if whom[1] is not None and self._state.follow(whom):
            self._looked = False

    def _last_known(self) -> Kept[_Held] | None:
        """Take what is kept on disk, once."""
        if self._looked:
            return self._state.kept
        self._looked = True
        try:
            found = self._keeping.load(self.server.name, self.server.place())
        except ModeldexError:
            return None
        account = self.server.account()
        held = None if found is None else _read_held(found[0], account)
        if found is not None and held is not None:
            self._state.seed(held, found[1])
        return self._state.kept

    def _ask(self, kept: Kept[_Held] | None, _anew: bool) -> Kept[_Held]:  # noqa: FBT001
        known = {} if kept is None else kept.value.found
        account = self.server.account()
        found = self.server.models(known, self._now())
        held = _Held({facts.name: facts for facts in found})
        rows = [facts.as_dict() for facts in found]
        text = json.dumps({"models": rows, "account": account})
        self._keeping.save(self.server.name, self.server.place(), text)
        return self._state.new(held)

    def _models(self, kept: Kept[_Held]) -> Models:
        """Return the models over the catalogue of now, in the order of the server."""
        held, catalog = kept.value, self._catalog()
        over = held.over
        if over is None or over[0] is not catalog:
            day = catalog.today()
            models = [
                local_model(catalog, self.server, facts, day)
                for facts in held.found.values()
            ]
            over = held.over = (catalog, models)
        return over[1]

    def _told(
        self,
        kept: Kept[_Held],
        found: LocalFacts,
        model: Model,
        tier: str,
        error: str,
    ) -> LocalModel:
        age = self._state.age(kept)
        if age > _LOADED_LASTS:
            found = replace(found, loaded=None)  # servers load and unload as they like
        return LocalModel(model, self.server.name, found, tier, age, error)

    def _of_catalogue(self, model: Model, error: str) -> LocalModel:
        return LocalModel(model, self.server.name, None, TIER_CATALOGUE, None, error)

    def _find(self, held: _Held, name: str) -> LocalFacts | None:
        for spelling in spellings(self.server, name):
            if spelling in held.found:
                return held.found[spelling]
        digest = name.removeprefix("sha256:").lower()
        if len(digest) < _LEAST_DIGEST:
            return None
        same = [
            facts
            for facts in held.found.values()
            if (facts.digest or "").removeprefix("sha256:").startswith(digest)
        ]
        return same[0] if same and len({one.digest for one in same}) == 1 else None

    # what goes wrong

    def _why(self, error: Exception | None) -> str:
        if error is None:
            return ""
        if isinstance(error, SourceUnavailableError):
            return str(self._unavailable(str(error)))
        return told(self.server.name, error)

    def _unavailable(self, why: str) -> SourceUnavailableError:
        hint = self.server.hint()
        if hint in why:
            return SourceUnavailableError(why)
        return SourceUnavailableError(f"{hint} ({why or 'it has not answered'})")

    def _unknown(self, name: str, held: Iterable[str]) -> UnknownModelError:
        from difflib import get_close_matches

        refs = [
            f"{self.server.provider}/{near}"
            for near in get_close_matches(name, list(held), 3)
        ]
        message = f"{self.server.name} holds no model {name[:80]!r}"
        return UnknownModelError(message, refs)


def _read_held(text: str, account: str | None) -> _Held | None:
    """Return what was kept of a server; None where it is not of our form.

    Nor where another account was told.
    """
    try:
        kept: Any = json.loads(text)
        rows = kept["models"]
        if account is not None and kept["account"] != account:
            return None
        found = [read_facts(row) for row in rows]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    sound = [facts for facts in found if facts is not None]
    if len(sound) < len(found):
        return None
    return _Held({facts.name: facts for facts in sound})
