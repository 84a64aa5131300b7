"""What providers offer: yes, no or unknown, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.resolve import provider_in
from modeldex.domain import Value, set_slot
from modeldex.domain.capability import CAPABILITIES
from modeldex.domain.feature import (
    FEATURE_MODES,
    FEATURES,
    LONG_CONTEXT,
    feature_name,
)
from modeldex.errors import InvalidInputError, UnknownProviderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modeldex.catalog import Catalog

    Facts = Mapping[str, Any]
    Names = str | Iterable[str]

# what people ask of providers first; the default columns of the matrix
COMMON_FEATURES = (
    "chat",
    "streaming",
    "function_calling",
    "vision",
    "structured_output",
    "reasoning",
    "embeddings",
    "image_output",
    "speech_recognition",
    "prompt_caching",
    "batch",
    "fine_tuning",
)
LIMIT_KEYS = ("value", "unit", "note")
_NOT = "no_"  # how a limitation begins that states a no
_SUGGESTIONS = 3


class Support(Value):
    """Whether a provider offers a feature: True, False or None (unknown), and why."""

    __slots__ = ("answer", "why")
    answer: bool | None
    why: str

    def __init__(self, answer: bool | None, why: str) -> None:  # noqa: FBT001
        set_slot(self, "answer", answer)
        set_slot(self, "why", why)

    @property
    def word(self) -> str:
        """The answer as yes, no or unknown."""
        return {True: "yes", False: "no", None: "unknown"}[self.answer]


_UNKNOWN = Support(None, "nothing says so")


def stated_features(facts: Facts) -> dict[str, bool]:
    """Return what a provider's entry itself states, by the one name of each feature.

    A limitation `no_x: yes` states that there is no x, unless `features` says else.
    """
    stated = {}
    for name, limit in (facts.get("limitations") or {}).items():
        if name.startswith(_NOT) and limit.get("value") is True:
            stated[feature_name(name.removeprefix(_NOT))] = False
    features = facts.get("features") or {}
    return stated | {feature_name(name): has for name, has in features.items()}


def words_of(names: Names) -> list[str]:
    """Return names given as a list, or as text with commas or spaces between them."""
    if isinstance(names, str):
        return names.replace(",", " ").split()
    return list(names)


class Offers:
    """What the providers of one catalogue offer; answers are kept while it lives."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.facts: Mapping[str, Facts] = catalog.snapshot.providers
        self._having: dict[str, frozenset[str]] = {}
        self._stated: dict[str, dict[str, bool]] = {}

    def having(self, feature: str) -> frozenset[str]:
        """Return the providers that have a model with an ability or of that work."""
        found = self._having.get(feature)
        if found is None:
            ask = self.catalog.index.providers
            found = ask([("yes", "", feature)])
            if feature in FEATURE_MODES:
                found |= ask([("mode", "in", (FEATURE_MODES[feature],))])
            if feature == "long_context":
                found |= ask([("context", ">=", LONG_CONTEXT)])
            self._having[feature] = found
        return found

    def has_stopped(self, provider: str) -> bool:
        """Tell whether a provider's own day of end has come."""
        last = self.facts[provider].get("deprecation_date")
        return bool(last) and str(last) <= self.catalog.index.today

    def support(self, provider: str, name: str) -> Support:
        """Return whether a provider, by its id, offers a feature or endpoint.

        Asked in this order: has the provider stopped, do its `features` or
        `limitations` say, is it one of its `endpoints`, has one of its models it.
        """
        facts = self.facts[provider]
        feature = feature_name(name)
        if self.has_stopped(provider):
            return Support(answer=False, why=f"stopped on {facts['deprecation_date']}")
        stated = self._stated.get(provider)
        if stated is None:
            stated = self._stated[provider] = stated_features(facts)
        if feature in stated:
            return Support(stated[feature], "stated of the provider")
        if feature in map(feature_name, facts.get("endpoints") or ()):
            return Support(answer=True, why="one of its endpoints")
        if provider in self.having(feature):
            return Support(answer=True, why="a model of it has it")
        return _UNKNOWN

    def known_names(self) -> set[str]:
        """Return every name of a feature or endpoint that some answer may be for."""
        words = {w for facts in self.facts.values() for w in facts.get("endpoints", ())}
        return {*CAPABILITIES, *FEATURES, *words, *self.catalog.index.names("yes")}

    def checked(self, names: Names) -> list[str]:
        """Return the one names of features; raise InvalidInputError for no feature."""
        known = {feature_name(name) for name in self.known_names()}
        found = []
        for name in words_of(names):
            feature = feature_name(name)
            if feature not in known:
                from difflib import get_close_matches

                near = get_close_matches(feature[:64], sorted(known), _SUGGESTIONS)
                hint = f"; did you mean {', '.join(near)}?" if near else ""
                raise InvalidInputError(f"{name[:64]!r} is no feature{hint}")
            if feature not in found:
                found.append(feature)
        return found


def find_providers(catalog: Catalog, features: Names) -> list[str]:
    """Return the ids of the providers that offer all features, sorted; all for none."""
    offers = Offers(catalog)
    wanted = words_of(features)
    return [
        provider
        for provider in sorted(offers.facts)
        if all(offers.support(provider, name).answer for name in wanted)
    ]


