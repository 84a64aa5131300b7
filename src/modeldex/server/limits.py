"""How often somebody may ask: a bucket of requests that fills up again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from modeldex.errors import TooManyRequestsError

if TYPE_CHECKING:
    from collections.abc import Callable

_CALLERS = 10_000  # remembered; the longest silent is forgotten first


class Buckets:
    """A bucket per caller: `rate` requests per second, `burst` at once."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float]) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, cost: float = 1.0) -> None:
        """Take a request's cost; raise TooManyRequestsError where there is less."""
        now = self._clock()
        left, seen = self._known.pop(caller, (self._burst, now))
        left = min(self._burst, left + (now - seen) * self._rate)
        enough = left >= cost
        self._known[caller] = (left - cost if enough else left, now)
        if len(self._known) > _CALLERS:
            self._known.popitem(last=False)
        if not enough:
            wait = (cost - left) / self._rate
            message = f"too many requests; again in {wait:.1f} s"
            raise TooManyRequestsError(message, wait)
