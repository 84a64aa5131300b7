"""Whatever is written, at whatever time: every moment of the past can be asked for."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogs import DAY
from histories import Told, mark, read_packed, said
from modeldex.catalog.history_pack import pack
from modeldex.catalog.later import LaterPack, read_later
from modeldex.errors import ModeldexError, NotFoundError
from modeldex.usecases.catalog_file import read_beyond
from steps import REFS, STEPS
from stored import ENTRIES, GPT, LATEST, MINI, WHY, Memory

if TYPE_CHECKING:
    from modeldex.registry import Registry

PAST = [
    mark(GPT, "appeared", "2024-05-13"),
    said(GPT, "pricing.input", None, "5", "2024-05-13"),
    said(GPT, "pricing.input", "5", "2.5", "2024-10-01"),
    said(GPT, "context_window", None, 128_000, "2024-05-13"),
    mark(LATEST, "appeared", "2024-05-13"),
    said(LATEST, "alias_of", None, "gpt-4o", "2024-06-01"),
    mark(MINI, "appeared", "2024-07-18"),
    said(MINI, "pricing.input", None, "0.5", "2024-07-18"),
    mark("acme/m", "appeared", "2024-01-01"),
]
HISTORY = read_packed(pack(PAST))


class Clocked(Memory):
    """Surroundings whose time passes: an hour with every question for it."""

    def __init__(self, entries: Any) -> None:
        super().__init__(entries)
        self.hours = 0

    def now(self) -> str:
        """Return the time, an hour later than before."""
        self.hours += 1
        return self.time

    @property
    def time(self) -> str:
        """The time as it is."""
        day, hour = divmod(self.hours, 24)
        return f"{DAY[:8]}{int(DAY[8:]) + day:02}T{hour:02}:30:00.000+00:00"

    def today(self) -> str:
        """Return the day."""
        return self.time[:10]

    def registry(self) -> Registry:
        """Open a registry with a past."""
        found = super().registry()
        found._past = lambda: Told(HISTORY)
        return found


def everything(registry: Registry) -> Any:
    """Return all that is known of models, as every query tells it."""
    refs = registry.find_refs(status="any")
    return (
        {ref: registry.get_model_config(ref) for ref in refs},
        registry.find_refs(),
        registry.find_refs("sort:input"),
        {ref: registry.price(ref).amounts for ref in refs},
    )


def write(registry: Registry, step: Any, effective: str = "") -> bool:
    """Make one edit or a rollback; False where it is refused."""
    verb, *words = step
    try:
        if verb == "rollback":
            registry.revisions.rollback(*words)
        else:
            how = WHY if verb in ("set", "pin") else {}
            getattr(registry.edits, verb)(*words, **how, effective=effective)
    except ModeldexError:
        return False
    return True


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=7), st.booleans())
def test_a_moment_gone_by_is_what_was_then(steps: list[Any], other: bool) -> None:
    """as_of(now) is now, and as_of of a moment the catalogue that was served then.

    In the process that wrote, and in one that opens the file without the store.
    """
    around = Clocked(ENTRIES)
    registry = around.registry()
    was = [
        (around.time, everything(registry)) for step in steps if write(registry, step)
    ]
    if not was:
        return
    asked = registry
    if other:
        registry.revisions.publish()
        asked = around.registry()
        asked._writing = None
        assert read_beyond(asked.catalog.snapshot) is not None
    at = around.time
    assert everything(asked.as_of(at)) == everything(asked) == was[-1][1]
    assert everything(asked.as_of(around.today()))[1:] == was[-1][1][1:]
    for time, then in was:
        assert everything(asked.as_of(time)) == then, time
        assert everything(asked.as_of(time, known_at=time)) == then, time


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(STEPS, st.sampled_from(("", "2024-03-01", "2024-09-01", DAY))),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 10**9),
)
def test_prices_costs_and_catalogues_of_a_day_agree(
    steps: list[Any], seed: int
) -> None:
    """On any day, as known now or then, the three tell the same of every model."""
    around = Clocked(ENTRIES)
    registry = around.registry()
    for step, effective in steps:
        write(registry, step, effective)
    draw = random.Random(seed)
    days = [f"2024-{month:02}-15" for month in range(2, 12)]
    for day in [*draw.sample(days, 3), around.time, "2027-01-15"]:
        known = draw.choice([None, None, "2024-08-01", around.time])
        then = registry.as_of(day, known)
        for ref in REFS:
            agree(registry, then, ref, day, known)


def agree(registry: Registry, then: Registry, ref: str, day: str, known: Any) -> None:
    """Hold price and cost against the catalogue of a day."""
    try:
        model = then.get_info(ref)
    except NotFoundError:
        model = None
    try:
        price = registry.price(ref, day, known)
    except NotFoundError:  # it never was
        assert model is None
        return
    wanted = model.pricing if model else None
    assert (price.amounts, price.state) == (
        (wanted.amounts, wanted.state) if wanted else ({}, "unknown")
    ), (ref, day, known)
    if known is None:
        usage = {"input": 1_000_000}
        if model:
            assert then.price(ref).amounts == wanted.amounts
            total = then.cost(ref, usage, contract=False).total
        else:
            total = None
        try:
            cost = registry.cost(ref, usage, at=day, contract=False)
        except NotFoundError:
            return
        assert cost.total == total, (ref, day)


def test_what_is_packed_is_read_in_parts() -> None:
    """A model's changes take the chunks of its name, days those of their time."""
    packed = LaterPack()
    number = 0
    for month in range(1, 13):
        for _ in range(10):
            number += 1
            packed.add(
                number,
                [
                    said(f"p/m{n:04}", "pricing.input", "1", "2", f"2026-{month:02}-03")
                    for n in range(400)
                ],
            )
    blocks = packed.blocks()
    read: list[str] = []

    def block(name: str) -> bytes:
        read.append(name)
        return blocks[name]

    again = LaterPack(blocks.__getitem__)
    again.add(number + 1, [said("p/m0007", "pricing.input", "2", "3", "2026-12-09")])
    later = read_later(block)
    assert len(blocks) > 90
    del read[:]
    found = later.of("p/m0007")
    assert [n for n, _ in found] == list(range(1, number + 1))
    assert found[0][1].new.value == Decimal(2)
    assert len(read) < 20
    del read[:]
    assert sum(1 for _ in later.between("2026-12-01")) == 4_000
    assert len(read) < 40
    assert [n for n, _ in again.read().of("p/m0007")] == list(range(1, number + 2))
    assert later.as_of(3).of("p/m0007")[-1][0] == 3
