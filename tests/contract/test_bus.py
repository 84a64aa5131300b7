"""What every bus promises: in memory, on one host, by NATS."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from brokers import Broker, new_environment, server_url
from modeldex.errors import EventsUnavailableError, InvalidSettingsError
from modeldex.events.local import LocalBus
from modeldex.events.message import LONGEST, read_message, write_message
from modeldex.events.nats import NatsBus
from modeldex.ports import Head
from modeldex.testing import MemoryBus
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from modeldex.ports import EventBus

HEADS = [Head(n, f"{n:064x}", "epoch") for n in range(1, 9)]


@pytest.fixture(params=["memory", "local", "nats"])
def make_bus(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[], EventBus]]:
    """Return what makes buses that hear each other; they are closed at the end."""
    shared, made, environment = MemoryBus(), [], new_environment()

    def make() -> EventBus:
        bus: EventBus = shared
        if request.param == "local":
            bus = LocalBus(str(tmp_path / "events"))
        elif request.param == "nats":
            bus = NatsBus(server_url(), environment)
        made.append(bus)
        until(bus.is_up)
        return bus

    yield make
    for bus in made:
        bus.close()
        bus.close()  # twice is once
    assert not any(bus.is_up() for bus in made)


def test_what_one_tells_all_hear(make_bus: Callable[[], EventBus]) -> None:
    """The one that tells, too."""
    buses = [make_bus() for _ in range(3)]
    heard: list[list[Head]] = [[], [], []]
    for bus, mine in zip(buses, heard, strict=True):
        bus.subscribe(mine.append)
    buses[0].publish(HEADS[0])
    until(lambda: all(mine == [HEADS[0]] for mine in heard))
    buses[1].publish(HEADS[1])
    until(lambda: all(mine[-1] == HEADS[1] for mine in heard))


def test_the_newest_arrives_of_many(make_bus: Callable[[], EventBus]) -> None:
    """Some in between may be missing; the last is not, and the order is theirs."""
    one, other = make_bus(), make_bus()
    heard: list[Head] = []
    other.subscribe(heard.append)
    for head in HEADS:
        one.publish(head)
    until(lambda: heard and heard[-1] == HEADS[-1])
    assert heard == sorted(heard, key=lambda head: head.revision)
    assert set(heard) <= set(HEADS)


def test_who_has_ended_hears_nothing(make_bus: Callable[[], EventBus]) -> None:
    """And keeps nobody else from it; nor does one that fails."""
    bus = make_bus()
    ended: list[Head] = []
    heard: list[Head] = []
    end = bus.subscribe(ended.append)
    bus.subscribe(heard.append)
    end()
    end()
    bus.publish(HEADS[0])
    until(lambda: heard == [HEADS[0]])
    assert ended == []


def test_the_name_has_no_password() -> None:
    """It is shown in health and in errors."""
    bus = NatsBus("nats://ann:secret@127.0.0.1:9", "x")
    try:
        assert bus.name == "nats://127.0.0.1:9"
        assert not bus.is_up()
        with pytest.raises(EventsUnavailableError, match=r"127\.0\.0\.1:9"):
            bus.publish(HEADS[0])
    finally:
        bus.close()


@pytest.mark.parametrize(
    "url",
    [
        "nats://ann:sec/ret@127.0.0.1:9",
        "nats://ann:sec#ret@127.0.0.1:9",
        "nats://ann:secret@host:secret",
        "nats://ann:secret@[::1:9",
        "nats://127.0.0.1:9,ann:secret@127.0.0.1:9",
        "nats://",
    ],
)
def test_a_url_that_cannot_be_read(url: str) -> None:
    """It is refused at once, and no part of it is told."""
    with pytest.raises(InvalidSettingsError, match="cannot be read") as caught:
        NatsBus(url, "x")
    assert "sec" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_no_password_goes_to_a_broker_without_tls() -> None:
    """Where the URL asks for TLS and who answers does not speak it."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
        bus = NatsBus(f"tls://ann:secret@127.0.0.1:{port}", "x")
        try:
            wire, _ = place.accept()
            with wire:
                wire.settimeout(5)
                wire.sendall(b'INFO {"auth_required":true,"max_payload":9999}\r\n')
                assert wire.recv(4_096) == b""
            assert not bus.is_up()
        finally:
            bus.close()


