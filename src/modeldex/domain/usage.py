"""What a call used: exclusive quantities by meter, and what the answer says of it.

Tokens are counted in one bucket each: `input` holds only plain text of the prompt
that is neither cached nor audio, image or video; `output` only plain text of the
answer without reasoning, audio or image.
"""

from __future__ import annotations

from decimal import Context, Decimal

from modeldex.domain import Value, set_slot
from modeldex.domain.pricing import METER_UNITS, METERS, PROMPT_METERS, TOKEN_METERS
from modeldex.errors import InvalidUsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Number = int | Decimal

INPUT_METERS = tuple(meter for meter in METERS if meter in PROMPT_METERS)
OUTPUT_METERS = ("output", "reasoning", "output_audio", "output_image", "output_video")
# the order of a usage: the prompt, the answer, and what else is paid
_SIDES = (*INPUT_METERS, *OUTPUT_METERS)
USAGE_METERS = (*_SIDES, *(meter for meter in METERS if meter not in _SIDES))
# what may be a fraction, and is a Decimal
FRACTIONAL = frozenset(m for m, u in METER_UNITS.items() if u in ("second", "gb_day"))
# what a whole answer states beside its quantities, as text
FACTS = ("model", "provider", "service_tier", "region", "time", "search_context_size")
MOST = 10**12  # no call uses more of anything
_FINEST = -30  # power of ten of the smallest part of a unit
_EXACT = Context(prec=100)


def checked_quantity(value: object, where: str, *, fractional: bool = False) -> Number:
    """Return a count as int, or as Decimal where it may be a fraction.

    A float counts by its text. Raises InvalidUsageError, naming `where`, for what is
    no number, negative, not finite, more than 10^12, finer than 10^-30, or a fraction
    of a whole thing.
    """
    if type(value) is int and 0 <= value <= MOST and not fractional:
        return value  # the usual case
    if isinstance(value, float):
        value = Decimal(repr(float(value)))
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        kind = type(value).__name__
        raise InvalidUsageError(f"a number is wanted, not a {kind}", where)
    if isinstance(value, Decimal) and not value.is_finite():
        raise InvalidUsageError(f"{value} is no quantity", where)
    if value < 0:
        raise InvalidUsageError("a quantity is not negative", where)
    if value > MOST:
        raise InvalidUsageError("more than 10^12, which no call uses", where)
    if fractional:
        return _checked_fraction(Decimal(value), where)
    if value != int(value):
        raise InvalidUsageError(f"a whole number is wanted, not {value!s:.40}", where)
    return int(value)


def _checked_fraction(value: Decimal, where: str) -> Decimal:
    if not value:
        return Decimal(0)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < _FINEST:
        raise InvalidUsageError(f"finer than 10^{_FINEST} of a unit", where)
    return value


def plus(one: Number, other: Number) -> Number:
    """Return the exact sum, whatever the program's own decimal context."""
    if isinstance(one, int) and isinstance(other, int):
        return one + other
    return _EXACT.add(Decimal(one), Decimal(other))


def _checked_meters(given: Mapping[str, object]) -> dict[str, Number]:
    """Return the quantities by meter, in the order of the meters; None is absent."""
    unknown = [meter for meter in given if meter not in METER_UNITS]
    if unknown:
        from difflib import get_close_matches

        names = get_close_matches(str(unknown[0]), METERS)
        near = f"; did you mean {', '.join(names)}?" if names else ""
        raise InvalidUsageError(f"no meter has the name {unknown[0]!r:.60}{near}")
    found: dict[str, Number] = {}
    for meter, value in given.items():
        if value is not None:
            fractional = meter in FRACTIONAL
            found[meter] = checked_quantity(value, meter, fractional=fractional)
    if len(found) > 1:
        return {meter: found[meter] for meter in USAGE_METERS if meter in found}
    return found


