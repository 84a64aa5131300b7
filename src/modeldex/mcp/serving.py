"""The server of the Model Context Protocol: over stdio, and over HTTP."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import anyio
import uvicorn
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolResult,
    ListToolsResult,
    TextContent,
    Tool,
    ToolAnnotations,
)

from modeldex.errors import InvalidSettingsError, ModeldexError
from modeldex.mcp.access import NeedsToken
from modeldex.mcp.tools import TOOLS, ask, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mcp.types import CallToolRequestParams

    from modeldex.mcp.current import Current
    from modeldex.registry.access import Tokens

INSTRUCTIONS = (
    "Facts about LLM models at their providers: what exists, what it can do, what it "
    "costs now and on any day, until when it lives. Null is unknown, never zero or no. "
    "Prices are USD per 1,000,000 tokens unless a field says otherwise."
)
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  to know them, not to bind to them
_MOST_BYTES = 1 << 20  # of a request
_CLOSING_SECONDS = 2
_HINTS = ToolAnnotations(
    read_only_hint=True,
    destructive_hint=False,
    idempotent_hint=True,
    open_world_hint=False,
)


def server(current: Current, version: str) -> Server[Any]:
    """Return the server of a registry's tools."""

    async def list_tools(_: Any, __: Any) -> ListToolsResult:
        return ListToolsResult(tools=_tools())

    async def call_tool(_: Any, given: CallToolRequestParams) -> CallToolResult:
        tool = TOOLS.get(given.name)
        if tool is None:
            known = ", ".join(TOOLS)
            raise MCPError(INVALID_PARAMS, f"there is no tool {given.name!r}: {known}")

        def answer() -> tuple[str, dict[str, Any]]:
            return ask(current.registry(), tool, given.arguments or {})

        try:
            text, data = await anyio.to_thread.run_sync(answer)
        except ModeldexError as error:
            text, data = told(error)
            return _result(text, data, is_error=True)
        return _result(text, data)

    return Server(
        "modeldex",
        version=version,
        title="modeldex",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def run_stdio(served: Server[Any]) -> None:
    """Serve the program that started this one, until it closes standard input."""

    async def run() -> None:
        async with stdio_server() as (reading, writing):
            await served.run(reading, writing, served.create_initialization_options())

    anyio.run(run)


def run_http(  # noqa: PLR0913  where, for whom, and whom to tell
    served: Server[Any],
    host: str,
    port: int,
    *,
    names: Iterable[str] = (),
    tokens: Tokens | None = None,
    tell: Callable[[str], None] = lambda _url: None,
) -> None:
    """Serve over HTTP until interrupted; `tell` gets the URL once it is open.

    Asked by other names than the loopback's, the address and `names`, it refuses.
    With `tokens`, who asks needs one. Raises InvalidSettingsError.
    """
    opened = _bind(host, port)
    where = host if host not in _ANYWHERE else LOOPBACK[0]
    app: Any = served.streamable_http_app(
        stateless_http=True,
        json_response=True,
        max_request_body_size=_MOST_BYTES,
        transport_security=allowed(host, names),
    )
    if tokens is not None:
        app = NeedsToken(app, tokens)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_CLOSING_SECONDS,
    )
    tell(f"http://{_bracketed(where)}:{opened.getsockname()[1]}/mcp")
    uvicorn.Server(config).run(sockets=[opened])


def allowed(host: str, names: Iterable[str]) -> TransportSecuritySettings:
    """Return the names by which the server may be asked: no page may rebind one."""
    own = () if host in _ANYWHERE else (_bracketed(host),)
    known = [*dict.fromkeys((*LOOPBACK, *own, *map(_bracketed, names)))]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[*known, *(f"{name}:*" for name in known)],
        allowed_origins=[
            f"{scheme}://{name}{port}"
            for name in known
            for scheme in ("http", "https")
            for port in ("", ":*")
        ],
    )


def is_loopback(host: str) -> bool:
    """Tell whether only programs of this computer reach an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _bind(host: str, port: int) -> socket.socket:
    try:
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=kind)
    except OSError as error:
        message = f"{host}:{port} cannot be listened on: {error.strerror}"
        raise InvalidSettingsError(message) from None


def _result(text: str, data: Any, *, is_error: bool = False) -> CallToolResult:
    content: list[Any] = [TextContent(text=text)]
    return CallToolResult(content=content, structured_content=data, is_error=is_error)


def _tools() -> list[Tool]:
    return [
        Tool(
            name=tool.name,
            title=tool.title,
            description=tool.description,
            input_schema=tool.input_schema,
            output_schema=dict(tool.output),
            annotations=_HINTS,
        )
        for tool in TOOLS.values()
    ]
