"""What an amount can be at most and at least: beyond, it is in another unit."""

from __future__ import annotations

from decimal import Decimal

from modeldex.domain.pricing import METER_UNITS

# USD per 1,000,000 tokens: the dearest chat model on record is o1-pro at 150 and
# 600, embeddings cost below 1
LARGEST, SMALLEST = Decimal(2000), Decimal("0.0001")
# unit -> smallest and largest amount, per 1,000,000 of tokens, characters and pixels
# and per one of the rest, as in the sources of 2026 with room to both sides
BOUNDS = {
    "token": (Decimal(0), LARGEST),
    "character": (Decimal("0.01"), Decimal(2000)),
    "pixel": (Decimal("0.00001"), Decimal(20)),
    "second": (Decimal("0.000001"), Decimal(10)),
    "image": (Decimal("0.00001"), Decimal(10)),
    "page": (Decimal("0.00001"), Decimal(1)),
    "request": (Decimal("0.000001"), Decimal(10)),
    "search": (Decimal("0.00001"), Decimal(1)),
    "session": (Decimal("0.0001"), Decimal(10)),
    "message": (Decimal("0.00001"), Decimal(1)),
    "gb_day": (Decimal("0.0001"), Decimal(10)),
}
# meter -> bounds that are closer than its unit's: an image that is made, not read
_CLOSER = {"output_images": (Decimal("0.0005"), Decimal(10))}


def has_other_unit(meter: str, value: Decimal) -> bool:
    """Tell whether an amount other than 0 is beyond the bounds of its meter."""
    unit = METER_UNITS.get(meter)
    if unit is None or value == 0:
        return False
    smallest, largest = _CLOSER.get(meter) or BOUNDS[unit]
    return not smallest <= value <= largest
