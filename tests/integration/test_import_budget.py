"""What `import modeldex` and a first answer load, start and write: next to nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import modeldex
from modeldex.bootstrap import PACKAGED
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.encode import encode
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.usecases.catalog_file import (
    ORIGIN_BLOCK,
    OWN_BLOCK,
    origin_block,
    own_block,
)

SRC = str(Path(modeldex.__file__).parents[1])
# what the read path may not load, though it is of the standard library
FORBIDDEN = frozenset(
    (
        *("re", "json", "dataclasses", "typing", "pathlib", "logging", "inspect"),
        *("importlib.metadata", "asyncio", "socket", "ssl", "threading", "subprocess"),
        *("decimal", "datetime", "difflib", "tomllib", "hashlib", "gzip", "lzma"),
    )
)
IMPORT = "import modeldex"
ANSWER = IMPORT + "\nassert modeldex.get_info('openai', 'gpt-4o').pricing.input > 0"
FIND = IMPORT + "\nassert modeldex.find('vision min_context:100k max_input:5 limit:10')"
# run the code, then tell what is loaded and how many threads run
PROGRAM = """
import os, sys
before = set(sys.modules)
sys.path.insert(0, {src!r})
{code}
loaded = sorted(set(sys.modules) - before)
import json, threading
print(json.dumps({{
    "loaded": loaded,
    "threads": threading.active_count(),
    "files": [getattr(sys.modules[n], "__file__", None) or "" for n in loaded],
}}))
"""


def run(code: str, home: Path) -> dict[str, Any]:
    """Run code in a bare interpreter at home in an empty directory."""
    command = [sys.executable, "-I", "-S", "-B", "-c"]
    done = subprocess.run(
        [*command, PROGRAM.format(src=SRC, code=code)],
        capture_output=True,
        check=False,
        cwd=home,
        env={"HOME": str(home), "PATH": os.environ.get("PATH", "")},
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty home that nobody may write into."""
    made = tmp_path_factory.mktemp("home")
    made.chmod(0o500)
    return made


@pytest.fixture(scope="module")
def answered(home: Path) -> dict[str, Any]:
    """Return what a program has loaded after its first answer."""
    return run(ANSWER, home)


def test_import_loads_the_package_alone(home: Path) -> None:
    """`import modeldex` loads no other module, of the package or beyond."""
    found = run(IMPORT, home)
    assert found["loaded"] == ["modeldex"]
    assert found["threads"] == 1


def test_the_first_answer_loads_the_standard_library_only(
    answered: dict[str, Any],
) -> None:
    """Nothing outside the standard library is loaded by the first answer."""
    top = {name.partition(".")[0] for name in answered["loaded"]}
    assert top - sys.stdlib_module_names == {"modeldex"}


def test_the_first_answer_loads_little_of_it(answered: dict[str, Any]) -> None:
    """None of the modules that cost as much as starting Python is loaded."""
    loaded = set(answered["loaded"])
    assert loaded & FORBIDDEN == set()
    ours = {name for name in loaded if name.startswith("modeldex")}
    assert len(ours) <= 7
    assert "_decimal" in loaded
    assert len(loaded - ours) <= 16  # the Decimal class brings most of them
    assert "modeldex.registry" not in ours
    assert "modeldex.config" not in ours


def test_the_first_query_loads_the_standard_library_only(home: Path) -> None:
    """A query needs neither the network nor a package, nor a parser of YAML."""
    found = run(FIND, home)
    top = {name.partition(".")[0] for name in found["loaded"]}
    assert top - sys.stdlib_module_names == {"modeldex"}
    heavy = FORBIDDEN - {"json"}
    assert set(found["loaded"]) & heavy == set()
    assert "modeldex.catalog.schema" not in found["loaded"]


def test_no_thread_runs(answered: dict[str, Any]) -> None:
    """Import and answer leave one thread: the program's own."""
    assert answered["threads"] == 1


def listing(folder: Path) -> list[tuple[str, int, int]]:
    """Return every file below a folder, with its size and time."""
    return sorted(
        (str(path), path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
    )


def test_no_file_is_written(tmp_path: Path) -> None:
    """Import, answer and query write nothing at home, here, or in the package."""
    work = tmp_path / "work"
    work.mkdir()
    package = [row for row in listing(Path(SRC)) if "__pycache__" not in row[0]]
    run(f"{ANSWER}\n{FIND}\nmodeldex.get_all_pricing('gemini')", work)
    assert listing(tmp_path) == [
        row for row in listing(tmp_path) if row[0] == str(work)
    ]
    after = [row for row in listing(Path(SRC)) if "__pycache__" not in row[0]]
    assert after == package


def test_no_file_is_opened_for_writing(home: Path) -> None:
    """An audit hook sees no write, no connection and no process of the reads."""
    hook = (
        "import sys, os\n"
        "def hook(event, args):\n"
        "    if event == 'open':\n"
        "        flags = args[2] or 0\n"
        "        assert not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT), args\n"
        "    kind = event.partition('.')[0]\n"
        "    assert kind not in ('socket', 'subprocess', 'urllib'), event\n"
        "    assert event not in ('os.mkdir', 'os.rename', 'os.remove'), event\n"
        "    assert event != '_thread.start_new_thread', event\n"
        "sys.addaudithook(hook)\n"
    )
    run(f"{hook}{ANSWER}\n{FIND}", home)
    with pytest.raises(AssertionError, match="AssertionError"):
        run(f"{hook}open('written', 'w')", home)


def test_a_store_costs_one_stat(home: Path) -> None:
    """Without a store, the first answer looks once whether there is one."""
    watch = (
        "import os\n"
        "asked = []\n"
        "really = os.stat\n"
        "def stat(path, *more, **named):\n"
        f"    if str(path).startswith({str(home)!r}):\n"
        "        asked.append(str(path))\n"
        "    return really(path, *more, **named)\n"
        "os.stat = stat\n"
    )
    places = [".config/modeldex", ".local/share/modeldex/catalog/current.snapshot"]
    wanted = [str(home / place) for place in places]
    run(f"{watch}{ANSWER}\nassert asked == {wanted}, asked", home)


def test_a_store_is_read_as_the_shipped_catalogue_is(tmp_path: Path) -> None:
    """Where a store has a catalogue file, the first answer loads nothing more."""
    shipped = memory_snapshot(Path(PACKAGED).read_bytes())
    origin = {"revision": "2", "epoch": "e", "shipped": shipped.digest}
    beside = {OWN_BLOCK: own_block({}), ORIGIN_BLOCK: origin_block(origin)}
    entry = encode("openai", "gpt-4o", {"pricing": {"input": Decimal("0.07")}})
    data = compile_snapshot([entry], {"openai": {}}, {}, beside)
    file = tmp_path / ".local" / "share" / "modeldex" / "catalog" / "current.snapshot"
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    wanted = "Decimal('0.07')"
    found = run(
        f"{ANSWER}\nshown = repr(modeldex.get_info('openai', 'gpt-4o').pricing.input)\n"
        f"assert shown == {wanted!r}, shown",
        tmp_path,
    )
    (tmp_path / "other").mkdir()
    assert found["loaded"] == run(ANSWER, tmp_path / "other")["loaded"]
