"""Reading payloads out of files and published packages, without running them."""

from __future__ import annotations

import calendar
import gzip
import io
import json
import tarfile
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from modeldex.errors import SourceError, SourceFormatError
from modeldex.sources import packages
from modeldex.sources.packages import (
    MEMBERS,
    date_in_name,
    embedded_table,
    json_of_literal,
    newest_day,
    newest_member_day,
    python_providers,
    read_payload,
)

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = (
    b"\x7fELF junk f={a:{b:1}},p=n.sync(()=>({deepinfra:"
    b'{id:"deepinfra",env:["KEY"],name:"Deep",models:{"a/b":{id:"a/b",attachment:!1,'
    b"cost:{input:.13,output:1e6},reasoning:!0,x:void 0,canonical_model_id:'a/\\x62'}}}"
    b"}))tail"
)
MODULE = """
import os; os.abort()
providers: list[Provider] = [
    Provider(id='acme', name='Acme', extractors=[UsageExtractor(root='x')], models=[
        ModelInfo(id='m', match=ClauseEquals(equals='m'), context_window=100, prices=[
            ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('1.50'))),
            ConditionalPrice(
                constraint=StartDateConstraint(start_date=datetime.date(2026, 3, 1)),
                prices=ModelPrice(input_mtok=TieredPrices(
                    base=Decimal('2'), tiers=[Tier(start=5, price=Decimal('3'))])),
            ),
            ConditionalPrice(constraint=TimeOfDateConstraint(
                start_time=datetime.time(0, 30, tzinfo=datetime.UTC),
                end_time=datetime.time(16, tzinfo=datetime.UTC)),
                prices=ModelPrice(input_mtok=Decimal('4'))),
        ]),
    ]),
]
"""


def _tar(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def _zip(path: Path, name: str, data: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, data)
    return path


def test_json_plain_and_gzipped(tmp_path: Path) -> None:
    """Plain and gzipped JSON read alike, with exact decimals."""
    text = b'{"a": 1.25e-06, "b": 2}'
    (tmp_path / "a.json").write_bytes(text)
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(text, mtime=0))
    for name in ("a.json", "a.json.gz"):
        payload = read_payload("litellm", tmp_path / name)
        assert payload == {"a": Decimal("0.00000125"), "b": 2}


def test_litellm_wheel(tmp_path: Path) -> None:
    """The map of litellm is one member of its wheel."""
    wheel = _zip(tmp_path / "l.whl", MEMBERS["litellm"], b'{"m": {}}')
    assert read_payload("litellm", wheel) == {"m": {}}


def test_genai_wheel_is_parsed_and_never_run(tmp_path: Path) -> None:
    """The Python data module is read as data: its code does not run."""
    wheel = _zip(tmp_path / "g.whl", MEMBERS["genai-prices"], MODULE.encode())
    ((model,),) = [row["models"] for row in read_payload("genai-prices", wheel)]
    assert model["id"] == "m"
    assert [price.get("constraint") for price in model["prices"]] == [
        None,
        {"start_date": "2026-03-01"},
        {"start_time": "00:30", "end_time": "16:00"},
    ]
    tiered = model["prices"][1]["prices"]["input_mtok"]
    assert tiered == {"base": 2, "tiers": [{"start": 5, "price": 3}]}


@pytest.mark.parametrize("text", ["x = 1", "providers = open('x')", "providers ="])
def test_other_python_is_refused(text: str, tmp_path: Path) -> None:
    """A module without a literal list of providers is refused."""
    path = tmp_path / "data.py"
    path.write_text(text)
    with pytest.raises(SourceFormatError):
        read_payload("genai-prices", path)


def test_python_without_providers_is_refused() -> None:
    """The list must be called providers."""
    with pytest.raises(SourceFormatError, match="no list of providers"):
        python_providers("other = []")


