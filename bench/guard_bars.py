"""The guards' bars: prices in another unit, false alarms, and the shipped history."""

from __future__ import annotations

import sys
import time
from collections import Counter
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

import guard_trials as trials
from modeldex import bootstrap
from modeldex.bootstrap.past import open_history
from modeldex.catalog.facts import state_of
from modeldex.catalog.line import Line, steps_in
from modeldex.usecases.guard import (
    BATCH_RULES,
    RULES,
    Market,
    changed_fields,
    judge,
    judge_batch,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.registry import Registry

    Row = tuple[str, float, float, str, bool]

# share of new rows that may pass, by factor, in percent
PASSING = {"1e-6": 0.1, "1e-5": 0.5, "1e-3": 12, "1e+3": 12, "1e+5": 0.5, "1e+6": 0.1}


def guards(*, small: bool) -> Iterator[Row]:
    """Hold the accepted catalogue in other units; judge it as it is."""
    registry = bootstrap.open(overlays=())
    snapshot = registry.catalog.snapshot
    took = []
    for _ in range(5):
        started = time.process_time()
        market = Market.of_snapshot(snapshot)
        took.append((time.process_time() - started) * 1000)
    size = 7_000 / snapshot.meta["models"]
    yield "market of 7,000 models", min(took) * size, 300.0, "ms", True
    state = state_of(snapshot)
    sample = 1_000 if small else None
    for name, factor in trials.FACTORS.items():
        known = trials.spoilt(state, market, factor, sample, new=False)
        yield f"accepted prices x {name} that pass", _passing(known), 0.0, "%", False
        new = trials.spoilt(state, market, factor, sample, new=True)
        yield f"new prices x {name} that pass", _passing(new), PASSING[name], "%", False
    found = trials.unchanged(state, market, new=True)
    priced = sum("pricing." in text or "rates." in text for text in found.examples)
    share = 100 * priced / trials.prices_of(state)
    yield "false alarms, amounts of new models", share, 0.1, "%", False
    models = {text.split(" ")[0] for text in found.examples}
    yield "false alarms, new models", 100 * len(models) / len(state), 0.1, "%", False
    same = trials.unchanged(state, market, new=False)
    yield "false alarms, nothing changed", same.held, 0.0, "", False
    for name, factor in trials.FACTORS.items():
        rows = trials.spoilt_rows(state, market, factor, sample)
        print(f"  new models with all prices x {name}: {100 * rows.share:.2f} % held")
    changes, held = calibration(registry, 8 if small else 1)
    jumps = 100 * held["price", "price_jump"] / changes["price"]
    yield "price changes since 2023: jumps held", jumps, 3.0, "%", False
    report(changes, held)


def _passing(outcome: trials.Outcome) -> float:
    return 100 * (1 - outcome.share)


def calibration(
    registry: Registry, every: int = 1
) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Judge what was served since 2023 as it came, beside the market of its month.

    Returns the changes by what they change, and those held by that and by rule.
    """
    timeline = open_history()
    history = timeline.history
    assert history is not None
    events = []
    for group in range(0, history.groups, every):
        served = history.served(group)
        for row, ref in enumerate(served.refs):
            events += list(_events(Line(ref, list(steps_in(history, served, row)))))
    events.sort(key=lambda event: event[0])
    changes: Counter[str] = Counter()
    held: Counter[tuple[str, str]] = Counter()
    for month, listed in groupby(events, key=lambda event: event[0][:7]):
        day = f"{month}-01"
        if day < (timeline.first or ""):
            continue
        market = Market.of_snapshot(registry.as_of(day).catalog.snapshot)
        for _, found in groupby(listed, key=itemgetter(0)):
            _judge_moment(list(found), market, changes, held)
    return changes, held


def _judge_moment(
    events: list[tuple],
    market: Market,
    changes: Counter[str],
    held: Counter[tuple[str, str]],
) -> None:
    """Judge all that became known at one moment, as a sync would."""
    doubts, fields = {}, {}
    for _, found, before, after in events:
        ref = found[0].provider, found[0].model
        doubts[ref] = judge(found, before, after, market)
        fields[ref] = changed_fields(found)
    more = judge_batch(fields, doubts, market)
    for _, found, _, _ in events:
        ref = found[0].provider, found[0].model
        for change in found:
            kind = _kind(change)
            changes[kind] += 1
            said = {
                doubt.rule
                for side in (doubts[ref], more.get(ref, {}))
                for doubt in side.get(change.field, ())
            }
            held.update((kind, rule) for rule in said)
            held[kind, "any"] += bool(said)


def _events(line: Line) -> Iterator[tuple]:
    """Yield the times at which a model changed, with its facts before and after."""
    facts: dict = {}
    for at, found in groupby(line.changes(), key=attrgetter("observed_at")):
        listed = [change for change in found if change.field]
        before = dict(facts)
        for change in listed:
            if change.new is None:
                facts.pop(change.field, None)
            else:
                facts[change.field] = change.new
        if before and listed:
            yield at, listed, before, dict(facts)


def _kind(change: object) -> str:
    field = change.field
    old, new = (side and side.value for side in (change.old, change.new))
    group = field.partition(".")[0]
    if field.startswith("pricing.") and old and new and field not in trials.WORDS:
        return "price"
    if field.startswith("pricing.") and field not in trials.WORDS:
        return "price appears" if old is None else "price goes, or is 0"
    if group == "rates":
        return "rate" if old and new else "rate comes or goes"
    return group


def report(changes: Counter[str], held: Counter[tuple[str, str]]) -> None:
    """Print what share of the changes each rule would have held."""
    print("what was served since 2023, judged as it came")
    for kind, count in changes.most_common():
        said = sorted(rule for k, rule in held if k == kind and rule != "any")
        if not said:
            continue
        rules = ", ".join(f"{r} {100 * held[kind, r] / count:.2f} %" for r in said)
        share = 100 * held[kind, "any"] / count
        print(f"  {kind:22} {count:7,} changes, {share:5.2f} % held: {rules}")
    unused = {*RULES, *BATCH_RULES} - {rule for _, rule in held}
    print(f"  held nothing: {', '.join(sorted(unused)) or 'no rule'}")


def main() -> None:
    """Print the bars alone."""
    for what, measured, bar, unit, _ in guards(small="--small" in sys.argv):
        verdict = "ok" if measured <= bar else "MISSED"
        print(f"{what:45} {measured:10.3f} {unit:3}  bar {bar:6g}  {verdict}")


if __name__ == "__main__":
    main()
