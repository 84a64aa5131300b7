"""The service: its thin layer, its problems, who may what."""

from __future__ import annotations

import dataclasses
import json
import socket
from typing import TYPE_CHECKING

import msgspec
import pytest

from modeldex import cli
from modeldex.server import process
from modeldex.server.app import create_app
from modeldex.server.routes import ROUTES
from services import App, serving

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def app() -> App:
    return App()


def test_answers_are_named_by_the_digest_and_known_after(app: App) -> None:
    """A 304 costs no route; a tag that is another one gets the bytes."""
    path = "/api/v1/models?capability=vision&limit=3"
    first = app.get(path)
    tag = first.headers["etag"]
    assert first.status_code == 200
    assert app.registry.digest[:40] in tag
    for sent in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        again = app.get(path, headers={"if-none-match": sent})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    other = app.get(path, headers={"if-none-match": 'W/"other"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("how", ["gzip", "br"])
def test_answers_are_packed_where_asked(app: App, how: str) -> None:
    path = "/v1/models"
    plain = app.get(path, headers={"accept-encoding": "identity"})
    packed = app.get(path, headers={"accept-encoding": how})
    assert packed.headers["content-encoding"] == how
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 5


def test_models_are_those_that_find_shows(app: App) -> None:
    listed = app.get("/v1/models").json()["data"]
    assert [model["id"] for model in listed] == app.registry.find_refs()
    one = app.get(f"/v1/models/{listed[0]['id']}").json()
    assert one == listed[0]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/models/openai/gpt-4p", 404, "unknown_model"),
        ("/api/v1/models/nobody/gpt-4o", 404, "unknown_provider"),
        ("/api/v1/models/gpt-4o", 400, "invalid_ref"),
        ("/api/v1/models?nonsense=1", 400, "invalid_input"),
        ("/api/v1/models?limit=1&limit=2", 400, "invalid_input"),
        ("/api/v1/models?limit=-1", 400, "invalid_input"),
        ("/api/v1/models?provider=%ff", 400, "invalid_input"),
        ("/api/v1/models?min_revision=9", 503, "revision_behind"),
        ("/nowhere", 404, "not_found"),
    ],
)
def test_problems_say_what_is_wrong(
    app: App, path: str, status: int, code: str
) -> None:
    found = app.get(path)
    assert found.status_code == status
    assert found.headers["content-type"] == "application/problem+json"
    told = found.json()
    assert (told["code"], told["status"]) == (code, status)
    assert told["detail"]
    assert "etag" not in found.headers


def test_other_methods_are_told_which_there_are(app: App) -> None:
    found = app.ask("POST", "/v1/models")
    assert (found.status_code, found.headers["allow"]) == (405, "GET, HEAD")


def test_head_is_get_without_a_body(app: App) -> None:
    path = "/v1/models/openai/gpt-4o"
    head, got = app.ask("HEAD", path), app.get(path)
    assert head.content == b""
    same = ("etag", "content-length", "content-type")
    assert [head.headers[n] for n in same] == [got.headers[n] for n in same]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_other_hosts_are_refused(app: App, host: str) -> None:
    """A page of another site must not reach the service by a name of its own."""
    found = app.get("/v1/models", headers={"host": host})
    assert (found.status_code, found.json()["code"]) == (400, "invalid_input")


def test_a_route_without_a_policy_is_not_served(app: App) -> None:
    bare = dataclasses.replace(ROUTES[0], policy=None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="declares no policy"):
        create_app(app.service, [bare])


def test_a_body_is_bounded_and_closed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path))
    app = App(stored=True)
    headers = {**app.token("reviewer"), "content-type": "application/json"}
    path = "/api/v1/edits/openai/gpt-4o"
    long = app.ask("PATCH", path, headers=headers, content=b" " * (2**20 + 1))
    assert long.status_code == 413
    body = {"fields": {"pricing.input": 9}, "because": "a test", "by": "root"}
    refused = app.ask("PATCH", path, headers=headers, content=json.dumps(body))
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_input")
    assert "by" in refused.json()["detail"]


