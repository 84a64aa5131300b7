"""A catalogue's ids by what is left of them when spelling is set aside."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from modeldex.catalog import Catalog

# a version of one or two digits on either side; sizes (`3-8b`) and dates are none
_VERSION = re.compile(r"(?<![0-9])([0-9]{1,2})[.-](?=[0-9]{1,2}(?![0-9A-Za-z]))")
DATE = re.compile(
    r"(?P<base>.+?)(?P<mark>[-@])"
    r"(?P<year>20[12]\d)(?P<dash>-?)(?P<month>0[1-9]|1[0-2])(?P=dash)"
    r"(?P<day>0[1-9]|[12]\d|3[01])(?P<rest>(?:-v\d+(?::\d+)?)?)"
)


def versions_dashed(text: str) -> str:
    """Return text with `-` between the numbers of a version, in lower case."""
    return _VERSION.sub(r"\1-", text.lower())


def _tail(model_id: str) -> str:
    """Return an id without path, and without the vendor that Bedrock puts before."""
    tail = model_id.rpartition("/")[2]
    head, dot, name = tail.rpartition(".")
    return name if dot and head.replace(".", "").isalpha() else tail


def _dated(model_id: str) -> tuple[str, str] | None:
    found = DATE.fullmatch(_tail(model_id))
    if not found:
        return None
    date = found["year"] + found["month"] + found["day"]
    return versions_dashed(found["base"]), date


class Spellings:
    """The ids of a catalogue, found by exact id, by case, by version, by date.

    `serving` keeps the rows by canonical id, once `catalog.identity.serving` made
    them.
    """

    __slots__ = ("_by_id", "_dates", "_folded", "_known", "_versions", "serving")

    def __init__(self, refs: Sequence[str]) -> None:
        self.serving: dict[str, list[int]] | None = None
        self._known: dict[str, frozenset[str]] = {}
        self._folded: dict[str, dict[str, list[str]]] = {}
        self._versions: dict[str, dict[str, list[str]]] = {}
        self._by_id: dict[str, list[str]] = {}
        self._dates: dict[str, set[str]] = {}
        ids: dict[str, list[str]] = {}
        for ref in refs:
            provider, _, model_id = ref.partition("/")
            ids.setdefault(provider, []).append(model_id)
            self._by_id.setdefault(model_id.lower(), []).append(ref)
            dated = _dated(model_id)
            if dated:
                self._dates.setdefault(dated[0], set()).add(dated[1])
        self._known = {name: frozenset(listed) for name, listed in ids.items()}

    def ids(self, provider: str) -> frozenset[str]:
        """Return the ids at a provider."""
        return self._known.get(provider, frozenset())

    def folded(self, provider: str, model_id: str) -> list[str]:
        """Return the ids at a provider that differ in case alone."""
        found = self._folded.get(provider)
        if found is None:
            found = self._folded[provider] = _grouped(self.ids(provider), str.lower)
        return found.get(model_id.lower(), [])

    def versioned(self, provider: str, model_id: str) -> list[str]:
        """Return the ids at a provider whose versions are punctuated otherwise."""
        found = self._versions.get(provider)
        if found is None:
            listed = self.ids(provider)
            found = self._versions[provider] = _grouped(listed, versions_dashed)
        return found.get(versions_dashed(model_id), [])

    def everywhere(self, model_id: str) -> list[str]:
        """Return the refs of all providers with this id, whatever its case."""
        return self._by_id.get(model_id.lower(), [])

    def dates(self, base: str) -> set[str]:
        """Return the dates, as YYYYMMDD, that any provider lists of a base id."""
        return self._dates.get(versions_dashed(_tail(base)), set())


def _grouped(ids: Iterable[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for model_id in sorted(ids):
        groups.setdefault(key(model_id), []).append(model_id)
    return groups


def spellings_of(catalog: Catalog) -> Spellings:
    """Return the spellings of a catalogue, made once."""
    index = catalog.index
    if index.spellings is None:
        index.spellings = Spellings(index.refs)
    found: Spellings = index.spellings
    return found
