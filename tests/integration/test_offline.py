"""Asking needs no network: every read command and function passes without one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import modeldex

SRC = str(Path(modeldex.__file__).parents[1])
OWN = "provider: acme\nname: Acme\nmodels: {m: {context_window: 8192, pricing: free}}\n"
# put before a program: whatever would go out raises, and is remembered
PRELUDE = """
import socket, sys

tried = []

def forbidden(*arguments, **options):
    tried.append(arguments)
    raise RuntimeError("the network is forbidden here")

for name in ("connect", "connect_ex", "sendto", "bind"):
    setattr(socket.socket, name, forbidden)
for name in ("getaddrinfo", "gethostbyname", "create_connection", "socketpair"):
    setattr(socket, name, forbidden)
sys.addaudithook(
    lambda event, args: forbidden(event)
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname")
    else None
)
"""
COMMANDS = """
import contextlib, io, json
from modeldex import cli

statuses = {{}}
for words in {commands!r}:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        status = cli.run(words)
    said = out.getvalue()
    statuses[" ".join(words)] = [status, len(said), said if status else ""]
print(json.dumps({{"statuses": statuses, "tried": len(tried)}}))
"""
WHY = ("--because", "x", "--yes")
READS = [
    ["list"],
    ["list", "gemini", "--csv"],
    ["show", "openai/gpt-4o", "--json"],
    ["show", "openai/gpt-4o", "--explain"],
    ["show", "--everywhere", "gpt-oss-120b"],
    ["resolve", "claude-sonnet-4.5"],
    ["find", "vision", "min_context:100k", "max_input:5", "sort:input", "limit:10"],
    ["find", "--capability", "vision", "--limit", "3", "--yaml"],
    ["find", "vision", "limit:3", "--format", "table"],
    ["compare", "openai/gpt-4o", "google/gemini-2.5-pro"],
    ["recommend", "vision"],
    ["price", "openai/gpt-4o", "--at", "2025-06-01"],
    ["history", "openai/gpt-4o", "--field", "pricing"],
    ["changes", "--since", "2025-06-10", "--until", "2025-06-12"],
    ["find", "vision", "limit:3", "--as-of", "2025-06-01"],
    ["list", "openai", "--as-of", "2025-06-01"],
    ["show", "openai/gpt-4o", "--as-of", "2025-06-01"],
    ["compare", "openai/gpt-4o", "openai/o3", "--as-of", "2025-06-01"],
    ["cost", "openai/gpt-4o", "--input", "5", "--as-of", "2025-06-01"],
    ("capabilities", "vision"),
    ("fits", "openai/gpt-4o", "--input", "5"),
    ["cost", "openai/gpt-4o", "--input", "5"],
    ["providers"],
    ["providers", "openai"],
    ["expiring", "--json"],
    ["export", "list"],
    ["export", "litellm", "provider:openai"],
    ["export", "exllm", "--losses", "provider:openai"],
    ["edit", "set", "openai/gpt-4o", "pricing.input=2", "--because", "x", "--yes"],
    ["log"],
    ["events", "tail", "--since", "0", "--count", "1"],
    ["revision", "show", "2"],
    ["diff", "2", "2"],
    ["rollback", "--yes"],
    ["verify", "--json"],
    ["backup", "store.backup", "--force"],
    ["restore", "store.backup", "--yes"],
    ["db", "upgrade"],
    ["token", "create", "ops", "--role", "admin", "--expires", "90d"],
    ["token", "list"],
    ["token", "revoke", "ops"],
    ["sources"],
    ["sync", "xai", "--from", "answer.json", "--json"],
    ["conflicts", "openai/gpt-4o"],
    ["verdict", "openai/gpt-5", "capabilities.pdf_input", "--to", "litellm", *WHY],
    ["review", "list"],
    ["ollama", "unregister", "qwen3:8b", "--help"],  # all else asks the server
    ["local", "list", "--help"],
    ["mcp", "--help"],  # it serves until it is ended
    ["serve", "--help"],  # likewise
    ["lint", "own", "--format", "json"],
    ["doctor"],
    ["completion", "zsh"],
    ["catalog", "schema"],
    ["catalog", "validate", "own"],
    ["catalog", "diff", "own", "own", "--json"],
    ["--catalog", "own", "list"],
]
ANSWER = '{"object": "list", "data": [{"id": "grok-9", "object": "model"}]}'
LIBRARY = """
import modeldex
assert modeldex.get_info("openai", "gpt-4o").pricing.input > 0
assert modeldex.find("vision min_context:100k max_input:5 sort:input limit:10")
assert modeldex.list_all() and modeldex.recommend("vision")
modeldex.reload_config()
assert modeldex.open("own").find_refs() == ["acme/m"]
assert modeldex.open(overlays=["own"]).get_context_window("acme", "m") == 8192
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return an empty home with a directory of one's own YAML."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "acme.yaml").write_text(OWN)
    (tmp_path / "answer.json").write_text(ANSWER)
    return tmp_path


