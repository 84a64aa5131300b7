"""Reading published packages from a registry on this machine."""

from __future__ import annotations

import gzip
import json
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from modeldex.bootstrap import backfilling
from modeldex.bootstrap.backfilling import backfill, fetch
from modeldex.errors import SourceError, SourceFormatError
from modeldex.sources import index_client as client_module
from modeldex.sources.index_client import (
    MAX_REDIRECTS,
    MAX_WAIT_S,
    TRIES,
    Access,
    Client,
)
from modeldex.sources.package_history import Kept, Release, Shelf, load_payload
from modeldex.sources.package_index import Index
from modeldex.sources.package_listing import of_npm
from modeldex.sources.package_settings import Registry
from package_server import END, ENTRY, JSON, Packages, changed, serving, wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAP = "acme/map.json"
ROWS = json.dumps({f"m{n}": {"cost": 2.50} for n in range(500)}).encode()
SHELF = Shelf("litellm", "pypi", "acme", MAP)
AT = "2025-01-01T00:00:00.5Z"
LIMIT = 1_000_000


_OPEN: list[Index] = []


@pytest.fixture
def packages() -> Iterator[Packages]:
    with serving() as served:
        yield served
        while _OPEN:
            _OPEN.pop().close()


def _index(packages: Packages, *folders: Path, **access: Any) -> Index:
    waits: list[float] = []
    client = Client(Access(**access), waits.append)
    index = Index(Registry((f"{packages.url}/simple",), folders, Access()), client)
    index.waits = waits  # type: ignore[attr-defined]
    _OPEN.append(index)
    return index


def _npm(packages: Packages) -> Index:
    index = Index(Registry((packages.url,), (), Access()))
    _OPEN.append(index)
    return index


def _got(index: Index, member: str = MAP, limit: int = LIMIT) -> Any:
    (file,) = index.wheels("acme")
    return index.member(file, member, limit)


@pytest.mark.parametrize("form", [JSON, "text/html"])
def test_one_member_is_read_by_ranges(packages: Packages, form: str) -> None:
    whole = wheel({MAP: ROWS})
    packages.add_wheels("acme", {"1.0": (AT, whole)}, form)
    got = _got(_index(packages))
    assert (got.data, got.way) == (ROWS, "range")
    assert got.fetched < len(whole) / 3
    spans = [span for path, span, _ in packages.asked if path.startswith("/files/")]
    assert spans[0].startswith("bytes=-")
    assert len(spans) == 2  # the end with its list, and the member


def test_a_server_that_sends_another_range_is_asked_for_the_whole(
    packages: Packages,
) -> None:
    packages.add_wheels("acme", {"1.0": (AT, wheel({MAP: ROWS}))})
    packages.wrong = True
    got = _got(_index(packages))
    assert (got.data, got.way) == (ROWS, "whole")
    spans = [span for path, span, _ in packages.asked if path.startswith("/files/")]
    assert [bool(span) for span in spans] == [True, False]  # not believed once


def test_a_server_without_ranges_sends_the_whole_once(packages: Packages) -> None:
    whole = wheel({MAP: ROWS})
    packages.add_wheels("acme", {"1.0": (AT, whole)})
    packages.ranges = False
    got = _got(_index(packages))
    assert (got.data, got.way, got.fetched) == (ROWS, "whole", len(whole))
    assert len(packages.asked) == 2


def test_a_small_wheel_is_fetched_whole_and_checked(packages: Packages) -> None:
    small = wheel({MAP: ROWS}, bulk=0)
    packages.add_wheels("acme", {"1.0": (AT, small)})
    got = _got(_index(packages))
    assert (got.data, got.way, got.fetched) == (ROWS, "whole", len(small))
    packages.files["/files/acme-1.0-py3-none-any.whl"] = wheel({MAP: b"{}"}, bulk=0)
    with pytest.raises(SourceFormatError, match="hash"):
        _got(_index(packages))


def test_a_long_list_of_members_is_read_too(packages: Packages) -> None:
    many = {f"acme/{'n' * 80}{n}.py": b"" for n in range(400)}
    packages.add_wheels("acme", {"1.0": (AT, wheel({**many, MAP: ROWS}))})
    got = _got(_index(packages))
    assert (got.data, got.way) == (ROWS, "range")
    assert len(packages.asked) == 4


@pytest.mark.parametrize("ranges", [True, False])
def test_a_member_that_is_missing_is_none(packages: Packages, *, ranges: bool) -> None:
    packages.add_wheels("acme", {"1.0": (AT, wheel({"acme/else.json": ROWS}))})
    packages.ranges = ranges
    assert _got(_index(packages)).data is None


