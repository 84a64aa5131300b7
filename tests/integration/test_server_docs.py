"""The documentation page: every route, nothing from elsewhere, no script."""

from __future__ import annotations

import re
import shlex
from html.parser import HTMLParser

import pytest

from modeldex.server.page import BASE, curl, render
from modeldex.server.route import PLACE, Policy, Route
from modeldex.server.routes import ROUTES
from services import App


@pytest.fixture(scope="module")
def app() -> App:
    return App()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_it_loads_nothing_from_elsewhere(app: App, path: str) -> None:
    found = app.get(path)
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/html")
    rules = found.headers["content-security-policy"]
    assert rules.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in rules
    page = _Page()
    page.feed(found.text)
    assert "script" not in {tag for tag, _ in page.tags}
    for tag, attrs in page.tags:
        assert "style" not in attrs, tag
        assert not any(name.startswith("on") for name in attrs), tag
        for name in ("href", "src"):
            assert re.match(r"[/#](?!/)", attrs.get(name) or "/"), attrs
    css = app.get("/static/docs.css")
    assert css.headers["content-type"].startswith("text/css")
    assert "url(" not in css.text
    assert "@import" not in css.text
    assert "prefers-color-scheme: dark" in css.text


def test_it_has_every_route(app: App) -> None:
    """With parameters, fields of bodies, statuses, and a line of curl."""
    page = _Page()
    page.feed(app.get("/docs").text)
    ids = [attrs["id"] for tag, attrs in page.tags if tag == "section"]
    assert sorted(map(str, ids)) == sorted(row.name for row in ROUTES)
    text = "".join(page.text)
    told = app.get("/api/openapi.json").json()
    for row in ROUTES:
        path = PLACE.sub(r"{\1}", row.path)
        operation = told["paths"][path][row.method.lower()]
        assert path in text
        assert curl(row) in text
        for param in operation["parameters"]:
            assert param["name"] in text
        for status in operation["responses"]:
            assert status in text


@pytest.mark.parametrize(
    "row",
    [r for r in ROUTES if r.method == "GET" and not r.streams],
    ids=lambda route: route.name,
)
def test_its_examples_work(app: App, row: Route) -> None:
    """A line of curl that reads gives an answer, or says that nothing is there yet."""
    url = shlex.split(curl(row))[-1]
    assert url.startswith(BASE)
    found = app.get(url.removeprefix(BASE))
    empty = "{number" in row.path or "diff" in row.path or "{path" in row.path
    assert found.status_code in ((200, 404) if empty else (200,)), found.text


def test_what_is_written_of_a_route_is_text() -> None:
    row = Route(
        "GET", "/x", "x", "<script>alert(1)</script>", Policy.OPEN, str, tag="<b>"
    )
    page = render([row], "1").decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
