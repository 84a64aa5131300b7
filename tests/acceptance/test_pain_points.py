"""ExLLM's ten pain points are gone: the commands of docs/from-exllm.md, really run."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from decimal import Decimal
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

import modeldex
from local_servers import Ollama, shown
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.encode import encode
from pages import play, section
from postgres import new_store_url
from services import serving
from shells import SRC, Shell
from upstream import Upstream, answer, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pages import Example

    Before = Callable[[], object]

PAGE = "from-exllm.md"
DAY = "2026-11-23"  # on which the whole catalogue is asked, as in all examples
# the program over a small catalogue, where a provider's API is at another address
SETTING = f"""
import sys
from dataclasses import replace
from modeldex import bootstrap
from modeldex.sources import apis
shipped, name, url = sys.argv[1:4]
del sys.argv[1:4]
if shipped:
    bootstrap.PACKAGED = shipped
else:
    bootstrap.today = lambda: "{DAY}"
apis.APIS = tuple(
    replace(api, url=url, local=True) if api.name == name else api for api in apis.APIS
)
"""
PROGRAM = f"""{SETTING}
from modeldex.cli import script
script()
"""
# a long-lived program that keeps its catalogue fresh
KEEPER = f"""{SETTING}
import modeldex
with modeldex.open().keep_fresh("lab", every=1):
    sys.stdin.read()
"""
# a long-lived program that asks when it is told to
READER = """
import sys, modeldex
registry = modeldex.open(sys.argv[1])
seen, count = set(), 0
for line in sys.stdin:
    if line.startswith("reload"):
        try:
            registry.reload_config()
        except modeldex.ModeldexError as error:
            print(error.code, flush=True)
            continue
    for _ in range(25_000):
        seen.add(registry.get_context_window("acme/oak"))
    print(sorted(seen), flush=True)
    seen.clear()
"""


@cache
def small_catalogue() -> bytes:
    """Return a compiled catalogue of one model, so that a store is made at once."""
    facts = {
        "context_window": 128_000,
        "pricing": {"input": Decimal("2.5"), "output": Decimal(10)},
        "sources": {"*": "models.dev"},
    }
    row = encode("openai", "gpt-4o", facts)
    return compile_snapshot([row], {"openai": {"name": "OpenAI"}}, {"date": DAY})


class Host:
    """A home, and the processes of modeldex that run there."""

    def __init__(self, folder: Path, *, whole: bool = False, **environ: str) -> None:
        folder.mkdir(exist_ok=True)
        self.shell = Shell(folder)
        self.shell.packaged.write_bytes(small_catalogue())
        self.environ = {**self.shell.environ, "PYTHONPATH": SRC, **environ}
        self.shipped = "" if whole else str(self.shell.packaged)
        self.moved = ("", "")

    def program(self, text: str, *words: str) -> list[str]:
        """Return the words of a process."""
        return [sys.executable, "-c", text, self.shipped, *self.moved, *words]

    def run(self, *words: str) -> tuple[int, str, str]:
        """Run a command; return its status, output and remarks."""
        done = subprocess.run(
            self.program(PROGRAM, *words),
            capture_output=True,
            check=False,
            cwd=self.shell.home,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout, done.stderr


def told(
    title: str, host: Host, *, before: dict[str, Before] | None = None, **hosts: Host
) -> list[int]:
    """Run a section of the page: each prompt is a host, or what happens before.

    Return the statuses of the commands.
    """
    statuses: list[int] = []
    waiting = dict(before or {})

    def run(example: Example) -> tuple[int, str, str]:
        waiting.pop(example.prompt, lambda: None)()
        assert example.words[0] == "modeldex"
        found = hosts.get(example.prompt, host).run(*example.words[1:])
        statuses.append(found[0])
        return found

    assert play(section(PAGE, title), run)
    assert not waiting, "the page has no such prompt"
    return statuses


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as running:
        yield running


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path / "home")


def test_1_manual_updates(host: Host, upstream: Upstream) -> None:
    """A model that an API lists is there by one command, then by none."""
    rows = [{"id": "oak", "object": "model", "max_model_len": 32_768}]
    path = "/v1/models"
    upstream.on(path, answer({"object": "list", "data": rows}))
    config = host.shell.home / "config.toml"
    config.write_text(f'[sources]\nlab = {{url = "{upstream.url}/v1", local = true}}\n')
    host.environ["MODELDEX_CONFIG"] = str(config)

    def later() -> None:
        more = [*rows, {"id": "elm", "object": "model", "max_model_len": 8_192}]
        upstream.on(path, answer({"object": "list", "data": more}))
        keeper = subprocess.Popen(
            host.program(KEEPER),
            cwd=host.shell.home,
            env=host.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            _until(lambda: "elm" in host.run("find", "provider:lab", "-q")[1], keeper)
        finally:
            keeper.communicate(timeout=60)
        assert keeper.returncode == 0

    before = {"later": later, "down": lambda: upstream.on(path, status(500))}
    assert told("1. Manual updates", host, before=before) == [0, 0, 0, 0, 5, 0]


def _until(
    is_so: Callable[[], bool], process: subprocess.Popen[Any] | None = None
) -> None:
    """Wait until something is so; fail when a process ends before, or after 90 s."""
    end = time.monotonic() + 90
    while not is_so():
        assert process is None or process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.3)


def test_2_prices_that_lag(host: Host, upstream: Upstream) -> None:
    """A price of an API's list is served after a sync; a slip is held."""
    path = "/v1/language-models"

    def listed(price: int) -> Before:
        row = {
            "id": "oak-9",
            "object": "model",
            "created": 1_790_000_000,
            "owned_by": "xai",
            "prompt_text_token_price": price,
            "completion_text_token_price": 5 * price,
        }
        return lambda: upstream.on(path, answer({"models": [row]}))

    host.moved = ("xai", upstream.url + path)
    host.environ["XAI_API_KEY"] = "a-key-of-ours"
    before = {"monday": listed(20_000), "tuesday": listed(15_000), "slip": listed(15)}
    assert set(told("2. Prices that lag", host, before=before)) == {0}
    assert upstream.count(path) == 3
    assert upstream.requests[0].headers["authorization"] == "Bearer a-key-of-ours"


