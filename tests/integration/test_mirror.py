"""A registry at a URL: mirrored, followed, last known, never wrong."""

from __future__ import annotations

import logging
import os
import threading
import time
import warnings
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import modeldex
from modeldex.bootstrap.mirror_files import folder_of
from modeldex.bootstrap.past import Past
from modeldex.cli import run
from modeldex.errors import (
    ForbiddenAddressError,
    InvalidInputError,
    SourceError,
    SourceFormatError,
)
from modeldex.usecases.publishing import publish
from sites import EVENTS, MANIFEST, Site, wait_until
from stored import ENTRIES, GPT, WHY, Memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.registry import Registry

D = Decimal


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give each test places of its own."""
    for name in ("CACHE", "DATA"):
        monkeypatch.setenv(f"MODELDEX_{name}_DIR", str(tmp_path / name.lower()))
    monkeypatch.setenv("MODELDEX_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text("")
    monkeypatch.delenv("MODELDEX_TOKEN", raising=False)
    return tmp_path


@pytest.fixture
def origin() -> Registry:
    """Return a registry that is written to."""
    registry = Memory(ENTRIES).registry()
    registry._past = lambda: Past(())
    registry.edits.set(GPT, {"pricing.input": D(2)}, **WHY)
    return registry


@pytest.fixture
def site(origin: Registry) -> Iterator[Site]:
    """Serve what that registry publishes."""
    with Site() as served:
        served.put(origin.publication())
        yield served


def price(registry: Registry) -> Decimal | None:
    """Return the input price of a model."""
    found: Decimal | None = registry.get_info(GPT).pricing.input
    return found


def follow(site: Site, **options: Any) -> Registry:
    """Open the registry of a site, asking it often."""
    return modeldex.open(site.url, **{"every": 0.05, **options})


def test_a_mirror_answers_as_the_registry_does(origin: Registry, site: Site) -> None:
    """Models, past prices, changes and provenance are those of the origin."""
    with follow(site) as mirror:
        assert mirror.mirror is not None
        status = mirror.mirror.status()
        assert (status.tier, status.revision) == ("live", 2)
        assert status.age is not None
        assert status.age < 1
        assert mirror.find_refs() == origin.find_refs()
        assert price(mirror) == D(2)
        for at in ("2026-06-14", "2026-06-15", "2027-01-02"):
            assert mirror.price(GPT, at) == origin.price(GPT, at)
        span = ("2026-06-15", "2026-06-15T23:00:00Z")
        assert any(change.layer == "own" for change in mirror.changes(*span))
        assert mirror.changes(*span) == origin.changes(*span)
        assert mirror.get_info(GPT).as_dict() == origin.get_info(GPT).as_dict()
        assert mirror.digest == origin.publication().manifest.digest
        early = mirror.as_of("2026-06-15")
        assert early.find_refs() == origin.as_of("2026-06-15").find_refs()


def test_nothing_private_is_published(origin: Registry) -> None:
    """The snapshot names no store and no file of the publisher."""
    publication = origin.publication()
    (data, *_) = publication.files.values()
    assert b"memory" not in data.partition(b"bodies\n\0")[0]
    assert b"store " not in data


def test_a_store_that_holds_nothing_makes_no_other_snapshot(origin: Registry) -> None:
    """Its epoch is no part of it: who follows a new service fetches once."""
    assert origin.publication().manifest.epoch  # of a store that holds an edit
    served = Memory(ENTRIES).registry().catalog
    first, later = (
        publish(served, {"id": "a", "epoch": epoch}, {}, version="1")
        for epoch in ("", "e1")
    )
    assert first == later
    assert first.manifest.epoch == ""


def test_what_is_new_is_swapped_in(origin: Registry, site: Site) -> None:
    """A poll finds the next revision; what is the same is answered with 304."""
    with follow(site) as mirror:
        wait_until(lambda: site.count() > 3)
        assert sum(path.startswith("snapshot/") for path, _, _ in site.asked) == 1
        origin.edits.set(GPT, {"pricing.input": D("1.5")}, **WHY)
        site.put(origin.publication())
        wait_until(lambda: price(mirror) == D("1.5"))
        follower = mirror.mirror
        assert follower is not None
        wait_until(lambda: follower.status().revision == 3)
        snapshots = [path for path, _, _ in site.asked if path.startswith("snapshot/")]
        assert len(snapshots) == 2
        assert all(path.startswith("snapshot/v2/") for path in snapshots)


def test_an_event_is_acted_on_at_once(origin: Registry, site: Site) -> None:
    """With events the next revision is there long before the next poll."""
    site.put(origin.publication(events=EVENTS))
    with follow(site, every=30) as mirror:
        wait_until(lambda: site.count(EVENTS) == 1)
        origin.edits.set(GPT, {"pricing.input": D("1.5")}, **WHY)
        publication = origin.publication(events=EVENTS)
        site.put(publication)
        began = time.monotonic()
        site.tell(publication)
        wait_until(lambda: price(mirror) == D("1.5"), 2)
        assert time.monotonic() - began < 1
        assert mirror.mirror is not None
        assert mirror.mirror.status().events is True
        wait_until(lambda: site.count(EVENTS) == 2)
        last = [headers for path, _, headers in site.asked if path == EVENTS][-1]
        assert last["Last-Event-ID"] == "1"
        began = time.monotonic()
    assert time.monotonic() - began < 2  # closing breaks the stream off


def test_events_that_break_off_are_asked_about(origin: Registry, site: Site) -> None:
    """Who goes is missed long before the next poll, and heard again when it is back."""
    site.put(origin.publication(events=EVENTS))
    with follow(site, every=60) as mirror:
        follower = mirror.mirror
        assert follower is not None
        wait_until(lambda: site.count(EVENTS) == 1)
        site.half = True
        site.close()
        wait_until(lambda: follower.status().tier == "last known", 3)
        site.half = False
        site.reopen()
        wait_until(lambda: site.count(EVENTS) == 2)
        assert follower.status().tier == "live"
        origin.edits.set(GPT, {"pricing.input": D("1.5")}, **WHY)
        site.put(origin.publication(events=EVENTS))
        site.tell(origin.publication(events=EVENTS))
        wait_until(lambda: price(mirror) == D("1.5"), 3)


def test_events_that_never_come_are_asked_for_less_and_less(
    origin: Registry, site: Site
) -> None:
    """A stream that breaks at once costs a few questions, not one after the other."""
    site.put(origin.publication(events="away/events"))
    with follow(site, every=60):
        wait_until(lambda: site.count() > 1)
        time.sleep(1.5)
        assert site.count() <= 8


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"epoch": 1}', '{"epoch": "x", "revision": "many"}', "null"],
)
def test_a_forged_event_changes_nothing(
    origin: Registry, site: Site, text: str
) -> None:
    """What is no event of a revision is not even asked about."""
    site.put(origin.publication(events=EVENTS))
    with follow(site, every=30) as mirror:
        wait_until(lambda: site.count(EVENTS) == 1)
        site.events.append(text)
        time.sleep(0.1)
        assert site.count() == 1
        assert price(mirror) == D(2)


def test_a_lying_event_only_asks_again(origin: Registry, site: Site) -> None:
    """An event of a revision that is not there asks, twice a second at most."""
    site.put(origin.publication(events=EVENTS))
    with follow(site, every=30) as mirror:
        wait_until(lambda: site.count(EVENTS) == 1)
        site.events += ['{"epoch": "zz", "revision": 900}'] * 50
        time.sleep(1.2)
        assert 2 <= site.count() <= 5
        assert price(mirror) == D(2)


def test_the_last_known_answers_while_it_is_away(
    site: Site, origin: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told once, with its age; another process opens it from the disk."""
    with follow(site) as mirror:
        site.close()
        follower = mirror.mirror
        assert follower is not None
        wait_until(lambda: follower.status().tier == "last known")
        assert price(mirror) == D(2)
        wait_until(lambda: follower._failures > 1)
        told = [r for r in caplog.records if r.levelno == logging.WARNING]
        assert len(told) == 1
        assert "last known" in told[0].getMessage()
    with follow(site) as later:
        assert later.mirror is not None
        status = later.mirror.status()
        assert (status.tier, status.revision) == ("last known", 2)
        assert status.age is not None
        assert status.age > 0
        assert "refused" in status.trouble
        assert price(later) == D(2)
        origin.edits.set(GPT, {"pricing.input": D("1.5")}, **WHY)
        site.put(origin.publication())
        site.reopen()
        wait_until(lambda: price(later) == D("1.5"))
        again = later.mirror
        wait_until(lambda: again.status().tier == "live")


