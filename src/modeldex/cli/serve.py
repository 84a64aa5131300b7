"""`modeldex serve`: the HTTP service."""

from __future__ import annotations

import os
from importlib.util import find_spec

import click

from modeldex.cli.render import note
from modeldex.errors import MissingExtraError

_NEEDS = ("litestar", "uvicorn", "prometheus_client", "sqlalchemy")


@click.command("serve")
@click.option("--host", help="Address to listen on; 127.0.0.1 unless given.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port; 8080 unless given.")
@click.option("--store", metavar="URL", help="sqlite:///… or postgresql://…")
@click.option("--nats", metavar="URL", help="nats://… by which instances hear sooner.")
@click.option(
    "--public-read/--no-public-read",
    default=None,
    help="Reading needs no token, or always one; by default none from this host.",
)
@click.option(
    "--trusted-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A name by which it may be asked; repeat for more.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes; each is an instance of its own.",
)
@click.option(
    "--sync/--no-sync",
    default=True,
    show_default=True,
    help="Ask sources when they are due, one instance for all.",
)
@click.pass_obj
def serve_command(  # noqa: PLR0913
    path: str | None,
    /,
    *,
    host: str | None,
    port: int | None,
    store: str | None,
    nats: str | None,
    public_read: bool | None,
    hosts: tuple[str, ...],
    workers: int,
    sync: bool,
) -> None:
    """Serve the registry over HTTP: /v1/models, /api/v1, exports, metrics.

    \b
    modeldex serve
    modeldex serve --host 0.0.0.0 --store postgresql://… --nats nats://… --workers 2
    """
    if not all(map(find_spec, _NEEDS)):
        message = "the service needs more: pip install 'modeldex[server]'"
        raise MissingExtraError(message)
    given = {
        "HOST": host,
        "PORT": None if port is None else str(port),
        "STORE": store,
        "NATS": nats,
        "PUBLIC_READ": {None: None, True: "yes", False: "no"}[public_read],
        "TRUSTED_HOSTS": ",".join(hosts) or None,
        "SERVE_CATALOG": path,
        "SERVE_SYNC": "yes" if sync else "no",
    }
    for name, value in given.items():
        if value is not None:  # workers are processes of their own
            os.environ[f"MODELDEX_{name}"] = value
    _run(workers)


def _run(workers: int) -> None:
    from modeldex.bootstrap.serving import reads_freely
    from modeldex.config import load_settings
    from modeldex.server.process import run

    settings = load_settings()

    def tell(url: str) -> None:
        note(f"modeldex serves {url}")
        if not reads_freely(settings.host, settings.public_read):
            note("reading needs a token: modeldex token create NAME --role viewer")

    run(settings.host, settings.port, workers, tell)