def test_pi_ai_package_has_a_file_per_provider(tmp_path: Path) -> None:
    """Each JSON file of the package is a provider; hidden ones are not."""
    folder = "package/dist/providers/data"
    members = {
        f"{folder}/xai.json": b'{"api": {}}',
        f"{folder}/.manifest.json": b"{}",
        "package/README.md": b"no",
    }
    path = _tar(tmp_path / "p.tgz", members)
    assert read_payload("pi-ai", path) == {"xai": {"api": {}}}


def test_models_dev_out_of_a_program(tmp_path: Path) -> None:
    """The JavaScript table in the program's bytes is found and read."""
    path = _tar(tmp_path / "o.tgz", {"package/bin/opencode": PROGRAM})
    model = read_payload("models.dev", path)["deepinfra"]["models"]["a/b"]
    assert model["cost"] == {"input": Decimal("0.13"), "output": Decimal("1E+6")}
    assert (model["attachment"], model["reasoning"], model["x"]) == (False, True, None)
    assert model["canonical_model_id"] == "a/b"


LITERALS = [
    (
        "{a:1,$b:[!0,!1,null],'c d':`x`}",
        {"a": 1, "$b": [True, False, None], "c d": "x"},
    ),
    ("{302:{x:-.5,y:5.,z:2.e3}}", {"302": {"x": -0.5, "y": 5, "z": 2000.0}}),
    ('{s:"q\\"\\u0041\\u{1F600}\\n\\/"}', {"s": 'q"A\U0001f600\n/'}),
    ("{a:void 0,b:undefined} rest", {"a": None, "b": None}),
]


@pytest.mark.parametrize(("text", "expected"), LITERALS)
def test_javascript_literals(text: str, expected: object) -> None:
    """Bare keys, short flags, odd numbers and escapes become JSON."""
    assert json.loads(json_of_literal(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{a:f()}",
        "{a:b}",
        "{a:1",
        "",
        "{a:`${x}`}",
        "{a:/x/}",
        "{a:{" * 100,
        '{a:"x\n"}',
    ],
)
def test_other_javascript_is_refused(text: str) -> None:
    """Calls, names, templates, open ends and deep nesting raise the typed error."""
    with pytest.raises(SourceFormatError):
        json_of_literal(text)


def test_program_without_a_table_is_refused() -> None:
    """A program that embeds no table gives the typed error."""
    with pytest.raises(SourceFormatError, match="embeds no table"):
        embedded_table(b"\x7fELF nothing here")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", b"{"),
        ("a.json", b'{"a": NaN}'),
        ("a.json", b"[" * 100_000),
        ("a.json", b"\xff\xfe\xff"),
        ("a.json.gz", b"no gzip"),
        ("a.json.gz", gzip.compress(b"{}", mtime=0)[:-6]),
        ("a.whl", b"no zip"),
        ("a.tgz", b"no tar"),
        ("a.exe", b"{}"),
    ],
)
def test_damaged_files_are_refused(name: str, data: bytes, tmp_path: Path) -> None:
    """Whatever is wrong with a file, the error is typed and names it."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(SourceFormatError, match=r"a\."):
        read_payload("litellm", path)


def test_missing_file_and_missing_member(tmp_path: Path) -> None:
    """An absent file and a package without the member are told apart."""
    with pytest.raises(SourceError, match="no such file"):
        read_payload("litellm", tmp_path / "none.json")
    wheel = _zip(tmp_path / "w.whl", "other.json", b"{}")
    with pytest.raises(SourceFormatError):
        read_payload("litellm", wheel)


@pytest.mark.parametrize("name", ["b.json", "b.json.gz", "b.whl", "b.tgz"])
def test_sizes_are_bounded(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What unpacks to more than the bound is refused before it fills the memory."""
    for bound in ("MAX_TEXT_BYTES", "MAX_BINARY_BYTES"):
        monkeypatch.setattr(packages, bound, 1000)
    path, data = tmp_path / name, b" " * 1001
    if name.endswith(".whl"):
        _zip(path, MEMBERS["litellm"], data)
    elif name.endswith(".tgz"):
        _tar(path, {MEMBERS["litellm"]: data})
    else:
        path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    with pytest.raises(SourceFormatError, match="larger than"):
        read_payload("litellm", path)


