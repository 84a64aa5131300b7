"""What dies, when, and what to move to."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.domain.lifecycle import day_after, days_between, first_day
from modeldex.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from modeldex.domain.model import Model

# what is suggested must live so long after what it replaces
BEYOND_DAYS = 180
# a suggestion of another line costs at most so many times as much
DEAREST = 2
# options of a request that a successor may lack; what it lacks is named
_OPTIONS = frozenset(
    (
        *("assistant_prefill", "logprobs", "parallel_function_calling", "seed"),
        *("temperature", "tool_choice"),
    )
)
STATED, SUGGESTED = "stated", "suggested"
UNKNOWN = "unknown"
_EXACT = Context(prec=60)  # whatever the program's own context is
_SPAN = re.compile(r"(\d{1,5})\s*(d|days?|w|weeks?)?")
_DAYS_PER_WEEK = 7
# ids whose meaning changes, gifts, drafts, routers and fine-tunes are no goal
_UNFIT = re.compile(
    r"(?:^|[^a-z])(?:latest|free|preview|experimental|beta|auto|router|online)(?:$|[^a-z])"
    r"|^~|^ft:"
)
_DATED = re.compile(r"[-@]20\d\d-?\d\d-?\d\d$")
_REGION = re.compile(r"(?:us-gov|us|eu|apac|au|jp|ca|global)\.(?=[a-z0-9]+\.)")


class Replacement(NamedTuple):
    """What to move to: one model, and who says so.

    `kind` is stated (by the provider) or suggested (by a rule); `reason` says where
    or why. The changes are in percent of the old standard price, None when a price
    is unknown. `status` and `day` are its own on the day that was asked about, None
    where it is not in the catalogue; `via` names the retired ones that were stated
    before it, in their order.
    """

    ref: str
    kind: str
    reason: str
    input_change: Decimal | None = None
    output_change: Decimal | None = None
    status: str | None = None
    day: str | None = None
    via: tuple[str, ...] = ()

    @property
    def is_retired(self) -> bool:
        """Whether it has stopped itself, and nothing is stated to follow it."""
        return self.status == "retired"

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return self._asdict() | {"via": list(self.via)}


class Expiry(NamedTuple):
    """A model that ends: when, who says so, and what to move to.

    `status` is `unknown` for a name that is no model's; then all else is None.
    `days_left` is 0 or less from the shutdown day on.
    """

    ref: str
    status: str
    day: str | None = None
    days_left: int | None = None
    source: str | None = None
    replacements: tuple[Replacement, ...] = ()

    @property
    def replacement(self) -> Replacement | None:
        """The first replacement, None where none is stated and none found."""
        return self.replacements[0] if self.replacements else None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        replacements = [one.as_dict() for one in self.replacements]
        return self._asdict() | {"replacements": replacements}


def read_span(within: str | int) -> int:
    """Return the days of a span: `90d`, `12w`, or a number of days.

    Raises InvalidInputError.
    """
    if isinstance(within, int) and not isinstance(within, bool) and within >= 0:
        return within
    match = _SPAN.fullmatch(str(within).strip().lower())
    if not match:
        message = f"{within!r} is no span; write 90d, 12w or a number of days"
        raise InvalidInputError(message)
    unit = match[2] or "d"
    return int(match[1]) * (_DAYS_PER_WEEK if unit.startswith("w") else 1)


def read_at(at: object, today: str) -> str:
    """Return an ISO day given as text or a date; None is today.

    Raises InvalidInputError.
    """
    if at is None:
        return today
    from datetime import date, datetime

    text = str(at).strip()
    try:
        kind = date if len(text) <= len(today) else datetime
        return kind.fromisoformat(text).isoformat()[: len(today)]
    except ValueError:
        message = f"{text[:80]!r} is no day; write it as 2026-12-31"
        raise InvalidInputError(message) from None


class Successors:
    """What to move to from a model, on a day: stated, else suggested by a rule.

    `of_provider` returns a provider's models; it is asked once for each.
    """

    __slots__ = ("_at", "_of_provider", "_others")

    def __init__(self, of_provider: Callable[[str], Sequence[Model]], at: str) -> None:
        self._of_provider = of_provider
        self._others: dict[str, dict[str, Model]] = {}
        self._at = at

    def of(self, model: Model) -> list[Replacement]:
        """Return every stated replacement, else the suggested one, else none.

        Where a stated one is retired, what is stated for it stands in its place.
        Where all that is stated has stopped, the suggested one goes before it.
        """
        stated: dict[str, Replacement] = {}
        for one in self._stated(model):
            stated.setdefault(one.ref, one)
        found = sorted(stated.values(), key=lambda one: one.is_retired)
        if found and not found[0].is_retired:
            return found
        return suggest(model, self._models(model.provider), self._at) + found

    def _models(self, provider: str) -> Mapping[str, Model]:
        found = self._others.get(provider)
        if found is None:
            found = {model.id: model for model in self._of_provider(provider)}
            self._others[provider] = found
        return found

    def _stated(self, model: Model) -> Iterator[Replacement]:
        """Yield what is stated, followed past what is retired; no model twice."""
        waiting: list[tuple[Model, str, tuple[str, ...]]]
        waiting = [(model, name, ()) for name in model.replacement or ()]
        seen = {model.ref}
        while waiting:
            by, name, via = waiting.pop(0)
            found = self._named(by, name)
            if found is None:
                ref = f"{by.provider}/{name}"
                yield Replacement(ref, STATED, _who_states(by), via=via)
                continue
            if found.ref in seen:
                continue
            status = found.status_on(self._at)
            if status == "retired" and found.replacement:
                seen.add(found.ref)
                passed = (*via, found.ref)
                waiting[:0] = [(found, after, passed) for after in found.replacement]
                continue
            changes = price_changes(model, found, self._at)
            said = _who_states(by)
            day = found.deprecation_date
            yield Replacement(found.ref, STATED, said, *changes, status, day, via)

    def _named(self, model: Model, name: str) -> Model | None:
        """Return a model by its id at the same provider, else by its ref."""
        found = self._models(model.provider).get(name)
        provider, slash, rest = name.partition("/")
        if found is None and slash:
            found = self._models(provider).get(rest)
        return found


def _who_states(model: Model) -> str:
    entry = model.sources.get("replacement")
    if isinstance(entry, dict):
        return str(entry.get("url") or entry.get("because") or entry["source"])
    return str(model.source_of("replacement") or "the catalogue")


def suggest(model: Model, others: Mapping[str, Model], at: str) -> list[Replacement]:
    """Suggest what to move to among a provider's models by id, or nothing.

    It does the same kind of work, is active on the day, is released no earlier,
    lives half a year beyond the end, and its context is no smaller. It is of the
    same family with every capability; else of the same family without a request
    option or two, which are named; else by the same author, with every capability,
    at no more than twice the input price. The newest, then the cheapest, then the
    one of the shortest id. An id with a date has the family and the author of the
    id without it, which in turn lives as long as the newest of its dated ones.
    """
    end = max(at, day_after(model.deprecation_date or at, BEYOND_DAYS))
    base = others.get(_undated(model.id), model)
    ends = _ends(others.values())
    family = model.family or base.family
    author = _author(model) or _author(base)
    fit = [
        other
        for other in others.values()
        if _fits(model, other, at, end) and ends.get(other.id, "9999") > end
    ]
    kin = [other for other in fit if family and other.family == family]
    whole = [other for other in kin if not _lost(model, other)]
    reason = f"newest of family {family}: same work"
    if not whole:
        whole = [other for other in kin if _OPTIONS.issuperset(_lost(model, other))]
    if not whole and author:
        reason = f"newest of {author} at up to {DEAREST} times the price: same work"
        whole = [
            other
            for other in fit
            if _author(other) == author
            and _affordable(model, other, at)
            and not _lost(model, other)
        ]
    if not whole:
        return []
    best = min(whole, key=lambda other: _preference(other, at))
    lost = ", ".join(_lost(model, best))
    kept = f"but not known to have {lost}" if lost else "every capability"
    said = f"{reason}, no smaller context, {kept}"
    changes = price_changes(model, best, at)
    own = (best.status_on(at), best.deprecation_date)
    return [Replacement(best.ref, SUGGESTED, said, *changes, *own)]


def _undated(model_id: str) -> str:
    return _DATED.sub("", model_id)


def _ends(models: Iterable[Model]) -> dict[str, str]:
    """Return the shutdown day of the newest dated id of each undated one."""
    newest = {_undated(m.id): m for m in sorted(models, key=lambda m: m.id)}
    return {
        name: model.deprecation_date
        for name, model in newest.items()
        if model.id != name and model.deprecation_date
    }


def _lost(model: Model, other: Model) -> list[str]:
    """Return the capabilities that another model is not known to have."""
    has = set(other.capabilities.yes)
    return [name for name in model.capabilities.yes if name not in has]


def _fits(model: Model, other: Model, at: str, end: str) -> bool:
    """Tell whether a model could take over the work of another."""
    if _UNFIT.search(other.id.lower()) or _form(other.id) != _form(model.id):
        return False
    is_same = model.canonical is not None and other.canonical == model.canonical
    if is_same or _undated(other.id) == _undated(model.id):
        return False
    released = first_day(other.release_date or "")
    return (
        other.mode == model.mode
        and other.release_date is not None
        and released >= first_day(model.release_date or "0000")
        and other.status_on(at) == "active"
        and other.status_on(end) != "retired"
        and (other.context_window or 0) >= (model.context_window or 0)
    )


def _form(model_id: str) -> tuple[str, bool, str]:
    """Return how an id is dressed: region, version after `@`, variant after `:`."""
    region = _REGION.match(model_id)
    variant = model_id.rpartition(":")[2] if ":" in model_id else ""
    return region[0] if region else "", "@" in model_id, variant.strip("0123456789")


def _author(model: Model) -> str | None:
    return model.canonical.partition("/")[0] if model.canonical else None


def _affordable(model: Model, other: Model, at: str) -> bool:
    was, becomes = model.pricing_on(at), other.pricing_on(at)
    if was.currency != becomes.currency or was.input is None or becomes.input is None:
        return False
    return becomes.input <= _EXACT.multiply(was.input, DEAREST)


def _preference(model: Model, at: str) -> tuple[Any, ...]:
    released = first_day(model.release_date or "").replace("-", "")
    price = model.pricing_on(at).input
    return -int(released), price is None, price or 0, len(model.id), model.id


def price_changes(
    old: Model, new: Model, at: str
) -> tuple[Decimal | None, Decimal | None]:
    """Return how input and output prices change, in percent of those of the day.

    None where one of them is not known, or the currencies differ.
    """
    was, becomes = old.pricing_on(at), new.pricing_on(at)
    if was.currency != becomes.currency:
        return None, None
    return (
        _percent(was.input, becomes.input),
        _percent(was.output, becomes.output),
    )


def _percent(old: Decimal | None, new: Decimal | None) -> Decimal | None:
    if not old or new is None:
        return None
    percent = _EXACT.multiply(100, _EXACT.divide(_EXACT.subtract(new, old), old))
    change = _EXACT.quantize(percent, Decimal("0.1"))
    return change or Decimal("0.0")  # no minus zero


def expiring(
    found: Iterable[Model | str], successors: Successors, at: str, within: int
) -> list[Expiry]:
    """Return what of these has ended or ends within so many days, by day.

    A model that a source calls deprecated without a day comes after those with one,
    a name that is no model's (a text) last. What lives on is left out.
    """
    rows = []
    for model in found:
        if isinstance(model, str):
            rows.append(Expiry(model, UNKNOWN))
            continue
        status, day = model.status_on(at), model.deprecation_date
        left = days_between(at, day) if day else None
        ending = status in ("deprecated", "retired") if left is None else left <= within
        if ending or status == "retired":
            source = model.source_of("deprecation_date" if day else "status")
            replacements = tuple(successors.of(model))
            rows.append(Expiry(model.ref, status, day, left, source, replacements))
    rows.sort(key=lambda row: (row.status == UNKNOWN, row.day or "9999", row.ref))
    return rows
