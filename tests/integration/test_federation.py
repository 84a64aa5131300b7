"""A registry that follows another: its facts come in, one's own stay on top."""

from __future__ import annotations

import json
import random
from contextlib import ExitStack, suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import modeldex
from federation import WHY, Node
from modeldex.bootstrap.federating import FollowedSource
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.encode import encode
from modeldex.cli import run
from modeldex.domain.model import COLUMNS
from modeldex.domain.own_source import own_sources
from modeldex.domain.syncing import Answer
from modeldex.errors import InvalidInputError, InvalidSettingsError
from modeldex.usecases.guard import released
from modeldex.usecases.publishing import published
from modeldex.usecases.sync.guarding import Guarding
from syncs import LITELLM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

D = Decimal
ONE, TWO, B, C = "acme/one", "acme/two", "beta/b", "beta/c"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the settings of whoever runs the tests."""
    (tmp_path / "config.toml").write_text("")
    monkeypatch.setenv("MODELDEX_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.delenv("MODELDEX_TOKEN", raising=False)


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """Close sites at the end."""
    with ExitStack() as stack:
        yield stack


def node(opened: ExitStack, name: str, *others: Node, **how: Any) -> Node:
    """Return a registry that follows others."""
    made = Node(name, *(other.site.url for other in others), **how)
    opened.enter_context(made.site)
    made.publish()
    return made


@pytest.fixture
def pair(opened: ExitStack) -> tuple[Node, Node]:
    """Return a public registry and a company's, which follows it."""
    public = node(opened, "public")
    return public, node(opened, "company", public)


def price(which: Node, ref: str = ONE) -> Decimal | None:
    """Return the input price that is served."""
    found: Decimal | None = which.registry_.get_info(ref).pricing.input
    return found


def source(which: Node, ref: str, field: str) -> str | None:
    """Return who gave a field."""
    found: str | None = which.registry_.get_info(ref).source_of(field)
    return found


def test_what_is_the_same_changes_nothing(pair: tuple[Node, Node]) -> None:
    """Who gave a fact here keeps the credit; no change is made of no difference."""
    _, company = pair
    before = company.facts()
    (report,) = company.sync()
    assert (report.source, report.outcome) == ("modeldex:up", "ok")
    assert (report.counts["unchanged"], report.counts["changed"]) == (4, 0)
    assert company.facts() == before
    assert source(company, ONE, "pricing.input") == "genai-prices"
    revision = company.revision
    assert company.sync()[0].revision is None
    assert company.revision == revision
    last = company.followed[0].place
    assert last == pair[0].site.url
    assert pair[0].site.count() == 2
    assert len(pair[0].site.asked) == 3  # the second manifest was a 304


def test_facts_of_the_other_come_in(pair: tuple[Node, Node]) -> None:
    """Changed, new and taken back: prices, flags, texts, models of one's own."""
    public, company = pair
    company.sync()
    fields = {"pricing.input": D("0.9"), "capabilities.vision": True, "name": "One"}
    public.edit(ONE, fields={**fields, "context_window": 90_000})
    public.registry_.edits.add("acme/new", {"context_window": 5_000}, **WHY)
    public.publish()
    (report,) = company.sync("up")
    assert (report.counts["added"], report.counts["changed"]) == (1, 1)
    assert price(company) == D("0.9")
    assert source(company, ONE, "pricing.input") == "modeldex:up"
    assert source(company, ONE, "pricing.output") == "genai-prices"
    assert company.facts() == public.facts()
    public.registry_.edits.unpin(ONE, **WHY)
    public.publish()
    company.sync()
    assert price(company) == D(1)
    assert company.facts() == public.facts()


def test_the_price_of_a_pointer_is_what_the_other_side_serves(
    pair: tuple[Node, Node],
) -> None:
    """That of its target, unless a person there wrote another one."""
    public, company = pair
    models = {**LITELLM, ("acme", "latest"): {"alias_of": "one"}}
    public.sources.take(Answer("litellm", public.now(), models, 4))
    public.edit(ONE, fields={"pricing.input": D("0.9")})
    company.sync()
    assert price(public, "acme/latest") == D("0.9")
    assert price(company, "acme/latest") == D("0.9")
    public.edit("acme/latest", fields={"pricing.input": D("0.7")})
    company.sync()
    assert price(public, "acme/latest") == D("0.7")
    assert price(company, "acme/latest") == D("0.7")
    assert price(company) == D("0.9")


