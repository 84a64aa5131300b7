"""Instances in processes of their own, over one database and one broker."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from brokers import Broker
from hostile_events import hostile, send
from postgres import new_store_url
from swaps import swap
from team import Team, percentile, small
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def broker() -> Iterator[Broker]:
    """Return a NATS server of its own."""
    made = Broker()
    yield made
    made.close()


def test_what_one_commits_all_serve(tmp_path: Path, broker: Broker) -> None:
    """Soon when all is well; within the poll when the broker is killed or wiped.

    The bars are for a machine that does nothing else (`make bars`).
    """
    more = small(tmp_path)
    with Team(tmp_path, 3, new_store_url(), broker.url, **more) as team:
        team.edit()
        team.settle()
        healthy = team.lags(team.edit_for(2.5))
        assert percentile(healthy, 0.5) <= 0.5, healthy
        broker.kill()
        away = team.lags(team.edit_for(2.0))
        assert away[-1] <= 4, away
        broker.wipe()
        broker.start()
        team.edit()
        assert team.settle() <= 4
        until(lambda: all(i.ask(status=1)["events_up"] for i in team.instances))
        again = team.lags(team.edit_for(1.0))
        assert percentile(again, 0.5) <= 0.5, again
        assert len(team.digests()) == 1
        assert team.faults() == []
        assert {i.ask(status=1)["state"] for i in team.instances} == {"fresh"}


def test_without_a_broker_the_poll_is_enough(tmp_path: Path) -> None:
    """Over SQLite a file of the host tells; over PostgreSQL nothing does."""
    for name, store in (
        ("sqlite", f"sqlite:///{tmp_path / 'modeldex.db'}"),
        ("postgresql", new_store_url()),
    ):
        with Team(tmp_path / name, 2, store, **small(tmp_path / name)) as team:
            lags = team.lags(team.edit_for(1.5)) if team.edit() else []
            team.settle()
            assert lags[-1] <= 4, (name, lags)
            assert len(team.digests()) == 1
            assert team.faults() == []


def test_pauses_and_kills(tmp_path: Path, broker: Broker) -> None:
    """Whoever was stopped or killed comes to the same state as the others."""
    dice = random.Random(7)
    with Team(tmp_path, 3, new_store_url(), broker.url, **small(tmp_path)) as team:
        team.edit()
        for turn in range(8):
            victim = team.instances[1 + turn % 2]
            if dice.random() < 0.5:
                victim.pause()
            else:
                victim.kill()
            team.edit_for(0.5, 0.1, by=[0])
            if victim.process.poll() is None:
                victim.go_on()
            else:
                victim.start()
        team.settle()
        until(
            lambda: all(
                i.ask(wait=[team.edits[-1][0], 5])["there"] for i in team.instances
            )
        )
        assert len(team.digests()) == 1
        assert team.faults() == []


def test_a_restore_under_running_instances(tmp_path: Path) -> None:
    """Each takes the new epoch whole; within an epoch nobody's revision goes down."""
    for name, store in (
        ("sqlite", f"sqlite:///{tmp_path / 'modeldex.db'}"),
        ("postgresql", new_store_url()),
    ):
        more = {**small(tmp_path / name), "MODELDEX_TEST_EVERY": "0.2"}
        with Team(tmp_path / name, 2, store, **more) as team:
            kept = team.edit()
            team.settle()
            team.store.backup(str(tmp_path / f"{name}.backup"))
            value = team.states[kept]
            team.edit_for(0.3, 0.1)
            team.settle()
            team.store.restore(str(tmp_path / f"{name}.backup"))
            head = team.store.head()
            for instance in team.instances:
                until(lambda i=instance, e=head.epoch: i.ask(status=1)["epoch"] == e)
                status = instance.ask(status=1)
                assert (status["state"], status["revision"]) == ("fresh", kept), name
                assert instance.ask(read=True)["values"] == value
            after = team.instances[1].ask(edit=[team.refs[0], 9])["revision"]
            assert after == kept + 1
            assert all(i.ask(wait=[after, 5])["there"] for i in team.instances)
            assert len(team.digests()) == 1
            assert team.store.verify() == []
            for instance in team.instances:
                seen = [(s["epoch"], s["seen"]) for s in [*instance.seen]]
                epochs = list(dict.fromkeys(epoch for epoch, _ in seen))
                assert epochs[-1] == head.epoch
                assert seen == sorted(seen, key=lambda s: (epochs.index(s[0]), s[1]))


def test_hostile_events_change_nothing(tmp_path: Path, broker: Broker) -> None:
    """What is served comes from the store alone, which is not asked more often."""
    more = small(tmp_path) | {"MODELDEX_ENVIRONMENT": "e1"}
    with Team(tmp_path, 2, new_store_url(), broker.url, **more) as team:
        team.edit()
        team.settle()
        epoch = team.store.head().epoch
        before = [i.ask(status=1)["looks"] for i in team.instances]
        began = time.monotonic()
        for turn in range(4):
            send(broker.url, "modeldex.e1.rev", hostile(epoch, 500, turn))
            team.edit(turn % 2)
        team.settle()
        status = [i.ask(status=1) for i in team.instances]
        looks = [s["looks"] - b for s, b in zip(status, before, strict=True)]
        assert max(looks) <= (time.monotonic() - began) * 10 + 2
        assert {(s["state"], s["epoch"]) for s in status} == {("fresh", epoch)}
        assert len(team.digests()) == 1
        assert team.faults() == []


def test_readers_while_the_catalogue_is_swapped() -> None:
    """Each sees one state, and every model, in the order of revisions."""
    counted = swap(8, 100)
    assert counted.pop("reads") > 100
    assert set(counted.values()) == {0}, counted


def test_a_database_that_is_away(tmp_path: Path) -> None:
    """At the start the catalogue file answers; when it is back, nobody starts anew."""
    from postgres import new_server

    server = new_server()
    url = f"{server.get_uri()}&schema=away"
    with Team(tmp_path, 2, url, **small(tmp_path)) as team:
        last = team.edit()
        team.settle()
        time.sleep(1.5)  # the file is written
        first = team.instances[0]
        server.stop()
        until(lambda: first.ask(status=1)["state"] == "stale")
        status = first.ask(status=1)
        assert (status["revision"], status["tier"]) == (last, "store")
        assert not status["store_up"]
        assert "cannot be used" in status["trouble"]
        assert first.ask(edit=[team.refs[0], 5])["error"] == "store_unavailable"
        first.kill()
        first.start()
        until(lambda: first.seen[-1]["run"] == 2)
        assert first.seen[-1]["seen"] == last
        status = first.ask(status=1)
        assert (status["state"], status["tier"]) == ("stale", "file")
        assert 0 < status["age"] < 600
        server.start()
        until(lambda: first.ask(status=1)["state"] == "fresh")
        assert first.ask(status=1)["tier"] == "store"
        team.edit(1)
        assert team.settle() <= 4
        assert team.faults() == []