def test_the_shipped_catalogue_answers_where_nothing_is_known(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said loudly, is no error unless asked, and ends when the site is back."""
    site.close()
    with follow(site) as mirror:
        follower = mirror.mirror
        assert follower is not None
        status = follower.status()
        assert (status.tier, status.age) == ("shipped", None)
        assert len(mirror.find()) > 1000
        assert "SHIPPED" in caplog.text
        with pytest.raises(SourceError):
            follow(site, require=True)
        site.reopen()
        wait_until(lambda: follower.status().tier == "live")
        assert price(mirror) == D(2)
    with follow(site, require=True) as mirror:
        assert price(mirror) == D(2)


def kept_files(home: Path, site: Site) -> Path:
    """Return the folder of what is kept of a site."""
    return Path(folder_of(str(home / "cache"), site.url))


@pytest.mark.parametrize("damage", ["bit", "cut", "gone", "manifest", "writable"])
def test_what_is_damaged_on_disk_is_not_served(
    site: Site, home: Path, damage: str
) -> None:
    """The hash is checked before anything kept is opened."""
    with follow(site):
        pass
    site.close()
    folder = kept_files(home, site)
    (file,) = folder.glob("*.snapshot")
    assert folder.stat().st_mode & 0o777 == 0o700
    data = bytearray(file.read_bytes())
    if damage == "bit":
        data[len(data) // 2] ^= 4
        file.write_bytes(data)
    elif damage == "cut":
        file.write_bytes(data[:-1])
    elif damage == "gone":
        file.unlink()
    elif damage == "manifest":
        (folder / "manifest.json").write_text("{}")
    else:
        file.chmod(0o666)
    with follow(site) as mirror:
        assert mirror.mirror is not None
        assert mirror.mirror.status().tier == "shipped"


def flipped(publication: Any) -> dict[str, bytes]:
    """Return the files of a publication with one byte changed in each."""
    found = {}
    for path, data in publication.files.items():
        other = bytearray(data)
        other[len(other) // 2] ^= 1
        found[path] = bytes(other)
    return found


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"revision": 1}, "goes back"),
        ({"snapshots": {"9": {}}}, "sha256"),
        ({"snapshots": {}}, "format none"),
        ({"snapshots": {"1": {"path": "a", "sha256": "0" * 64, "size": 5}}}, "upgrade"),
        ({"snapshots": []}, "table"),
        ({"id": "../../etc"}, "id"),
        ({"chain": ["x"] * 65}, "chain"),
        ({"revision": "7"}, "revision"),
        ({"revision": -1}, "revision"),
        ({"digest": "0" * 64}, "another catalogue"),
        ({"events": "https://elsewhere/"}, "path"),
        ({"events": "//elsewhere/x"}, "path"),
        ({"events": "../x"}, "path"),
    ],
)
def test_an_unsound_manifest_changes_nothing(
    origin: Registry, site: Site, changed: dict[str, Any], why: str
) -> None:
    """What was served goes on, and the status says what is wrong."""
    with follow(site) as mirror:
        follower = mirror.mirror
        assert follower is not None
        origin.edits.set(GPT, {"pricing.input": D("1.5")}, **WHY)
        site.put(origin.publication(), **changed)
        wait_until(lambda: follower.status().trouble)
        assert why in follower.status().trouble
        assert price(mirror) == D(2)
        assert follower.status().tier == "last known"
        with pytest.raises(SourceFormatError):
            mirror.reload_config()
        site.put(origin.publication())
        mirror.reload_config()
        assert price(mirror) == D("1.5")


def test_a_snapshot_that_is_not_the_manifests_is_not_kept(
    origin: Registry, site: Site, home: Path
) -> None:
    """It is checked first, then kept."""
    with follow(site) as mirror:
        follower = mirror.mirror
        assert follower is not None
        origin.edits.set(GPT, {"pricing.input": D("1.5")}, **WHY)
        publication = origin.publication()
        site.put(publication)
        site.files |= flipped(publication)
        wait_until(lambda: "not the one" in follower.status().trouble)
        assert len(list(kept_files(home, site).glob("*.snapshot"))) == 1


def test_a_new_epoch_is_loaded_whole(site: Site, origin: Registry) -> None:
    """A restored store is another line of history, however low its revision."""
    other = Memory(ENTRIES).registry()
    other.edits.set(GPT, {"pricing.input": D(9)}, **WHY)
    with follow(site) as mirror:
        origin.edits.set(GPT, {"pricing.input": D("1.5")}, **WHY)
        site.put(origin.publication())
        wait_until(lambda: price(mirror) == D("1.5"))
        site.put(other.publication())
        wait_until(lambda: price(mirror) == D(9))


def test_the_token_goes_to_its_origin_alone(
    origin: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token is sent in a header; without it nothing is served."""
    secret = "mdx_" + "0f" * 16
    with Site(token=secret) as site:
        site.put(origin.publication(events=EVENTS))
        with follow(site) as refused:
            assert refused.mirror is not None
            assert "401" in refused.mirror.status().trouble
        with follow(site, token=secret) as mirror:
            assert price(mirror) == D(2)
        monkeypatch.setenv("MODELDEX_TOKEN", secret)
        with follow(site, every=30) as mirror:
            assert price(mirror) == D(2)
            wait_until(lambda: site.count(EVENTS) >= 1)
        assert all(secret not in f"{path}?{query}" for path, query, _ in site.asked)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://example.com/", ForbiddenAddressError),
        ("http://10.1.2.3/", ForbiddenAddressError),
        ("https://10.1.2.3/", ForbiddenAddressError),
        ("http://169.254.169.254/", ForbiddenAddressError),
        ("https://user:pass@127.0.0.1/", InvalidInputError),
        ("http://127.0.0.1:1/?token=x", InvalidInputError),
        ("http://127.0.0.1:99999/", InvalidInputError),
    ],
)
def test_addresses_that_are_not_asked(url: str, error: type[Exception]) -> None:
    """Plain http is for this host and named ones; a token never travels in a URL."""
    with pytest.raises(error):
        modeldex.open(url, token="x" * 20, require=True)


