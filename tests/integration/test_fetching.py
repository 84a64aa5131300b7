"""Fetching a list: page by page to the end, or said not to be whole."""

from __future__ import annotations

import traceback
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from modeldex.catalog.merging.claims import Claims
from modeldex.errors import (
    ForbiddenAddressError,
    InvalidSettingsError,
    ModeldexError,
    SourceDeniedError,
    SourceFormatError,
    SourceUnavailableError,
)
from modeldex.sources import fetching
from modeldex.sources.api import Api, Reading
from modeldex.sources.client import Validators
from modeldex.sources.fetching import fetch, fill_parameters, page_url
from modeldex.sources.paging import by_link
from modeldex.sources.wire import Bounds
from upstream import (
    Upstream,
    answer,
    cut_at,
    drop,
    empty_list,
    half,
    html,
    open_client,
    pages,
    redirect,
    stall_at,
    status,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATH = "/v1/models"
AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
KEYS = {"ACME_KEY": "sk-canary-of-acme-1234"}


def read(pages: Sequence[Any], at: str, api: Api) -> Reading:
    """Read nothing: this is about fetching."""
    return Reading(Claims(api.name, at), len(pages))


def following(page: Any) -> dict[str, Any] | None:
    """Return the next page as the payload names it."""
    return {"page": page["next"]} if page.get("next") else None


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Return a server that the gate takes for one of the internet."""
    with Upstream() as server:
        yield server


def row(upstream: Upstream, **fields: Any) -> Api:
    """Return the row of the server's API."""
    return replace(
        Api("acme", "acme", upstream.url + PATH, read, ("ACME_KEY",)), **fields
    )


def get(upstream: Upstream, api: Api | None = None, **options: Any) -> Any:
    """Fetch the list of the server."""
    bounds = Bounds(connect=0.3, read=0.3, total=2)
    options = {"environ": KEYS, "at": lambda: AT, **options}
    client = open_client(upstream, bounds=bounds)
    return fetch(api or row(upstream), client, **options)


def paged(count: int) -> list[Any]:
    """Return so many pages, each naming the next one."""
    return [
        {"data": [{"id": f"m{n}"}], "next": n + 1 if n < count else None}
        for n in range(1, count + 1)
    ]


def test_one_page(upstream: Upstream) -> None:
    """The list, its time, its validators and bytes; the key went in the header."""
    upstream.on(PATH, answer({"data": [1, 2.5]}, etag='"v1"'))
    found = get(upstream, row(upstream, headers={"acme-version": "2"}))
    assert (found.source, found.at) == ("acme", "2026-11-25T10:00:00Z")
    assert (found.complete, found.error) == (True, None)
    assert found.bodies == [b'{"data": [1, 2.5]}']
    assert str(found.pages[0]["data"][1]) == "2.5"
    sent = upstream.requests[0].headers
    assert sent["authorization"] == f"Bearer {KEYS['ACME_KEY']}"
    assert sent["acme-version"] == "2"
    assert "canary" not in upstream.requests[0].target
    known = get(upstream, known=found.validators)
    assert (known.not_modified, known.pages) == (True, [])


def test_all_pages(upstream: Upstream) -> None:
    """Pages follow each other to the last; the query of the row is kept."""
    upstream.on(PATH, pages(paged(5)))
    api = row(
        upstream, next_page=following, url=upstream.url + PATH + "?limit=1&page=1"
    )
    found = get(upstream, api, known=Validators('"old"'))
    assert [page["data"][0]["id"] for page in found.pages] == [
        *("m1", "m2", "m3", "m4", "m5"),
    ]
    assert found.complete
    assert found.validators is None  # one page does not speak for all
    assert [seen.target for seen in upstream.requests][1:3] == [
        *(f"{PATH}?limit=1&page=2", f"{PATH}?limit=1&page=3"),
    ]
    assert ["if-none-match" in seen.headers for seen in upstream.requests] == [
        *(True, False, False, False, False),
    ]


@pytest.mark.parametrize(
    "failing",
    [status(500), status(401), html(), cut_at({"data": []}, 5), redirect("http://a/")],
)
def test_a_page_fails(upstream: Upstream, failing: Any) -> None:
    """What was fetched before page 3 failed is not complete, and says why."""
    upstream.on(PATH, pages(paged(5), failing={3: failing}))
    found = get(upstream, row(upstream, next_page=following))
    assert len(found.pages) == 2
    assert not found.complete
    assert found.error is not None
    assert found.validators is None


@pytest.mark.parametrize(
    "error",
    [
        (status(500), SourceUnavailableError),
        (status(429, "300"), SourceUnavailableError),
        (html(), SourceFormatError),
        (answer(b'{"data": [1'), SourceFormatError),
        (answer(b'{"a": 1, "a": 2}'), SourceFormatError),
        (stall_at({"data": []}, 3), SourceUnavailableError),
        (redirect("http://169.254.169.254/"), SourceUnavailableError),
        (status(401), SourceDeniedError),
    ],
)
def test_the_first_page_fails(upstream: Upstream, error: Any) -> None:
    """Without a first page there is an error, nothing else."""
    upstream.on(PATH, error[0])
    with pytest.raises(error[1]):
        get(upstream)


def test_pages_end(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that comes again, and pages without end, are not followed for ever."""
    upstream.on(PATH, answer({"data": [], "next": 2}))
    found = get(upstream, row(upstream, next_page=following))
    assert "names a page twice" in str(found.error)
    assert upstream.count() == 2
    monkeypatch.setattr(fetching, "MAX_PAGES", 4)
    upstream.on(PATH, pages(paged(9)))
    found = get(upstream, row(upstream, next_page=following))
    assert "too many pages" in str(found.error)
    assert (len(found.pages), found.complete) == (4, False)
    monkeypatch.setattr(fetching, "MAX_BYTES", 60)
    found = get(upstream, row(upstream, next_page=following))
    assert "too large" in str(found.error)
    assert (len(found.pages), found.complete) == (2, False)
    monkeypatch.setattr(fetching, "MAX_SECONDS", -1.0)
    monkeypatch.setattr(fetching, "MAX_BYTES", 6000)
    found = get(upstream, row(upstream, next_page=following))
    assert "too slowly" in str(found.error)
    assert (len(found.pages), found.complete) == (1, False)


@pytest.mark.parametrize(
    "named",
    [{"a b": "1"}, {"page": ""}, {"page": "x" * 5000}, ["page"], {"page\r\n": "1"}, 7],
)
def test_odd_names_of_pages_are_refused(upstream: Upstream, named: Any) -> None:
    """A next page that is no parameter is not asked for; the list is not whole."""
    upstream.on(PATH, answer({"data": []}, etag='"v1"'))
    for odd in (lambda _page: named, lambda page: page["lost"]):
        found = get(upstream, row(upstream, next_page=odd))
        assert "unknown way" in str(found.error)
        assert (len(found.pages), found.complete) == (1, False)
        assert found.validators is None
    assert upstream.count() == 2


def linked(upstream: Upstream, link: str) -> Any:
    """Fetch a list of two pages whose first one links to the second."""
    first = {"data": [1], "links": {"next": link}}
    upstream.on(PATH, pages([first, {"data": [2], "links": {"next": None}}]))
    return get(upstream, row(upstream, next_page=by_link("links", "next")))


@pytest.mark.parametrize(
    "link",
    [f"{PATH}?page=2&limit=9", "{own}" + f"{PATH}?limit=9&page=2&none="],
)
def test_links_to_the_list_are_followed(upstream: Upstream, link: str) -> None:
    """A link counts for its parameters, with or without the host."""
    found = linked(upstream, link.replace("{own}", upstream.url))
    assert (len(found.pages), found.complete, found.error) == (2, True, None)
    assert upstream.requests[1].query == {"page": "2", "limit": "9"}


@pytest.mark.parametrize(
    "link",
    [
        "{other}" + f"{PATH}?page=2",
        "//{place}" + f"{PATH}?page=2",
        "http:" + f"//{{place}}{PATH}?page=2",
        f"https://169.254.169.254{PATH}?page=2",
        f"https://evil.dev{PATH}?page=2",
        "{own}@evil.dev" + f"{PATH}?page=2",
        "/v1/keys?page=2",
        f"{PATH}/../keys?page=2",
        f"{PATH}#page=2",
        f"page=2 {PATH}",
        PATH,
        f"{PATH}?",
        f"{PATH}?page=",
        f"{PATH}?a%20b=2",
    ],
)
def test_links_elsewhere_get_no_key(upstream: Upstream, link: str) -> None:
    """Another host, another path and no parameter are not asked for."""
    with Upstream() as other:
        other.on(PATH, answer({"data": [3]}))
        link = link.replace("{other}", other.url).replace("{own}", upstream.url)
        found = linked(upstream, link.replace("{place}", other.url.partition("//")[2]))
        assert other.count() == 0
    assert (len(found.pages), found.complete) == (1, False)
    assert isinstance(found.error, SourceFormatError)
    assert [seen.target for seen in upstream.requests] == [PATH]


def test_pages_that_nobody_expects(upstream: Upstream) -> None:
    """A list that goes on, and has no pages that we know of, is not whole."""
    upstream.on(PATH, answer({"data": [1], "has_more": True}, etag='"v1"'))
    found = get(upstream)
    assert (len(found.pages), found.complete, found.error) == (1, False, None)
    assert found.validators == Validators('"v1"')


def test_a_page_does_not_say_where_it_is() -> None:
    """A cursor stays a value, whatever it holds."""
    cursor = {"after": "https://evil.dev/?a=b&key=#x\r\n /../"}
    url = page_url("https://api.acme.dev/v1?limit=2", cursor)
    assert url.startswith("https://api.acme.dev/v1?limit=2&after=https%3A%2F%2Fevil")
    assert "\r" not in url
    assert "#" not in url


def test_half_and_empty_answers_are_whole_here(upstream: Upstream) -> None:
    """Whether a list that became short is believed, the guards decide."""
    payload = {"data": [{"id": f"m{n}"} for n in range(10)]}
    lengths = []
    for behaviour in (half(payload), drop(payload, 3), empty_list()):
        upstream.on(PATH, behaviour)
        found = get(upstream)
        assert found.complete
        lengths.append(len(found.pages[0]["data"]))
    assert lengths == [5, 7, 0]


def test_without_a_key_nothing_is_asked(upstream: Upstream) -> None:
    """The variables that may hold the key are named."""
    upstream.on(PATH, answer({}))
    with pytest.raises(
        SourceDeniedError, match="acme needs a key: set ACME_KEY"
    ) as one:
        get(upstream, environ={"ACME_KEY": ""})
    assert one.value.missing == ("ACME_KEY",)
    assert upstream.count() == 0


@pytest.mark.parametrize("kind", ["failing", "denied", "no key", "bad key", "local"])
def test_no_traceback_holds_the_environment(upstream: Upstream, kind: str) -> None:
    """Neither the key nor another variable is in the frames of an error."""
    upstream.on(PATH, status(401 if kind == "denied" else 500))
    environ = {**KEYS, "OTHER_KEY": "sk-canary-of-others", "BAD": "sk-canary bad"}
    keys = {"no key": ("NO_KEY",), "bad key": ("BAD",)}.get(kind, ("ACME_KEY",))
    api = row(upstream, keys=keys)
    if kind == "local":
        api = replace(api, url="http://169.254.169.254/v1", local=True)
    with pytest.raises(ModeldexError) as caught:
        _ask_quietly(upstream, api, environ)
    trace = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    told = [line for frame in trace.stack for line in (frame.locals or {}).values()]
    assert not any("canary" in line for line in told)
    assert "canary" not in "".join(trace.format_exception_only())
    assert len(trace.stack) >= 3


def _ask_quietly(upstream: Upstream, api: Api, environ: dict[str, str]) -> None:
    """Fetch, and keep nothing in the frame that the traceback has."""
    held = [environ.copy()]
    environ.clear()
    fetch(api, open_client(upstream), environ=held.pop())


def test_parameters_fill_the_address() -> None:
    """Parameters come from settings, then variables, then the row's default."""
    ways = {"region": "AWS_REGION AWS_DEFAULT_REGION", "project": "PROJECT"}
    url, default = "https://{region}.acme.dev/{project}", {"region": "us-east-1"}
    api = Api("b", "b", url, read, parameters=ways, defaults=default)
    given, environ = {"project": "p_1"}, {"AWS_DEFAULT_REGION": "eu-west-1"}
    filled = fill_parameters(api, given, environ)
    assert filled == {"region": "eu-west-1", "project": "p_1"}
    assert fill_parameters(api, given, {})["region"] == "us-east-1"
    with pytest.raises(
        SourceDeniedError, match="needs its project: set PROJECT"
    ) as one:
        fill_parameters(api, {}, {})
    assert one.value.missing == ("PROJECT",)
    for wrong in ("evil.dev/", "a.b", "a@b", "a:1", "../x", "a b", "-a", "é", "a" * 64):
        with pytest.raises(InvalidSettingsError, match="region is letters"):
            fill_parameters(api, given, {"AWS_REGION": wrong})


def test_local_rows_may_be_local_only(upstream: Upstream) -> None:
    """A row that is local reaches loopback by its own right; another does not."""
    upstream.on(PATH, answer({"data": []}))
    client = open_client()
    api = row(upstream, keys=(), local=True)
    assert fetch(api, client).complete
    with pytest.raises(ForbiddenAddressError):
        fetch(replace(api, local=False), client)
