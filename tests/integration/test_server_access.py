"""Every route, asked by everybody, against a table that a person has read."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modeldex.server.app import create_app
from modeldex.server.route import Said
from modeldex.server.routes import ROUTES
from services import ROLES, App

if TYPE_CHECKING:
    from collections.abc import Iterator

GOLDEN = Path(__file__).parent.parent / "golden" / "access.tsv"
NOBODY = ("none", "bad", "expired")
PASSED = "passes"
_WORDS = {"yes": PASSED, "401": "unauthorized", "403": "forbidden"}


def _stub(_asked: Any) -> Said:
    return Said({}, cached=False)


class Everybody(App):
    """The application with stubs behind its routes, and a token of each kind."""

    def __init__(self, *, reading: bool) -> None:
        super().__init__(stored=True, reading=reading)
        rows = [
            dataclasses.replace(
                route, answer=_stub, body=None, params=(), streams=False, status=200
            )
            for route in ROUTES
        ]
        self.front = create_app(self.service, rows)
        self.given = {role: self.token(role) for role in ROLES}
        self.given["expired"] = self._expired()
        self.given["bad"] = {"authorization": "Bearer mdx_nobody"}
        self.given["none"] = {}

    def _expired(self) -> dict[str, str]:
        made = self.registry.tokens.create("late", "admin", "2099-01-01")
        assert self.book is not None
        self.book.look()
        old = dataclasses.replace(made.token, expires="2020-01-01T00:00:00.000+00:00")
        self.book.known = {**self.book.known, old.hash: old}
        return {"authorization": f"Bearer {made.secret}"}

    def outcome(self, method: str, path: str, who: str) -> str:
        """Return what somebody gets: passes, or the code of the refusal."""
        answer = self.ask(method, path, headers=self.given[who])
        if answer.status_code == 200:
            return PASSED
        told = answer.json()
        expected = {"unauthorized": 401, "forbidden": 403}
        assert answer.status_code == expected[told["code"]], told
        return str(told["code"])


@pytest.fixture(scope="module", params=[True, False], ids=["open", "closed"])
def everybody(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Everybody]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELDEX_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield "open" if request.param else "closed", Everybody(reading=request.param)


def _path(path: str) -> str:
    path = re.sub(r"\{\w+:path\}", "openai/gpt-4o", path)
    path = re.sub(r"\{\w+:int\}", "1", path)
    return re.sub(r"\{\w+:str\}", "openai", path)


def golden(mode: str) -> dict[str, dict[str, str]]:
    """Read the table: a row per route, a column per mode and caller."""
    header, *lines = GOLDEN.read_text().splitlines()
    columns = header.split("\t")[1:]
    found = {}
    for line in lines:
        route, *cells = line.split("\t")
        row = dict(zip(columns, cells, strict=True))
        found[route] = {who: _WORDS[row[f"{mode} {who}"]] for who in (*NOBODY, *ROLES)}
    return found


def test_every_route_and_everybody(everybody: tuple[str, Everybody]) -> None:
    """`tests/golden/access.tsv` says who passes; a new route must be added there."""
    mode, app = everybody
    found = {
        f"{route.method} {route.path}": {
            who: app.outcome(route.method, _path(route.path), who)
            for who in (*NOBODY, *ROLES)
        }
        for route in ROUTES
    }
    assert found == golden(mode)


ODD = [
    "/v1/../api/v1/rollback",
    "//api/v1/rollback",
    "/api/v1/rollback/",
    "/api/v1/rollback;x=1",
    "/API/v1/rollback",
    "/api/v1/./rollback",
    "/api/v1%2Frollback",
    "/api/v1/rollback%00",
    "/api/v1/rollback%20",
    "/v1/models/../../api/v1/rollback",
    "/v1/models/%2e%2e/%2e%2e/api/v1/rollback",
    "/api/health/../v1/rollback",
]
HEADERS: list[dict[str, str]] = [
    {},
    {"x-original-url": "/api/health"},
    {"x-rewrite-url": "/api/health"},
    {"x-forwarded-path": "/api/health"},
    {"x-forwarded-for": "127.0.0.1"},
    {"x-forwarded-host": "localhost"},
    {"x-http-method-override": "GET"},
    {"forwarded": "for=127.0.0.1;host=localhost"},
]


@pytest.mark.parametrize("path", ODD)
def test_no_spelling_of_a_path_gets_around(
    everybody: tuple[str, Everybody], path: str
) -> None:
    """What is asked by odd paths, methods and headers is refused or nowhere."""
    _, app = everybody
    for method in ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
        for headers in HEADERS:
            answer = app.ask(method, path, headers=headers)
            said = answer.status_code
            reached = said in (200, 202) and app.service.access.reading is False
            assert not reached, (method, path, headers)
            assert said in (200, 204, 400, 401, 403, 404, 405), (method, path, said)


def test_options_tell_methods_alone(everybody: tuple[str, Everybody]) -> None:
    _, app = everybody
    answer = app.ask("OPTIONS", "/api/v1/rollback")
    assert answer.status_code in (204, 405)
    assert answer.content == b"" or answer.json()["status"] == 405


def test_a_revoked_token_is_refused(everybody: tuple[str, Everybody]) -> None:
    _, app = everybody
    headers = app.token("admin")
    path = "/api/v1/rollback"
    assert app.ask("POST", path, headers=headers).status_code == 200
    for token in app.registry.tokens.list():
        if token.name.startswith("admin-") and not token.revoked_at:
            app.registry.tokens.revoke(token.number)
    assert app.book is not None
    app.book.look()
    assert app.ask("POST", path, headers=headers).status_code == 401


def test_no_secret_is_told_or_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is asked with it, and however much is logged."""
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path))
    app = App(stored=True, reading=False)
    known = app.token("admin")["authorization"].removeprefix("Bearer ")
    canary = "mdx_canary-that-nobody-made"
    body = {"fields": {"context_window": "x"}, "because": "a test"}
    asked = (
        ("GET", "/v1/models?limit=x", None),
        ("GET", "/api/v1/models/a/b", None),
        ("GET", "/api/v1/revisions", None),
        ("PATCH", "/api/v1/edits/openai/gpt-4o", body),
        ("POST", "/api/v1/rollback", {"to": 10**6}),
        ("PUT", "/nowhere", None),
    )
    with caplog.at_level(1):
        for method, path, given in asked:
            for secret in (known, canary):
                for sent in (f"Bearer {secret}", f"Basic {secret}", secret):
                    headers = {"authorization": sent}
                    found = app.ask(method, path, headers=headers, json=given)
                    said = f"{found.headers} {found.text}"
                    assert known not in said
                    assert canary not in said
    logged = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
    assert logged, "nothing was logged, so that nothing is shown"
    ours = [
        line
        for line, record in zip(logged, caplog.records, strict=True)
        if not record.name.startswith(("httpx", "httpcore"))
    ]
    assert not [line for line in ours if known in line or canary in line]