@pytest.mark.parametrize("ranges", [True, False])
def test_a_member_that_is_too_large_is_refused(
    packages: Packages, *, ranges: bool
) -> None:
    packages.add_wheels("acme", {"1.0": (AT, wheel({MAP: ROWS}))})
    packages.ranges = ranges
    with pytest.raises(SourceFormatError, match="larger than 100 bytes"):
        _got(_index(packages), limit=100)


@pytest.mark.parametrize("form", [JSON, "text/html"])
def test_what_is_damaged_is_fetched_whole_and_refused(
    packages: Packages, form: str
) -> None:
    damaged = changed(wheel({MAP: ROWS}), ENTRY, 16, "<L", 1)  # another CRC
    packages.add_wheels("acme", {"1.0": (AT, damaged)}, form)
    with pytest.raises(SourceFormatError, match="CRC"):
        _got(_index(packages))
    assert packages.asked[-1][1] == ""


def test_what_no_range_can_read_is_read_whole(packages: Packages) -> None:
    into = BytesIO(wheel({MAP: ROWS}))
    with ZipFile(into, "a") as archive, archive.open("z", "w", force_zip64=True) as z:
        z.write(b"z")
    whole = changed(into.getvalue(), END, 16, "<L", 0xFFFFFFFF)  # "see zip64"
    packages.add_wheels("acme", {"1.0": (AT, whole)})
    with pytest.raises(SourceFormatError):  # there is no such record
        _got(_index(packages))
    assert packages.asked[-1][1] == ""


def test_a_whole_file_is_what_the_index_says_or_refused(packages: Packages) -> None:
    wrong = {"hashes": {"sha256": "00" * 32}}
    packages.add_wheels("acme", {"1.0": (AT, wheel({MAP: ROWS}))}, **wrong)
    packages.ranges = False
    with pytest.raises(SourceFormatError, match="hash"):
        _got(_index(packages))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again_but_not_for_ever(
    packages: Packages, status: int
) -> None:
    packages.add_wheels("acme", {"1.0": (AT, wheel({MAP: ROWS}))})
    packages.busy["/simple/acme/"] = [status] * (TRIES - 1)
    index = _index(packages)
    assert _got(index).data == ROWS
    assert index.waits == [0.5, 1.0, 2.0]  # type: ignore[attr-defined]
    packages.busy["/simple/acme/"] = [status] * (TRIES + 5)
    with pytest.raises(SourceError, match=f"answers {status}"):
        _got(_index(packages))
    assert len(packages.busy["/simple/acme/"]) == 5


def test_a_server_cannot_make_one_wait_long() -> None:
    busy = client_module.Answer(429, {"retry-after": "86400"}, "")
    assert client_module._pause(1, busy) == MAX_WAIT_S
    assert client_module._pause(1, busy._replace(headers={"retry-after": "3"})) == 3
    assert client_module._pause(3, None) == 2
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=9), usegmt=True)
    dated = busy._replace(headers={"retry-after": soon})
    assert 6 <= client_module._pause(1, dated) <= 9


@pytest.mark.parametrize("ranges", [True, False])
def test_an_answer_that_breaks_off_is_asked_again(
    packages: Packages, *, ranges: bool
) -> None:
    packages.add_wheels("acme", {"1.0": (AT, wheel({MAP: ROWS}))})
    packages.ranges = ranges
    packages.cut = set(packages.files)
    got = _got(_index(packages))
    assert got.data == ROWS
    assert got.way == ("range" if ranges else "whole")


def test_a_server_that_is_not_there_is_an_error() -> None:
    nowhere = Registry(("http://127.0.0.1:9/simple",), (), Access())
    index = Index(nowhere, Client(Access(), lambda _: None))
    with closing(index), pytest.raises(SourceError, match=r"127\.0\.0\.1:9"):
        index.wheels("acme")


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:9/x",
        "https://elsewhere.example/x",
        "file:///etc/passwd",
        "http://[bad",
        "/simple/acme/",  # for ever
        "",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(packages: Packages, to: str) -> None:
    packages.moved["/simple/acme/"] = to
    with pytest.raises(SourceFormatError, match=r"not followed|too many redirects"):
        _index(packages).wheels("acme")


def test_redirects_are_followed_a_few_times(packages: Packages) -> None:
    packages.moved["/simple/acme/"] = "/simple/acme/"
    with pytest.raises(SourceFormatError, match="too many redirects"):
        _index(packages).wheels("acme")
    assert len(packages.asked) == MAX_REDIRECTS + 1


