"""The algebra of prices: meters, conditions, and rates that hold under them.

A rate is an amount of one meter under conditions. Its key is `meter`, or
`meter@condition=value condition=value…` with the conditions in the order of
CONDITIONS: `input@service_tier=batch above=200000`. Files, claims, provenance and
snapshots all write rates by their keys, so that they merge one by one as any fact.

The standard price of a model is `domain.model.Pricing`, which the first answer of a
program loads; this module is loaded when a rate under conditions is wanted.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from modeldex.domain import Value, set_slot
from modeldex.domain.model import ITEM_SEPARATOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from modeldex.domain.model import Pricing

MILLION = 1_000_000

# unit -> how many of it an amount is the price of
UNITS = {
    "token": MILLION,
    "character": MILLION,
    "pixel": MILLION,
    "second": 1,
    "image": 1,
    "page": 1,
    "request": 1,
    "search": 1,
    "session": 1,
    "message": 1,
    "gb_day": 1,
}

# meter -> unit, and what is counted; the order is the authored one
_METERS = {
    "input": ("token", "prompt tokens"),
    "output": ("token", "answer tokens"),
    "cache_read": ("token", "prompt tokens read from the cache"),
    "cache_write": ("token", "prompt tokens written to the cache, shortest lifetime"),
    "cache_write_1h": ("token", "prompt tokens written to the cache for one hour"),
    "cache_write_12h": ("token", "prompt tokens written to the cache for 12 hours"),
    "reasoning": ("token", "reasoning tokens, where they have a price of their own"),
    "input_audio": ("token", "audio tokens in the prompt"),
    "output_audio": ("token", "audio tokens in the answer"),
    "input_image": ("token", "image tokens in the prompt"),
    "output_image": ("token", "image tokens in the answer"),
    "input_video": ("token", "video tokens in the prompt"),
    "output_video": ("token", "video tokens in the answer"),
    "cache_read_audio": ("token", "audio tokens read from the cache"),
    "cache_read_image": ("token", "image tokens read from the cache"),
    "cache_read_video": ("token", "video tokens read from the cache"),
    "cache_write_audio": ("token", "audio tokens written to the cache"),
    "citation": ("token", "tokens of cited sources"),
    "input_characters": ("character", "characters of the prompt"),
    "output_characters": ("character", "characters of the answer"),
    "input_audio_seconds": ("second", "audio that goes in"),
    "output_audio_seconds": ("second", "audio that comes out"),
    "input_video_seconds": ("second", "video that goes in"),
    "output_video_seconds": ("second", "video that comes out"),
    "seconds": ("second", "time that the machine computes"),
    "input_images": ("image", "images that go in"),
    "output_images": ("image", "images that come out"),
    "input_pixels": ("pixel", "pixels that go in"),
    "output_pixels": ("pixel", "pixels that come out"),
    "pages": ("page", "pages of a document"),
    "annotated_pages": ("page", "pages of a document with annotations"),
    "requests": ("request", "requests"),
    "searches": ("search", "web searches"),
    "file_searches": ("search", "searches of stored files"),
    "map_searches": ("search", "searches of maps"),
    "sessions": ("session", "sessions of a tool's container"),
    "messages": ("message", "text messages"),
    "gb_days": ("gb_day", "gigabytes stored for a day"),
}
METERS = tuple(_METERS)
METER_UNITS = {meter: unit for meter, (unit, _) in _METERS.items()}
METER_ABOUT = {meter: about for meter, (_, about) in _METERS.items()}
TOKEN_METERS = frozenset(m for m, unit in METER_UNITS.items() if unit == "token")
# the prompt's tokens: what a context tier counts
PROMPT_METERS = frozenset(
    meter
    for meter in TOKEN_METERS
    if meter.startswith(("input", "cache_read", "cache_write"))
)
# what stands in a table of rates in place of a meter: a factor on the token meters
# of a request, and a contract's discount in percent on all meters
MULTIPLIER, PERCENT_OFF = "multiplier", "percent_off"
RATE_NAMES = (*METERS, MULTIPLIER, PERCENT_OFF)

# what a model without amounts may state instead; otherwise its price is unknown
STATES = ("free", "included", "variable")
# entries of `pricing` that are words
WORDS = ("state", "currency")
USD = "USD"

# condition -> what it says; the order is that of a key
CONDITIONS = {
    "contract": "yes: a price of the user's own contract, which goes before the list",
    "valid_from": "first day on which it holds (UTC)",
    "valid_to": "first day on which it no longer holds (UTC)",
    "service_tier": "batch, flex, priority or another tier that the request names",
    "region": "region in which the request is processed",
    "above": "whole requests whose prompt has more tokens than this",
    "beyond": "only those units of the meter that go beyond this count (marginal)",
    "hours": "times of day, HH:MM-HH:MM joined by +, each after weekdays 1-7 and /",
    "zone": "time zone of the hours; UTC when absent",
    "weekday_zone": "time zone of the weekdays; that of the hours when absent",
    "size": "size of an image or video, as 1024x1024",
    "quality": "quality of an image, as hd",
    "resolution": "resolution of an image or video, as 720p",
    "steps": "steps of image generation",
    "search_context": "context size of a web search: low, medium or high",
    "free": "amount is a quantity free of charge per this period: day or month",
    "pool": "name of the pool that shares a free quantity",
    "per": "how many units the amount is the price of",
}
PERIODS = ("day", "month")
STANDARD_TIERS = frozenset(("standard", "default", "auto", "on_demand"))


@lru_cache(maxsize=8192)
def split_key(key: str) -> tuple[str, dict[str, str]]:
    """Split a rate's key into its meter and its conditions."""
    meter, _, text = key.partition("@")
    pairs = (pair.partition("=") for pair in text.split(" ") if pair)
    return meter, {name: value for name, _, value in pairs}


