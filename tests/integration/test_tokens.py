"""Tokens from the command line, and what backups and upgrades do with them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drafts import AT, draft, step, whole
from modeldex.domain.access import hash_of
from modeldex.errors import StoreVersionError
from modeldex.stores import open_store, schema
from modeldex.usecases import access
from postgres import new_store_url
from shells import Shell

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.domain.access import NewToken
    from modeldex.stores.store import SqlStore

KINDS = ("sqlite", "postgresql")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Return a shell at an empty home."""
    (tmp_path / "home").mkdir()
    return Shell(tmp_path / "home")


@pytest.fixture(params=KINDS)
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return what gives URLs of new stores."""
    names = iter("abcd")

    def made() -> str:
        if request.param == "sqlite":
            return f"sqlite:///{tmp_path / f'{next(names)}.db'}"
        return new_store_url()

    return made


def make(store: SqlStore, name: str) -> NewToken:
    """Make a token."""
    return access.create(store, name, "admin", expires=None, by="ada", at=AT)


def states(store: SqlStore) -> dict[str, str]:
    """Return the states of a store's tokens by their names."""
    return {token.name: token.state(AT) for token in store.tokens.list()}


def test_the_first_token_needs_no_server(shell: Shell) -> None:
    """It makes the store; its secret alone is on standard output."""
    status, out, said = shell("token", "create", "admin", "--role", "admin")
    secret = out.removesuffix("\n")
    assert (status, len(secret)) == (0, 47)
    assert "admin: admin, for ever; the secret is not shown again" in said
    assert secret not in said
    status, out, said = shell("token", "list", "--json")
    (row,) = json.loads(out)
    assert (row["name"], row["state"], row["number"]) == ("admin", "active", 1)
    assert row["created_by"]
    assert row["created_at"]
    assert not {"hash", "secret"} & row.keys()
    files = [path for path in shell.home.rglob("*") if path.is_file()]
    held = b"".join(path.read_bytes() for path in files)
    assert hash_of(secret).encode() in held
    assert secret.encode() not in held
    assert secret.removeprefix("mdx_").encode() not in held


@pytest.mark.parametrize("form", ["--json", "--csv", "--yaml", "-q"])
def test_the_secret_is_in_every_form_once(shell: Shell, form: str) -> None:
    """A program takes it from the form that it reads."""
    words = ("token", "create", "ci", "--role", "viewer", "--expires", "90d", form)
    status, out, said = shell(*words)
    assert status == 0
    assert out.count("mdx_") == 1
    assert "mdx_" not in said
    if form == "--json":
        (row,) = json.loads(out)
        assert row["secret"].startswith("mdx_")
        assert row["expires"] > "2026"


def test_revoking(shell: Shell) -> None:
    """A revoked token is told with --all alone; an unknown one is not found."""
    shell("token", "create", "ci", "--role", "viewer")
    status, out, _ = shell("token", "revoke", "ci", "--json")
    (row,) = json.loads(out)
    assert (status, row["state"]) == (0, "revoked")
    assert row["revoked_by"]
    assert json.loads(shell("token", "list", "--json")[1]) == []
    assert json.loads(shell("token", "list", "--all", "--json")[1]) == [row]
    status, out, said = shell("token", "revoke", "cii")
    assert (status, out) == (3, "")
    assert "did you mean ci" in said
    status, out, said = shell("token", "create", "ci", "--role", "king")
    assert (status, out) == (2, "")
    assert shell("token", "create", "ci", "--role", "admin")[0] == 0
    status, out, said = shell("token", "create", "ci", "--role", "admin")
    assert (status, out) == (2, "")
    assert "there is a token ci already" in said


def test_a_restore_keeps_the_tokens_of_the_store(
    new_url: Callable[[], str], tmp_path: Path
) -> None:
    """None that was revoked comes back, none of another store lets anybody in."""
    store, other, empty = (open_store(new_url()) for _ in range(3))
    kept, foreign = str(tmp_path / "kept.backup"), str(tmp_path / "foreign.backup")
    store.commit(draft(whole()))
    secrets = [make(store, name).secret for name in ("stays", "ends")]
    store.backup(kept)
    data = Path(kept).read_bytes()
    assert all(secret[4:].encode() not in data for secret in secrets)
    access.revoke(store, "ends", by="eve", at=AT)
    make(store, "later")
    store.commit(draft(step(None, 1)))
    store.restore(kept)
    now = {"stays": "active", "ends": "revoked", "later": "active"}
    assert (store.head().revision, states(store)) == (1, now)
    assert store.verify() == []
    other.commit(draft(whole("two")))
    make(other, "foreign")
    other.backup(foreign)
    store.restore(foreign)
    assert states(store) == now
    empty.restore(kept)
    assert states(empty) == {"stays": "active", "ends": "active"}
    for each in (store, other, empty):
        each.close()


def test_a_store_without_tokens_is_raised(
    new_url: Callable[[], str], tmp_path: Path
) -> None:
    """Until it is, it is refused; then its revisions are there, and tokens can be."""
    url = new_url()
    with pytest.MonkeyPatch.context() as before:
        folder = tmp_path / "migrations"
        shutil.copytree(schema.MIGRATIONS, folder)
        for version in (folder / "versions").glob("v000[3-9]*"):
            version.unlink()
        before.setattr(schema, "MIGRATIONS", str(folder))
        before.setattr(schema, "NEWEST", "0002")
        before.setattr("modeldex.stores.shape.refuse", lambda *_: None)
        old = open_store(url)
        old.commit(draft(whole()))
        old.close()
    store: Any = open_store(url)
    with pytest.raises(StoreVersionError, match="modeldex db upgrade"):
        store.tokens.list()
    with pytest.raises(StoreVersionError, match="modeldex db upgrade"):
        make(store, "ci")
    store.upgrade()
    make(store, "ci")
    assert states(store) == {"ci": "active"}
    assert (store.head().revision, store.verify()) == (1, [])
    store.close()
