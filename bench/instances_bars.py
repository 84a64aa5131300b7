"""The bars of instances: what one commits, all serve; soon, and whatever breaks."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from brokers import Broker
from hostile_events import hostile, send
from outages import outage
from postgres import new_server, new_store_url
from swaps import swap
from team import Team, percentile
from team import small as small_team
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from instances import Instance

    Row = tuple[str, float, float, str, bool]

REFS = ["openai/gpt-4o", "openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5"]
STREAM = "MODELDEX_default"
SEED = 20261125
PER_SECOND = 4


def instances(*, small: bool) -> Iterator[Row]:
    """Measure instances over one PostgreSQL and one NATS."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from _coherent(folder / "coherent", 2 if small else 60)
        yield from _pauses(folder / "pauses", 20 if small else 1_000)
        yield from _hostile(folder / "hostile", 1_000 if small else 10_000)
        yield from _without_store(folder / "away", 4 if small else 60)
        yield from _served_without_store(folder / "served", 4 if small else 60)
    yield from _swaps(*((8, 100) if small else (50, 1_000)))


def _coherent(folder: Path, seconds: float) -> Iterator[Row]:
    """Three instances with the shipped catalogue, four edits a second, a broker."""
    broker = Broker()
    try:
        with Team(folder, 3, new_store_url(), broker.url, refs=REFS) as team:
            _warm(team)
            lags = team.lags(team.edit_for(seconds, 1 / PER_SECOND))
            median = percentile(lags, 0.5) * 1_000
            yield "commit to all three, median", median, 150.0, "ms", True
            p99 = percentile(lags, 0.99) * 1_000
            yield "commit to all three, p99", p99, 150.0, "ms", True
            broker.kill()
            lags = team.lags(team.edit_for(seconds, 1 / PER_SECOND))
            yield "longest lag while NATS is killed", lags[-1], 2.0, "s", True
            for what, is_wiped in (("restarted", False), ("wiped", True)):
                broker.kill()
                until(lambda: not _events(team))
                if is_wiped:
                    broker.wipe()
                team.edit()
                broker.start()
                began = time.monotonic()
                rebuilt = _stream_after(broker.url, began) if is_wiped else 0.0
                lags = team.lags(team.edit_for(min(5, seconds), 1 / PER_SECOND))
                yield f"longest lag once NATS is {what}", lags[-1], 2.0, "s", True
                if is_wiped:
                    yield "stream there again", rebuilt, 10.0, "s", True
            until(lambda: _events(team) == 3)
            yield "wrong states, of instances", _wrong(team), 0, "", False
    finally:
        broker.close()


def _warm(team: Team) -> None:
    """Make the store, and let all have it."""
    team.edit()
    team.settle(60)
    for by in range(len(team.instances)):
        team.edit(by)
    team.settle()


def _events(team: Team) -> int:
    return sum(i.ask(status=1)["events_up"] for i in team.instances)


def _wrong(team: Team) -> int:
    """Count states that never were, revisions that went down, digests that differ."""
    faults = team.faults()
    for fault in faults[:5]:
        print(fault, file=sys.stderr)
    return len(faults) + len(team.digests()) - 1


def _stream_after(url: str, began: float) -> float:
    """Return the seconds until the stream is there; who asks makes none."""
    import asyncio

    import nats
    from nats.js.errors import NotFoundError

    async def look() -> float:
        client = await nats.connect(url)
        jet = client.jetstream()
        while time.monotonic() - began < 20:
            try:
                await jet.stream_info(STREAM)
            except (NotFoundError, nats.errors.Error):
                await asyncio.sleep(0.02)
            else:
                break
        await client.close()
        return time.monotonic() - began

    return asyncio.run(look())


def _pauses(folder: Path, edits: int) -> Iterator[Row]:
    """Five instances, of which four are paused and killed by chance."""
    dice, broker, done = random.Random(SEED), Broker(), Event()

    def disturb(team: Team) -> None:
        while not done.wait(dice.uniform(0.05, 0.5)):
            victim = dice.choice(team.instances[1:])
            if dice.random() < 0.7:
                victim.pause()
                done.wait(dice.uniform(0, 5))
                victim.go_on()
            else:
                victim.kill()
                victim.start()

    try:
        more = small_team(folder)
        with Team(folder, 5, new_store_url(), broker.url, **more) as team:
            team.edit()
            team.settle()
            nemesis = Thread(target=disturb, args=(team,))
            nemesis.start()
            for _ in range(edits):
                team.edit()
            done.set()
            nemesis.join()
            began = time.monotonic()  # the last of them runs again
            until(lambda: all(_serves(i, team.edits[-1][0]) for i in team.instances))
            took = time.monotonic() - began
            yield f"all equal after {edits:,} edits with kills", took, 2.0, "s", True
            yield "wrong states, with kills", _wrong(team), 0, "", False
    finally:
        broker.close()


