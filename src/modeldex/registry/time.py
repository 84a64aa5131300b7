"""Questions about time: a price on a day, what changed, the catalogue of a day."""

from modeldex.registry.identity import AboutIdentity
from modeldex.registry.named import ref_of
from modeldex.registry.written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Self

    from modeldex.catalog import Catalog
    from modeldex.catalog.line import Line
    from modeldex.domain.billing import Priced
    from modeldex.domain.change import Change
    from modeldex.domain.dated_pricing import DatedPricing
    from modeldex.domain.model import Model
    from modeldex.registry import Named
    from modeldex.usecases.timeline import Timeline

_MEMO_LIMIT = 4096


class AboutTime(AboutIdentity, Written):
    """What was, and since when; `past` opens what is known of it, when it is asked."""

    __slots__ = ("_day", "_lines", "_past", "_timeline")

    def __init__(
        self,
        load: "Callable[[str], Catalog]",
        on_swap: "Callable[[dict[str, dict[str | None, Model]]], None] | None" = None,
        writing: "Any" = None,
        past: "Callable[[], Timeline] | None" = None,
    ) -> None:
        self._past = past
        self._day: str | None = None  # of a catalogue of another day than today
        self._timeline: Timeline | None = None
        super().__init__(load, on_swap, writing)

    def _use(self, catalog: "Catalog") -> None:
        self._lines: dict[str, tuple[Line | None, Model | None]] = {}
        self._timeline = None
        super()._use(catalog)

    @property
    def _told(self) -> "Timeline":
        """What is known of the past; nothing, where no history is."""
        if self._timeline is None:
            from modeldex.usecases.timeline import Timeline

            self._timeline = self._past() if self._past else Timeline(None)
            if self._writing is not None:
                self._timeline.later = self._later
        return self._timeline

    def _later(self, ref: "str | None") -> "Iterable[Change]":
        """Return what a store knows beyond the packed history."""
        from modeldex.usecases.timeline import later_changes

        return later_changes(self._written()[0].store(), ref)

    def price(
        self, ref: "Named", at: object = None, known_at: object = None
    ) -> "DatedPricing":
        """Return the standard price of a model in force at a time.

        `at` is ISO text, a date or an aware datetime; None is now, and a bare date the
        end of that day in UTC. Hours of discount stay conditions (`rates`). The answer
        is a Pricing that says from when to when it held, `since` and `until`; before
        the first known price it is unknown, falsy, and `earliest` names that time.
        What a person wrote holds on every day. `known_at` leaves out what became known
        later. Raises UnknownModelError, InvalidInputError.
        """
        from modeldex.domain.moment import read_moment
        from modeldex.usecases.timeline import price_now, read_until

        line, model = self._line(ref)
        moment = read_moment(self.catalog.today() if at is None else at)
        known = None if known_at is None else read_until(known_at)
        if line is not None and (
            model is None or known is not None or moment.day < self._dated()
        ):
            return line.price(read_until(moment), known)
        assert model is not None  # noqa: S101  # one of both is
        return price_now(model, moment.day, line)

    def _dated(self) -> str:
        """Return the day of the catalogue: from then on it tells the prices itself."""
        found: str = self.catalog.snapshot.meta.get("date") or self.catalog.today()
        return found

    def _line(self, named: "Named") -> "tuple[Line | None, Model | None]":
        """Return a model's line in the past, and the model of today; not both None."""
        from modeldex.errors import NotFoundError
        from modeldex.usecases.timeline import is_by_hand, no_line

        named = ref_of(named)
        found = self._lines.get(named)
        if found is not None:
            return found
        model = None
        try:
            model = self.get_info(named)
        except NotFoundError:
            line = self._told.line(named)
            if line is None:
                raise
        else:
            line = None
            if self._told.history is not None and not is_by_hand(model):
                line = self._told.line(model.ref) or no_line(model, self._dated())
        if len(self._lines) > _MEMO_LIMIT:
            self._lines.clear()
        self._lines[named] = line, model
        return line, model

    def history(
        self,
        ref: "Named",
        field: "str | None" = None,
        source: "str | None" = None,
    ) -> "list[Change]":
        """Return what changed of a model, in the order in which it became known.

        Also of models that are gone from today's catalogue. `field` is one fact, as
        `pricing.input`, or a group, as `pricing`. What was served is told, merged out
        of all sources; `source` asks for what one said itself, or `any` of them.
        What was written to a store follows. Raises UnknownModelError, StoreError.
        """
        from modeldex.errors import NotFoundError

        text = ref_of(ref)
        try:
            text = self.get_info(text).ref
        except NotFoundError:
            if self._told.line(text) is None:
                raise
        return self._told.changes_of(text, field, source)

    def changes(
        self,
        since: object = "30d",
        until: object = None,
        provider: "str | None" = None,
        kind: "str | None" = None,
    ) -> "list[Change]":
        """Return what became known of all models in a span, by time, then by ref.

        `since` is a day or a time, or `30d` or `4w` before today; `until` is included,
        a bare date whole. `kind` is change, correction, first_known, source, appeared,
        missing, returned or retired. Raises InvalidInputError, UnknownProviderError.
        """
        from modeldex.catalog.resolve import provider_in
        from modeldex.usecases.timeline import checked_kind, read_since, read_until

        place = None
        if provider is not None:
            place = self._ask(lambda catalog: provider_in(catalog, provider)) + "/"
        today = self.catalog.today()
        found = self._told.changes(
            read_since(since, today),
            read_until(today if until is None else until),
            lambda ref: place is None or ref.startswith(place),
            checked_kind(kind),
        )
        return sorted(found, key=lambda c: (c.observed_at, c.ref, c.field))

    def as_of(self, day: object, known_at: object = None) -> "Self":
        """Return a registry over the catalogue of a day: every query works on it.

        `day` is ISO text, a date or an aware datetime; a bare date is the end of that
        day in UTC. `known_at` leaves out what became known later. From the catalogue's
        own day on it is today's catalogue, with statuses and dated prices of that day.
        What a person wrote without a date is only in today's. Raises
        BeforeHistoryError, InvalidInputError.
        """
        from modeldex.catalog.held import on_day
        from modeldex.usecases.timeline import catalog_on, read_until

        at = read_until(day)
        known = None if known_at is None else read_until(known_at)
        if at[:10] >= self._dated() and (known is None or known[:10] >= self._dated()):
            same = at[:10] == self.catalog.today()
            catalog = self.catalog if same else on_day(self.catalog, at[:10])
        else:
            catalog = catalog_on(self._told, self.catalog, at, known)
        found = type(self)(lambda _why: catalog, past=self._past)
        found._day = at[:10]  # noqa: SLF001  # its own kind
        return found

    def _priced_at(self, named: "Named", at: object) -> "Priced | None":
        """Return the rates of a time gone by; None where today's tell them."""
        from modeldex.domain.moment import read_moment
        from modeldex.errors import InvalidRefError, NotFoundError
        from modeldex.usecases.timeline import priced_on, read_until

        moment = read_moment(at)
        if self._past is None or moment.day >= self._dated():
            return None
        try:
            line, model = self._line(named)
        except (NotFoundError, InvalidRefError):
            return None  # it is resolved by rule, or not at all
        if line is None:
            return None
        digest = self.catalog.snapshot.digest
        return priced_on(line, model, read_until(moment), moment.day, digest)