def conditions_text(conditions: Mapping[str, object]) -> str:
    """Write conditions as in a key: in order, without the unknown ones."""
    found = ((name, conditions.get(name)) for name in CONDITIONS)
    return " ".join(f"{name}={value}" for name, value in found if value is not None)


def rate_key(meter: str, **conditions: object) -> str:
    """Return the key of a meter's rate under conditions; None is no condition."""
    text = conditions_text(conditions)
    return f"{meter}@{text}" if text else meter


def grouped(rates: Mapping[str, Decimal]) -> dict[str, dict[str, Decimal]]:
    """Return rates by the text of their conditions, then by meter: the authored form.

    Both are in a fixed order: conditions as text sorts them, meters as authored.
    """
    places = {name: place for place, name in enumerate(RATE_NAMES)}
    groups: dict[str, dict[str, Decimal]] = {}
    for key in sorted(rates, key=lambda k: (k.partition("@")[2], places[meter_of(k)])):
        meter, _, text = key.partition("@")
        groups.setdefault(text, {})[meter] = rates[key]
    return groups


def flat_rates(groups: Mapping[str, Mapping[str, Decimal]]) -> dict[str, Decimal]:
    """Return the rates that `grouped` was given."""
    return {
        f"{meter}@{text}": amount
        for text, amounts in groups.items()
        for meter, amount in amounts.items()
    }


def without_beginning(key: str) -> str:
    """Return a rate's key, or its field's name, without the day on which it began."""
    meter, conditions = split_key(key)
    return rate_key(meter, **{**conditions, "valid_from": None})


def meter_of(key: str) -> str:
    """Return the meter of a rate's key."""
    return key.partition("@")[0]


class Rate(Value):
    """The amount of one meter under conditions.

    `amount` is the price of `per` units in the pricing's currency. `valid_from` and
    `valid_to` are ISO days, the second one excluded.
    """

    __slots__ = ("amount", "conditions", "key", "meter", "per", "unit_price")
    key: str
    meter: str
    amount: Decimal
    per: int
    conditions: Mapping[str, str]
    unit_price: Decimal | None
    """Amount of one unit, where that is an exact decimal."""

    def __init__(self, key: str, amount: Decimal) -> None:
        meter, conditions = split_key(key)
        per = int(conditions.get("per") or UNITS[METER_UNITS.get(meter, "request")])
        set_slot(self, "key", key)
        set_slot(self, "meter", meter)
        set_slot(self, "amount", amount)
        set_slot(self, "per", per)
        set_slot(self, "conditions", conditions)
        set_slot(self, "unit_price", _unit_price(amount, per))

    def __hash__(self) -> int:
        return hash((self.key, self.amount))

    @property
    def unit(self) -> str:
        """Unit that is counted: token, second, image and so on."""
        return METER_UNITS.get(self.meter, "")

    def holds_on(self, day: str) -> bool:
        """Tell whether an ISO day lies in the rate's period."""
        first, last = self.conditions.get("valid_from"), self.conditions.get("valid_to")
        return (first is None or first <= day) and (last is None or day < last)

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "meter": self.meter,
            "amount": self.amount,
            "per": self.per,
            "unit": self.unit,
            **self.conditions,
        }