def test_a_redirect_on_the_same_server_is_followed(packages: Packages) -> None:
    packages.add_wheels("acme", {"1.0": (AT, wheel({MAP: ROWS}))}, "text/html")
    page = "/simple/acme/"
    packages.moved[page] = "/elsewhere/acme/"
    packages.files["/elsewhere/acme/"] = packages.files[page]
    assert _got(_index(packages)).data == ROWS


def test_only_the_right_server_gets_credentials(packages: Packages) -> None:
    packages.add_wheels("acme", {"1.0": (AT, wheel({MAP: ROWS}))})
    with serving() as other:
        keys = {other.url: "Basic y", packages.url: "Basic x"}
        index = _index(packages, credentials=keys)
        assert _got(index).data == ROWS
        assert {key for _, _, key in packages.asked} == {"Basic x"}
        packages.moved["/simple/acme/"] = f"{other.url}/x"
        with pytest.raises(SourceFormatError, match="not followed"):
            index.wheels("acme")
        assert other.asked == []


@pytest.mark.parametrize(
    "said",
    [
        {"filename": "../acme-1.0-py3-none-any.whl"},
        {"filename": "acme-..-py3-none-any.whl"},
        {"filename": "other-1.0-py3-none-any.whl"},
        {"filename": "acme-1.0.tar.gz"},
        {"url": "http://127.0.0.1:9/acme-1.0-py3-none-any.whl"},
        {"url": "file:///etc/passwd"},
        {"url": "ftp://x/y"},
        {"url": "http://127.0.0.1:x/y"},
    ],
)
def test_odd_files_of_an_index_are_left_out(
    packages: Packages, said: dict[str, str]
) -> None:
    packages.add_wheels("acme", {"1.0": (AT, b"")}, **said)
    with pytest.raises(SourceError, match="no index has a wheel of acme"):
        _index(packages).wheels("acme")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"files": [{}]}', b'{"meta": {"api-version": "2.0"}, "files": []}'],
)
def test_an_odd_listing_is_an_error(packages: Packages, body: bytes) -> None:
    packages.files["/simple/acme/"] = body
    packages.types["/simple/acme/"] = JSON
    with pytest.raises(SourceFormatError, match="/simple/acme/: "):
        _index(packages).wheels("acme")
    packages.files["/acme"] = body
    with pytest.raises(SourceFormatError, match="/acme: "):
        _npm(packages).tarballs("acme")


