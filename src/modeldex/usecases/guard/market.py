"""What accepted models cost elsewhere: what a new price is held against.

Built once per sync out of the catalogue that is served, and updated model by model.
All figures are floats: they are compared, never served.
"""

from __future__ import annotations

from bisect import bisect_left
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.domain.change import CATALOG
from modeldex.domain.model import COLUMNS
from modeldex.domain.pricing import METER_UNITS, WORDS
from modeldex.usecases.guard.names import plain_slug, skeleton

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from modeldex.catalog import Snapshot
    from modeldex.domain.change import Facts, State
    from modeldex.usecases.guard.doubt import Ref

_PLACES = {name: place for place, name in enumerate(COLUMNS)}
_READ = ("canonical", "mode", "base_url", "pricing")
_CANONICAL, _MODE, _BASE_URL, _PRICING = (_PLACES[name] for name in _READ)
_PRICE = "pricing."
# others of the same provider without which its median says nothing
FEWEST = 3


class Entry(NamedTuple):
    """What the guards know of an accepted model; `mode` is "" for chat."""

    provider: str
    model: str
    canonical: str
    mode: str
    base_url: str
    prices: Mapping[str, float]


class Siblings(NamedTuple):
    """The median of what others ask for the same model, and how many they are."""

    median: float
    providers: int