def test_a_mirror_is_not_written_to(site: Site) -> None:
    """The error names the service."""
    with follow(site) as mirror:
        for group in ("edits", "revisions", "reviews", "sources"):
            with pytest.raises(InvalidInputError, match=site.url):
                getattr(mirror, group)
    with pytest.raises(InvalidInputError, match="laid over"):
        modeldex.open(site.url, overlays=["."])


def test_a_mirror_published_again_is_the_same_registry(
    origin: Registry, site: Site
) -> None:
    """A site of a mirror has the manifest and the bytes of the origin."""
    with follow(site) as mirror:
        again = mirror.publication()
        assert again.manifest == origin.publication().manifest
        assert again.files == origin.publication().files


def test_a_read_keeps_its_catalogue_through_a_swap(
    origin: Registry, site: Site
) -> None:
    """Readers beside many swaps see the state of some revision, and never nothing."""
    allowed = {D(2), *(D(n) / 8 for n in range(1, 9))}
    seen: set[Any] = set()
    stop = threading.Event()
    with follow(site, every=0.02) as mirror:

        def read() -> None:
            while not stop.is_set():
                found = mirror.find(provider="openai")
                seen.add(len(found))
                seen.add(price(mirror))

        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for number in range(1, 9):
            origin.edits.set(GPT, {"pricing.input": D(number) / 8}, **WHY)
            site.put(origin.publication())
            wait_until(lambda n=number: price(mirror) == D(n) / 8)  # type: ignore[misc]
        stop.set()
        for reader in readers:
            reader.join()
    assert {value for value in seen if isinstance(value, Decimal)} <= allowed
    assert {value for value in seen if isinstance(value, int)} == {3}


