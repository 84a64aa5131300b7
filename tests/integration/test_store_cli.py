"""The store's commands, as people run them."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drafts import claim, draft, step, whole
from modeldex.stores import open_store
from modeldex.stores.schema import NEWEST
from postgres import new_store_url
from shells import Shell

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.stores.store import SqlStore

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return what runs a command at an empty home: status, output, remarks."""
    (tmp_path / "home").mkdir()
    shell = Shell(tmp_path / "home")

    def command(*words: str, store: str = "", answer: str = "") -> Any:
        shell.environ["MODELDEX_STORE"] = store
        return shell(*words, answer=answer)

    return command


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a store with three revisions."""
    is_file = request.param == "sqlite"
    made = f"sqlite:///{tmp_path / 'store.db'}" if is_file else new_store_url()
    store = open_store(made)
    store.commit(draft(whole("one"), whole("two"), claims=[claim()]))
    store.commit(draft(step(None, 8_192)))
    store.commit(draft(step(8_192, 16_384)))
    store.close()
    return made


def test_where_nothing_was_written(run: Run, tmp_path: Path) -> None:
    """The commands say so, and make nothing."""
    for words in (["verify"], ["backup", "b.db"], ["db", "upgrade"]):
        status, out, said = run(*words, "--json")
        assert (status, json.loads(out)) == (0, [])
        assert "nothing was ever written" in said
    assert list((tmp_path / "home").iterdir()) == []


def test_verify(run: Run, url: str) -> None:
    """A sound store has no faults; a tampered row is named, and the exit status 1."""
    status, out, said = run("verify", "--json", store=url)
    found = json.loads(out)
    assert status == 0
    assert (found["revision"], found["faults"]) == (3, [])
    assert "3 revisions, all as it was written" in said
    if not url.startswith("sqlite"):
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as raw, raw:
        raw.execute("DROP TRIGGER change_no_update")
        raw.execute("UPDATE change SET new = replace(new, '8192', '9192')")
    status, out, _ = run("verify", store=url)
    assert status == 1
    lines = out.splitlines()
    assert lines[0] == "where\twhat\trevision"
    assert lines[1] == "trigger change_no_update\tis missing\t"
    assert lines[2] == "change 0 of revision 2\tis not as it was written\t2"
    status, _, said = run("log", store=url)
    assert status == 1
    assert "trigger change_no_update is missing" in said


def test_backup_and_restore(run: Run, url: str, tmp_path: Path) -> None:
    """What was in the store is there again, in either database, with a new epoch."""
    status, out, _ = run("backup", "kept.db", "--json", store=url)
    (kept,) = json.loads(out)
    assert (status, kept["revision"]) == (0, 3)
    assert (tmp_path / "home" / "kept.db").stat().st_mode & 0o077 == 0
    assert run("verify", "kept.db")[0] == 0
    assert run("backup", "kept.db", store=url)[0] == 2
    store = open_store(url)
    state = store.state()
    store.commit(draft(step(16_384, 1)))
    status, out, said = run("restore", "kept.db", store=url, answer="n\n")
    assert (status, store.head().revision) == (1, 4)
    assert "holds 4 revisions; the backup takes their place" in said
    status, out, said = run("restore", "kept.db", "--yes", "--json", store=url)
    assert status == 0, said
    (restored,) = json.loads(out)
    assert (restored["revision"], restored["hash"]) == (3, kept["hash"])
    assert restored["epoch"] != kept["epoch"]
    assert f"what was there is in {restored['kept']}" in said
    was = before(url, restored["kept"])
    assert (was.head().revision, was.verify()) == (4, [])
    assert was.state() != state
    assert was.commit(draft(step(1, 2))).number == 5
    was.close()
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert run("restore", "kept.db", "--yes", store=other)[0] == 0
    for each in (store, open_store(other)):
        assert (each.head().hash, each.state()) == (kept["hash"], state)
        assert each.verify() == []
        assert each.commit(draft(step(16_384, 2))).number == 4
        each.close()


def before(url: str, kept: str) -> SqlStore:
    """Open what a restore has kept; it is beside, and its owner's alone."""
    if url.startswith("sqlite"):
        assert kept.startswith(f"{url.removeprefix('sqlite:///')}.before-restore-2")
        assert Path(kept).stat().st_mode & 0o077 == 0
        return open_store(f"sqlite:///{kept}")
    start, _, schema = url.rpartition("schema=")
    assert kept.startswith(f"{schema}_before_restore_2")
    return open_store(f"{start}schema={kept}")


