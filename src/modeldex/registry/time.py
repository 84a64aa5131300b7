"""Questions about time: a price on a day, what changed, the catalogue of a day."""

from modeldex.registry.identity import AboutIdentity
from modeldex.registry.named import ref_of
from modeldex.registry.written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from modeldex.catalog import Catalog
    from modeldex.catalog.line import Line
    from modeldex.domain.billing import Priced
    from modeldex.domain.change import Change
    from modeldex.domain.dated_pricing import DatedPricing
    from modeldex.domain.model import Model
    from modeldex.registry import Named
    from modeldex.usecases.price_line import PriceLine
    from modeldex.usecases.standing import Past, Standing
    from modeldex.usecases.timeline import Timeline

    # the model of now, its line in the packed history, else its line of prices
    _Known = tuple[Model | None, Line | None, PriceLine | None]

_MEMO_LIMIT = 4096


class AboutTime(AboutIdentity, Written):
    """What was, and since when; `past` opens what is known of it, when it is asked."""

    __slots__ = ("_day", "_lines", "_past", "_stood")

    def __init__(
        self,
        load: "Callable[[str], Catalog]",
        on_swap: "Callable[[dict[str, dict[str | None, Model]]], None] | None" = None,
        writing: "Any" = None,
        past: "Callable[[], Past] | None" = None,
    ) -> None:
        self._past = past
        self._day: str | None = None  # of a catalogue of another day than today
        self._stood: Standing | None = None
        super().__init__(load, on_swap, writing)

    def _use(self, catalog: "Catalog") -> None:
        self._lines: dict[str, _Known] = {}
        self._stood = None
        super()._use(catalog)

    @property
    def _standing(self) -> "Standing":
        """What is known of the past; nothing, where no history is."""
        if self._stood is None:
            from modeldex.usecases.standing import Standing
            from modeldex.usecases.timeline import Timeline

            if self._past is None:
                self._stood = Standing(Timeline(None), self.catalog)
                return self._stood
            past, beyond = self._past(), None
            snapshot = self.catalog.snapshot
            revision = snapshot.meta.get("revision")
            if revision is not None and isinstance(self._writing, tuple):
                beyond = self._writing[0].beyond(int(revision))
            beyond = beyond or past.beyond(snapshot)
            self._stood = Standing(past.timeline(), self.catalog, beyond, past.over)
        return self._stood

    @property
    def _told(self) -> "Timeline":
        return self._standing.timeline

    def price(
        self, ref: "Named", at: object = None, known_at: object = None
    ) -> "DatedPricing":
        """Return the standard price of a model in force at a time.

        `at` is ISO text, a date or an aware datetime; None is now, and a bare date the
        end of that day in UTC. Hours of discount stay conditions (`rates`). The answer
        is a Pricing that says from when to when it held, `since` and `until`; before
        the first known price it is unknown, falsy, and `earliest` names that time.
        What a person wrote holds from the day that it names, else from when it was
        written; a file of YAML on every day. `known_at` leaves out what became known
        later. Raises UnknownModelError, InvalidInputError.
        """
        from modeldex.domain.moment import read_moment
        from modeldex.usecases.timeline import (
            exact_until,
            price_now,
            price_of_none,
            read_until,
        )

        model, line, prices = self._line(ref)
        moment = read_moment(self.catalog.today() if at is None else at)
        known = None if known_at is None else read_moment(known_at)
        if model is not None and (prices is None or self._day):
            first = moment.day if known is None else min(moment.day, known.day)
            if not (line or prices) or first >= (self._day or self._dated()):
                return price_now(model, moment.day, line)
        if prices is not None:
            if known is not None:
                from modeldex.usecases.price_line import PriceLine
                from modeldex.usecases.standing import limit_of

                prices = PriceLine(self._standing, prices.ref, limit_of(known))
            return prices.price(exact_until(moment))
        assert line is not None  # noqa: S101  # one of both is
        seen = None if known is None else read_until(known)
        found = line.price(read_until(moment), seen)
        if model is None and found and moment.day >= self._dated():
            return price_of_none(line)
        return found

    def _dated(self) -> str:
        """Return the day of the catalogue: from then on it tells the prices itself."""
        found: str = self.catalog.snapshot.meta.get("date") or self.catalog.today()
        return found

    def _line(self, named: "Named") -> "_Known":
        """Return the model of today, and what is known of its prices.

        That is its line in the packed history, where nobody else has a say in it.
        """
        from modeldex.errors import NotFoundError
        from modeldex.usecases.timeline import no_line

        named = ref_of(named)
        found = self._lines.get(named)
        if found is not None:
            return found
        standing, model = self._standing, None
        try:
            model = self.get_info(named)
            ref = model.ref
        except NotFoundError:
            ref = named
            if standing.timeline.line(ref) is None and not standing.rows(ref):
                raise
        line = prices = None
        if not standing.is_plain(ref):
            from modeldex.usecases.price_line import PriceLine

            prices = PriceLine(standing, ref)
        elif model is None or standing.timeline.history is not None:
            line = standing.timeline.line(ref)
            if line is None and model is not None:
                line = no_line(model, self._dated())
        if len(self._lines) > _MEMO_LIMIT:
            self._lines.clear()
        self._lines[named] = model, line, prices
        return self._lines[named]

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
        What was written to a store follows. Raises UnknownModelError.
        """
        from modeldex.errors import NotFoundError

        text = ref_of(ref)
        try:
            text = self.get_info(text).ref
        except NotFoundError:
            if self._told.line(text) is None and not self._standing.rows(text):
                raise
        return self._told.changes_of(text, field, source)

    def changes(
        self,
        since: object = "30d",
        until: object = None,
        provider: "str | None" = None,
        kind: "str | None" = None,
        progress: "Callable[[int, int], None] | None" = None,
    ) -> "list[Change]":
        """Return what became known of all models in a span, by time, then by ref.

        `since` is a day or a time, or `30d` or `4w` before today; `until` is included,
        a bare date whole. `kind` is change, correction, first_known, source, appeared,
        missing, returned or retired. `progress` is told how much of how much is read.
        Raises InvalidInputError, UnknownProviderError.
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
            progress,
        )
        return sorted(found, key=lambda c: (c.observed_at, c.ref, c.field))

    def as_of(self, day: object, known_at: object = None) -> "Self":
        """Return a registry over the catalogue of a day: every query works on it.

        `day` is ISO text, a date or an aware datetime; a bare date is the end of that
        day in UTC. `known_at` leaves out what became known later. From the catalogue's
        own day on it is today's catalogue, with statuses and dated prices of that day.
        What a person wrote is in it as in `price`. Raises BeforeHistoryError,
        InvalidInputError.
        """
        from modeldex.catalog.held import on_day
        from modeldex.usecases.standing import limit_of
        from modeldex.usecases.timeline import check_known

        limit = limit_of(day)
        known = None if known_at is None else limit_of(known_at)
        days = [limit.day, *([known.day] if known else [])]
        if self._day and min(days) >= self._day:
            catalog = on_day(self.catalog, limit.day)
        else:
            if min(days) < self._standing.dated:
                check_known(self._told, limit.text)
            catalog = self._standing.catalog(limit, known)
        found = type(self)(lambda _why: catalog, past=self._past)
        found._day = limit.day  # noqa: SLF001  # its own kind
        found._stood = self._standing  # noqa: SLF001
        return found

    def _priced_at(self, named: "Named", at: object) -> "Priced | None":
        """Return the rates of a time gone by; None where today's tell them."""
        from modeldex.domain.moment import read_moment
        from modeldex.errors import InvalidRefError, NotFoundError
        from modeldex.usecases.timeline import exact_until, priced_on, read_until

        moment = read_moment(at)
        if self._past is None or (self._day and moment.day >= self._day):
            return None
        try:
            _, line, prices = self._line(named)
        except (NotFoundError, InvalidRefError):
            return None  # it is resolved by rule, or not at all
        day, digest = moment.day, self.catalog.snapshot.digest
        if prices is not None:
            price, columns = prices.at(exact_until(moment))
            if price and price.until is None and day >= self._dated():
                return None  # it is today's
            return priced_on(prices.ref, columns, price, day, digest)
        if line is None or day >= self._dated():
            return None
        until = read_until(moment)
        return priced_on(line.ref, line.columns(until), line.price(until), day, digest)
