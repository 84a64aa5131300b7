"""What is written over HTTP: edits, models of one's own, reviews, syncs, events."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from modeldex.bootstrap.syncing import recorded
from modeldex.server.hub import revision_event
from modeldex.server.routes.syncs import missed_events
from services import App
from upstream import Upstream, answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REF = "openai/gpt-4o"
WHY = {"because": "a test"}


class Writer:
    """Asks as somebody of a role."""

    def __init__(self, app: App, role: str) -> None:
        self.app, self.headers = app, app.token(role)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Ask; return the status and the JSON."""
        headers = {**self.headers, **more.pop("headers", {})}
        sent = {"headers": headers, **more}
        if body is not None:
            sent["json"] = body
        found = self.app.ask(method, path, **sent)
        return found.status_code, found.json()


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path / "data"))
    return App(stored=True)


@pytest.fixture
def reviewer(app: App) -> Writer:
    return Writer(app, "reviewer")


def test_edits_and_back(app: App, reviewer: Writer) -> None:
    """Set, pin, leave out, take back: each a revision; then all of it rolled back."""
    before = app.get(f"/api/v1/models/{REF}").json()
    steps = [
        ("PATCH", f"/api/v1/edits/{REF}", {"fields": {"context_window": 7}, **WHY}),
        ("PUT", f"/api/v1/pins/{REF}", {"fields": ["pricing"], **WHY}),
        ("PUT", f"/api/v1/disabled/{REF}", WHY),
        ("DELETE", f"/api/v1/disabled/{REF}", None),
        ("DELETE", f"/api/v1/edits/{REF}?field=context_window", None),
    ]
    numbers = []
    for method, path, body in steps:
        status, told = reviewer.ask(method, path, body)
        assert status == 200, told
        numbers.append(told["revision"])
    assert numbers == list(range(numbers[0], numbers[0] + len(steps)))
    log = app.get("/api/v1/revisions?limit=3").json()
    assert (log["head"], len(log["revisions"])) == (numbers[-1], 3)
    one = app.get(f"/api/v1/revisions/{numbers[0]}").json()
    (change,) = one["changes"]
    assert (change["field"], change["new"]["value"]) == ("context_window", 7)
    diff = app.get(f"/api/v1/diff?old={numbers[0] - 1}&new={numbers[0]}").json()
    assert (diff["total"], diff["changes"][0]["ref"]) == (1, REF)
    back = {"to": numbers[0] - 1, **WHY}
    assert reviewer.ask("POST", "/api/v1/rollback", {**back, "dry_run": True})[1][
        "total"
    ]
    status, told = reviewer.ask("POST", "/api/v1/rollback", back)
    assert (status, told["revision"]) == (200, numbers[-1] + 1)
    assert app.get(f"/api/v1/models/{REF}").json() == before


def test_a_dry_run_writes_nothing(app: App, reviewer: Writer) -> None:
    body = {"fields": {"pricing.input": 9}, "dry_run": True, **WHY}
    status, told = reviewer.ask("PATCH", f"/api/v1/edits/{REF}", body)
    assert (status, told["revision"]) == (200, None)
    assert told["served"][0]["new"] == 9
    assert app.get("/api/v1/revisions").json()["head"] == 0


def test_contributors_have_models_of_their_own(app: App) -> None:
    """Under `custom/`, nowhere else; others' facts are a reviewer's to change."""
    contributor = Writer(app, "contributor")
    path = "/api/v1/custom/custom/house-model"
    body = {"fields": {"mode": "chat", "pricing.input": 1.5}, **WHY}
    status, told = contributor.ask("PUT", path, body)
    assert status == 200, told
    assert app.get("/v1/models/custom/house-model").status_code == 200
    again, _ = contributor.ask("PUT", path, body)
    assert again == 409
    body = {"fields": {"pricing.input": 2}, **WHY}
    assert contributor.ask("PATCH", path, body)[0] == 200
    elsewhere = "/api/v1/custom/openai/gpt-4o"
    for method in ("PUT", "PATCH"):
        status, told = contributor.ask(method, elsewhere, body)
        assert (status, told["code"]) == (403, "forbidden")
    assert contributor.ask("DELETE", elsewhere)[0] == 403
    assert contributor.ask("DELETE", path)[0] == 200
    assert app.get("/v1/models/custom/house-model").status_code == 404


def test_the_writer_is_the_token_whatever_is_sent(app: App, reviewer: Writer) -> None:
    """No column of the database can be named in a body."""
    fields = {"fields": {"context_window": 5}, **WHY}
    for name in ("by", "author", "source", "revision", "number", "role", "epoch"):
        status, told = reviewer.ask(
            "PATCH", f"/api/v1/edits/{REF}", {**fields, name: "admin"}
        )
        assert (status, told["code"]) == (400, "invalid_input"), name
    reviewer.ask("PATCH", f"/api/v1/edits/{REF}", fields)
    (last,) = app.get("/api/v1/revisions?limit=1").json()["revisions"]
    assert last["author"].startswith("reviewer-")