def test_a_listing_is_bounded(
    packages: Packages, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages.add_wheels("acme", {"1.0": (AT, b"")})
    monkeypatch.setattr("modeldex.sources.package_index.MAX_LISTING_BYTES", 50)
    with pytest.raises(SourceFormatError, match="larger than 50 bytes"):
        _index(packages).wheels("acme")


def test_a_wheel_at_hand_is_not_fetched(packages: Packages, tmp_path: Path) -> None:
    packages.add_wheels("acme", {"1.0": (AT, wheel({MAP: ROWS}))})
    name = "acme-1.0-py3-none-any.whl"
    (tmp_path / name).write_bytes(packages.files.pop(f"/files/{name}"))
    got = _got(_index(packages, tmp_path))
    assert (got.data, got.way, got.fetched) == (ROWS, "local", 0)
    (tmp_path / name).write_bytes(wheel({MAP: b"{}"}))
    with pytest.raises(SourceFormatError, match="hash"):
        _got(_index(packages, tmp_path))


def test_an_index_in_a_folder(packages: Packages, tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "a.whl").write_bytes(b"")
    whole = wheel({MAP: ROWS})
    (tmp_path / "acme-1.0-py3-none-any.whl").write_bytes(whole)
    page = '<a href="../acme-1.0-py3-none-any.whl">x</a>'
    (tmp_path / "acme" / "index.html").write_text(page)
    assert _got(_index(packages, tmp_path)).data == ROWS


def _tarball(rows: bytes) -> bytes:
    into = BytesIO()
    with tarfile.open(fileobj=into, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/dist/providers/data/acme.json")
        entry.size = len(rows)
        archive.addfile(entry, BytesIO(rows))
    return into.getvalue()


PI = Shelf("pi-ai", "npm", "@acme/pi", "package/dist/providers/data/*.json")


def test_a_tarball_is_fetched_whole_and_checked(
    packages: Packages, tmp_path: Path
) -> None:
    data = _tarball(b'{"m": {"id": "m"}}')
    times = {"1.0.0": ("2026-10-01T00:00:00.123Z", data)}
    packages.add_tarballs("@acme/pi", {**times, "../x": ("2026-10-02T00:00:00Z", b"")})
    index = _npm(packages)
    made = fetch(PI, tmp_path, index, lambda *_: None)
    assert made.failed == []
    row = made.row()
    assert (row["versions"], row["whole"], row["bytes"]) == (1, 1, len(data))
    kept = Kept(tmp_path, PI)
    assert kept.releases() == [Release("1.0.0", "2026-10-01T00:00:00Z")]
    blob = tmp_path / "payloads" / f"{kept.digest('1.0.0')}.json.xz"
    assert load_payload(blob) == {"acme": {"m": {"id": "m"}}}
    path = next(path for path in packages.files if path.endswith("1.0.0.tgz"))
    packages.files[path] = gzip.compress(b"else")
    made = fetch(PI, tmp_path / "new", index, lambda *_: None)
    assert "hash" in made.failed[0]


@pytest.mark.parametrize("name", ["x%2Fy.tgz", "..", "", "-x.tgz"])
def test_odd_tarballs_are_left_out(name: str) -> None:
    rows = {"1.0": {"dist": {"tarball": f"https://a.example/{name}"}}}
    assert list(of_npm(rows, {}, "https://a.example")) == []
    fine = {"1.0": {"dist": {"tarball": "https://a.example/x.tgz"}}}
    assert [file.name for file in of_npm(fine, {}, "")] == ["x.tgz"]
    assert list(of_npm({"../1": fine["1.0"]}, {}, "")) == []


def test_what_broke_off_goes_on_where_it_was(
    packages: Packages, tmp_path: Path
) -> None:
    days = {f"1.{n}": (f"2025-01-0{n + 1}T00:00:00Z", n) for n in range(6)}
    wheels = {v: (at, wheel({MAP: b'{"m": %d}' % n})) for v, (at, n) in days.items()}
    packages.add_wheels("acme", wheels)
    gone = "/files/acme-1.3-py3-none-any.whl"
    hidden = packages.files.pop(gone)
    made = fetch(SHELF, tmp_path, _index(packages), lambda *_: None)
    assert len(made.failed) == 1
    assert "acme 1.3: " in made.failed[0]
    assert made.row()["range"] == 5
    packages.files[gone] = hidden
    packages.asked.clear()
    made = fetch(SHELF, tmp_path, _index(packages), lambda *_: None)
    assert {path for path, _, _ in packages.asked} == {"/simple/acme/", gone}
    kept = Kept(tmp_path, SHELF)
    assert all(kept.digest(version) for version in wheels)


def test_a_stop_in_the_middle_loses_nothing_that_was_read(
    packages: Packages, tmp_path: Path
) -> None:
    at = (f"2025-01-{n:02}T00:00:00Z" for n in range(1, 31))
    wheels = {f"1.{n}": (day, wheel({MAP: ROWS})) for n, day in enumerate(at)}
    packages.add_wheels("acme", wheels)

    def stop(count: int, _: int) -> None:
        if count == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(SHELF, tmp_path, _index(packages), stop)
    kept = Kept(tmp_path, SHELF)
    assert sum(bool(kept.digest(version)) for version in wheels) == 7
    made = fetch(SHELF, tmp_path, _index(packages), lambda *_: None)
    assert made.row()["range"] == 23


def test_an_index_without_times_is_an_error(packages: Packages, tmp_path: Path) -> None:
    packages.add_wheels("acme", {"1.0": (AT, wheel({MAP: ROWS}))}, "text/html")
    with pytest.raises(SourceError, match="does not tell when"):
        fetch(SHELF, tmp_path, _index(packages), lambda *_: None)
    undated = SHELF._replace(dated=False)
    assert fetch(undated, tmp_path, _index(packages), lambda *_: None).failed == []
    assert Kept(tmp_path, undated).releases() == [Release("1.0", "")]


def test_the_command_tells_how_it_read(
    packages: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = b'{"m": {"litellm_provider": "openai", "mode": "chat"}}'
    packages.add_wheels("acme", {"1.0": (AT, wheel({MAP: table}))})
    monkeypatch.setattr(backfilling, "SHELVES", (SHELF,))
    monkeypatch.setattr(backfilling, "open_index", lambda _: _index(packages))
    made = backfill(["litellm"], tmp_path, lambda *_: None)
    (row,) = made.packages
    assert (row["package"], row["range"], row["whole"]) == ("acme", 1, 0)
    assert 0 < row["bytes"] < 100_000
    assert made.rows[0]["models"] == 1