class Market:
    """Accepted prices by canonical id, by name, and by provider and kind of work."""

    def __init__(
        self, entries: Iterable[Entry], hosts: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self._providers: dict[str, dict[str, Entry]] = {}
        self._canonical: dict[str, dict[Ref, Entry]] = {}
        self._hosts = {
            name: set(map(host, urls)) for name, urls in (hosts or {}).items()
        }
        # made when they are first asked for
        self._slugs: dict[str, dict[Ref, Entry]] = {}
        self._sorted: dict[tuple[str, str, str], list[float]] = {}
        self._skeletons: dict[str, dict[str, set[str]]] = {}
        for entry in entries:
            self._add(entry)

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot) -> Market:
        """Build the market of a catalogue's snapshot."""
        rows = list(range(snapshot.meta["models"]))
        hosts = {
            name: [facts["api"]]
            for name, facts in snapshot.providers.items()
            if facts.get("api")
        }
        return cls(map(_of_columns, snapshot.rows_columns(rows)), hosts)

    @classmethod
    def of_state(
        cls, state: State, hosts: Mapping[str, Iterable[str]] | None = None
    ) -> Market:
        """Build the market of what sources say in a store's state."""
        told = ((key, facts) for key, facts in state.items() if key[0] == CATALOG)
        return cls((entry_of(key[1], key[2], facts) for key, facts in told), hosts)

    def update(self, provider: str, model: str, facts: Facts | None) -> None:
        """Take a model's accepted facts in place of what was known; None removes it."""
        old = self._providers.get(provider, {}).pop(model, None)
        if old is not None:
            self._canonical.get(old.canonical, {}).pop(old[:2], None)
            self._slugs.get(plain_slug(model), {}).pop(old[:2], None)
        if facts is not None:
            entry = entry_of(provider, model, facts)
            self._add(entry)
            if self._slugs:
                self._slugs.setdefault(plain_slug(model), {})[entry[:2]] = entry
        self._skeletons.pop(provider, None)
        for key in [key for key in self._sorted if key[0] == provider]:
            del self._sorted[key]

    def _add(self, entry: Entry) -> None:
        self._providers.setdefault(entry.provider, {})[entry.model] = entry
        if entry.canonical:
            self._canonical.setdefault(entry.canonical, {})[entry[:2]] = entry

    def _named(self, model: str) -> dict[Ref, Entry]:
        """Return the models of a name, at every provider."""
        if not self._slugs:
            for listed in self._providers.values():
                for entry in listed.values():
                    named = self._slugs.setdefault(plain_slug(entry.model), {})
                    named[entry[:2]] = entry
        return self._slugs.get(plain_slug(model), {})

    def siblings(self, entry: Entry, meter: str) -> Siblings | None:
        """Return what other providers ask for the same model; None for no other.

        The same model has the same canonical id, or where no such one has a price,
        the same name.
        """
        for others in (self._canonical.get(entry.canonical, {}), None):
            known = self._named(entry.model) if others is None else others
            found = [
                amount
                for other in known.values()
                if other.provider != entry.provider
                and (amount := other.prices.get(meter, 0)) > 0
            ]
            if found:
                return Siblings(median(found), len(found))
        return None

    def provider_median(self, entry: Entry, meter: str) -> float | None:
        """Return the median of the provider's other models of the same kind of work."""
        key = (entry.provider, entry.mode, meter)
        listed = self._sorted.get(key)
        known = self._providers.get(entry.provider, {})
        if listed is None:
            amounts = (
                e.prices.get(meter, 0) for e in known.values() if e.mode == key[1]
            )
            listed = self._sorted[key] = sorted(a for a in amounts if a > 0)
        own = known.get(entry.model)
        skipped = len(listed)
        if own is not None and own.mode == entry.mode and own.prices.get(meter, 0) > 0:
            skipped = bisect_left(listed, own.prices[meter])
        count = len(listed) - (skipped < len(listed))
        if count < FEWEST:
            return None
        middle = [n + (n >= skipped) for n in ((count - 1) // 2, count // 2)]
        return (listed[middle[0]] + listed[middle[1]]) / 2

    def priced_models(self, provider: str) -> int:
        """Return how many of a provider's models have an amount."""
        known = self._providers.get(provider, {})
        return sum(any(entry.prices.values()) for entry in known.values())

    def look_alikes(self, provider: str, model: str) -> list[Entry]:
        """Return the provider's other models whose ids look like this one."""
        known = self._providers.get(provider, {})
        if provider not in self._skeletons:
            table: dict[str, set[str]] = {}
            for name in known:
                table.setdefault(skeleton(name), set()).add(name)
            self._skeletons[provider] = table
        found = self._skeletons[provider].get(skeleton(model), set())
        return [known[other] for other in sorted(found - {model})]

    def knows_host(self, provider: str, url: str, model: str) -> bool:
        """Tell whether the provider or another model of it is asked at this host."""
        wanted = host(url)
        if wanted in self._hosts.get(provider, ()):
            return True
        return any(
            other.base_url and other.model != model and host(other.base_url) == wanted
            for other in self._providers.get(provider, {}).values()
        )


def host(url: str) -> str:
    """Return scheme and host of a URL, by which it is decided who gets a request."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}".casefold()


def entry_of(provider: str, model: str, facts: Facts) -> Entry:
    """Return what the guards know of a model out of its flat facts."""

    def text(name: str) -> str:
        fact = facts.get(name)
        return fact.value or "" if fact is not None else ""

    prices = {
        name.removeprefix(_PRICE): float(fact.value)
        for name, fact in facts.items()
        if name.startswith(_PRICE)
        and name.removeprefix(_PRICE) in METER_UNITS
        and fact.value is not None
    }
    mode, url = kind_of_work(text("mode")), text("base_url")
    return Entry(provider, model, text("canonical"), mode, url, prices)


def _of_columns(columns: Sequence[str]) -> Entry:
    return Entry(
        *(columns[0], columns[1], columns[_CANONICAL]),
        kind_of_work(columns[_MODE]),
        columns[_BASE_URL],
        dict(_amounts(columns[_PRICING])),
    )


def _amounts(text: str) -> Iterator[tuple[str, float]]:
    for item in text.split():
        meter, _, amount = item.partition("=")
        if meter not in WORDS:
            yield meter, float(amount)


# kinds of work that are one to a caller: the id is asked for text and gives text
_CHATS = ("chat", "completion", "responses")


def kind_of_work(mode: Any) -> str:
    """Return a mode, or "" for all that chat."""
    return "" if mode in _CHATS else mode or ""
