"""Live lists: which tier answers, how old it is, and that no reader waits."""

from __future__ import annotations

import json
import stat
import threading
import time
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from modeldex.bootstrap.last_good import LastGood
from modeldex.bootstrap.syncing import ApiSource
from modeldex.catalog.authoring.load import load_text
from modeldex.domain.model import COLUMNS
from modeldex.sources.openai_compatible import compatible_api
from modeldex.sources.secret import spellings
from modeldex.sources.wire import Bounds
from modeldex.usecases.live_lists import LiveLists
from modeldex.usecases.refreshing import elapsed
from syncs import Office, Wary
from upstream import (
    Upstream,
    answer,
    empty_list,
    html,
    open_client,
    silent,
    stall_at,
    status,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modeldex.domain.listed import Listed
    from upstream import Exchange

PATH = "/v1/models"
ROWS = [
    {"id": "two", "object": "model", "context_window": 200_000},
    {"id": "fresh", "object": "model", "context_window": 8_192},
]
WHOLE = {"object": "list", "data": ROWS}


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Run an upstream that answers."""
    with Upstream() as running:
        running.on(PATH, answer(WHOLE))
        yield running


class Site:
    """The live lists of an office whose provider acme is asked."""

    def __init__(
        self,
        upstream: Upstream,
        folder: Path,
        keys: tuple[str, ...] = (),
        guards: Any = None,
        **options: Any,
    ) -> None:
        self.office = Office(guards, acme="presence limits prices")
        self.office.around.now = lambda: self.office.at  # type: ignore[method-assign]
        self.registry = self.office.registry
        self.environ: dict[str, str] = {}
        bounds = Bounds(connect=2, read=2, total=3)
        client = open_client(upstream, bounds=bounds, tries=1)
        api = compatible_api("acme", f"{upstream.url}/v1", "acme", keys, local=False)
        api = replace(api, scoped=False)
        self.source = ApiSource(api, lambda: client, self.environ)
        self.opened = 0
        self.lists = LiveLists(
            lambda: self.registry.catalog,
            self._open,
            LastGood(str(folder)),
            options.get("lasts", 3_600),
        )
        self.later = 0.0

    def _open(self) -> Any:
        self.opened += 1
        return self.office.desk, [self.source]

    def age(self, seconds: float) -> None:
        """Let time pass."""
        self.later += seconds
        live = self.lists._list_of("acme")
        assert live is not None
        live._state.clock = lambda: elapsed() + self.later  # type: ignore[method-assign]

    def settle(self, tier: str = "cache") -> Listed:
        """Read until a tier answers."""
        until = time.monotonic() + 5
        while (found := self.lists.list("acme")).tier != tier:
            assert time.monotonic() < until, found
            time.sleep(0.01)
        return found

    def rest(self) -> None:
        """Wait until nothing is under way."""
        live = self.lists._list_of("acme")
        assert live is not None
        until = time.monotonic() + 5
        while live._state._flight is not None:
            assert time.monotonic() < until
            time.sleep(0.005)


@pytest.fixture
def site(upstream: Upstream, tmp_path: Path) -> Site:
    """Return a site with an empty cache."""
    return Site(upstream, tmp_path / "cache")


def test_a_cold_cache_answers_at_once_and_asks_in_the_background(
    site: Site, upstream: Upstream
) -> None:
    """First the catalogue, marked so; then the API's list, over the catalogue."""
    first = site.lists.list("acme")
    assert (first.tier, first.age, first.error) == ("catalogue", None, "")
    assert [m.id for m in first] == ["one", "two"]
    found = site.settle()
    assert isinstance(found, list)
    assert found.is_live
    assert [(m.id, m.context_window) for m in found] == [
        ("fresh", 8_192),
        ("two", 200_000),
    ]
    assert found[1].pricing.input == Decimal(2)  # what the API does not say stays
    assert found[1].source_of("context_window") == "acme"
    assert found.age is not None
    assert found.age < 5
    assert upstream.count(PATH) == 1


def test_nothing_is_written_to_the_store(site: Site) -> None:
    """The list is laid over the catalogue of nobody else."""
    site.settle()
    assert site.office.revisions == 0
    assert site.office.stored.store() is None
    assert site.registry.get_context_window("acme", "two") == 100_000
    assert "acme/fresh" not in site.registry.find_refs()


def test_asking_anew_waits_and_is_bounded(site: Site, upstream: Upstream) -> None:
    """`force` gives the API's answer itself; a slow API gives a lower tier in time."""
    assert site.lists.list("acme", force=True).tier == "api"
    assert site.lists.list("acme").tier == "cache"
    assert site.lists.list("acme", force=True).tier == "api"
    assert upstream.count(PATH) == 2
    upstream.on(PATH, silent(2))
    began = time.perf_counter()
    found = site.lists.list("acme", force=True, wait=0.2)
    assert time.perf_counter() - began < 1
    assert found.tier == "cache"
    assert found.error == "acme has not answered within 0.2 s"


def test_an_old_answer_is_the_last_good_one_while_it_is_asked_anew(
    site: Site, upstream: Upstream
) -> None:
    """Beyond its time it is no cache any more, and says how old it is."""
    site.settle()
    upstream.on(PATH, answer({"data": ROWS[:1]}))
    site.age(4_000)
    stale = site.lists.list("acme")
    assert (stale.tier, len(stale)) == ("last_good", 2)
    assert stale.age is not None
    assert stale.age >= 4_000
    assert [m.id for m in site.settle()] == ["two"]
    assert upstream.count(PATH) == 2


@pytest.mark.parametrize(
    "broken",
    [status(500), html(), empty_list(), stall_at(WHOLE, 20, 4), status(401)],
    ids=["500", "html", "empty", "stalls", "denied"],
)
def test_a_failure_is_never_kept_as_if_it_were_live(
    site: Site, upstream: Upstream, broken: Any
) -> None:
    """The last good answer serves, with its age and why; the API is left alone."""
    site.settle()
    upstream.on(PATH, broken)
    site.age(4_000)
    site.lists.list("acme")
    site.rest()
    asked = upstream.count(PATH)
    for _ in range(50):
        found = site.lists.list("acme")
        assert (found.tier, len(found)) == ("last_good", 2)
        assert found.error.startswith("acme: ")
        assert "acme: acme" not in found.error
    assert upstream.count(PATH) == asked
    upstream.on(PATH, answer(WHOLE))
    site.age(6)  # a first failure is remembered for five seconds at most
    assert site.settle().error == ""


def test_retry_after_holds_even_who_asks_anew(site: Site, upstream: Upstream) -> None:
    """A source that says when it wants to be asked again is asked then."""
    upstream.on(PATH, status(429, "60"))
    assert site.lists.list("acme", force=True).tier == "catalogue"
    asked = upstream.count(PATH)
    assert "429" in site.lists.list("acme", force=True).error
    assert upstream.count(PATH) == asked
    upstream.on(PATH, answer(WHOLE))
    site.age(61)
    assert site.lists.list("acme", force=True).tier == "api"


def test_the_last_good_answer_outlives_the_process(
    site: Site, upstream: Upstream, tmp_path: Path
) -> None:
    """Another process with a dead API serves it at once, with its age."""
    site.settle()
    site.rest()
    upstream.on(PATH, status(503))
    folder = tmp_path / "cache"
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    other = Site(upstream, folder)
    found = other.lists.list("acme")
    assert (found.tier, [m.id for m in found]) == ("last_good", ["fresh", "two"])
    assert found.age is not None
    assert found.age < 10
    other.rest()
    assert "503" in other.lists.list("acme").error


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "others", "link", "old"])
def test_a_damaged_file_is_no_answer(
    site: Site, upstream: Upstream, tmp_path: Path, damage: str
) -> None:
    """What is damaged, or others may have written, is as if it were not there."""
    site.settle()
    site.rest()
    upstream.on(PATH, status(503))
    (file,) = (tmp_path / "cache").iterdir()
    data = file.read_bytes()
    if damage == "flip":
        file.write_bytes(data.replace(b"fresh", b"Fresh", 1))
    elif damage == "cut":
        file.write_bytes(data[:-3])
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "others":
        file.chmod(0o666)
    elif damage == "link":
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
    else:
        rows = [["acme"] * len(COLUMNS)]
        other = json.dumps({"columns": COLUMNS[::-1], "models": rows})
        LastGood(str(file.parent)).save("acme", site.source.place, other)
    found = Site(upstream, tmp_path / "cache").lists.list("acme")
    assert found.tier == "catalogue"