def test_an_edit_is_one_revision_of_its_writer(tmp_path: Path, monkeypatch) -> None:
    """The price has its own digits, who wrote is the token, If-Match is held."""
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path))
    app = App(stored=True)
    headers = {**app.token("reviewer"), "content-type": "application/json"}
    path = "/api/v1/edits/openai/gpt-4o"
    before = app.get("/api/v1/models/openai/gpt-4o").headers["etag"]
    body = '{"fields": {"pricing.input": 2.7500000000000000001}, "because": "a test"}'
    made = app.ask("PATCH", path, headers=headers, content=body)
    assert made.status_code == 200
    found = app.get("/api/v1/models/openai/gpt-4o")
    assert '"input":2.7500000000000000001' in found.text
    assert found.headers["etag"] != before
    assert found.headers["x-modeldex-revision"] == str(made.json()["revision"])
    assert app.registry.revisions.log(1)[0].author.startswith("reviewer-")
    late = app.ask("PATCH", path, headers={**headers, "if-match": '"1"'}, content=body)
    assert (late.status_code, late.json()["code"]) == (412, "revision_conflict")


def test_the_command_serves(tmp_path: Path) -> None:
    """One command, no configuration."""
    from urllib.request import urlopen

    with serving(tmp_path) as url, urlopen(f"{url}/api/health", timeout=10) as answer:
        told = json.load(answer)
    assert (told["live"], told["ready"], told["revision"]) == (True, True, 0)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/custom/a/b", "PUT, PATCH, DELETE, OPTIONS"),
        ("/api/v1/sync", "POST, GET, HEAD, OPTIONS"),
        ("/v1/models/a/b", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_names_all_methods_of_a_page(app: App, path: str, methods: str) -> None:
    found = app.ask("OPTIONS", path)
    assert found.status_code == 204
    assert set(found.headers["allow"].split(", ")) == set(methods.split(", "))


def test_a_whole_number_may_be_written_with_a_point() -> None:
    """JSON has one kind of number; amounts keep their own digits."""
    from decimal import Decimal

    from modeldex.server.bodies import decoded
    from modeldex.server.routes.edits import Fields
    from modeldex.server.routes.reviews import Decision

    assert decoded(Decision, b'{"numbers": [3.0, 4]}').numbers == [3, 4]
    for bad in (b"3.5", b"1e400", b"0", b"true"):
        with pytest.raises(msgspec.ValidationError):
            decoded(Decision, b'{"numbers": [%s]}' % bad)
    body = b'{"fields": {"pricing.input": 2.50}, "because": "x"}'
    assert str(decoded(Fields, body).fields["pricing.input"]) == "2.50"
    assert isinstance(decoded(Fields, body).fields["pricing.input"], Decimal)


@pytest.mark.parametrize(
    ("flags", "hinted"),
    [
        ((), False),
        (("--no-public-read",), True),
        (("--host", "10.1.2.3"), True),
        (("--host", "10.1.2.3", "--public-read"), False),
    ],
)
def test_where_reading_is_closed_a_token_is_spoken_of(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, ...],
    *,
    hinted: bool,
) -> None:
    for name in ("HOST", "PUBLIC_READ", "SERVE_SYNC"):
        monkeypatch.setenv(f"MODELDEX_{name}", "")  # the command sets them
    monkeypatch.setattr(process, "run", lambda _host, _port, _n, tell: tell("URL"))
    assert cli.run(["serve", "--no-sync", *flags]) == 0
    said = capsys.readouterr().err
    assert "modeldex serves URL" in said
    assert ("modeldex token create" in said) is hinted


def test_an_address_that_is_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told before anything is said to be served."""
    for name in ("PORT", "SERVE_SYNC"):
        monkeypatch.setenv(f"MODELDEX_{name}", "")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert cli.run(["serve", "--no-sync", "--port", port]) == 2
    said = capsys.readouterr().err
    assert f"127.0.0.1:{port} cannot be listened on: Address already in use" in said
    assert "serves" not in said