def _unit_price(amount: Decimal, per: int) -> Decimal | None:
    digits = str(per)
    if digits.rstrip("0") != "1":
        return None
    sign, number, exponent = amount.as_tuple()
    return Decimal((sign, number, exponent - len(digits) + 1))  # type: ignore[operator]


def read_items(text: str) -> list[tuple[str, str]]:
    """Read keys and amounts out of the `rates` column of a snapshot."""
    parts = (item.rpartition("=") for item in text.split(ITEM_SEPARATOR) if item)
    return [(key, amount) for key, _, amount in parts]


def rates_of(amounts: Mapping[str, str], text: str) -> tuple[Rate, ...]:
    """Return every rate out of the standard amounts and the `rates` column."""
    items = [*amounts.items(), *read_items(text)]
    return tuple(Rate(key, Decimal(amount)) for key, amount in items)


def rates_record(text: str) -> dict[str, dict[str, Decimal]]:
    """Return the JSON form of the `rates` column, as it is authored."""
    return grouped({key: Decimal(amount) for key, amount in read_items(text)})


def pricing_record(pricing: Pricing, rates: str) -> dict[str, Any]:
    """Return the JSON form of a price: input, output, the rest, state, currency."""
    known = pricing.amounts
    form: dict[str, Any] = {m: known.pop(m, None) for m in ("input", "output")}
    form.update(known)
    form["state"] = pricing.state
    form["currency"] = pricing.currency
    if rates:
        form["rates"] = rates_record(rates)
    return form


def is_dated(key: str) -> bool:
    """Tell whether a key is a standard rate of another period: dates and no more."""
    _, conditions = split_key(key)
    return bool(conditions) and conditions.keys() <= {"valid_from", "valid_to"}


def dated_of(rates: Iterable[str], meters: Iterable[str]) -> set[str]:
    """Return the keys of the standard rates of another period of some meters."""
    wanted = set(meters)
    return {key for key in rates if meter_of(key) in wanted and is_dated(key)}


def amounts_on(amounts: Mapping[str, str], text: str, day: str) -> dict[str, str]:
    """Return the standard amounts by meter on an ISO day, as text."""
    items = [item for item in read_items(text) if is_dated(item[0])]
    rates: dict[str, list[Rate]] = {}
    for key, amount in (*amounts.items(), *items):
        rates.setdefault(meter_of(key), []).append(Rate(key, Decimal(amount)))
    found = {meter: in_force(listed, day) for meter, listed in rates.items()}
    return {m: format(rate.amount, "f") for m, rate in found.items() if rate}


def in_force(rates: Iterable[Rate], day: str) -> Rate | None:
    """Return the rate that holds on a day: a dated one before an undated one.

    Of several the one that began last; of two that began together the one that ends
    first.
    """
    best, best_rank = None, ("", "")
    for rate in rates:
        if rate.holds_on(day):
            first = rate.conditions.get("valid_from", "")
            last = rate.conditions.get("valid_to")
            rank = (first or ("0" if last else ""), _before(last))
            if best is None or rank > best_rank:
                best, best_rank = rate, rank
    return best


def _before(last: str | None) -> str:
    """Return a text that sorts the sooner end higher."""
    if last is None:
        return ""
    return "".join(chr(ord("9") - int(c)) if c.isdigit() else c for c in last)


def is_amount(field: str) -> bool:
    """Tell whether a field of a claim is an amount: `pricing.…` or `rates.…`."""
    group, _, entry = field.partition(".")
    return group == "rates" or (group == "pricing" and entry not in WORDS)