def test_a_directory_that_cannot_be_written_costs_nothing(
    upstream: Upstream, tmp_path: Path
) -> None:
    """The answer is in memory all the same."""
    (tmp_path / "file").write_text("")
    site = Site(upstream, tmp_path / "file" / "cache")
    assert site.settle().tier == "cache"


def test_what_is_never_kept_is_live_all_the_same(
    upstream: Upstream, tmp_path: Path
) -> None:
    """With no seconds to last, an answer that was waited for is of now."""
    site = Site(upstream, tmp_path, lasts=0)
    assert site.lists.list("acme", force=True).tier == "api"
    assert site.lists.list("acme").tier == "last_good"


def test_clearing_has_the_api_asked_anew(site: Site, upstream: Upstream) -> None:
    """The next reader has it asked, and reads what was last answered meanwhile."""
    site.settle()
    site.lists.clear("beta")
    assert site.lists.list("acme").tier == "cache"
    for provider in ("acme", None):
        site.lists.clear(provider)
        assert site.lists.list("acme").tier == "last_good"
        site.settle()
    assert upstream.count(PATH) == 3


def test_a_missing_key_is_a_word(upstream: Upstream, tmp_path: Path) -> None:
    """No exception, no request; with the key the API is asked."""
    site = Site(upstream, tmp_path, ("ACME_KEY",))
    for force in (False, True):
        found = site.lists.list("acme", force=force)
        assert found.tier == "catalogue"
        assert "ACME_KEY" in found.error
    assert upstream.count() == 0
    site.environ["ACME_KEY"] = "k" * 20
    assert site.lists.list("acme", force=True).tier == "api"


