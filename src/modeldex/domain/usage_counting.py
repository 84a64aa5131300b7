"""From stated counts to exclusive ones: what is contained leaves its whole."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce

from modeldex.domain.pricing import TOKEN_METERS
from modeldex.domain.usage import checked_quantity, plus
from modeldex.domain.usage_tables import COUNT_ENDINGS
from modeldex.errors import InvalidUsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from modeldex.domain.usage import Number
    from modeldex.domain.usage_objects import Counts
    from modeldex.domain.usage_tables import Shape

_MODALITIES = ("image", "video", "audio")  # the cheapest first


class _Sums:
    """Counts as stated: by meter, what contains what, and what is only known."""

    __slots__ = ("bounds", "paths", "rest", "stated", "unread", "within")

    def __init__(self) -> None:
        self.stated: dict[str, Number] = {}
        self.within: dict[str, str] = {}
        self.rest: dict[str, Number] = {}
        self.paths: dict[str, str] = {}
        self.bounds: list[tuple[str, Number, str]] = []
        self.unread: list[str] = []

    def put(self, meter: str, within: str, path: str, value: Number) -> None:
        """Put one count where its row says."""
        if meter == "unread":
            self.unread += [path] if value else []
        elif meter == "known":
            self.bounds.append((path, value, within))
        elif meter == within:
            self.rest[meter] = plus(self.rest.get(meter, 0), value)
            self.paths.setdefault(meter, path)
        else:
            self.stated[meter] = plus(self.stated.get(meter, 0), value)
            self.within[meter] = within
            self.paths.setdefault(meter, path)

    def fits(self, parts: Number, meter: str, where: str) -> None:
        """Raise InvalidUsageError where parts are more than the whole of a meter."""
        whole = self.stated[meter]
        if parts > whole:
            message = f"{parts} is more than the {whole} of {self.paths[meter]}"
            raise InvalidUsageError(message, where)


def count(shape: Shape, counts: Counts) -> tuple[dict[str, Number], list[str]]:
    """Return exclusive quantities by meter, and the names of counts in none of them.

    `counts` has the values by path. Raises InvalidUsageError for a count that cannot
    be, for spellings that differ, and for parts that are more than their whole.
    """
    sums = _Sums()
    for paths, meter, within, first in shape.rows:
        stated = [path for path in paths if path in counts]
        if stated:
            path, value = _stated(stated, counts, meter, first=first)
            sums.put(meter, within, path, value)
    unread = list(sums.unread)
    if not shape.root:
        unread += [path for path in counts if _is_unread(path, counts[path], shape)]
    quantities = _exclusive(sums)
    total = quantities.pop("total", None)
    tokens = sum(quantities.get(meter, 0) for meter in TOKEN_METERS)
    if total is not None and total > tokens and "input_audio_seconds" not in quantities:
        unread.append(sums.paths["total"])
    return quantities, unread


def _stated(
    paths: list[str], counts: Counts, meter: str, *, first: bool
) -> tuple[str, Number]:
    """Return the path and value of a row: of the first, or of all that agree."""
    values = {path: _value(counts[path], path, meter) for path in paths}
    nonzero = {path: value for path, value in values.items() if value}
    if first or not nonzero:
        return next(iter(values.items()))
    if len(set(nonzero.values())) > 1:
        raise InvalidUsageError("counts of one thing differ", " and ".join(nonzero))
    return next(iter(nonzero.items()))


def _value(values: list[object], path: str, meter: str) -> Number:
    """Return the sum of the values at one path."""
    fractional = meter.endswith("seconds")
    read = [checked_quantity(v, path, fractional=fractional) for v in values]
    return reduce(plus, read)


def _is_unread(path: str, values: list[object], shape: Shape) -> bool:
    """Tell whether a path is a count that no row of the shape knows."""
    if path in shape.known or not path.endswith(COUNT_ENDINGS):
        return False
    if path.startswith(shape.below):
        return False
    numbers = (int, float, Decimal)
    return any(isinstance(v, numbers) and v is not True and v != 0 for v in values)


def _exclusive(sums: _Sums) -> dict[str, Number]:
    """Take every contained count out of the count that contains it."""
    _settle_reasoning(sums)
    stated, within = sums.stated, sums.within
    for meter, rest in sums.rest.items():
        parts = rest + sum(v for m, v in stated.items() if within[m] == meter)
        if meter not in stated:  # a whole that only its parts state
            stated[meter] = parts
            within[meter] = ""
        sums.fits(parts, meter, f"the parts of {meter}")
    for path, value, whole in sums.bounds:
        if whole in stated:
            sums.fits(value, whole, path)
    left = dict(stated)
    for meter, value in stated.items():
        if within[meter] in left:
            sums.fits(value, within[meter], sums.paths[meter])
            left[within[meter]] -= value
    if within.get("cache_read") == "input" and "input" in left:
        _settle_cached(left, sums)
    for meter, value in stated.items():
        sums.fits(value - left[meter], meter, f"the parts of {meter}")
    if "total" in stated:
        both = stated.get("input", 0) + stated.get("output", 0)
        sums.fits(both, "total", "input and output")
    return left


def _settle_reasoning(sums: _Sums) -> None:
    """Let the stated total decide whether the answer's count contains reasoning."""
    if sums.within.get("reasoning") != "output?":
        return
    reasoning = sums.stated["reasoning"]
    both = sums.stated.get("input", 0) + sums.stated.get("output", 0)
    beside = reasoning and sums.stated.get("total") == both + reasoning
    sums.within["reasoning"] = "" if beside else "output"


def _settle_cached(left: dict[str, Number], sums: _Sums) -> None:
    """Count cached audio, image and video once.

    They are in the count of their modality and in the cached count. Where an answer
    does not say what was cached, plain text was, as far as there is enough of it.
    """
    for name in _MODALITIES:
        cached, whole = sums.stated.get(f"cache_read_{name}", 0), f"input_{name}"
        if cached and sums.within.get(whole) == "input":
            left["input"] += cached
            left[whole] -= cached
    for name in _MODALITIES:
        whole, part = f"input_{name}", f"cache_read_{name}"
        moved = min(-left["input"], left.get(whole, 0), left["cache_read"])
        if moved > 0:
            left["input"] += moved
            left[whole] -= moved
            left["cache_read"] -= moved
            left[part] = left.get(part, 0) + moved
