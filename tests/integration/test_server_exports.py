"""Exports at URLs: the bytes that the command writes."""

from __future__ import annotations

import pytest

from modeldex.server.routes import ROUTES
from modeldex.usecases.exports import FORMATS
from services import App


@pytest.fixture(scope="module")
def app() -> App:
    return App()


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_what_the_registry_exports(app: App, name: str) -> None:
    form = FORMATS[name]
    found = app.get(f"/export/{form.filename}?provider=anthropic")
    assert found.status_code == 200, found.text
    assert found.headers["content-type"].partition(";")[0] == form.media_type
    made = app.registry.export(name, provider="anthropic")
    assert found.content == made.content
    told = app.get(f"/api/v1/losses/{form.filename}?provider=anthropic").json()
    assert told == {"format": name, "losses": made.losses.as_dict()}


def test_a_directory_comes_as_an_archive_of_either_kind(app: App) -> None:
    found = app.get("/export/exllm.tar.gz?provider=anthropic")
    assert found.headers["content-type"] == "application/gzip"
    assert "content-encoding" not in found.headers
    made = app.registry.export("exllm", provider="anthropic")
    assert found.content == made.archive(".tar.gz")
    assert app.get("/export/litellm.tar.gz").status_code == 404


def test_opencode_adds_a_name_to_its_url(app: App) -> None:
    found = app.get("/export/models.dev/api.json?provider=anthropic")
    assert found.headers["content-type"].partition(";")[0] == "application/json"
    assert found.json() == app.get("/export/models.dev.json?provider=anthropic").json()


def test_exports_are_listed_and_named_by_the_digest(app: App) -> None:
    rows = app.get("/export").json()["exports"]
    assert [row["format"] for row in rows] == list(FORMATS)
    url = rows[0]["url"] + "?provider=openai&limit=3"
    tag = app.get(url).headers["etag"]
    assert app.get(url, headers={"if-none-match": tag}).status_code == 304
    assert app.get("/export/nothing.json").json()["code"] == "not_found"


def test_who_may_name_a_provider_is_told_that_it_is_unknown() -> None:
    """A route that takes the terms of the grammar says that it may answer 404."""
    taking = [row for row in ROUTES if any(p.name == "provider" for p in row.params)]
    # one that names something in its path says so anyhow
    silent = [r.path for r in taking if "{" not in r.path and 404 not in r.errors]
    assert taking
    assert silent == []
