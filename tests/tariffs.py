"""Tables of rates to price calls at, and the long way to price one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from modeldex.domain.billing import Priced, price, prompt_tokens
from modeldex.domain.moment import Moment, read_moment
from modeldex.domain.pricing import Rate
from modeldex.domain.tariff import Asked, Tariff

DAY = Moment("2026-11-25")
BASE = {"input": "3", "output": "15", "cache_read": "0.3", "cache_write": "3.75"}


def tariff(rates: dict[str, str], state: str = "listed") -> Tariff:
    """Return a tariff of these rates."""
    return Tariff(state, "USD", [Rate(k, Decimal(v)) for k, v in rates.items()])


def cost(
    rates: dict[str, str],
    usage: dict[str, Any],
    *,
    state: str = "listed",
    at: object = DAY,
    used: dict[str, int] | None = None,
    contract: bool = True,
    **asked: Any,
) -> Any:
    """Price usage at rates, by the long way."""
    parameters = {k: asked.pop(k) for k in list(asked) if k in ("size", "quality")}
    call = Asked(read_moment(at), prompt_tokens(usage), parameters=parameters, **asked)
    priced = Priced("acme/m", tariff(rates, state), lambda field: field, "d")
    return price(priced, usage, call, contract=contract, used=used)


TIERED = {
    **BASE,
    "input@above=200000": "6",
    "output@above=200000": "22.5",
    "input@service_tier=batch": "1.5",
    "output@service_tier=batch": "7.5",
    "input@service_tier=batch above=200000": "3",
    "input@region=eu": "3.3",
    "multiplier@service_tier=fast": "2",
    "multiplier@region=us": "1.1",
}


DATED = {
    "input": "2",
    "input@valid_to=2026-01-01": "5",
    "input@valid_from=2026-12-01": "4",
    "input@valid_from=2027-01-01 valid_to=2027-02-01": "1",
}


NIGHT = {"input": "0.3", "input@hours=00:00-01:00+10:00-00:00": "0.15"}


IMAGES = {
    "output_images": "0.04",
    "output_images@size=1024x1792": "0.08",
    "output_images@size=1024x1024 quality=hd": "0.08",
}


CONTRACT = {
    **TIERED,
    "input@contract=yes": "2",
    "percent_off@contract=yes valid_from=2026-01-01": "10",
}
TABLES = (BASE, TIERED, DATED, NIGHT, IMAGES, CONTRACT, {})
