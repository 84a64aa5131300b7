"""`modeldex mcp`: the registry as tools of the Model Context Protocol."""

from __future__ import annotations

from importlib.util import find_spec

import click

from modeldex.cli import version
from modeldex.cli.models import open_registry
from modeldex.cli.render import note
from modeldex.config import load_settings
from modeldex.errors import MissingExtraError

_PORT = 8765


@click.command("mcp")
@click.option("--http", is_flag=True, help="Over HTTP; else over stdin and stdout.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=_PORT,
    show_default=True,
    help="Port; 0 for any that is free.",
)
@click.option(
    "--public-read/--no-public-read",
    default=None,
    help="Who reaches it needs no token, or always one; by default none on this host.",
)
@click.option(
    "--trusted-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A name by which it may be asked; repeat for more.",
)
@click.pass_obj
def mcp_command(  # noqa: PLR0913
    path: str | None,
    /,
    *,
    http: bool,
    host: str,
    port: int,
    public_read: bool | None,
    hosts: tuple[str, ...],
) -> None:
    """Serve find, get, compare, cost, price_at, resolve and expiring as MCP tools.

    Without --http a program starts it and talks to it over stdin and stdout. Over
    HTTP, on another address than the loopback, who asks needs a token.

    \b
    modeldex mcp
    modeldex mcp --http --port 8765
    """
    if find_spec("mcp") is None:
        raise MissingExtraError("MCP needs its SDK: pip install 'modeldex[mcp]'")
    from modeldex.mcp.current import Current
    from modeldex.mcp.serving import is_loopback, run_http, run_stdio, server

    served = server(Current(path), version())
    if not http:
        run_stdio(served)
        return
    settings = load_settings()
    said = settings.public_read if public_read is None else public_read
    is_open = is_loopback(host) if said is None else said
    tokens = None if is_open else open_registry(None).tokens
    run_http(
        served,
        host,
        port,
        names=(*settings.trusted_hosts, *hosts),
        tokens=tokens,
        tell=lambda url: note(f"modeldex mcp at {url}"),
    )
