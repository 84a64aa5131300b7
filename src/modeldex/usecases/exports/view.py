"""What an export is made of: models, each with its facts field by field, on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.encode import decode
from modeldex.domain.model import COLUMNS, Model
from modeldex.domain.pricing import Rate, in_force, rate_key, split_key
from modeldex.domain.record import read_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

_YES, _NO = COLUMNS.index("capabilities"), COLUMNS.index("capabilities_no")
_SOURCES = COLUMNS.index("sources")
_DATES = {"valid_from": None, "valid_to": None}
_NESTED = ("rate_limits", "request_parameters")
FREE = "free"
# a field of an amount that holds on other days than the one that is exported
OTHER_DAYS = "other-days"


class Row:
    """A model with what is known of it, by field: `pricing.input`, `name`.

    Prices are those in force on the day; a free model's input and output are 0. What
    holds on other days only has its dates in its field.
    """

    __slots__ = ("facts", "id", "provider", "ref")

    def __init__(self, provider: str, model_id: str, facts: dict[str, Any]) -> None:
        self.provider = provider
        self.id = model_id
        self.ref = f"{provider}/{model_id}"
        self.facts = facts


class View:
    """The models of an export, in order, on an ISO day; and the facts of providers.

    `keep` makes losses remember what is said of each model.
    """

    def __init__(  # noqa: PLR0913
        self,
        columns: Sequence[list[str]],
        providers: Mapping[str, Mapping[str, Any]],
        day: str,
        *,
        digest: str = "",
        date: str = "",
        keep: bool = False,
    ) -> None:
        self.columns = columns
        self.day = day
        self.digest = digest
        self.date = date
        self.keep = keep
        named = {row[0] for row in columns}
        self.providers = {p: providers[p] for p in sorted(named & providers.keys())}

    def rows(self) -> Iterator[Row]:
        """Yield the models with their facts field by field."""
        for columns in self.columns:
            yield Row(columns[0], columns[1], flat(columns, self.day))

    def models(self) -> list[Model]:
        """Return the models."""
        return [Model(columns, lambda: self.day) for columns in self.columns]


def flat(columns: list[str], day: str) -> dict[str, Any]:
    """Return what a model's columns say, field by field, on a day."""
    facts: dict[str, Any] = {}
    for name, value in decode(columns).items():
        if name == "capabilities":
            _put_abilities(facts, columns, value)
        elif name == "pricing":
            _put_prices(facts, value)
        elif name == "rates":
            _put_rates(facts, value, day)
        elif name == "modalities":
            facts.update({f"modalities.{side}": some for side, some in value.items()})
        elif name in _NESTED:
            facts.update({f"{name}.{entry}": item for entry, item in value.items()})
        elif name == "sources":
            facts[name] = read_sources(columns[_SOURCES])  # of what is implied too
        elif name != "mode" or value != "chat":
            facts[name] = value
    return facts


def _put_abilities(
    facts: dict[str, Any], columns: list[str], stated: Mapping[str, Any]
) -> None:
    """Put each ability, also what others imply, and each of its parameters."""
    for name in columns[_YES].split():
        facts[f"capabilities.{name}"] = True
    for name in columns[_NO].split():
        facts[f"capabilities.{name}"] = False
    for name, value in stated.items():
        if isinstance(value, dict):
            for parameter, item in value.items():
                facts[f"capabilities.{name}.{parameter}"] = item


def _put_prices(facts: dict[str, Any], pricing: Mapping[str, Any]) -> None:
    from decimal import Decimal

    for name, value in pricing.items():
        if name == "state" and value == FREE:
            for meter in ("input", "output"):
                facts.setdefault(f"pricing.{meter}", Decimal(0))
        elif name != "currency" or value != "USD":
            facts[f"pricing.{name}"] = value


def _put_rates(facts: dict[str, Any], rates: Mapping[str, Decimal], day: str) -> None:
    """Put the rates in force without their dates, and the others with theirs."""
    dated = [key for key in rates if "@valid_" in key or " valid_" in key]
    if not dated:
        facts.update({f"rates.{key}": amount for key, amount in rates.items()})
        return
    groups: dict[str, list[Rate]] = {}
    standard = [name for name in facts if name.startswith("pricing.")]
    for name in standard:
        meter = name.removeprefix("pricing.")
        if meter not in ("state", "currency"):
            groups[meter] = [Rate(meter, facts[name])]
    for key, amount in rates.items():
        meter, conditions = split_key(key)
        plain = rate_key(meter, **{**conditions, **_DATES})
        groups.setdefault(plain, []).append(Rate(key, amount))
    for plain, listed in groups.items():
        _put_in_force(facts, plain, listed, day)


def _put_in_force(
    facts: dict[str, Any], plain: str, listed: Iterable[Rate], day: str
) -> None:
    field = f"rates.{plain}" if "@" in plain else f"pricing.{plain}"
    rates = list(listed)
    found = in_force(rates, day)
    facts.pop(field, None)
    if found is not None:
        facts[field] = found.amount
    for rate in rates:
        if rate.key != plain:
            facts[f"rates.{rate.key}"] = rate.amount
        elif rate is not found:
            mark = " " if "@" in plain else "@"
            facts[f"rates.{plain}{mark}{OTHER_DAYS}=yes"] = rate.amount