BAD = [
    b"",
    b"{",
    b"[]",
    b"[" * 1_000,
    b'{"epoch":"e","revision":"7","hash":"h"}',
    b'{"epoch":"e","revision":true,"hash":"h"}',
    b'{"epoch":"e","revision":-7,"hash":"h"}',
    b'{"epoch":"e","revision":7.5,"hash":"h"}',
    b'{"epoch":"e","revision":1e400,"hash":"h"}',
    b'{"epoch":7,"revision":7,"hash":"h"}',
    b'{"epoch":"","revision":7,"hash":"h"}',
    b'{"epoch":"e","revision":7}',
    b'{"epoch":"e","revision":9223372036854775808,"hash":"h"}',
    b'{"epoch":"' + b"e" * 200 + b'","revision":7,"hash":"h"}',
    b" " * LONGEST + b'{"epoch":"e","revision":7,"hash":"h"}',
    b"\xff\xfe",
]


@pytest.mark.parametrize("data", BAD)
def test_what_is_no_message(data: bytes) -> None:
    """Anybody may send anything."""
    assert read_message(data) is None


def test_a_message_of_a_newer_version() -> None:
    """What it says more is not read."""
    for head in HEADS:
        assert read_message(write_message(head)) == head
    assert read_message(b'{"v":9,"epoch":"e","revision":7,"hash":"h"}') == Head(
        7, "h", "e"
    )


def test_a_hostile_message_is_not_heard() -> None:
    """The ones after it are."""
    environment = new_environment()
    bus, heard = NatsBus(server_url(), environment), []
    try:
        until(bus.is_up)
        bus.subscribe(heard.append)
        bus.publish(HEADS[0])
        host, port = server_url().removeprefix("nats://").rsplit(":", 1)
        with socket.create_connection((host, int(port))) as wire:
            wire.sendall(b"CONNECT {}\r\n")
            for data in (b"no", b"x" * 100_000, write_message(HEADS[1])):
                head = f"PUB modeldex.{environment}.rev {len(data)}\r\n".encode()
                wire.sendall(head + data + b"\r\n")
            wire.sendall(b"PING\r\n")
            until(lambda: heard == HEADS[:2])
    finally:
        bus.close()


@pytest.fixture
def broker() -> Iterator[Broker]:
    """Return a server of its own."""
    made = Broker()
    yield made
    made.close()


def test_a_bus_comes_back_with_its_broker(broker: Broker) -> None:
    """Killed and started; wiped, too: the stream is made anew, and what comes is heard.

    One that comes later is told what was told last.
    """
    bus, heard = NatsBus(broker.url, "x"), []
    bus.subscribe(heard.append)
    try:
        until(bus.is_up)
        bus.publish(HEADS[0])
        until(lambda: heard == [HEADS[0]])
        for number, is_wiped in ((1, False), (2, True)):
            broker.kill()
            until(lambda: not bus.is_up())
            with pytest.raises(EventsUnavailableError):
                bus.publish(HEADS[number])
            if is_wiped:
                broker.wipe()
            broker.start()
            until(bus.is_up)
            bus.publish(HEADS[number])
            until(lambda n=number: HEADS[n] in heard)
        late, told = NatsBus(broker.url, "x"), []
        late.subscribe(told.append)
        until(lambda: told == [HEADS[2]])
        late.close()
    finally:
        bus.close()


def test_a_bus_may_be_there_before_its_broker(broker: Broker) -> None:
    """It connects when there is one."""
    broker.kill()
    bus = NatsBus(broker.url, "x")
    try:
        assert not bus.is_up()
        broker.start()
        until(bus.is_up)
    finally:
        bus.close()


def test_a_stream_that_is_taken_away_is_made_again(broker: Broker) -> None:
    """By the next that is published, though the connection has held."""
    bus = NatsBus(broker.url, "x")
    try:
        until(bus.is_up)
        bus.publish(HEADS[0])
        jet = bus._client.jetstream()
        bus._call(jet.delete_stream("MODELDEX_x"))
        bus.publish(HEADS[1])
        found = []

        async def count() -> None:
            found.append((await jet.stream_info("MODELDEX_x")).state.messages)

        bus._call(count())
        assert found == [1]
    finally:
        bus.close()


def test_a_host_whose_files_cannot_be_written(tmp_path: Path) -> None:
    """It is a typed error."""
    (tmp_path / "events").write_text("a file")
    bus = LocalBus(str(tmp_path / "events"))
    with pytest.raises(EventsUnavailableError):
        bus.publish(HEADS[0])
    bus.close()