def _named_by_key(exchange: Exchange) -> None:
    """Answer a model that is the account's own."""
    key = dict(exchange.headers).get("authorization", "none")
    answer({"data": [{"id": f"of-{key[-1].lower()}"}]})(exchange)


def test_another_key_is_noticed_at_once(upstream: Upstream, tmp_path: Path) -> None:
    """What one account was answered is nothing that another has, here or on disk."""
    upstream.on(PATH, _named_by_key)
    site = Site(upstream, tmp_path, ("ACME_KEY",))
    site.environ["ACME_KEY"] = "k" * 20 + "a"
    assert [m.id for m in site.settle()] == ["of-a"]
    site.environ["ACME_KEY"] = "k" * 20 + "b"
    changed = site.lists.list("acme")
    assert (changed.tier, changed.error) == ("catalogue", "")
    assert [m.id for m in site.settle()] == ["of-b"]
    assert upstream.count(PATH) == 2
    del site.environ["ACME_KEY"]  # nobody else asks: it is still what was answered
    assert [m.id for m in site.lists.list("acme")] == ["of-b"]
    upstream.on(PATH, status(503))
    for last, tier in (("b", "last_good"), ("c", "catalogue")):
        other = Site(upstream, tmp_path, ("ACME_KEY",))
        other.environ["ACME_KEY"] = "k" * 20 + last
        assert other.lists.list("acme").tier == tier


def test_a_key_that_was_refused_is_no_reason_to_wait_with_another(
    upstream: Upstream, tmp_path: Path
) -> None:
    """The pause after a failure is that of the key that failed."""
    site = Site(upstream, tmp_path, ("ACME_KEY",))
    site.environ["ACME_KEY"] = "k" * 20
    upstream.on(PATH, status(401))
    assert site.lists.list("acme", force=True).tier == "catalogue"
    upstream.on(PATH, answer(WHOLE))
    site.environ["ACME_KEY"] = "m" * 20
    assert site.lists.list("acme").error == ""
    assert site.settle().error == ""


def test_what_is_kept_tells_no_key(upstream: Upstream, tmp_path: Path) -> None:
    """Eight digits of a digest tell keys apart; nothing of the key is written."""
    site = Site(upstream, tmp_path, ("ACME_KEY",))
    key = site.environ["ACME_KEY"] = "canary-0123456789abcdef"
    site.lists.list("acme", force=True)
    (file,) = tmp_path.glob("*.answer")
    data = file.read_bytes()
    assert not any(form.encode() in data for form in spellings(key))
    account = json.loads(data.partition(b"\n")[2])["account"]
    assert (len(account), account) == (8, site.source.account())
    assert key[:8] not in account


def test_a_provider_that_no_source_lists_says_so(site: Site) -> None:
    """It is answered from the catalogue."""
    found = site.lists.list("beta")
    assert found.tier == "catalogue"
    assert "no source lists the models of beta" in found.error
    assert [m.id for m in found] == ["b", "c"]


def test_a_source_of_a_providers_name_may_be_anothers(site: Site) -> None:
    """Asked by its own name it lists its provider's; a provider's list is its own."""
    site.source.name = "proxy"
    found = site.lists.list("proxy", force=True)
    assert (found.tier, [m.ref for m in found]) == ("api", ["acme/fresh", "acme/two"])
    site.lists.clear()
    site.source.name = "beta"  # a provider of the catalogue, which acme's API is not
    found = site.lists.list("beta", force=True)
    assert (found.tier, [m.id for m in found]) == ("catalogue", ["b", "c"])
    assert "no source lists the models of beta" in found.error


