"""The wheel: small, complete, of few dependencies, and right once installed."""

from __future__ import annotations

import email
import importlib.metadata
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import modeldex

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000
MAX_BYTES = 15 * MEGABYTE
MAX_DISTRIBUTIONS = 12
BASE = {"click", "msgspec", "pyyaml", "rich"}
CONSOLE = "[console_scripts]\nmodeldex = modeldex.cli:script"


def checkout(into: Path) -> None:
    """Copy what git has, or would add, of the checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, into / name)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of a clean copy."""
    copy = tmp_path_factory.mktemp("checkout")
    out = tmp_path_factory.mktemp("dist")
    checkout(copy)
    assert not (copy / "src/modeldex/data/catalog.snapshot").exists()
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    done = subprocess.run(build, cwd=copy, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> dict[str, int]:
    """Return the size of every file in the wheel by its name."""
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.file_size for info in archive.infolist()}


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> email.message.Message:
    """Return the wheel's metadata."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a directory."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    command = [*pip, "--no-compile", "--target", str(target), str(wheel)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return target


def test_the_wheel_is_small(wheel: Path) -> None:
    """The wheel, catalogue and claims included, is at most 15 MB."""
    assert wheel.name.endswith("-py3-none-any.whl")
    assert MEGABYTE / 2 < wheel.stat().st_size <= MAX_BYTES


def test_the_wheel_holds_the_catalogue(names: dict[str, int]) -> None:
    """Snapshot, claims and YAML are inside, and the types are marked."""
    assert names["modeldex/data/catalog.snapshot"] > MEGABYTE
    assert names["modeldex/data/claims.jsonl.xz"] > 0
    assert names["modeldex/data/catalogue.lock.json"] > 0
    assert "modeldex/py.typed" in names
    yaml = [name for name in names if name.startswith("modeldex/data/providers/")]
    here = (Path(modeldex.__file__).parent / "data" / "providers").glob("*.yaml")
    assert sorted(Path(name).name for name in yaml) == sorted(p.name for p in here)


def test_the_wheel_holds_nothing_else(names: dict[str, int]) -> None:
    """No test, cache or stray file is inside; licence and notice are."""
    outside = [name for name in names if not name.startswith("modeldex")]
    assert outside == []
    stray = ("__pycache__", ".pyc", ".tmp", "test_")
    assert [n for n in names if any(mark in n for mark in stray)] == []
    licences = {Path(name).name for name in names if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE"}


def test_the_metadata_names_few_requirements(metadata: email.message.Message) -> None:
    """The base install asks for five distributions; the rest are extras."""
    required = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    base = {canonicalize_name(r.name) for r in required if "extra" not in str(r.marker)}
    assert base == BASE
    assert metadata["Name"] == "modeldex"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"


def closure(roots: list[str]) -> set[str]:
    """Return every distribution that requirements bring, by what is installed."""
    found: set[str] = set()
    queue = [Requirement(root) for root in roots]
    while queue:
        wanted = queue.pop()
        extras = sorted(wanted.extras) or [""]
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        name = canonicalize_name(wanted.name)
        if name in found:
            continue
        found.add(name)
        for text in importlib.metadata.distribution(name).requires or ():
            inner = Requirement(text)
            if inner.marker is None or any(
                inner.marker.evaluate({"extra": extra}) for extra in extras
            ):
                inner.marker = None
                queue.append(inner)
    return found


def test_the_base_install_is_at_most_twelve_distributions(
    metadata: email.message.Message,
) -> None:
    """The package and all that it brings are at most twelve distributions."""
    brought = closure(metadata.get_all("Requires-Dist", []))
    assert brought > BASE
    assert len(brought | {"modeldex"}) <= MAX_DISTRIBUTIONS
    assert not brought & {"pytest", "hatchling", "ruff"}


def run(installed: Path, home: Path, *words: str, alone: bool = False) -> str:
    """Run Python over the installed wheel, away from the checkout."""
    flags = ["-S"] if alone else []
    environ = {
        "HOME": str(home),
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(installed),
    }
    done = subprocess.run(
        [sys.executable, *flags, "-B", *words],
        capture_output=True,
        check=False,
        cwd=home,
        env=environ,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_library_answers(installed: Path, tmp_path: Path) -> None:
    """Without any other distribution the installed library answers questions."""
    program = (
        "import modeldex; print(modeldex.__file__)\n"
        "print(modeldex.get_info('openai', 'gpt-4o').pricing.input)\n"
        "print(*modeldex.find_refs('vision min_context:100k sort:input limit:3'))\n"
        "print(modeldex.__version__)"
    )
    printed = run(installed, tmp_path, "-c", program, alone=True).splitlines()
    here = modeldex.open(overlays=[])
    assert Path(printed[0]).is_relative_to(installed)
    assert printed[1] == str(here.get_pricing("openai/gpt-4o").input)
    assert printed[2].split() == here.find_refs(
        "vision min_context:100k sort:input limit:3"
    )
    assert (
        printed[3]
        == importlib.metadata.Distribution.at(
            next(installed.glob("modeldex-*.dist-info"))
        ).version
    )


def test_the_installed_program_answers(installed: Path, tmp_path: Path) -> None:
    """The command line of the wheel asks its own catalogue, and is content."""
    ref = run(installed, tmp_path, "-m", "modeldex", "show", "openai/gpt-4o", "-q")
    assert ref == "openai/gpt-4o\n"
    printed = run(installed, tmp_path, "-m", "modeldex", "doctor", "--format", "tsv")
    assert "failed" not in printed
    said = run(installed, tmp_path, "-m", "modeldex", "--version")
    assert said == f"modeldex {modeldex_version(installed)}\n"
    explained = run(
        installed, tmp_path, "-m", "modeldex", "show", "openai/gpt-4o", "--explain"
    )
    assert "pricing.input" in explained
    entry = next(installed.glob("modeldex-*.dist-info")) / "entry_points.txt"
    assert CONSOLE in entry.read_text()


def modeldex_version(installed: Path) -> str:
    """Return the version in the name of the installed metadata."""
    (folder,) = installed.glob("modeldex-*.dist-info")
    return folder.name.removeprefix("modeldex-").removesuffix(".dist-info")


def test_the_snapshot_of_the_wheel_is_that_of_the_yaml(
    installed: Path, tmp_path: Path
) -> None:
    """The build hook compiles the YAML that is packed, not a stale snapshot."""
    program = (
        "from modeldex.bootstrap import PACKAGED, PROVIDERS\n"
        "from modeldex.catalog.snapshot import open_snapshot\n"
        "from modeldex.usecases.build import digests, read_files\n"
        "snapshot = open_snapshot(PACKAGED)\n"
        "snapshot.verify()\n"
        "print(snapshot.meta['files'] == digests(read_files(PROVIDERS)))"
    )
    assert run(installed, tmp_path, "-c", program) == "True\n"