def test_the_number_of_members_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive of endless members is refused."""
    monkeypatch.setattr(packages, "MAX_MEMBERS", 2)
    path = _tar(tmp_path / "m.tgz", {f"package/{n}": b"" for n in range(5)})
    with pytest.raises(SourceFormatError, match="too large"):
        read_payload("models.dev", path)


def test_dates_in_file_names(tmp_path: Path) -> None:
    """The date at the end of a file name is the source's date."""
    assert date_in_name(tmp_path / "models.dev_2026-09-30.json.gz") == "2026-09-30"
    assert date_in_name(tmp_path / "pi_2026-11-10.normalized.json.gz") == "2026-11-10"
    assert date_in_name(tmp_path / "pi-ai-2026-11-10") == "2026-11-10"
    assert date_in_name(tmp_path / "a.json") is None


def test_the_newest_day_of_a_payload() -> None:
    """Full dates under the key count, but none that is yet to come."""
    payload = [{"a": {"day": "2026-03-01"}}, {"day": "2026-05"}, {"day": "2027-01-01"}]
    assert newest_day(payload, "day", "2026-12-31") == "2026-03-01"
    assert newest_day({"day": 3}, "day", "2026-12-31") is None


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([(2026, 3, 1), (2025, 1, 1)], "2026-03-01"),
        ([(1980, 1, 1), (2020, 2, 2)], None),
        ([(2099, 1, 1)], None),
    ],
)
def test_the_newest_day_of_a_package(
    days: list[tuple[int, int, int]], expected: str | None, tmp_path: Path
) -> None:
    """The clock of a member counts, but not the constants that packers write."""
    wheel, tar = tmp_path / "w.whl", tmp_path / "t.tgz"
    with zipfile.ZipFile(wheel, "w") as archive, tarfile.open(tar, "w:gz") as packed:
        for day in days:
            archive.writestr(zipfile.ZipInfo(str(day), (*day, 12, 0, 0)), b"")
            entry = tarfile.TarInfo(str(day))
            entry.mtime = calendar.timegm((*day, 12, 0, 0))
            packed.addfile(entry)
    assert newest_member_day(wheel, "2026-12-31") == expected
    assert newest_member_day(tar, "2026-12-31") == expected
    assert newest_member_day(tmp_path / "a.json", "2026-12-31") is None


MEMBER = b'{"messages": {"chat:m": {"id": "m", "cost": {"input": 1}}}}'


@pytest.mark.parametrize("inside", ["", "package", "package/dist/providers/data"])
def test_an_unpacked_package_is_read_from_any_of_its_folders(
    inside: str, tmp_path: Path
) -> None:
    """The data's own folder, the package's, or what they were unpacked into."""
    folder = tmp_path / "package/dist/providers/data"
    folder.mkdir(parents=True)
    (folder / "acme.json").write_bytes(MEMBER)
    (folder / ".manifest.json").write_bytes(b"{}")
    payload = read_payload("pi-ai", tmp_path / inside)
    assert payload == {"acme": json.loads(MEMBER)}
    with pytest.raises(SourceFormatError, match="holds no"):
        read_payload("litellm", tmp_path / inside)


@pytest.mark.parametrize("name", ["acme.json", "acme_2026-11-10.json"])
def test_a_member_of_pi_ai_is_named_as_its_provider(name: str, tmp_path: Path) -> None:
    """One published file is one provider's list; other tables stay as they are."""
    path = tmp_path / name
    path.write_bytes(MEMBER)
    assert read_payload("pi-ai", path) == {"acme": json.loads(MEMBER)}
    table = {"acme": {"m": {"contextWindow": 5, "api": "messages"}}}
    path.write_text(json.dumps(table))
    assert read_payload("pi-ai", path) == table