def test_guards_hold_a_live_list_too(upstream: Upstream, tmp_path: Path) -> None:
    """What a sync would hold back is not served live either: the old value is."""
    site = Site(upstream, tmp_path, guards=Wary())
    api = site.source.api

    def read(pages: Any, at: str, row: Any) -> Any:
        reading = api.read(pages, at, row)
        reading.claims.models["acme", "two"]["pricing.input"] = Decimal(5_000)
        reading.claims.models["acme", "two"]["pricing.output"] = Decimal(6_000)
        return reading

    site.source.api = replace(api, read=read)
    found = {m.id: m for m in site.lists.list("acme", force=True)}
    assert found["two"].pricing.input == Decimal(2)
    assert found["two"].context_window == 200_000


def test_what_people_wrote_is_on_top_also_when_it_comes_later(
    site: Site, upstream: Upstream
) -> None:
    """An edit is in the list soon, without asking the API again."""
    site.settle()
    edit = {"context_window": 77_000}
    site.registry.edits.set("acme/two", edit, because="ours")
    until = time.monotonic() + 5
    while (found := site.lists.list("acme"))[1].context_window != 77_000:
        assert time.monotonic() < until
        assert found.tier == "cache"
        time.sleep(0.01)
    assert upstream.count(PATH) == 1


def test_what_people_wrote_is_on_top_of_the_last_good_answer(
    site: Site, upstream: Upstream, tmp_path: Path
) -> None:
    """An edit later than the answer holds, here and in another process; till undone."""
    site.settle()
    site.rest()
    upstream.on(PATH, status(503))
    site.age(4_000)
    site.lists.list("acme")
    site.rest()
    edit = {"context_window": 77_000, "pricing.input": Decimal(9)}
    for one in (site, Site(upstream, tmp_path / "cache")):
        one.registry.edits.set("acme/two", edit, because="ours")
        found = one.lists.list("acme")
        assert (found.tier, [m.id for m in found]) == ("last_good", ["fresh", "two"])
        assert (found[1].context_window, found[1].pricing.input) == (77_000, 9)
        assert found[1].source_of("context_window") == "curated"
        one.rest()
    site.registry.edits.unpin("acme/two")
    found = site.lists.list("acme")
    assert found[1].pricing.input == Decimal(2)


def test_what_people_disabled_is_in_no_list(site: Site) -> None:
    """Nor in a live one, though the API has it."""
    site.registry.edits.disable("acme/two", because="not for us")
    assert [m.id for m in site.lists.list("acme", force=True)] == ["fresh"]
    site.registry.edits.enable("acme/two")
    assert [m.id for m in site.lists.list("acme", force=True)] == ["fresh", "two"]


def test_the_users_yaml_is_on_top(site: Site) -> None:
    """A directory of YAML lies over what an API says."""
    text = b"provider: acme\nmodels: {two: {context_window: 5000}}\n"
    site.office.around.layers = [load_text(text, "acme.yaml")]
    found = {m.id: m.context_window for m in site.lists.list("acme", force=True)}
    assert found == {"fresh": 8_192, "two": 5_000}


def test_200_readers_with_the_same_expiry_make_one_request(
    site: Site, upstream: Upstream
) -> None:
    """One request per interval, and all have read before it is answered."""
    site.settle()
    for interval in range(3):
        released = threading.Event()
        upstream.on(PATH, _held(released))
        site.age(4_000)
        tiers = _read_all(site, 200)
        assert tiers == ["last_good"] * 2_000
        until = time.monotonic() + 5
        while upstream.count(PATH) < interval + 2:
            assert time.monotonic() < until
            time.sleep(0.005)
        released.set()
        site.settle()
        assert upstream.count(PATH) == interval + 2


def _held(released: threading.Event) -> Any:
    def behave(exchange: Any) -> None:
        released.wait(2)
        answer(WHOLE)(exchange)

    return behave


def _read_all(site: Site, count: int) -> list[str]:
    """Have so many threads read at once, ten times each; return the tiers."""
    tiers: list[str] = []
    gate = threading.Barrier(count)

    def read() -> None:
        gate.wait()
        tiers.extend(site.lists.list("acme").tier for _ in range(10))

    threads = [threading.Thread(target=read) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tiers


def test_the_desk_is_opened_once_and_late(site: Site) -> None:
    """Nothing is loaded before somebody asks."""
    assert site.opened == 0
    site.settle()
    site.lists.list("beta")
    assert site.opened == 1