def test_ones_own_facts_stay_on_top(pair: tuple[Node, Node]) -> None:
    """Custom values, pins, verdicts, own models: none is overwritten."""
    public, company = pair
    company.sync()
    company.edit(ONE, fields={"pricing.input": D("0.5")})
    company.registry_.edits.pin(TWO, ["context_window"], **WHY)
    company.registry_.edits.add("acme/ours", {"context_window": 1_234}, **WHY)
    company.sources.verdict(B, "context_window", "litellm", **WHY)
    public.edit(ONE, fields={"pricing.input": D("0.9"), "context_window": 7_000})
    public.edit(TWO, fields={"context_window": 7_000, "pricing.input": D("1.9")})
    public.edit(B, fields={"context_window": 7_000})
    public.registry_.edits.add("acme/ours", {"context_window": 9}, **WHY)
    public.publish()
    company.sync()
    get = company.registry_.get_info
    assert (price(company), get(ONE).context_window) == (D("0.5"), 7_000)
    assert (price(company, TWO), get(TWO).context_window) == (D("1.9"), 100_000)
    assert get(B).context_window == 100_000
    assert get("acme/ours").context_window == 1_234
    company.registry_.edits.unpin(ONE, ["pricing.input"], **WHY)
    assert price(company) == D("0.9")


def test_absence_changes_nothing(pair: tuple[Node, Node]) -> None:
    """Whatever fails, what was said last goes on, and the next answer counts."""
    public, company = pair
    public.edit(ONE, fields={"pricing.input": D("0.9")})
    company.sync()
    before, revision = company.facts(), company.revision
    public.site.close()
    (report,) = company.sync()
    assert (report.outcome, report.revision) == ("failed", None)
    assert "refused" in report.why
    public.site.reopen()
    kept = dict(public.site.files)
    for files in ({}, {"modeldex.json": b"<html>"}, {"modeldex.json": b'{"a": 1}'}):
        public.site.files = dict(files)
        assert company.sync()[0].outcome == "failed"
    public.site.files = {
        k: v[:-9] if k != "modeldex.json" else v + b" " for k, v in kept.items()
    }
    assert company.sync()[0].outcome == "ok"  # the same snapshot is not fetched
    assert (company.facts(), company.revision) == (before, revision)
    public.site.files = kept
    public.edit(ONE, fields={"pricing.input": D("0.8")})
    company.sync()
    assert price(company) == D("0.8")


def test_an_earlier_revision_is_refused(pair: tuple[Node, Node]) -> None:
    """Within an epoch a revision never goes down."""
    public, company = pair
    public.edit(ONE, fields={"pricing.input": D("0.9")})
    old = dict(public.site.files)
    public.edit(ONE, fields={"pricing.input": D("0.8")})
    company.sync()
    public.site.files |= old
    (report,) = company.sync()
    assert "goes back" in report.why
    assert price(company) == D("0.8")


def test_guards_apply(opened: ExitStack) -> None:
    """A slip of units at the other side waits for a person here."""
    public = node(opened, "public")
    company = node(opened, "company", public, guards=Guarding)
    company.sync()
    fields = {"pricing.input": D(1000), "pricing.output": D(4000)}
    public.edit(ONE, fields={**fields, "context_window": 90_000})
    company.sync()
    assert price(company) == D(1)
    assert company.registry_.get_info(ONE).context_window == 90_000
    waiting = company.reviews.list()
    assert {(r.source, r.field) for r in waiting} == {
        ("modeldex:up", "pricing.input"),
        ("modeldex:up", "pricing.output"),
    }
    company.reviews.accept(waiting[0].number, because="it is so")
    assert price(company) == D(1000)