class Usage(Value):
    """What one call, or several, used: exclusive quantities by meter.

    A meter that nobody stated is absent, not zero. `model`, `provider`,
    `service_tier`, `region`, `time` (ISO text) and `search_context_size` are what the
    answer states of itself, or None. `unread` names counts that the answer states and
    no meter holds: with any, a cost is incomplete.
    """

    __slots__ = (
        "_quantities",
        "model",
        "provider",
        "region",
        "search_context_size",
        "service_tier",
        "time",
        "unread",
    )
    _quantities: dict[str, Number]
    model: str | None
    provider: str | None
    region: str | None
    search_context_size: str | None
    service_tier: str | None
    time: str | None
    unread: tuple[str, ...]

    def __init__(
        self,
        quantities: Mapping[str, object] | None = None,
        facts: Mapping[str, object] | None = None,
        unread: tuple[str, ...] = (),
    ) -> None:
        set_slot(self, "_quantities", _checked_meters(quantities or {}))
        facts = facts or {}
        for fact in FACTS:
            text = facts.get(fact)
            if text is not None and not isinstance(text, str):
                raise InvalidUsageError("text is wanted", fact)
            set_slot(self, fact, text)
        set_slot(self, "unread", tuple(sorted(set(unread))))

    @classmethod
    def of(cls, mapping: Mapping[str, object] | None = None, **given: object) -> Usage:
        """Return the usage of meters and facts, given as keywords or as a mapping.

        Buckets are exclusive: `Usage.of(input=1200, cache_read=800)` has 2000 tokens
        of prompt. Raises InvalidUsageError for an unknown meter or a bad quantity.
        """
        given = {**(mapping or {}), **given}
        facts = {fact: given.pop(fact, None) for fact in FACTS}
        unread = given.pop("unread", None) or ()
        if not isinstance(unread, (list, tuple)) or not all(
            isinstance(name, str) for name in unread
        ):
            raise InvalidUsageError("a list of names is wanted", "unread")
        return cls(given, facts, tuple(unread))

    @classmethod
    def _made(
        cls,
        quantities: dict[str, Number],
        facts: Mapping[str, object],
        unread: tuple[str, ...],
    ) -> Usage:
        """Return a usage of quantities that were checked before: sums have no limit."""
        made = cls({}, facts, unread)
        set_slot(made, "_quantities", quantities)
        return made

    def __hash__(self) -> int:
        return hash((*self._quantities.items(), *self._parts()[1:]))

    def __repr__(self) -> str:
        parts = ", ".join(f"{name}={value!r}" for name, value in self._shown())
        return f"Usage({parts})"

    def __add__(self, other: object) -> Usage:
        """Add quantities; a fact stays only where both state the same."""
        if not isinstance(other, Usage):
            return NotImplemented
        quantities = self.quantities
        for meter, value in other._quantities.items():
            quantities[meter] = plus(quantities.get(meter, 0), value)
        facts = {
            fact: getattr(self, fact)
            for fact in FACTS
            if getattr(self, fact) == getattr(other, fact)
        }
        inorder = {m: quantities[m] for m in USAGE_METERS if m in quantities}
        return Usage._made(inorder, facts, self.unread + other.unread)

    def __radd__(self, other: object) -> Usage:
        """Let `sum()` begin with its 0."""
        return self if other == 0 else NotImplemented

    @property
    def quantities(self) -> dict[str, Number]:
        """Every stated quantity by its meter: tokens, or the meter's own unit."""
        return dict(self._quantities)

    def quantity(self, meter: str) -> Number | None:
        """Return the quantity of a meter, or None where it is not stated."""
        return self._quantities.get(meter)

    def _sum(self, meters: Iterable[str]) -> int:
        return sum(int(self._quantities.get(meter, 0)) for meter in meters)

    @property
    def input_tokens(self) -> int:
        """All stated tokens of the prompt: plain, cached, audio, image and video."""
        return self._sum(INPUT_METERS)

    @property
    def output_tokens(self) -> int:
        """All stated tokens of the answer: plain, reasoning, audio, image, video."""
        return self._sum(OUTPUT_METERS)

    @property
    def total_tokens(self) -> int:
        """All stated tokens: of the prompt, of the answer, and of citations."""
        return self._sum(TOKEN_METERS)

    def _shown(self) -> list[tuple[str, object]]:
        facts = [(fact, getattr(self, fact)) for fact in FACTS]
        stated = [(fact, text) for fact, text in facts if text is not None]
        unread = [("unread", list(self.unread))] if self.unread else []
        return [*self._quantities.items(), *stated, *unread]

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form, which `read_usage` reads again: what is stated."""
        return dict(self._shown())

    def at_provider(self, provider: str) -> Usage:
        """Return the same usage with the provider that the caller knows."""
        facts = {fact: getattr(self, fact) for fact in FACTS}
        facts["provider"] = provider
        return Usage._made(self._quantities, facts, self.unread)


def read_usage(obj: object, provider: str | None = None) -> Usage:
    """Read what a call used from a usage, a usage object, or a whole answer.

    Takes a Usage, a mapping of meters, or what a provider's API or SDK returned (a
    mapping, an object, or the events of one stream as a list). `provider` is kept in
    the usage. Raises InvalidUsageError for a shape that no rule knows, and for counts
    that cannot be. Where each shape puts its tokens: domain/usage_tables.py.
    """
    if not isinstance(obj, Usage):
        from modeldex.domain.usage_reading import read

        obj = read(obj)
    return obj if provider is None else obj.at_provider(provider)
