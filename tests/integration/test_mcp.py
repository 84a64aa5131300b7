"""The MCP server, asked by its SDK's own client over stdio and HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters

import modeldex
from modeldex import cli
from modeldex.cli import mcp as command
from modeldex.domain.access import ACTIVE, Token, hash_of
from modeldex.errors import StoreUnavailableError
from modeldex.mcp import current, serving
from modeldex.mcp.access import NeedsToken
from modeldex.mcp.tools import TOOLS, ask

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

SRC = str(Path(modeldex.__file__).parents[1])
PROGRAM = ("-m", "modeldex")
ASKED: dict[str, dict[str, Any]] = {
    "find": {"capabilities": ["vision"], "max_input_price": 1, "limit": 5},
    "get": {"ref": "openai/gpt-4o", "sources": True},
    "compare": {"refs": ["openai/gpt-4o", "google/gemini-2.5-pro"]},
    "cost": {
        "ref": "openai/gpt-4o",
        "input_tokens": 1_000,
        "cached_tokens": 400,
        "output_tokens": 7,
        "at": "2026-11-01",
    },
    "price_at": {"ref": "openai/o3", "at": "2025-06-01"},
    "resolve": {"text": "us.anthropic.claude-sonnet-4-5-20250929-v1:0"},
    "expiring": {"within": "12w", "limit": 3, "at": "2026-11-01"},
}
_ENDS = 60  # seconds that anything may take here


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Return the variables of an empty home."""
    return {
        "HOME": str(tmp_path),
        "MODELDEX_CACHE_DIR": str(tmp_path / "cache"),
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": SRC,
    }


@pytest.fixture
def over_stdio(environ: dict[str, str]) -> StdioServerParameters:
    """Return how a client starts the server."""
    words = [*PROGRAM, "mcp"]
    return StdioServerParameters(command=sys.executable, args=words, env=environ)