def test_a_followed_registry_is_no_second_source() -> None:
    """It may have read the one that it agrees with."""
    from modeldex.domain.syncing import Doubt

    doubt = [Doubt("price_jump")]
    said = {"litellm": D(2), "models.dev": D(2)}
    assert released(doubt, D(2), said)
    assert not released(doubt, D(2), {"litellm": D(2), "modeldex:up": D(2)})
    assert not released(doubt, D(2), {"modeldex:a": D(2), "modeldex:up": D(2)})


def test_a_silent_registry_loses_its_rank(pair: tuple[Node, Node]) -> None:
    """After two months what a source says now counts more than what it said then."""
    public, company = pair
    public.edit(ONE, fields={"pricing.input": D("0.9")})
    company.sync()
    known = company.desk_.known()
    values = known.models["acme", "one"]
    dates = {**known.dates, "litellm": "2027-03-01", "genai-prices": "2027-03-01"}
    facts, _ = known.merged(("acme", "one"), values, dates)
    assert facts["pricing.input"].value == D(1)
    facts, _ = known.merged(("acme", "one"), values, known.dates)
    assert facts["pricing.input"].value == D("0.9")


def test_the_first_that_is_followed_speaks_first(opened: ExitStack) -> None:
    """Of two registries the one that the settings name first is believed."""
    first, second = node(opened, "first"), node(opened, "second")
    company = node(opened, "company", first, second)
    first.edit(ONE, fields={"pricing.input": D("0.9")})
    second.edit(ONE, fields={"pricing.input": D("0.8"), "name": "Second's"})
    company.sync()
    assert price(company) == D("0.9")
    assert source(company, ONE, "pricing.input") == "modeldex:up"
    assert company.registry_.get_info(ONE).name == "Second's"


# loops


def test_a_registry_does_not_follow_itself(opened: ExitStack) -> None:
    """Its own id is at the other end."""
    lonely = node(opened, "lonely")
    lonely.edit(ONE, fields={"pricing.input": D("0.9")})
    lonely.follow(lonely)
    (report,) = lonely.sync()
    assert report.outcome == "failed"
    assert "modeldex:up follows this registry" in report.why


@pytest.mark.parametrize("length", [2, 3, 5])
def test_loops_are_refused(opened: ExitStack, length: int) -> None:
    """However long the way round is; the path is named, and nothing changes."""
    ring = [node(opened, "n0")]
    for number in range(1, length):
        ring.append(node(opened, f"n{number}", ring[-1]))
    for each in ring[1:]:
        (report,) = each.sync()
        assert report.outcome == "ok"
    before = ring[0].revision
    ring[0].follow(ring[-1])
    (report,) = ring[0].sync()
    assert report.outcome == "failed"
    assert report.why.count("→") == length
    assert ring[0].revision == before
    chain = ring[-1].registry_.publication().manifest.chain
    assert len(chain) == length - 1


def test_the_refusal_is_an_error_of_its_own(pair: tuple[Node, Node]) -> None:
    """Who asks the source alone gets a FederationLoopError."""
    from modeldex.errors import FederationLoopError

    public, company = pair
    company.sync()
    public.follow(company)
    with pytest.raises(FederationLoopError, match="take up out of the settings"):
        public.followed[0].ask(public.state(), public.now())


# chains


def test_a_chain_of_three_converges_when_its_middle_was_away(
    opened: ExitStack,
) -> None:
    """The far end serves what it knew, and catches up; own facts stay."""
    public = node(opened, "public")
    middle = node(opened, "middle", public)
    far = node(opened, "far", middle)
    far.edit(TWO, fields={"pricing.input": D("0.1")})
    middle.sync()
    far.sync()
    middle.site.close()
    for step in range(1, 5):
        public.edit(ONE, fields={"pricing.input": D(step) / 8})
        middle.sync()
        assert far.sync()[0].outcome == "failed"
        assert price(far) == D(1)
    middle.site.reopen()
    far.sync()
    assert price(far) == price(public) == D("0.5")
    assert price(far, TWO) == D("0.1")
    assert source(far, ONE, "pricing.input") == "modeldex:up"
    assert far.registry_.publication().manifest.chain == (
        middle.registry_.publication().manifest.id,
        public.registry_.publication().manifest.id,
    )