def test_the_thread_ends_with_its_registry(site: Site) -> None:
    """Closing ends it, and so does dropping the registry."""

    def mirrors() -> int:
        return sum(t.name == "modeldex-mirror" for t in threading.enumerate())

    before = mirrors()
    with follow(site):
        assert mirrors() == before + 1
    assert mirrors() == before
    follow(site)
    wait_until(lambda: mirrors() == before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_process_goes_on_following(origin: Registry, site: Site) -> None:
    """No thread comes along into it, so it has one of its own."""
    with follow(site) as mirror, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
        if child == 0:
            with suppress(BaseException):
                wait_until(lambda: price(mirror) == D("1.5"), 10)
                mirror.close()
                os._exit(0)
            os._exit(1)
        origin.edits.set(GPT, {"pricing.input": D("1.5")}, **WHY)
        site.put(origin.publication())
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        wait_until(lambda: price(mirror) == D("1.5"))


def test_the_command_line_asks_a_url(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--catalog URL` asks what is served there."""
    assert run(["--catalog", site.url, "find", "provider:openai", "-q"]) == 0
    assert capsys.readouterr().out.split() == [
        "openai/gpt-4o",
        *("openai/latest", "openai/mini"),
    ]
    assert run(["--catalog", site.url, "edit", "disable", GPT]) == 2
    assert "followed here" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_next_start(
    site: Site, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a cache directory a mirror lives in memory."""
    (home / "file").write_text("")
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(home / "file" / "cache"))
    with follow(site) as mirror:
        assert price(mirror) == D(2)
        assert mirror.catalog.snapshot.path == "<memory>"


def test_what_is_kept_does_not_grow(origin: Registry, site: Site, home: Path) -> None:
    """The last three snapshots are kept."""
    with follow(site, every=0.02) as mirror:
        for number in range(1, 7):
            origin.edits.set(GPT, {"pricing.input": D(number)}, **WHY)
            site.put(origin.publication())
            wait_until(lambda n=number: price(mirror) == D(n))  # type: ignore[misc]
    assert len(list(kept_files(home, site).glob("*.snapshot"))) == 3
    assert MANIFEST != "manifest.json"


def test_closing_ends_a_stream_that_is_being_opened(
    origin: Registry, site: Site
) -> None:
    """However early it is closed, nothing waits for the end of the stream."""
    from modeldex.bootstrap.upstream import HttpUpstream

    site.put(origin.publication(events=EVENTS))
    upstream = HttpUpstream(site.url)
    upstream.hang_up()
    began = time.monotonic()
    with suppress(SourceError):
        upstream.listen(EVENTS, 30, "", lambda _event: True)
    assert time.monotonic() - began < 2
