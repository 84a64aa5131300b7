"""A store without room, without permission, without a server: typed errors, no loss."""

from __future__ import annotations

import os
import signal
import sqlite3
import tempfile
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

import modeldex
from drafts import KEY, draft, step, whole
from modeldex.errors import (
    InvalidSettingsError,
    MissingExtraError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    StoreUnavailableError,
)
from modeldex.stores import engine, open_store, silence, turns
from postgres import new_server, new_store_url, server_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modeldex.stores.store import SqlStore

NOBODY = 65_534


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Return a store with two revisions."""
    made = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    made.commit(draft(whole()))
    made.commit(draft(step(None, 1)))
    yield made
    made.close()


def reads_go_on(store: SqlStore) -> None:
    """Hold that the store and the catalogue still answer."""
    assert store.head().revision == len(store.revisions())
    assert store.verify() == []
    assert modeldex.get_info("openai", "gpt-4o").id == "gpt-4o"


def fill(store: SqlStore, acknowledged: list[int]) -> None:
    """Commit until there is no room."""
    for number in range(1_000):
        revision = store.commit(draft(whole(f"m{number}", name="x" * 20_000)))
        acknowledged.append(revision.number)


def test_a_full_disk(store: SqlStore) -> None:
    """A commit for which there is no room is no revision; with room it is one."""
    pages = {"most": 0}

    def limit(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages['most']}")

    event.listen(store.database.engine, "connect", limit)
    store.close()
    with sqlite3.connect(store.database.path) as raw:
        pages["most"] = raw.execute("PRAGMA page_count").fetchone()[0] + 80
    raw.close()
    acknowledged: list[int] = []
    with pytest.raises(StoreFullError, match="no space"):
        fill(store, acknowledged)
    assert store.head().revision == acknowledged[-1] > 2
    reads_go_on(store)
    pages["most"] = 1 << 30
    store.close()
    assert store.commit(draft(step(1, 2))).number == acknowledged[-1] + 1


def test_a_full_device(tmp_path: Path) -> None:
    """A real device without room does the same."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.system(f"mount -t tmpfs -o size=2m tmpfs {folder} 2>/dev/null") != 0:
        pytest.skip("no permission to mount a small device")
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    try:
        acknowledged: list[int] = []
        with pytest.raises(StoreFullError):
            fill(store, acknowledged)
        assert store.head().revision == acknowledged[-1] > 2
        reads_go_on(store)
    finally:
        store.close()
        os.system(f"umount {folder}")


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Be somebody who may read a folder and not write to it."""
    places = [folder, *folder.iterdir()]
    modes = {place: place.stat().st_mode for place in places}
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    root = tempfile.gettempdir() + os.sep
    above = [p for p in folder.parents if str(p).startswith(root)]
    opened = {place: place.stat().st_mode for place in above}
    is_root = os.geteuid() == 0
    if is_root:
        for place in above:
            place.chmod(place.stat().st_mode | 0o055)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for place, mode in {**opened, **modes}.items():
            if place.exists():
                place.chmod(mode)


def test_a_read_only_directory(store: SqlStore, tmp_path: Path) -> None:
    """What is there can be asked, a commit is refused, nothing changes."""
    store.close()
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with as_nobody(tmp_path):
        with pytest.raises(StoreReadOnlyError):
            store.commit(draft(step(1, 2)))
        reads_go_on(store)
        store.close()
        with pytest.raises(StoreReadOnlyError):
            open_store(f"sqlite:///{tmp_path / 'new.db'}").commit(draft(whole()))
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    assert store.commit(draft(step(1, 2))).number == 3


def test_others_may_not_read(store: SqlStore, tmp_path: Path) -> None:
    """The file and what lies beside it are its owner's alone."""
    assert store.head().revision == 2
    modes = {p.name: p.stat().st_mode & 0o777 for p in tmp_path.iterdir()}
    assert "store.db" in modes
    assert set(modes.values()) == {0o600}


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    """The error is typed, and a question finds nothing."""
    store = open_store(f"sqlite:///{tmp_path / 'no' / 'store.db'}")
    assert store.head().revision == 0
    with pytest.raises(StoreError, match="No such file"):
        store.commit(draft(whole()))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """It is said to be damaged, and left as it is."""
    path = tmp_path / "store.db"
    path.write_bytes(b"no database at all" * 500)
    before = path.read_bytes()
    store = open_store(f"sqlite:///{path}")
    for call in (store.head, lambda: store.commit(draft(whole()))):
        with pytest.raises(StoreDamagedError):
            call()
    assert path.read_bytes() == before