FIELDS: dict[str, list[Any]] = {
    "pricing.input": [D("0.5"), D("0.75"), D(2)],
    "pricing.output": [D(4), D(5)],
    "pricing.cache_read": [D("0.05"), D("0.1")],
    "context_window": [50_000, 80_000],
    "capabilities.vision": [True, False],
    "name": ["A", "B"],
    "status": ["deprecated"],
    "description": ["Plain words"],
    "rates.input@service_tier=batch": [D("0.25"), D("0.3")],
}


@pytest.mark.parametrize("seed", range(12))
def test_any_chain_converges(opened: ExitStack, seed: int) -> None:
    """Random edits, take-backs, absences: at the end all serve what the first does.

    But for what is written at each itself: that is served there, and from there on.
    """
    draw = random.Random(seed)
    public = node(opened, "public")
    middle = node(opened, "middle", public)
    far = node(opened, "far", middle)
    far.edit(C, fields={"context_window": 4_321, "pricing.input": D("0.77")})
    middle.edit(B, fields={"name": "Middle's"})
    for _ in range(25):
        roll = draw.random()
        if roll < 0.5:
            ref = draw.choice((ONE, TWO, B, C))
            field = draw.choice(list(FIELDS))
            with suppress(InvalidInputError):  # nothing would change
                public.edit(ref, fields={field: draw.choice(FIELDS[field])})
        elif roll < 0.65:
            written = [r for r in (ONE, TWO, B, C) if public.stored.own(*r.split("/"))]
            if written:
                public.registry_.edits.unpin(draw.choice(written), **WHY)
                public.publish()
        elif roll < 0.75 and not middle.site.closing.is_set():
            middle.site.close()
        elif middle.site.closing.is_set():
            middle.site.reopen()
        middle.sync()
        far.sync()
    if middle.site.closing.is_set():
        middle.site.reopen()
    middle.sync()
    far.sync()
    own = {B: {"name"}, C: {"context_window", "pricing"}}
    for ref, facts in public.facts().items():
        for which in (middle, far):
            found = which.facts()[ref]
            differing = {name for name in facts if facts[name] != found[name]}
            assert differing <= own.get(ref, set()), (which.name, ref)
    assert middle.facts()[B]["name"] == far.facts()[B]["name"] == "Middle's"
    assert far.facts()[C]["context_window"] == 4_321
    assert price(far, C) == D("0.77")


# hostile


def hostile(column: str, text: str) -> bytes:
    """Return a snapshot with one model that says something it may not."""
    good = encode("acme", "one", {"pricing": {"input": D("0.9"), "output": D(4)}})
    bad = encode("acme", "two", {"pricing": {"input": D("0.9"), "output": D(4)}})
    bad[COLUMNS.index(column)] = text
    providers = {"acme": {"name": "Acme"}}
    return compile_snapshot([good, bad], providers, {"date": "2026-11-12"})


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("pricing", "input=-1 output=4"),
        ("pricing", "input=2 gold=4"),
        ("mode", "world domination\n"),
        ("name", "two\nlines"),
        ("name", "x" * 5_000),
        ("base_url", "javascript:alert(1)"),
        ("release_date", "yesterday"),
        ("status", "wonderful"),
        ("context_window", "-5"),
        ("metadata", "[[[["),
        ("metadata", "{" * 9),
        ("capability_parameters", '{"reasoning": 5}'),
        ("request_parameters", "7"),
        ("rates", "input@moon=full=3"),
        ("alias_of", "../../etc/passwd"),
        ("limits_basis", "context_window"),
    ],
)
def test_what_no_catalogue_may_hold_is_left_out(
    pair: tuple[Node, Node], column: str, text: str
) -> None:
    """One bad model keeps no good one out, and changes nothing itself."""
    public, company = pair
    before = company.facts()[TWO]
    origin = {"id": "abc", "revision": "1", "epoch": "e"}
    public.site.put(published(hostile(column, text), origin, version="0"))
    (report,) = company.sync()
    assert report.outcome == "partial", report.why
    assert sum(report.skipped.values()) == 1
    assert price(company) == D("0.9")
    assert company.facts()[TWO] == before


