"""Rank providers for a need, with the reason of every point.

A provider that is not known to offer all that is required is no candidate. Points
are only ever added, so that a documented limitation costs nothing; one that
contradicts a requirement is a stated no.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.resolve import provider_in
from modeldex.domain import Value, set_slot
from modeldex.usecases.providers import COMMON_FEATURES, Offers, limits_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modeldex.catalog import Catalog
    from modeldex.usecases.providers import Names

REQUIRED, PREFERRED, WISH, BREADTH = 1.0, 0.5, 0.5, 0.25
_BY_MODELS = 0.9  # the share for what only a provider's models tell
_MODELS_TELL = "a model of it has it"
_TESTING = "for_testing_only"
_FREE = (("mode", "in", ("chat",)), ("input", "<=", 0), ("output", "<=", 0))


class ProviderChoice(Value):
    """A provider, its score from 0 to 1, and the reasons: (what, points).

    The score is the sum of the points divided by `maximum`.
    """

    __slots__ = ("limitations", "matched", "maximum", "missing", "provider", "reasons")
    provider: str
    reasons: tuple[tuple[str, float], ...]
    maximum: float
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    limitations: Mapping[str, Any]

    def __init__(  # noqa: PLR0913, PLR0917  a plain record
        self,
        provider: str,
        reasons: Iterable[tuple[str, float]],
        maximum: float,
        matched: Iterable[str] = (),
        missing: Iterable[str] = (),
        limitations: Mapping[str, Any] | None = None,
    ) -> None:
        set_slot(self, "provider", provider)
        set_slot(self, "reasons", tuple(reasons))
        set_slot(self, "maximum", maximum)
        set_slot(self, "matched", tuple(matched))
        set_slot(self, "missing", tuple(missing))
        set_slot(self, "limitations", limitations or {})

    def __hash__(self) -> int:
        return hash((self.provider, self.reasons))

    @property
    def score(self) -> float:
        """Points reached of those that were to be had, from 0 to 1."""
        return round(sum(points for _, points in self.reasons) / self.maximum, 4)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "provider": self.provider,
            "score": self.score,
            "maximum": self.maximum,
            "reasons": [{"reason": w, "points": points} for w, points in self.reasons],
            "matched": list(self.matched),
            "missing": list(self.missing),
            "limitations": dict(self.limitations),
        }


def recommend_providers(  # noqa: PLR0913  the question has so many parts
    catalog: Catalog,
    required_features: Names = (),
    preferred_features: Names = (),
    *,
    required_endpoints: Names = (),
    exclude: Names = (),
    among: Names | None = None,
    prefer_local: bool = False,
    prefer_free: bool = False,
    limit: int = 10,
) -> list[ProviderChoice]:
    """Rank the providers that offer all that is required, best first.

    `among` names the only candidates; a provider for testing is one only when it
    is named there. Ties are in order of id. Raises InvalidInputError for a name
    that is no feature, UnknownProviderError for an unknown provider.
    """
    offers = Offers(catalog)
    needs = offers.checked(
        [*words_of(required_features), *words_of(required_endpoints)]
    )
    likes = [n for n in offers.checked(preferred_features) if n not in needs]
    left_out = {provider_in(catalog, name) for name in words_of(exclude)}
    candidates = _candidates(offers, None if among is None else words_of(among))
    wishes = {"local": prefer_local, "free": prefer_free}
    ranked = [
        choice
        for provider in sorted(candidates - left_out)
        if (choice := _choice(offers, provider, needs, likes, wishes)) is not None
    ]
    ranked.sort(key=lambda choice: -choice.score)
    return ranked[: max(limit, 0)]


def _candidates(offers: Offers, among: Iterable[str] | None) -> set[str]:
    if among is not None:
        return {provider_in(offers.catalog, name) for name in among}
    return {
        provider
        for provider, facts in offers.facts.items()
        if _TESTING not in (facts.get("limitations") or {})
        and not offers.has_stopped(provider)
    }


def _choice(
    offers: Offers,
    provider: str,
    needs: Iterable[str],
    likes: Iterable[str],
    wishes: Mapping[str, bool],
) -> ProviderChoice | None:
    """Return a provider with its points; None when it lacks what is required."""
    reasons: list[tuple[str, float]] = []
    matched, missing = [], []
    maximum = BREADTH
    for names, weight, word in ((needs, REQUIRED, "required"), (likes, PREFERRED, "")):
        for name in names:
            maximum += weight
            support = offers.support(provider, name)
            if support.answer:
                share = _BY_MODELS if support.why == _MODELS_TELL else 1.0
                what = f"{word or 'preferred'} {name}: {support.why}"
                reasons.append((what, round(weight * share, 4)))
                matched.append(name)
            elif word:
                return None
            else:
                missing.append(name)
    for what, granted in _wished(offers, provider, wishes):
        maximum += WISH
        if granted:
            reasons.append((what, WISH))
    common = [n for n in COMMON_FEATURES if offers.support(provider, n).answer]
    share = round(BREADTH * len(common) / len(COMMON_FEATURES), 4)
    reasons.append((f"{len(common)} of {len(COMMON_FEATURES)} common features", share))
    limits = limits_of(offers.facts[provider])
    return ProviderChoice(provider, reasons, maximum, matched, missing, limits)


def _wished(
    offers: Offers, provider: str, wishes: Mapping[str, bool]
) -> Iterable[tuple[str, bool]]:
    """Yield each wish with whether the provider grants it."""
    is_local = offers.facts[provider].get("kind") == "local"
    if wishes["local"]:
        yield "runs on your own machine", is_local
    if wishes["free"]:
        free = is_local or provider in offers.catalog.index.providers(_FREE)
        yield "has chat models that cost nothing", free
