"""What is asked over HTTP: each route of reading, its shape, its bounds."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import fromstring

import msgspec
import pytest

from modeldex.bootstrap import importing
from modeldex.bootstrap import open as open_registry
from modeldex.bootstrap.importing import read_claims
from modeldex.domain.record import RECORD_KEYS
from modeldex.server.openapi import describe
from modeldex.server.route import Policy, Route
from modeldex.server.routes import ROUTES
from modeldex.server.shapes import ModelRecord
from modeldex.usecases.explain import explain
from modeldex.usecases.records import csv_text, json_bytes
from services import App

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

REF = "openai/gpt-4o"
MATRIX = "/api/v1/matrix?providers=openai,ollama"
# what stands in a path where a route has no example that is there without a store
WRITTEN = ("revisions", "reviews", "diff", "sync", "sources", "conflicts", "events")


@pytest.fixture(scope="module")
def app() -> App:
    return App()


def reads() -> Iterable[Any]:
    """Yield the routes that answer of the catalogue."""
    for route in ROUTES:
        _, _, about = route.path.partition("/api/v1/")
        kind = about.partition("/")[0]
        if route.policy is Policy.READ and kind and kind not in WRITTEN:
            yield pytest.param(route, id=route.name)


def asked(app: App, route: Route, **params: Any) -> Any:
    """Ask a route with its examples."""
    path = re.sub(r"\{\w+:\w+\}", route.path_example, route.path)
    given = {p.name: str(p.example) for p in route.params if p.required} | params
    more = {} if route.body is None else {"json": route.example}
    return app.ask(route.method, path, params=given, **more)


@pytest.mark.parametrize("route", [*reads()])
def test_examples_are_answered_in_the_shape_that_is_described(
    app: App, route: Route
) -> None:
    """Closed: what the shape does not name, or has otherwise, fails."""
    found = asked(app, route)
    assert found.status_code == 200, found.text
    msgspec.json.decode(found.content, type=route.returns)
    assert ("etag" in found.headers) is (route.method == "GET")


@pytest.mark.parametrize("route", [*reads()])
def test_each_parameter_takes_its_example(app: App, route: Route) -> None:
    """An example that its own schema refuses is none."""
    for param in route.params:
        if param.example is not None:
            assert param.read(str(param.example)) is not None, param.name
    unknown = asked(app, route, nonsense="1")
    assert unknown.status_code == 400


def test_every_model_has_the_shape_that_is_described(app: App) -> None:
    decoder = msgspec.json.Decoder(ModelRecord)
    for model in app.registry.find(status="any")[::7]:
        record = model.as_dict()
        assert list(record) == RECORD_KEYS
        decoder.decode(json_bytes(record))


FOREIGN = """\
provider: acme
models:
  plain: {}
  odd*:
    pricing: {input: 0.0000001, output: 3}
    capabilities: {vision: no, reasoning: {efforts: [low, high]}}
    metadata: {a: [1, {b: 2}]}
    rate_limits: {rpm: 5}
    deprecation_date: 2027-01-31
  emb: {mode: embedding, embedding_dimensions: 3, status: disabled}