@pytest.fixture
def held(app: App, tmp_path: Path) -> int:
    """Have a list of which all but one model is gone; return what waits."""
    ref = app.registry.find_refs("provider:openrouter mode:chat input>0.5 limit:1")[0]
    model = app.registry.get_info(ref)
    row: dict[str, Any] = {
        "id": model.id,
        "name": model.name,
        "context_length": model.context_window,
        "pricing": {"prompt": "0.000003", "completion": "0.000003"},
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
    }
    file = tmp_path / "answer.json"
    file.write_text(json.dumps({"data": [row]}))
    taken = recorded("openrouter", str(file), "2026-11-25T00:00:00.000+00:00")
    app.registry.sources.take(taken)
    waits = app.registry.reviews.list(source="openrouter")
    return next(r.number for r in waits if r.field == "presence")


def test_what_waits_is_shown_and_decided(app: App, reviewer: Writer, held: int) -> None:
    found = app.get("/api/v1/reviews").json()
    assert held in [review["number"] for review in found["reviews"]]
    one = app.get(f"/api/v1/reviews/{held}").json()
    assert (one["ref"], one["rules"][0]) == ("openrouter/*", "mass_removal")
    silent, _ = reviewer.ask("POST", "/api/v1/reviews/reject", {"numbers": [held]})
    assert silent == 400
    body = {"numbers": [held], "because": "half an answer"}
    status, told = reviewer.ask("POST", "/api/v1/reviews/reject", body)
    assert status == 200, told
    assert {review["state"] for review in told["reviews"]} == {"rejected"}
    assert app.get("/api/v1/reviews/999999").status_code == 404


def test_disagreement_and_verdict(app: App, reviewer: Writer) -> None:
    found = app.get("/api/v1/conflicts?provider=openai&limit=200").json()
    assert found["total"] >= len(found["conflicts"]) > 0
    row = next(
        row
        for row in found["conflicts"]
        if row["field"].startswith("pricing.") and row["value"] is not None
    )
    other = next(
        name
        for name, value in row["claims"].items()
        if value is not None and value != row["value"]
    )
    body = {"field": row["field"], "to": other, **WHY}
    status, told = reviewer.ask("PUT", f"/api/v1/verdicts/{row['ref']}", body)
    assert status == 200, told
    again = app.get(f"/api/v1/conflicts?ref={row['ref']}&field={row['field']}").json()
    assert [row["verdict"] for row in again["conflicts"]] == [other]


@pytest.fixture
def upstream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    with Upstream() as found:
        config = tmp_path / "config.toml"
        line = f'url = "{found.url}/v1", local = true'
        config.write_text(f"[sources]\nbox = {{{line}}}\n")
        monkeypatch.setenv("MODELDEX_CONFIG", str(config))
        yield found


def test_a_sync_is_begun_and_followed(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs by itself; its progress and what it came to can be asked."""
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path / "data"))
    rows = [{"id": "ours-1", "object": "model", "max_model_len": 4_321}]
    upstream.on("/v1/models", answer({"object": "list", "data": rows}))
    app = App(stored=True)
    reviewer = Writer(app, "reviewer")
    told: list[Any] = []
    app.service.hub.tell = told.append  # type: ignore[method-assign]
    status, run = reviewer.ask("POST", "/api/v1/sync", {"sources": ["box"]})
    assert (status, run["state"]) == (202, "running")
    end = time.monotonic() + 20
    while run["state"] == "running" and time.monotonic() < end:
        time.sleep(0.05)
        run = app.get(f"/api/v1/sync/{run['number']}").json()
    assert (run["state"], run["error"]) == ("done", "")
    assert [report["added"] for report in run["reports"]] == [1]
    assert app.get("/v1/models/box/ours-1").status_code == 200
    assert [event.name for event in told][-1] == "sync"
    assert told[-1].data["state"] == "done"
    bad, problem = reviewer.ask("POST", "/api/v1/sync", {"sources": ["nobody"]})
    assert (bad, problem["code"]) == (404, "not_found")


def test_events_go_on_where_a_listener_stopped(app: App) -> None:
    """Who saw revision 3 is told of 4 and 5; of another epoch, where it is now."""
    place = {"epoch": "ab", "revision": 5, "digest": "d"}
    missed = [event.id for event in missed_events("ab:3", place)]
    assert missed == ["ab:4", "ab:5"]
    assert missed_events("ab:5", place) == []
    for seen in ("", "cd:3", "ab:", "x", "ab:-1", "ab:9999999999999999999"):
        found = missed_events(seen, place)
        assert [e.id for e in found] in (["ab:5"], []), seen
    text = app.get("/api/v1/events?timeout=1").text
    assert "event: revision" in text
    assert revision_event(app.service.place()).text().decode() in text


def test_a_swap_that_changes_nothing_makes_nothing_anew(
    app: App, reviewer: Writer
) -> None:
    """The catalogue file is written a moment after an edit: the same, from a file."""
    body = {"fields": {"context_window": 11}, **WHY}
    reviewer.ask("PATCH", f"/api/v1/edits/{REF}", body)
    asked = f"/v1/models/{REF}"
    before, catalog = app.get(asked), app.registry.catalog
    made, known = app.service.publication(), len(app.front.answers)
    assert known
    assert app.registry.revisions.publish(anew=True) == ""
    assert app.registry.catalog is not catalog
    again = app.get(asked, headers={"if-none-match": before.headers["etag"]})
    assert again.status_code == 304
    assert len(app.front.answers) == known
    assert app.service.publication() is made