def run(program: str, place: Path, *before: str) -> str:
    """Run a program in a process of its own; return what it prints."""
    environ = {
        "HOME": str(place),
        "MODELDEX_CACHE_DIR": str(place / "cache"),
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": SRC,
    }
    done = subprocess.run(
        [*before, sys.executable, "-c", program],
        capture_output=True,
        check=False,
        cwd=place,
        env=environ,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def check(printed: str) -> None:
    """Hold every command's exit status and output against what is right."""
    found = json.loads(printed)
    assert set(found["statuses"]) == {" ".join(words) for words in READS}
    silent = {"catalog validate own"}
    wrong = {
        words: answer
        for words, answer in found["statuses"].items()
        if answer[0] != 0 or bool(answer[1]) is (words in silent)
    }
    assert wrong == {}
    assert found["tried"] == 0


def test_every_command_of_the_program_is_tried_or_writes() -> None:
    """No command but the writing parts of `catalog` is missing from the list."""
    from modeldex.cli import COMMANDS as KNOWN
    from modeldex.cli.catalog import catalog_command

    tried = {next(w for w in words if w in KNOWN) for words in READS}
    assert tried == set(KNOWN)
    parts = {words[1] for words in READS if words[0] == "catalog"}
    writing = {"build", "fmt", "import", "new", "rebuild"}
    assert parts == set(catalog_command.commands) - writing


def test_the_prelude_forbids(place: Path) -> None:
    """The ban holds: a connection and a look-up of a name raise."""
    program = """
import urllib.request
for go in (
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: socket.socket().connect(("127.0.0.1", 9)),
    lambda: socket.getaddrinfo("localhost", 80),
    lambda: urllib.request.urlopen("http://127.0.0.1:9/"),
):
    try:
        go()
    except RuntimeError as error:
        assert "forbidden" in str(error)
    else:
        raise AssertionError("the network is there")
print(len(tried))
"""
    assert int(run(PRELUDE + program, place)) >= 4


def test_every_read_command_passes_without_network(place: Path) -> None:
    """Read commands answer where every connection and every look-up raises."""
    check(run(PRELUDE + COMMANDS.format(commands=READS), place))


def test_the_library_answers_without_network(place: Path) -> None:
    """Reads, a reload and directories of YAML need no network either."""
    assert run(f"{PRELUDE}{LIBRARY}\nprint(len(tried))", place) == "0\n"


def _unshare() -> str | None:
    """Return why a process without network cannot be made here, or None."""
    if shutil.which("unshare") is None:
        return "there is no unshare here"
    tried = subprocess.run(
        ["unshare", "-rn", "true"], capture_output=True, check=False, text=True
    )
    return None if tried.returncode == 0 else f"unshare: {tried.stderr.strip()}"


def test_every_read_command_passes_in_a_namespace_without_network(place: Path) -> None:
    """The same holds where the kernel gives the process no network at all."""
    reason = _unshare()
    if reason:
        pytest.skip(reason)
    alone = ("unshare", "-rn")
    assert run("import socket; print(len(socket.if_nameindex()))", place, *alone) in (
        *("0\n", "1\n"),  # at most the loopback
    )
    check(run("tried = []\n" + COMMANDS.format(commands=READS), place, *alone))
    assert run(LIBRARY, place, *alone) == ""