"""


def test_a_catalogue_of_ones_own_has_the_shapes_too(tmp_path: Path) -> None:
    """What hardly anything is known of, and what odd things are known of."""
    (tmp_path / "acme.yaml").write_text(FOREIGN)
    own = App(open_registry(str(tmp_path)))
    own.service.path = str(tmp_path)
    rows = {route.name: route for route in ROUTES}
    asks = [
        *(("models", f"models.{verb}") for verb in ("get", "find")),
        *((verb, f"models.{verb}") for verb in ("explain", "abilities", "history")),
        ("price", "price"),
        ("providers", "providers.get"),
    ]
    for ref in ("acme/plain", "acme/odd*", "acme/emb"):
        for where, name in asks:
            rest = {"models.find": "", "providers.get": "/acme"}.get(name, f"/{ref}")
            found = own.get(f"/api/v1/{where}{rest}")
            assert found.status_code == 200, found.text
            msgspec.json.decode(found.content, type=rows[name].returns)
    assert '"input":0.0000001' in own.get("/api/v1/models/acme/odd*").text


def test_fields_are_chosen(app: App) -> None:
    path = f"/api/v1/models/{REF}"
    assert list(app.get(path).json()) == RECORD_KEYS
    chosen = app.get(path, params={"fields": "pricing,ref,ref"}).json()
    assert list(chosen) == ["pricing", "ref"]
    page = app.get("/api/v1/models", params={"fields": "id", "limit": 2}).json()
    assert [list(model) for model in page["models"]] == [["id"], ["id"]]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/models?as_of=2026-03-31&limit=1", 200),
        ("/api/v1/models?as_of=2024-02-29&limit=1", 200),
        ("/api/v1/models?as_of=2026-02-29", 400),
        ("/api/v1/models?as_of=2026-04-31", 400),
        ("/api/v1/models?as_of=2020-01-01", 404),
        ("/api/v1/models?released_after=2026-03-31&limit=1", 200),
        ("/api/v1/models?released_after=2026-13", 400),
        ("/api/v1/models?family=,", 400),
        ("/api/v1/models?family=gpt,o3&limit=1", 200),
        ("/api/v1/models?mode=juggling", 400),
        ("/api/v1/models?mode=ocr,chat&limit=1", 200),
        ("/api/v1/models?provider=nobody", 404),
        ("/api/v1/everywhere", 400),
        ("/api/v1/everywhere?name=a/../b", 400),
        ("/api/v1/everywhere?name=no-such-model", 404),
        ("/api/v1/resolve?text=gpt-4o&provider=nobody", 404),
        ("/api/v1/compare?refs=openai/gpt-4o,openai/nothing", 404),
        ("/api/v1/compare?refs=openai/gpt-4o,", 400),
        ("/api/v1/providers/OpenAI", 200),
        ("/api/v1/providers/nobody", 404),
        ("/api/v1/matrix?features=vision,juggling", 400),
        ("/api/v1/capabilities/juggling", 400),
        (f"/api/v1/abilities/{REF}?capability=vision", 200),
        (f"/api/v1/fits/{REF}", 400),
        (f"/api/v1/fits/{REF}?tokens=-1", 400),
        ("/api/v1/expiring?within=90", 400),
        ("/api/v1/expiring?refs=gpt-4o,nonsense", 200),
        (f"/api/v1/price/{REF}?at=2025-06-01T12:00:00%2B02:00", 200),
        (f"/api/v1/price/{REF}?at=2025-06-01T12:00:00", 400),
        (f"/api/v1/price/{REF}?at=2025-06-01&known_at=2025-01-01", 200),
        ("/api/v1/price/openai/nothing", 404),
        ("/api/v1/history/openai/nothing", 404),
        (f"/api/v1/history/{REF}?field=nothing", 200),
        ("/api/v1/changes?kind=odd", 400),
        ("/api/v1/changes?since=yesterday", 400),
        ("/api/v1/changes?provider=nobody", 404),
        ("/api/v1/explain/openai/nothing", 404),
    ],
)
def test_what_is_asked_is_answered_or_refused(app: App, path: str, status: int) -> None:
    found = app.get(path)
    assert found.status_code == status, found.text
    if status != 200:
        assert found.headers["content-type"] == "application/problem+json"


def test_why_is_told_and_the_claims_are_read_once(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = importing.read_claim_lines
    times = []

    def counted(path: str | None = None) -> Any:
        times.append(path)
        return reading(path)

    monkeypatch.setattr(importing, "read_claim_lines", counted)
    fresh, packed = App(app.registry), read_claims()
    for ref in (REF, "anthropic/claude-sonnet-4-5", "openrouter/openai/gpt-4o"):
        told = fresh.get(f"/api/v1/explain/{ref}").json()
        model = app.registry.get_info(ref)
        lines = [line.as_dict() for line in explain(model, packed)]
        assert told == json.loads(json_bytes({"ref": ref, "fields": lines}))
        dissent = any(line["others"] for line in lines)
        assert dissent or ref != REF
    assert times == [None]


def test_changes_are_bounded_and_read_on_page_by_page(app: App) -> None:
    """A span is cut to what one answer covers, and says so; nothing is left out."""
    given = {"provider": "openai", "since": "2023-01-01", "limit": 10_000}
    whole, until = [], "2026-11-20"
    for _ in range(6):
        page = app.get("/api/v1/changes", params={**given, "until": until}).json()
        assert page["total"] == len(page["changes"]) < 10_000
        times = [change["observed_at"] for change in page["changes"]]
        assert times == sorted(times, reverse=True)
        whole += page["changes"]
        if not page["more"]:
            break
        until = page["since"]
    assert (page["more"], page["since"]) == (False, "2023-01-01")
    keys = {(c["observed_at"], c["ref"], c["field"]) for c in whole}
    known = app.registry.changes("2023-01-01", "2026-11-20", "openai")
    assert keys == {(c.observed_at, c.ref, c.field) for c in known}
    every = app.get("/api/v1/changes?since=2023-01-01&until=2026-11-20&limit=1").json()
    assert (every["since"], every["more"]) == ("2026-10-20", True)


@pytest.mark.parametrize("how", ["accept", "feed"])
def test_changes_are_a_feed(app: App, how: str) -> None:
    path = "/api/v1/changes?provider=openai&since=2026-09-01&limit=50"
    kinds = {"atom": "application/atom+xml", "json": "application/feed+json"}
    for name, kind in kinds.items():
        if how == "feed":
            found = app.get(f"{path}&feed={name}")
        else:
            found = app.get(path, headers={"accept": kind})
        assert found.headers["content-type"].partition(";")[0] == kind
        if name == "atom":
            assert fromstring(found.content).tag.endswith("}feed")
        else:
            assert found.json()["items"]


def post(app: App, path: str, text: str) -> Any:
    return app.ask(
        "POST", path, content=text, headers={"content-type": "application/json"}
    )


def test_costs_are_exact_and_never_less(app: App) -> None:
    usage = '{"input": 1000, "output": 200.0}'
    found = post(app, "/api/v1/cost", f'{{"ref": "{REF}", "usage": {usage}}}')
    cost = app.registry.cost(REF, {"input": 1000, "output": 200})
    assert f'"total":{cost.total:f}' in found.text
    assert "etag" not in found.headers
    body = {"ref": REF, "usage": {"input": 1, "gb_days": 0.5}}
    told = post(app, "/api/v1/cost", json.dumps(body)).json()
    assert (told["total"], told["unpriced"]) == (None, ["gb_days"])
    batch = {
        "ref": REF,
        "usage": {"input": 10},
        "conditions": {"service_tier": "batch"},
    }
    told = post(app, "/api/v1/cost", json.dumps(batch)).json()
    assert told["total"] == float(
        app.registry.cost(REF, {"input": 10}, service_tier="batch").total or 0
    )
    then = {"ref": REF, "usage": {"input": 10}, "at": "2024-06-01"}
    told = post(app, "/api/v1/cost", json.dumps(then)).json()
    assert told["at"] == "2024-06-01"


@pytest.mark.parametrize(
    ("usage", "where"),
    [
        ("{}", "usage"),
        ('{"input": 1, "output": null}', "output"),
        ('{"input": true}', "input"),
        ('{"input": 1.5}', "input"),
        ('{"input": -1}', "input"),
        ('{"input": 1e400}', "input"),
        ('{"seconds": 0.0000001}', "seconds"),
        ('{"prompts": 1}', "prompts"),
        ("[1]", "usage"),
    ],
)
def test_what_was_used_is_held_to_the_meters(app: App, usage: str, where: str) -> None:
    found = post(app, "/api/v1/cost", f'{{"ref": "{REF}", "usage": {usage}}}')
    assert found.status_code in (400, 422), found.text
    assert where in found.json()["detail"]


def test_responses_are_priced(app: App) -> None:
    response = {
        "id": "x",
        "model": "gpt-4o",
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    }
    body = {"response": response, "provider": "openai"}
    told = post(app, "/api/v1/cost/response", json.dumps(body)).json()
    found = app.registry.cost_of_response(response, "openai")
    assert (told["ref"], told["total"]) == (REF, float(found.total or 0))
    del body["response"]["usage"]  # type: ignore[attr-defined]
    silent = post(app, "/api/v1/cost/response", json.dumps(body))
    assert (silent.status_code, silent.json()["code"]) == (422, "invalid_usage")


def test_nobody_is_told_what_the_environment_holds(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    for accept in ("application/json", "text/html", "text/markdown"):
        found = app.get(MATRIX, headers={"accept": accept})
        assert found.headers["content-type"].partition(";")[0] == accept
        assert "openai" in found.text
        assert "configured" not in found.text


def test_no_cell_of_csv_is_a_formula(app: App) -> None:
    """Ids and names come from outside; a spreadsheet must not work them out."""
    found = app.get(
        "/api/v1/models?provider=cloudflare-workers-ai&limit=20",
        headers={"accept": "text/csv"},
    )
    rows = list(csv.DictReader(io.StringIO(found.text)))
    assert all(row["ref"] == f"{row['provider']}/{row['id']}" for row in rows)
    assert {row["id"][:1] for row in rows} == {"@"}
    odd = ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "plain", Decimal("-2.5"), -1]
    text = csv_text([{"a": value} for value in odd], ["a"])
    cells = [row["a"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    assert cells == [
        *("'=1+1", "'+1", "'-1", "'@a", "'\ta", "'\na"),
        *("plain", "-2.5", "-1"),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": Decimal("1E-7"), "b": "ERNIE-4.5"}, '{"a":0.0000001,"b":"ERNIE-4.5"}'),
        ({"a": Decimal("2.50")}, '{"a":2.50}'),
        ({"a": Decimal("1E+3")}, '{"a":1000}'),
        ({None: 1}, '{"None":1}'),
    ],
)
def test_amounts_are_numbers_of_their_own_digits(value: Any, text: str) -> None:
    assert json_bytes(value).decode() == text


def test_long_answers_are_made_and_written_off_the_loop(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand models are 12 MB of JSON: nobody else waits for them."""
    threads = []

    def watched(value: Any) -> bytes:
        threads.append(current_thread() is main_thread())
        return json_bytes(value)

    monkeypatch.setattr("modeldex.server.app.json_bytes", watched)
    found = app.get("/api/v1/models?limit=3000&offset=1")
    assert len(found.json()["models"]) == 3000
    assert threads == [False]


def test_reading_by_post_promises_no_conflict() -> None:
    """What only reads needs no If-Match, and is not refused as a write is."""
    paths = describe(ROUTES, "1")["paths"]
    cost = paths["/api/v1/cost"]["post"]
    assert cost["parameters"] == []
    assert not {"409", "412"} & set(cost["responses"])
    ref = paths["/api/v1/price/{ref}"]["get"]["parameters"][0]
    assert re.fullmatch(ref["schema"]["pattern"], "openrouter/openai/gpt-4o:free")
    assert not re.fullmatch(ref["schema"]["pattern"], "gpt-4o")