def test_a_damaged_file(store: SqlStore) -> None:
    """Pages overwritten are an error of ours, never a wrong answer."""
    store.commit(draft(*[whole(f"m{n}", name="x" * 200) for n in range(500)]))
    store.close()
    size = os.path.getsize(store.database.path)
    with open(store.database.path, "r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 4))
    with pytest.raises(StoreError):
        store.verify()


def test_a_writer_that_does_not_end(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others wait for their turn, then say what they wait for."""
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.1)
    with (
        turns.turn(store.database.path),
        pytest.raises(StoreUnavailableError, match="another program writes"),
    ):
        store.commit(draft(step(1, 2)))
    reads_go_on(store)


def test_another_program_holds_the_file(store: SqlStore) -> None:
    """A lock of a program that is not ours is waited for, not shown."""
    other = sqlite3.connect(
        store.database.path, isolation_level=None, check_same_thread=False
    )
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, other.rollback)
    timer.start()
    assert store.commit(draft(step(1, 2))).number == 3
    timer.join()
    other.close()


def test_a_server_that_does_not_answer() -> None:
    """It is unavailable, and its password is in no message."""
    store = open_store("postgresql://ada:secret@127.0.0.1:9/models?password=secret")
    for call in (store.head, lambda: store.commit(draft(whole()))):
        with pytest.raises(StoreUnavailableError) as caught:
            call()
        assert "secret" not in str(caught.value)
    assert "secret" not in store.name
    assert modeldex.get_info("openai", "gpt-4o").id == "gpt-4o"


def cut(store: SqlStore) -> None:
    """Let the server drop a store's connection."""
    import psycopg

    with store._reading() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with psycopg.connect(server_url(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_a_connection_that_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that a server dropped are made anew, if they were not just used."""
    monkeypatch.setattr(engine, "_FRESH_SECONDS", 0)
    store = open_store(new_store_url())
    store.commit(draft(whole()))
    cut(store)
    assert store.head().revision == 1
    assert store.commit(draft(step(None, 1))).number == 2

    def cut_within_a_turn() -> None:
        with store.turn():
            store.commit(draft(step(1, 2)))
            cut(store)
            store.commit(draft(step(2, 3)))

    with pytest.raises(StoreUnavailableError):
        cut_within_a_turn()
    assert store.state()[KEY]["context_window"].value == 1
    assert store.commit(draft(step(1, 2))).number == 3
    assert store.verify() == []
    store.close()


def test_a_connection_that_is_cut_just_after_its_use() -> None:
    """A write asks for its turn once more: nothing of it was sent before."""
    store = open_store(new_store_url())
    store.commit(draft(whole()))
    for value in (1, 2, 3):
        cut(store)
        assert store.commit(draft(step(value - 1 or None, value))).number == value + 1
    assert store.verify() == []
    store.close()


def test_a_server_that_is_stopped_where_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It accepts connections and says nothing: who asks it does not wait for ever."""
    monkeypatch.setattr(silence, "SILENT_SECONDS", 0.1)
    server = new_server()
    store = open_store(f"{server.get_uri()}&schema=silent")
    store.commit(draft(whole()))
    with store._reading() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    stopped = (server.get_pid(), pid)
    try:
        for one in stopped:
            os.kill(one, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(StoreUnavailableError):
            store.head()
        assert time.monotonic() - began < 5
    finally:
        for one in stopped:
            os.kill(one, signal.SIGCONT)
    assert store.commit(draft(step(None, 1))).number == 2
    store.close()
    server.stop()


def test_a_server_that_is_busy_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock is no silence: the server answers others."""
    monkeypatch.setattr(silence, "SILENT_SECONDS", 0.1)
    url = new_store_url()
    store, other = open_store(url), open_store(url)
    store.commit(draft(whole()))
    began, held = threading.Event(), []

    def hold() -> None:
        with other.turn():
            began.set()
            time.sleep(0.5)
            held.append(other.commit(draft(step(None, 1))).number)

    thread = threading.Thread(target=hold)
    thread.start()
    began.wait()
    assert store.commit(draft(step(1, 2))).number == 3
    thread.join()
    assert held == [2]
    store.close()
    other.close()


def test_who_lets_go_of_the_lead_does_so_at_once() -> None:
    """Not when the server sees that the connection has gone."""
    url = new_store_url()
    store, other = open_store(url), open_store(url)
    lease: Any = store.lead()
    lease._connection.invalidate = lambda: None  # the session stays for a while
    assert other.lead() is None
    lease.release()
    second = other.lead()
    assert second is not None
    second.release()
    store.close()
    other.close()


def test_an_edit_waits_for_few_answers() -> None:
    """A server reads a model once in a turn, and gets all rows with the end of it."""
    store = open_store(new_store_url())
    store.commit(draft(whole()))
    statements: list[str] = []
    ends: list[int] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement.split(maxsplit=1)[0])

    def note_end(connection: Any) -> None:
        ends.append(connection.connection.driver_connection.pgconn.pipeline_status)

    event.listen(store.database.engine, "before_cursor_execute", note)
    event.listen(store.database.engine, "commit", note_end)
    with store.turn():
        store.facts([KEY])
        store.commit(draft(step(None, 1)))
    assert statements == ["SELECT", *["INSERT"] * 3, "DELETE", "INSERT", "UPDATE"]
    assert ends == [1]  # nobody has waited for those
    store.close()


def test_a_role_that_may_only_read() -> None:
    """A commit is refused, questions are answered."""
    import psycopg

    url = new_store_url()
    store = open_store(url)
    store.commit(draft(whole()))
    schema, role = store.database.schema, f"reader_{os.getpid()}"
    with psycopg.connect(server_url(), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN")
        admin.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO {role}')
        admin.execute(f'GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO {role}')
        start, _, rest = url.partition("://")
        reader = open_store(f"{start}://{role}@{rest.partition('@')[2]}")
        assert reader.head() == store.head()
        with pytest.raises(StoreReadOnlyError):
            reader.commit(draft(step(None, 1)))
        reader.close()
        store.close()
        admin.execute(f"DROP OWNED BY {role}")
        admin.execute(f"DROP ROLE {role}")


@pytest.mark.parametrize(
    "url",
    ["", "modeldex.db", "mysql://x/y", "sqlite://", "postgresql://x/y?schema=A b"],
)
def test_urls_that_are_none(url: str) -> None:
    """A URL that names no store is a bad setting."""
    with pytest.raises(InvalidSettingsError):
        open_store(url)


def test_a_missing_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is one line with the command that installs it."""
    from importlib import util

    monkeypatch.setattr(
        util, "find_spec", lambda name: None if name == "psycopg" else 1
    )
    with pytest.raises(MissingExtraError, match=r"pip install 'modeldex\[postgres\]'"):
        open_store("postgresql://x/y")