def _serves(instance: Instance, revision: int) -> bool:
    seen = [*instance.seen][-1]
    return bool(seen["run"] == instance.runs and seen["seen"] >= revision)


def _hostile(folder: Path, count: int) -> Iterator[Row]:
    """Events that are not true, while there are edits."""
    broker = Broker()
    try:
        more = small_team(folder)
        with Team(folder, 3, new_store_url(), broker.url, **more) as team:
            team.edit()
            team.settle()
            epoch = team.store.head().epoch
            before = [i.ask(status=1)["looks"] for i in team.instances]
            began = time.monotonic()
            for turn in range(20):
                messages = hostile(epoch, count // 20, SEED + turn)
                send(broker.url, "modeldex.default.rev", messages)
                team.edit(turn % 3)
            team.settle()
            took = time.monotonic() - began
            looks = max(
                instance.ask(status=1)["looks"] - known
                for instance, known in zip(team.instances, before, strict=True)
            )
            what = f"wrong states after {count:,} hostile events"
            yield what, _wrong(team), 0, "", False
            yield (
                "questions per 100 ms meanwhile",
                (looks - 1) / took / 10,
                1.0,
                "",
                False,
            )
    finally:
        broker.close()


def _without_store(folder: Path, seconds: float) -> Iterator[Row]:
    """PostgreSQL is stopped, while readers read and writers write."""
    server = new_server()
    more = small_team(folder)
    url = f"{server.get_uri()}&schema=away"
    with Team(folder, 2, url, **more) as team:
        team.edit()
        team.settle()
        server.stop()
        began = time.monotonic()
        until(lambda: all(_state(i) == "stale" for i in team.instances))
        yield "marked stale after", time.monotonic() - began, 5.0, "s", True
        lost, accepted, reads = 0, 0, 0
        while time.monotonic() - began < seconds:
            instance = team.instances[reads % 2]
            said = instance.ask(read=True)
            lost += said.get("values") != team.states[team.edits[-1][0]]
            if reads % 50 == 0:
                tried = instance.ask(edit=[team.refs[0], 5])
                accepted += tried.get("error") != "store_unavailable"
            reads += 1
            time.sleep(1 / 50)
        yield f"reads not answered, of {reads:,}", lost, 0, "", False
        yield "writes not refused by their name", accepted, 0, "", False
        server.start()
        began = time.monotonic()
        until(lambda: all(_state(i) == "fresh" for i in team.instances), 30)
        team.edit(1)
        team.settle()
        yield "all well once it is back", time.monotonic() - began, 5.0, "s", True
        yield "wrong states, without a store", _wrong(team), 0, "", False


def _served_without_store(folder: Path, seconds: float) -> Iterator[Row]:
    """PostgreSQL is stopped under a service, 50 reads a second and 4 writes."""
    told = outage(folder, seconds)
    yield f"HTTP reads not answered, of {told.reads:,}", told.lost, 0, "", False
    yield "HTTP reads of half an edit", told.mixed, 0, "", False
    yield "HTTP reads called behind, of one instance", told.behind, 0, "", False
    yield "HTTP reads marked stale after", told.marked_after, 4.0, "s", True
    yield "HTTP reads not marked then", told.unmarked, 0, "", False
    yield "slowest HTTP read", told.slowest_read, 1.0, "s", True
    what = f"HTTP writes no 503 with Retry-After, of {told.writes:,}"
    yield what, told.odd, 0, "", False
    yield "slowest HTTP write that was refused", told.slowest_write, 2.0, "s", True
    yield "HTTP, all well once it is back", told.back_after, 5.0, "s", True
    yield "HTTP writes made that nobody was told of", told.unaccounted, 0, "", False


def _state(instance: Instance) -> Any:
    return instance.ask(status=1)["state"]


def _swaps(readers: int, reloads: int) -> Iterator[Row]:
    """Readers in one process while its catalogue is reloaded."""
    counted = swap(readers, reloads)
    print(f"{counted['reads']:,} reads", file=sys.stderr)
    what = f"mixed reads, {readers} readers, {reloads:,} reloads"
    yield what, counted["mixed"] + counted["back"], 0, "", False
    yield "models not found meanwhile", counted["missing"], 0, "", False


if __name__ == "__main__":
    for row in instances(small="--small" in sys.argv):
        print(row, flush=True)
