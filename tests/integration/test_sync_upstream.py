"""Syncs with upstreams that misbehave: nothing changes, and the report says why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from modeldex.bootstrap.syncing import ApiSource
from modeldex.sources.apis import find_api
from modeldex.sources.openai_compatible import compatible_api
from modeldex.sources.wire import Bounds
from modeldex.usecases.sync.guarding import Guarding
from modeldex.usecases.sync.session import is_whole, sync
from syncs import Office
from upstream import (
    Tripwire,
    Upstream,
    answer,
    cut_at,
    drip,
    drop,
    empty_list,
    gzip_bomb,
    half,
    html,
    open_client,
    redirect,
    silent,
    stall_at,
    status,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.usecases.sync.run import SourceReport

COUNT = 40
ROWS = [
    {"id": f"model-{n}", "object": "model", "context_window": 8_192}
    for n in range(COUNT)
]
WHOLE = {"object": "list", "data": ROWS}
PATH = "/v1/models"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Run an upstream."""
    with Upstream() as running:
        yield running


class Site:
    """An office whose registry syncs with one provider, acme."""

    def __init__(self, upstream: Upstream, **authority: str) -> None:
        self.office = Office(None, **authority)
        self.office.desk._make_guards = Guarding
        self.upstream = upstream
        bounds = Bounds(connect=2, read=0.5, total=2, max_bytes=2_000_000)
        client = open_client(upstream, bounds=bounds, sleep=lambda _s: None)
        api = compatible_api("acme", f"{upstream.url}/v1", provider="acme")
        self.source = ApiSource(replace(api, scoped=False), lambda: client, {})

    def sync(self) -> SourceReport:
        """Sync with it."""
        (report,) = sync(self.office.desk, [self.source])
        return report

    def served(self) -> dict[str, Any]:
        """Return all that is served, and what is on top of it."""
        catalog = self.office.registry.catalog
        rows = list(range(catalog.snapshot.meta["models"]))
        served = sorted(catalog.snapshot.rows_columns(rows))
        return {"rows": served, "own": self.own()}

    def own(self) -> Any:
        """Return what people wrote."""
        stored = self.office.stored
        return {k: stored.own(*k) for k in (("acme", "one"), ("acme", "mine"))}


@pytest.fixture
def site(upstream: Upstream) -> Site:
    """Return a site that has synced once, with hand-made and pinned models."""
    found = Site(upstream)
    upstream.on(PATH, answer(WHOLE))
    edits = found.office.registry.edits
    edits.add("acme/mine", {"name": "Mine", "context_window": 1}, because="ours")
    edits.set("acme/one", {"pricing.input": 7}, because="contract")
    report = found.sync()
    assert report.counts["added"] == COUNT
    return found


BAD = {
    "an empty list": empty_list(),
    "a page instead": html(),
    "a failure": status(500),
    "too many requests": status(429, "3600"),
    "no service": status(503),
    "half of the bytes": cut_at(WHOLE, 300),
    "nothing after some bytes": stall_at(WHOLE, 300, 2),
    "nothing at all": silent(2),
    "a byte at a time": drip(WHOLE, 0.02),
    "a bomb": gzip_bomb(),
    "no list": answer({"object": "list"}),
    "an error as an answer": answer({"error": {"message": "sorry"}}),
    "no JSON": answer(b'{"data": [', content_type="application/json"),
    "a refusal": status(401),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_changes_nothing(
    site: Site, upstream: Upstream, name: str
) -> None:
    """The report says what happened, and so does the source's state."""
    before, revisions = site.served(), site.office.revisions
    upstream.on(PATH, BAD[name])
    report = site.sync()
    assert report.outcome == "failed"
    assert report.why
    assert not is_whole([report])
    assert site.office.desk.state("acme").error == report.why
    assert (site.served(), site.office.revisions) == (before, revisions)
    upstream.on(PATH, answer(WHOLE))
    assert site.sync().outcome == "ok"
    assert site.office.desk.state("acme").error == ""
    assert site.office.revisions == revisions


@pytest.mark.parametrize("behaviour", [half(WHOLE), drop(WHOLE, 5)])
def test_a_list_that_shrinks_waits(
    site: Site, upstream: Upstream, behaviour: Any
) -> None:
    """Half of it, or 5 of 40 (more than 3 and 10 %): a person must say so."""
    before = site.served()
    upstream.on(PATH, behaviour)
    report = site.sync()
    assert report.counts["missing"] == 0
    assert report.counts["quarantined"] >= 5
    assert site.served() == before
    assert report.revision is None


def test_a_few_may_go(site: Site, upstream: Upstream) -> None:
    """They are missing, and what people wrote is not touched."""
    own = site.own()
    upstream.on(PATH, drop(WHOLE, 3))
    report = site.sync()
    assert report.counts["missing"] == 3
    assert site.own() == own


def test_a_page_that_fails_makes_no_list(upstream: Upstream) -> None:
    """Page 3 of 5 fails: nothing of the other four is believed."""
    site = Site(upstream)
    api = find_api("anthropic")
    assert api is not None
    url = f"{upstream.url}/v1/models"
    site.source.api = replace(
        api, url=url, keys=(), provider="acme", name="acme", headers={}
    )
    parts = [ROWS[n : n + 8] for n in range(0, COUNT, 8)]
    listed = [
        answer({"data": part, "has_more": n < 4, "last_id": part[-1]["id"]})
        for n, part in enumerate(parts)
    ]
    upstream.on(PATH, *listed[:2], status(500))
    report = site.sync()
    assert (report.outcome, site.office.revisions) == ("failed", 0)
    upstream.on(PATH, *listed)
    report = site.sync()
    assert report.counts["added"] == COUNT


def test_a_redirect_is_not_followed(site: Site, upstream: Upstream) -> None:
    """Not to where clouds keep credentials, and not to a neighbour."""
    before = site.served()
    with Tripwire() as wire:
        for target in (
            "http://169.254.169.254/latest/",
            f"http://127.0.0.1:{wire.port}/",
        ):
            upstream.on(PATH, redirect(target))
            report = site.sync()
            assert report.outcome == "failed"
            assert wire.look() == 0
    assert site.served() == before


def test_unchanged_is_asked_for_once(site: Site, upstream: Upstream) -> None:
    """With an ETag the list is not even sent again."""
    upstream.on(PATH, answer(WHOLE, etag='"one"'))
    site.sync()
    revisions = site.office.revisions
    report = site.sync()
    assert report.counts == {"unchanged": COUNT}
    assert site.office.revisions == revisions
