"""When sources are asked: once an interval, not all at once, by one instance."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from modeldex.domain.syncing import Answer, SourceState
from modeldex.errors import SourceUnavailableError
from modeldex.usecases.sync.schedule import (
    JITTER,
    LONGEST_WAIT,
    RETRY,
    KeepFresh,
    next_at,
)
from syncs import LITELLM, Office

if TYPE_CHECKING:
    import pytest

AT = "2026-11-02T12:00:00.000+00:00"
HOUR = 3600.0


class Listing:
    """A source that counts how often it is asked."""

    kind, provider, needs = "catalogue", "", ()
    authority: frozenset[str] = frozenset()

    def __init__(self, name: str = "litellm", lack: str = "") -> None:
        self.name = name
        self.lack = lack
        self.asked = 0
        self.fails = False

    def lacks(self) -> str:
        """Return what is missing."""
        return self.lack

    def account(self) -> str | None:
        """Return that it needs no key."""
        return ""

    def ask(self, _state: SourceState, at: str) -> Answer:
        """Answer what is shipped."""
        self.asked += 1
        if self.fails:
            raise SourceUnavailableError("it is away")
        return Answer(self.name, at, LITELLM, len(LITELLM))


def moved(office: Office, seconds: float) -> None:
    """Let time pass."""
    now = datetime.fromisoformat(office.around.now()) + timedelta(seconds=seconds)
    office.around.now = now.isoformat  # type: ignore[method-assign]


def test_a_source_is_due_once_in_its_interval() -> None:
    """A little earlier or later by chance; all instances agree on it."""
    times = set()
    for n in range(50):
        state = SourceState(f"s{n}", tried_at=AT)
        at = next_at(state, HOUR)
        assert at is not None
        wait = (at - datetime.fromisoformat(AT)).total_seconds()
        assert HOUR * (1 - JITTER) <= wait <= HOUR * (1 + JITTER)
        assert next_at(state, HOUR) == at
        times.add(round(wait))
    assert len(times) > 40
    assert next_at(SourceState("new"), HOUR) is None


def test_after_a_failure_it_is_asked_sooner() -> None:
    """But not at once."""
    at = next_at(SourceState("s", tried_at=AT, error="away"), 24 * HOUR)
    assert at is not None
    wait = (at - datetime.fromisoformat(AT)).total_seconds()
    assert RETRY * (1 - JITTER) <= wait <= RETRY * (1 + JITTER)


def test_what_is_due_is_asked_and_nothing_else() -> None:
    """A source without its key never is."""
    office = Office()
    source, keyless = Listing(), Listing("other", "set KEY")
    fresh = KeepFresh(office.desk, [source, keyless], every=HOUR)
    assert 1 <= fresh.step() <= LONGEST_WAIT
    assert fresh.leads
    fresh.step()
    assert (source.asked, keyless.asked) == (1, 0)
    moved(office, HOUR * 1.3)
    fresh.step()
    assert source.asked == 2


def test_a_failure_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    """It is in the report, and the source is asked again."""
    office = Office()
    told: list[Any] = []
    source = Listing()
    source.fails = True
    fresh = KeepFresh(office.desk, [source], every=HOUR, tell=told.extend)
    fresh.step()
    assert [report.outcome for report in told] == ["failed"]
    assert office.desk.state("litellm").error == "it is away"
    source.fails = False
    moved(office, RETRY * 1.3)
    fresh.step()
    assert [report.outcome for report in told] == ["failed", "ok"]
    assert office.desk.state("litellm").error == ""
    assert not caplog.records


def test_one_of_two_instances_asks() -> None:
    """When it stops, the other one does."""
    office = Office()
    first, second = Listing(), Listing()
    leader = KeepFresh(office.desk, [first], every=HOUR)
    other = KeepFresh(office.desk, [second], every=HOUR)
    leader.step()
    assert other.step() == LONGEST_WAIT
    assert (leader.leads, other.leads) == (True, False)
    moved(office, HOUR * 1.3)
    other.step()
    assert (first.asked, second.asked) == (1, 0)
    leader.stop()
    leader.run()  # a stopped one lets go
    other.step()
    assert other.leads
    assert second.asked == 1


def test_it_runs_in_a_thread_until_it_is_stopped() -> None:
    """The thread ends with the block."""
    office = Office()
    source = Listing()
    rounds: list[Any] = []
    fresh = KeepFresh(office.desk, [source], every=HOUR, tell=rounds.append)
    with fresh:
        limit = datetime.now() + timedelta(seconds=5)  # noqa: DTZ005
        while not rounds and datetime.now() < limit:  # noqa: DTZ005
            pass
    assert source.asked == 1
    assert not fresh.leads
    assert replace(office.desk.state("litellm"), tried_at="").error == ""