def test_3_no_history(tmp_path: Path) -> None:
    """What comes with the package, asked without a store."""
    host = Host(tmp_path / "home", whole=True)
    assert set(told("3. No history", host)) == {0}


def test_4_no_versions(host: Host) -> None:
    """Each state has a number and a hash; any two are compared."""
    assert told("4. No versions", host) == [0, 0, 0, 1, 1]
    log = json.loads(host.run("log", "--json")[1])
    assert [row["revision"] for row in log] == [3, 2, 1]
    assert len({row["hash"] for row in log}) == 3


def test_5_no_audit_no_rollback(host: Host) -> None:
    """Who, when and why; back again; and found when somebody writes past it."""

    def tamper() -> None:
        (file,) = host.shell.home.rglob("modeldex.db")
        with sqlite3.connect(file) as database:
            database.execute("DROP TRIGGER change_no_update")
            database.execute("UPDATE change SET new = '[19,\"x\"]' WHERE revision = 2")
        database.close()

    statuses = told("5. No audit, no rollback", host, before={"tampered": tamper})
    assert statuses == [0, 0, 0, 0, 0, 0, 1]


SHARED = "6. Nothing is shared among instances"


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_6_nothing_is_shared(store: str, tmp_path: Path) -> None:
    """Two processes write to one store, and read what the other wrote."""
    if store == "sqlite":  # one host
        one = two = Host(tmp_path / "home")
    else:
        url = new_store_url()
        one = Host(tmp_path / "one", MODELDEX_STORE=url)
        two = Host(tmp_path / "two", MODELDEX_STORE=url)
    statuses = told(SHARED, one, one=one, two=two)
    assert statuses == [0, 0, 0, 1, 0, 0, 0]
    logs = [host.run("log", "--json")[1] for host in (one, two)]
    assert logs[0] == logs[1]