@pytest.fixture
def url(environ: dict[str, str]) -> Iterator[str]:
    """Serve over HTTP on a free port."""
    words = [sys.executable, *PROGRAM, "mcp", "--http", "--port", "0"]
    with subprocess.Popen(
        words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        assert running.stdout is not None
        line = running.stderr.readline()
        assert line.startswith("modeldex mcp at http://127.0.0.1:"), line
        yield line.split()[-1]
        running.terminate()
        assert running.stdout.read() == ""
        assert running.wait(_ENDS) in (0, -15)


def ask_all(server: Any, **options: Any) -> dict[str, Any]:
    """List the tools, then ask each; the client holds answers against the schemas."""

    async def run() -> dict[str, Any]:
        async with Client(server, **options) as client:
            listed = await client.list_tools()
            assert [tool.name for tool in listed.tools] == list(TOOLS)
            for tool in listed.tools:
                assert tool.annotations is not None
                assert tool.annotations.read_only_hint
                assert tool.output_schema
                assert tool.input_schema["additionalProperties"] is False
            found = {}
            for name, given in ASKED.items():
                answer = await client.call_tool(name, given)
                assert not answer.is_error, answer
                found[name] = answer.content[0].text, answer.structured_content
            wrong = await client.call_tool("get", {"ref": "openai/gpt-4oo"})
            assert wrong.is_error
            assert wrong.structured_content["error"]["code"] == "unknown_model"
            assert "openai/gpt-4o" in wrong.structured_content["error"]["suggestions"]
            assert wrong.content[0].text.startswith("unknown_model: ")
            with pytest.raises(MCPError, match="there is no tool"):
                await client.call_tool("edit", {})
            return found

    return asyncio.run(asyncio.wait_for(run(), _ENDS))


def hold(found: dict[str, Any]) -> None:
    """Hold what a client got against the library's own answers."""
    assert found.keys() == TOOLS.keys()
    registry = modeldex.open(overlays=[])
    for name, given in ASKED.items():
        text, data = ask(registry, TOOLS[name], given)
        assert found[name] == (text, json.loads(json.dumps(data))), name


def test_over_stdio(over_stdio: StdioServerParameters) -> None:
    """Every tool answers as the library does, in the newest protocol."""
    hold(ask_all(over_stdio))


def test_over_stdio_in_the_protocol_before(over_stdio: StdioServerParameters) -> None:
    """A client that begins with `initialize` is answered too."""
    hold(ask_all(over_stdio, mode="legacy"))


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_http(url: str, mode: str) -> None:
    """Every tool answers as the library does."""
    hold(ask_all(url, mode=mode))


def test_only_its_own_names_are_answered(url: str) -> None:
    """A page that rebinds a name to the loopback gets nothing; bodies are bounded."""
    said = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    accept = {"accept": "application/json, text/event-stream"}

    def status(**headers: str) -> int:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return httpx2.post(url, json=said, headers=accept | named).status_code

    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example:80"):
        assert status(host=host) == 421
    for origin in ("http://evil.example", "null", "http://localhost.evil.example"):
        assert status(origin=origin) == 403
    assert status(origin="http://localhost:3000") == 200
    assert status(host="localhost:1") == 200
    large = httpx2.post(
        url, content=b" " * (1 << 20) + b"{}", headers={"content-type": "text/plain"}
    )
    assert large.status_code == 413


def test_stdout_is_the_protocol_alone(environ: dict[str, str]) -> None:
    """Each line is a message, also after lines that are none."""
    begin = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    asked: list[Any] = [
        {"id": 1, "method": "initialize", "params": begin},
        {"method": "notifications/initialized"},
        {
            "id": 2,
            "method": "tools/call",
            "params": {"name": "cost", "arguments": ASKED["cost"]},
        },
        {"id": 3, "method": "no/such"},
        {"id": 4, "method": "tools/list"},
    ]
    with subprocess.Popen(
        [sys.executable, *PROGRAM, "mcp"],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for message in asked:
            if message.get("id") == 3:
                running.stdin.write("this is no message\n")
            running.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        running.stdin.flush()
        found = {}
        while not {1, 2, 3, 4} <= found.keys():
            message = json.loads(running.stdout.readline())
            assert message["jsonrpc"] == "2.0"
            found[message.get("id")] = message
        running.stdin.close()
        assert running.stdout.read() == ""
        assert running.wait(_ENDS) == 0
    assert found[2]["result"]["structuredContent"]["total"] == 0.00207
    assert "error" in found[3]


def test_the_server_starts_quickly(environ: dict[str, str]) -> None:
    """It takes hardly longer than the SDK itself: both are measured by turns."""

    def seconds(*words: str) -> float:
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, *words],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=_ENDS,
        )
        return time.perf_counter() - started

    bare, ours = [], []
    for _ in range(5):
        bare.append(seconds("-c", "import mcp.server.lowlevel.server"))
        ours.append(seconds(*PROGRAM, "mcp"))
    assert min(ours) < 1.5 * min(bare) + 0.2


def test_without_the_sdk(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says what to install."""
    monkeypatch.setattr(command, "find_spec", lambda _: None)
    assert cli.run(["mcp"]) == 1
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err == "error: MCP needs its SDK: pip install 'modeldex[mcp]'\n"


WHO = [
    (("--host", "127.0.0.1"), False),
    (("--host", "127.0.0.9"), False),
    (("--host", "localhost"), False),
    (("--host", "::1"), False),
    (("--host", "0.0.0.0"), True),
    (("--host", "10.1.2.3"), True),
    (("--host", "models.example"), True),
    (("--host", "0.0.0.0", "--public-read"), False),
    (("--host", "127.0.0.1", "--no-public-read"), True),
]


def test_names_by_which_it_may_be_asked() -> None:
    """Its address, the loopback's names, and those that are trusted; no others."""
    found = serving.allowed("10.1.2.3", ["models.example", "fd00::1"])
    assert found.enable_dns_rebinding_protection
    for name in ("127.0.0.1", "10.1.2.3", "models.example", "[fd00::1]"):
        assert {name, f"{name}:*"} <= set(found.allowed_hosts)
        assert f"https://{name}" in found.allowed_origins
    everywhere = serving.allowed("0.0.0.0", [])
    assert {name for name in everywhere.allowed_hosts if "0.0.0.0" in name} == set()


@pytest.mark.parametrize(("words", "needed"), WHO)
def test_who_needs_a_token(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], *, needed: bool
) -> None:
    """Whoever is not on this computer, unless reading is open to all."""
    seen: list[Any] = []
    monkeypatch.setattr(serving, "run_http", lambda *_, **how: seen.append(how))
    assert cli.run(["mcp", "--http", *words]) == 0
    assert (seen[0]["tokens"] is not None) is needed