@pytest.mark.parametrize(
    ("provider", "model"),
    [("../x", "m"), ("acme", "../m"), ("Acme", "m"), ("a", "m m")],
)
def test_hostile_ids_refuse_the_whole(
    pair: tuple[Node, Node], provider: str, model: str
) -> None:
    """A snapshot with an id that is none is damaged."""
    public, company = pair
    row = encode(provider, model, {"context_window": 5})
    data = compile_snapshot([row], {provider: {}}, {"date": "2026-11-12"})
    origin = {"id": "abc", "revision": "1", "epoch": "e"}
    public.site.put(published(data, origin, version="0"))
    (report,) = company.sync()
    assert report.outcome == "failed"
    assert "no ref" in report.why


# settings


def test_the_setting_names_a_registry() -> None:
    """`modeldex` stands for `url`; only a key may stand beside it."""
    table = {"up": {"modeldex": "https://models.example.org", "key": "env:UP_TOKEN"}}
    (own,) = own_sources(table)
    assert own.follows
    assert (own.url, own.keys) == ("https://models.example.org", ("env:UP_TOKEN",))


@pytest.mark.parametrize(
    "table",
    [
        {"modeldex": "https://a.example", "url": "https://b.example"},
        {"modeldex": "https://a.example", "local": True},
        {"modeldex": "ftp://a.example"},
        {"modeldex": "https://user:pw@a.example"},
        {"modeldex": 5},
        {"modeldex": "https://a.example", "key": "mdx_literal"},
    ],
)
def test_settings_that_are_refused(table: dict[str, Any]) -> None:
    """What is no registry's address, or says two things."""
    with pytest.raises(InvalidSettingsError):
        own_sources({"up": table})


def test_an_unknown_name_is_told(pair: tuple[Node, Node]) -> None:
    """Names of followed registries stand among the known ones."""
    with pytest.raises(InvalidInputError, match="modeldex:up"):
        pair[1].sync("upp")


def test_the_command_line_follows_a_site(
    opened: ExitStack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line of configuration, then `modeldex sync NAME`."""
    public = node(opened, "public")
    public.edit(ONE, fields={"pricing.input": D("0.9")})
    line = f'[sources]\nupstream = {{modeldex = "{public.site.url}"}}\n'
    (tmp_path / "config.toml").write_text(line)
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    assert run(["sync", "upstream", "--json"]) == 0, capsys.readouterr()
    (report,) = json.loads(capsys.readouterr().out)["sources"]
    assert (report["source"], report["added"]) == ("modeldex:upstream", 4)
    assert run(["show", ONE, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["pricing"]["input"] == 0.9
    assert run(["sources", "--json"]) == 0
    listed = {row["source"]: row for row in json.loads(capsys.readouterr().out)}
    assert listed["modeldex:upstream"]["kind"] == "registry"
    assert run(["log", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["source"] == "modeldex:upstream"
    manifest = modeldex.open().publication().manifest
    assert manifest.chain == (public.registry_.publication().manifest.id,)


def test_a_token_goes_to_its_registry_alone(
    opened: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the reference that the settings name; MODELDEX_TOKEN is a mirror's."""
    secret = "mdx_" + "0f" * 16
    public = node(opened, "public")
    public.site.token = secret
    company = node(opened, "company", public)
    monkeypatch.setenv("MODELDEX_TOKEN", secret)
    assert "401" in company.sync()[0].why
    assert company.followed[0].account() == ""
    table = {"up": {"modeldex": public.site.url, "key": "env:UP_TOKEN"}}
    company.followed[:] = [FollowedSource(*own_sources(table), company.stored)]
    assert "env:UP_TOKEN" in company.sync()[0].why
    assert company.followed[0].account() is None
    monkeypatch.setenv("UP_TOKEN", secret)
    assert company.sync()[0].outcome == "ok"
    mark = company.followed[0].account()
    assert mark
    assert mark not in secret