def requires_auth(facts: Facts) -> bool | None:
    """Tell whether a provider wants to know who calls; None when nothing tells.

    Where `authentication` is not stated, a variable for a key says yes, but not
    of a local provider.
    """
    methods = facts.get("authentication")
    if methods is not None:
        return bool(methods)
    named = facts.get("credentials") or facts.get("env")
    return True if named and facts.get("kind") != "local" else None


def is_configured(facts: Facts, environ: Mapping[str, str]) -> bool | None:
    """Tell whether the environment holds what a provider asks for; None if unknown.

    That is all variables of one set of `credentials`, or, where none is stated,
    all of `env`; an empty variable is not set. What needs no authentication, and
    what is local, is configured.
    """
    if requires_auth(facts) is False or facts.get("kind") == "local":
        return True
    sets = facts.get("credentials") or ([facts["env"]] if facts.get("env") else [])
    if not sets:
        return None
    return any(all(environ.get(name) for name in names) for names in sets)


def limits_of(facts: Facts) -> dict[str, dict[str, Any]]:
    """Return limitations by name, each with value, unit and note (None: not given)."""
    return {
        name: {key: limit.get(key) for key in LIMIT_KEYS}
        for name, limit in (facts.get("limitations") or {}).items()
    }


class ProviderComparison(Value):
    """Providers in the order asked, and what each offers."""

    __slots__ = ("comparison", "endpoints", "features", "providers")
    providers: tuple[str, ...]
    features: tuple[str, ...]
    endpoints: tuple[str, ...]
    comparison: Mapping[str, Facts]

    def __init__(self, comparison: Mapping[str, Facts]) -> None:
        rows = comparison.values()
        features = {
            name for row in rows for name, has in row["features"].items() if has
        }
        set_slot(self, "providers", tuple(comparison))
        set_slot(self, "features", tuple(sorted(features)))
        endpoints = {word for row in rows for word in row["endpoints"] or ()}
        set_slot(self, "endpoints", tuple(sorted(endpoints)))
        set_slot(self, "comparison", comparison)

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        """Fact -> provider -> value; a feature as `features.vision` and so on.

        An endpoint that a provider's list lacks is unknown, as in `support`.
        """
        rows = self.comparison
        table = {
            name: {provider: row[name] for provider, row in rows.items()}
            for name in ("kind", "authentication", "env", "api", "docs", "status_page")
        }
        names = {name for row in rows.values() for name in row["features"]}
        for name in sorted(names):
            table[f"features.{name}"] = {
                p: r["features"][name] for p, r in rows.items()
            }
        for word in self.endpoints:
            table[f"endpoints.{word}"] = {
                p: True if word in (r["endpoints"] or ()) else None
                for p, r in rows.items()
            }
        names = {name for row in rows.values() for name in row["limitations"]}
        for name in sorted(names):
            table[f"limitations.{name}"] = {
                p: limit_text(r["limitations"].get(name)) for p, r in rows.items()
            }
        return table

    @property
    def differences(self) -> list[str]:
        """Names of the facts on which the providers are not all alike."""
        table = self.facts
        return [n for n, row in table.items() if len({*map(repr, row.values())}) > 1]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "providers": list(self.providers),
            "features": list(self.features),
            "endpoints": list(self.endpoints),
            "comparison": dict(self.comparison),
            "differences": self.differences,
        }


def limit_text(limit: Facts | None) -> str | None:
    """Write a limitation as people read it: value and unit."""
    if limit is None:
        return None
    value = limit["value"]
    if isinstance(value, bool):
        written = "yes" if value else "no"
    else:
        written = ", ".join(value) if isinstance(value, list) else str(value)
    return f"{written} {limit['unit']}" if limit.get("unit") else written


def compare_providers(
    catalog: Catalog, providers: Iterable[str], *, missing: str = "raise"
) -> ProviderComparison:
    """Put providers side by side.

    An unknown one raises UnknownProviderError, or is left out with
    `missing="drop"`. Raises InvalidInputError when none is left.
    """
    if missing not in ("raise", "drop"):
        raise InvalidInputError(f"missing is raise or drop, not {missing!r}")
    offers = Offers(catalog)
    ids: list[str] = []
    for name in words_of(providers):
        try:
            ids.append(provider_in(catalog, name))
        except UnknownProviderError:
            if missing == "raise":
                raise
    if not ids:
        raise InvalidInputError("compare needs at least one provider")
    stated = {name for p in ids for name in stated_features(offers.facts[p])}
    names = {*map(feature_name, COMMON_FEATURES), *stated}
    rows = {provider: _compared(offers, provider, sorted(names)) for provider in ids}
    return ProviderComparison(rows)


def _compared(offers: Offers, provider: str, names: Iterable[str]) -> Facts:
    facts = offers.facts[provider]
    same = ("name", "kind", "env", "api", "docs", "status_page")
    return {
        **{key: facts.get(key) for key in (*same, "authentication", "endpoints")},
        "features": {name: offers.support(provider, name).answer for name in names},
        "limitations": limits_of(facts),
    }