def test_every_restore_keeps_what_was_there(run: Run, url: str, tmp_path: Path) -> None:
    """Two in the same second keep two; into nothing, none."""
    kept = str(tmp_path / "kept.db")
    store = open_store(url)
    store.backup(kept)
    both = {store.restore(kept)[1] for _ in range(2)}
    assert len(both) == 2
    fresh = open_store(f"sqlite:///{tmp_path / 'fresh.db'}")
    assert fresh.restore(kept)[1] is None
    for one in (store, fresh):
        assert one.verify() == []
        one.close()
    assert run("restore", kept, "--yes", "-q", store=url)[0] == 0


def test_a_damaged_store_is_replaced(run: Run, tmp_path: Path) -> None:
    """What cannot be read is moved aside as it is."""
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}")
    store.commit(draft(whole()))
    store.backup(str(tmp_path / "kept.db"))
    store.close()
    path.write_bytes(b"no database at all" * 500)
    status, out, said = run(
        *("restore", str(tmp_path / "kept.db"), "--yes", "--json"), store=store.name
    )
    assert status == 0, said
    kept = Path(json.loads(out)[0]["kept"])
    assert kept.read_bytes() == b"no database at all" * 500
    assert (store.head().revision, store.verify()) == (1, [])
    store.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_is_restored_is_served(run: Run, kind: str) -> None:
    """Readers see the restored catalogue, though they never open the store."""
    why = ("--because", "a test", "--yes")
    run = partial(run, store=new_store_url() if kind == "postgresql" else "")

    def price() -> Any:
        shown = json.loads(run("show", "openai/gpt-4o", "--json")[1])
        return shown["pricing"]["input"]

    listed = price()
    assert run("edit", "set", "openai/gpt-4o", "pricing.input=7", *why)[0] == 0
    assert run("backup", "kept.db")[0] == 0
    assert run("rollback", "--yes")[0] == 0
    assert price() == listed
    status, _, said = run("restore", "kept.db", "--yes")
    assert status == 0, said
    assert price() == 7


@pytest.mark.parametrize("damage", ["tampered", "text", "another database"])
def test_a_backup_that_is_not_sound(run: Run, tmp_path: Path, damage: str) -> None:
    """It is refused, and the store stays as it is."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store = open_store(url)
    store.commit(draft(whole()))
    kept = tmp_path / "kept.db"
    store.backup(str(kept))
    if damage == "tampered":
        with closing(sqlite3.connect(kept)) as raw, raw:
            raw.execute("DROP TRIGGER revision_no_update")
            raw.execute("UPDATE revision SET author = 'eve'")
    elif damage == "text":
        kept.write_text("no database\n" * 1_000)
    else:
        kept.unlink()
        with closing(sqlite3.connect(kept)) as raw, raw:
            raw.execute("CREATE TABLE model (x)")
    status, _, said = run("restore", str(kept), "--yes", store=url)
    assert status == 1
    assert "kept.db" in said
    assert store.head().revision == 1
    assert store.verify() == []
    store.close()


def test_a_backup_while_others_write(tmp_path: Path) -> None:
    """It holds a revision that was there, whole."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store = open_store(url)
    store.commit(draft(whole()))

    def count() -> None:
        other = open_store(url)
        for number in range(60):
            other.commit(draft(step(number or None, number + 1)))
        other.close()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(count)
        heads = [store.backup(str(tmp_path / f"{n}.db")) for n in range(8)]
        writing.result()
    for number, head in enumerate(heads):
        copy = open_store(f"sqlite:///{tmp_path / f'{number}.db'}")
        assert copy.verify() == []
        assert copy.head().hash == store.revision(head.revision).hash
        copy.close()
    store.close()


def test_db_upgrade(run: Run, url: str) -> None:
    """A store of this version is left alone; a newer one is refused."""
    status, out, _ = run("db", "upgrade", "--json", store=url)
    (row,) = json.loads(out)
    assert (status, row["version"], row["was"]) == (0, NEWEST, NEWEST)
    assert row["backup"] is None
    store = open_store(url)
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE schema_version SET version_num = '9'")
    store.close()
    for words in (["db", "upgrade"], ["verify"], ["log"]):
        status, _, said = run(*words, store=url)
        assert status == 1
        assert "newer" in said
    assert run("show", "openai/gpt-4o", store=url)[0] == 0