def test_a_port_that_is_taken(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told, with the address."""
    port = url.split(":")[2].partition("/")[0]
    assert cli.run(["mcp", "--http", "--port", port]) == 2
    assert f"127.0.0.1:{port} cannot be listened on" in capsys.readouterr().err


AT = "2026-11-25T12:00:00.000+00:00"


class Known:
    """Tokens that a test changes."""

    def __init__(self) -> None:
        self.held = {
            hash_of(name): Token(name, "viewer", hash_of(name), "ada", AT, end)
            for name, end in (("good", ""), ("over", AT), ("réel", ""))
        }
        self.down = False
        self.noted: list[str] = []

    def known(self) -> dict[str, Token]:
        """Return them, unless the store is down."""
        if self.down:
            raise StoreUnavailableError("down")
        return self.held

    def used(self, token: Token) -> Token:
        """Count the notes of uses."""
        self.noted.append(token.name)
        return token

    def now(self) -> str:
        """Return always the same time."""
        return AT


def test_a_token_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """None, an unknown, an expired and a revoked one do not; the last known hold."""
    clock = [100.0]
    monkeypatch.setattr("modeldex.mcp.access.time.monotonic", lambda: clock[0])
    tokens: Any = Known()

    async def app(
        _scope: Any, _receive: Any, send: Callable[..., Awaitable[Any]]
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    guarded = NeedsToken(app, tokens)

    def status(authorization: str | None = None) -> int:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        headers = []
        if authorization is not None:
            headers.append((b"authorization", authorization.encode("latin-1")))
        scope = {"type": "http", "headers": headers}
        asyncio.run(guarded(scope, None, send))
        found: int = sent[0]["status"]
        return found

    tokens.down = True
    assert status("Bearer good") == 503
    tokens.down = False
    assert tokens.held[hash_of("good")].state(AT) == ACTIVE
    assert status("Bearer good") == status("bearer  good") == 200
    for refused in (None, "", "Bearer", "Bearer ", "Bearer bad", "Basic good", "good"):
        assert status(refused) == 401, refused
    assert status("Bearer over") == 401
    assert status("Bearer \xff\xfe") == 401
    assert tokens.noted == ["good"]
    del tokens.held[hash_of("good")]
    clock[0] += 1.5
    assert status("Bearer good") == 401
    tokens.down = True
    clock[0] += 1.5
    assert status("Bearer good") == 401


def test_an_edit_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that change are read again; a broken edit leaves the last good one."""
    clock = [100.0]
    monkeypatch.setattr("modeldex.mcp.current.time.monotonic", lambda: clock[0])
    file = tmp_path / "acme.yaml"

    def write(text: str) -> Any:
        file.write_text(text)
        clock[0] += 5
        return held.registry().get_info("acme/m").context_window

    one = "provider: acme\nmodels: {m: {context_window: 1000}}\n"
    file.write_text(one)
    held = current.Current(str(tmp_path))
    assert held.registry().get_info("acme/m").context_window == 1000
    assert write(one.replace("1000", "20000")) == 20_000
    assert write("provider: acme\nmodels: {m: {contxt: 1}}\n") == 20_000
    assert write(one.replace("1000", "300000")) == 300_000


def test_a_store_that_hosts_share_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another host wrote before and after the start is seen; an absence is not."""
    clock = [100.0]
    monkeypatch.setattr("modeldex.mcp.current.time.monotonic", lambda: clock[0])
    monkeypatch.setenv("MODELDEX_STORE", f"sqlite:///{tmp_path}/shared.db")
    monkeypatch.setenv("MODELDEX_CONFIG", os.devnull)

    def at(host: str) -> None:
        monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path / host))

    def seen() -> Any:
        clock[0] += 5
        return held.registry().get_info("openai/gpt-4o").context_window

    at("one")
    writer = modeldex.open()
    write = partial(writer.edits.set, "openai/gpt-4o", because="measured", by="ada")
    write({"context_window": 1_000})
    at("two")
    held = current.Current()
    assert held.registry().get_info("openai/gpt-4o").context_window == 1_000
    write({"context_window": 2_000})
    assert seen() == 2_000

    def away(_: object) -> None:
        raise StoreUnavailableError("down")

    monkeypatch.setattr(current, "catch_up", away)
    assert seen() == 2_000
