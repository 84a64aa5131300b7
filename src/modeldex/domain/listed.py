"""A list of models with where it comes from: an API now, one before, the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterable

# from the freshest on: an answer of this very call, one that is fresh enough, one that
# is too old by now, what the catalogue holds
TIER_API, TIER_CACHE, TIER_LAST_GOOD, TIER_CATALOGUE = TIERS = (
    "api",
    "cache",
    "last_good",
    "catalogue",
)


def shown(models: Iterable[Model]) -> list[Model]:
    """Return the models without those that people disabled, as every list does."""
    return [model for model in models if model.status != "disabled"]


class Listed(list[Model]):
    """Models of a provider, and which tier they are from.

    `tier` is `api` for an answer that this call waited for, `cache` for one that is
    fresh enough, `last_good` for an older one, `catalogue` for none. `age` is the
    number of seconds since the API answered, None where the catalogue answers. `error`
    says why it is not fresher, "" where it is or where that is being asked.
    """

    def __init__(
        self,
        models: Iterable[Model],
        tier: str,
        age: float | None = None,
        error: str = "",
        source: str = "",
    ) -> None:
        super().__init__(models)
        self.tier = tier
        self.age = age
        self.error = error
        self.source = source

    @property
    def is_live(self) -> bool:
        """Whether an API said so within the time that its answers are used."""
        return self.tier in (TIER_API, TIER_CACHE)

    def __repr__(self) -> str:
        age = "" if self.age is None else f", {self.age:.0f} s old"
        return f"<Listed {len(self)} models, {self.tier}{age}>"

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "tier": self.tier,
            "age": None if self.age is None else round(self.age, 3),
            "error": self.error or None,
            "source": self.source or None,
            "models": [model.as_dict() for model in self],
        }