def test_6_services_follow_one_store(tmp_path: Path) -> None:
    """What is written at one is served by the other within two seconds."""
    url = new_store_url()
    environ = {"MODELDEX_STORE": url}
    with (
        serving(tmp_path / "one", environ=environ) as one,
        urlopen(f"{one}/api/health", timeout=10) as found,
    ):
        if json.load(found)["tier"] == "path":
            pytest.skip("the service does not follow its store yet")
    host = Host(tmp_path / "home", whole=True, **environ)
    words = ("token", "create", "ops", "--role", "reviewer", "-q")
    secret = host.run(*words)[1].strip()
    # the first write takes the shipped catalogue with it, which takes its time
    words = ("edit", "set", "openai/gpt-4o", "metadata.team=a", "--yes", "-q")
    assert host.run(*words, "--because", "a reason")[0] == 0
    with (
        serving(tmp_path / "one", environ=environ) as one,
        serving(tmp_path / "two", environ=environ) as two,
    ):
        for url in (one, two):
            _until(partial(_is_at, url, 2))
        body = {"fields": {"pricing.input": 2}, "because": "our contract"}
        headers = {"content-type": "application/json"}
        headers["authorization"] = f"Bearer {secret}"
        written = f"{one}/api/v1/edits/openai/gpt-4o"
        request = Request(written, json.dumps(body).encode(), headers, method="PATCH")
        with urlopen(request, timeout=60) as done:
            revision = json.load(done)["revision"]
        asked = f"{two}/api/v1/models/openai/gpt-4o?min_revision={revision}"
        with urlopen(asked, timeout=10) as found:
            assert json.load(found)["pricing"]["input"] == 2
        assert _served(one)["digest"] == _served(two)["digest"]


def _is_at(url: str, revision: int) -> bool:
    """Tell whether a service serves a revision."""
    found: bool = _served(url)["revision"] == revision
    return found


def _served(url: str) -> dict[str, Any]:
    """Return what a service says of itself."""
    with urlopen(f"{url}/api/health", timeout=10) as found:
        said: dict[str, Any] = json.load(found)
        return said


def test_7_context_of_local_models(host: Host, upstream: Upstream) -> None:
    """The server says it, of any architecture; where it does not, it is unknown."""
    models = {
        "oak:latest": shown(65_536, "completion", parameters="num_ctx 8192"),
        "elm:7b": shown(131_072, "completion", architecture="elm7"),
        "quiet:1b": shown(None, "completion"),
    }
    ollama = Ollama(upstream, models)
    host.environ["OLLAMA_HOST"] = upstream.url
    assert told("7. Context of local models is hardcoded", host) == [0]
    assert sorted(ollama.asked()) == sorted(models)


def test_8_capabilities_without_structure(tmp_path: Path) -> None:
    """One name, three answers, parameters."""
    host = Host(tmp_path / "home", whole=True)
    assert set(told("8. Capabilities without structure", host)) == {0}
    for spelling in ("structured_output", "structured_outputs"):
        found = modeldex.find_refs(f"{spelling} provider:openai")
        assert found == modeldex.find_refs("structured_output provider:openai")
        assert found


def test_9_no_reload(tmp_path: Path) -> None:
    """A program that runs sees an edit whole, a broken one not at all."""
    file = tmp_path / "acme.yaml"
    text = "provider: acme\nmodels:\n  oak: {context_window: %s}\n"
    file.write_text(text % 8_000)
    words = [sys.executable, "-c", READER, str(tmp_path)]
    environ = os.environ | {"MODELDEX_CACHE_DIR": str(tmp_path / "cache")}
    with subprocess.Popen(
        words, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin
        assert program.stdout

        def say(line: str) -> str:
            assert program.stdin
            assert program.stdout
            program.stdin.write(f"{line}\n")
            program.stdin.flush()
            return program.stdout.readline().strip()

        assert say("read") == "[8000]"
        file.write_text(text % 16_000)
        assert say("read") == "[8000]"
        assert say("reload") == "[16000]"
        file.write_text(text % "many")
        assert say("reload") == "authoring"
        assert say("read") == "[16000]"
        program.stdin.close()
        assert program.wait(20) == 0


def test_10_no_real_queries(tmp_path: Path) -> None:
    """The question of the mission is one line; each model found answers it."""
    host = Host(tmp_path / "home", whole=True)
    assert set(told("10. No real queries", host)) == {0}
    found = modeldex.find("vision context>100k input<5")
    assert len(found) > 200
    assert len({model.provider for model in found}) > 50
    for model in found:
        assert model.capabilities.get("vision") is True
        assert model.context_window is not None
        assert model.context_window > 100_000
        assert model.pricing.input is not None
        assert model.pricing.input < 5
