"""Tokens of every store: in memory, in SQLite, in PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from drafts import AT, draft, whole
from modeldex.domain.access import ADMIN, EXPIRED, PREFIX, REVOKED, ROLES, hash_of
from modeldex.errors import InvalidInputError, NotFoundError
from modeldex.usecases import access

if TYPE_CHECKING:
    from typing import Any

    from modeldex.domain.access import NewToken
    from modeldex.ports import Store

LATER = "2026-12-25T12:00:00.000+00:00"


def make(store: Store, name: str = "ci", role: str = "viewer", **how: Any) -> NewToken:
    """Make a token as ada does."""
    return access.create(store, name, role, **{"expires": None, "by": "ada", **how})


def test_a_new_store_has_none(store: Store) -> None:
    """It answers with nothing, and is not made by being asked."""
    assert store.tokens.list() == []
    assert store.tokens.serial() == 0
    assert store.head().epoch == "" or store.head().revision == 0


def test_a_token_comes_back_without_its_secret(store: Store) -> None:
    """What is kept is the hash; every secret is another one, and long."""
    made = [make(store, f"t{n}", role, at=AT) for n, role in enumerate(ROLES)]
    kept = store.tokens.list()
    assert kept == [new.token for new in made]
    assert [token.number for token in kept] == [1, 2, 3, 4]
    assert [token.role for token in kept] == list(ROLES)
    for new in made:
        assert new.secret.startswith(PREFIX)
        assert len(new.secret) == len(PREFIX) + 43
        assert new.token.hash == hash_of(new.secret)
        for text in (repr(new), repr(kept), str(new.token.as_dict(AT))):
            assert new.secret not in text
            assert new.token.hash not in text
    assert len({new.secret for new in made}) == 4
    assert (kept[0].created_by, kept[0].created_at) == ("ada", AT)
    assert store.head().revision == 0


def test_a_revoked_token_stays_with_who_and_when(store: Store) -> None:
    """It ends once; its name may be given again, its number may not."""
    make(store, at=AT)
    gone = access.revoke(store, "ci", by="eve", at=LATER)
    assert (gone.revoked_by, gone.revoked_at) == ("eve", LATER)
    assert gone.state(AT) == gone.state(LATER) == REVOKED
    assert access.revoke(store, "ci", by="bob", at=AT) == gone
    again = make(store, at=LATER).token
    assert store.tokens.list() == [gone, again]
    assert again.number == 2
    assert access.revoke(store, "2", by="eve", at=LATER).number == 2
    assert access.find(store.tokens.list(), 1) == gone
    with pytest.raises(NotFoundError, match="did you mean ci"):
        access.revoke(store, "c1i", by="eve", at=LATER)
    for unknown in (3, "9" * 5_000, -1):
        with pytest.raises(NotFoundError):
            access.revoke(store, unknown, by="eve", at=LATER)


def test_the_serial_grows_with_each_change(store: Store) -> None:
    """Made and revoked tokens are seen by it; the day of a use is not."""
    seen = [store.tokens.serial()]
    number = make(store, at=AT).token.number
    seen.append(store.tokens.serial())
    make(store, "other", at=AT)
    seen.append(store.tokens.serial())
    access.used(store, number, day="2026-11-26")
    assert store.tokens.serial() == seen[-1]
    access.revoke(store, number, by="ada", at=AT)
    seen.append(store.tokens.serial())
    assert seen == sorted(set(seen))


def test_the_day_of_the_last_use(store: Store) -> None:
    """It grows, and takes back nothing that was written meanwhile."""
    number = make(store, at=AT).token.number
    access.revoke(store, number, by="eve", at=LATER)
    used = access.used(store, number, day="2026-11-26")
    assert (used.last_used, used.revoked_by) == ("2026-11-26", "eve")
    assert access.used(store, number, day="2026-11-20") == used
    assert store.tokens.list() == [used]


ENDS = {
    "90d": "2027-02-23T12:00:00.000+00:00",
    "2w": "2026-12-09T12:00:00.000+00:00",
    "2027-01-31": "2027-01-31T00:00:00.000+00:00",
    "2027-01-31T10:00:00+02:00": "2027-01-31T08:00:00.000+00:00",
    None: "",
}


@pytest.mark.parametrize(("expires", "end"), ENDS.items())
def test_when_a_token_ends(store: Store, expires: str | None, end: str) -> None:
    """A span, a day, which ends it as it begins, or a time."""
    token = make(store, expires=expires, at=AT).token
    assert store.tokens.list()[0].expires == token.expires == end
    assert token.state(AT) == "active"
    if end:
        assert token.state(end) == EXPIRED


WRONG = [
    *({"name": name} for name in ("", "-x", "a b", "7", "x" * 65, "a\n", "a/b", "é")),
    *({"role": role} for role in ("", "owner", "Admin")),
    *({"expires": end} for end in ("soon", "0d", "2026-11-25", "2026-02-30", "-1d")),
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_makes_no_token(store: Store, wrong: dict[str, str]) -> None:
    """Nothing is written."""
    given = {"name": "ci", "role": ADMIN, **wrong}
    with pytest.raises(InvalidInputError):
        make(store, **given, at=AT)
    assert store.tokens.list() == []


def test_one_name_is_one_token(store: Store) -> None:
    """Of many who ask for a name at once, one gets it."""
    store.commit(draft(whole()))

    def ask(_: int) -> str:
        try:
            return make(store, at=AT).secret
        except InvalidInputError:
            return ""

    with ThreadPoolExecutor(6) as pool:
        secrets = [secret for secret in pool.map(ask, range(6)) if secret]
    assert [hash_of(secret) for secret in secrets] == [
        token.hash for token in store.tokens.list()
    ]
    assert len(secrets) == 1


def test_roles_are_ordered(store: Store) -> None:
    """Each may do what those before it may, and no more."""
    for place, role in enumerate(ROLES):
        token = make(store, role, role, at=AT).token
        allowed = [other for other in ROLES if token.allows(other)]
        assert allowed == list(ROLES[: place + 1])
