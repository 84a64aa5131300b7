"""Run the service: an address, and processes that answer there."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn

from modeldex.errors import InvalidSettingsError, ModeldexError

if TYPE_CHECKING:
    from collections.abc import Callable

_CLOSING = 5  # seconds for what is under way when it ends


def run(host: str, port: int, workers: int, tell: Callable[[str], None]) -> None:
    """Serve until interrupted; `tell` gets the URL once the address is taken.

    Raises InvalidSettingsError for an address that cannot be listened on, and
    ModeldexError where the application does not start; the log says why.
    """
    opened = _bind(host, port)
    where = f"[{host}]" if ":" in host else host
    config = uvicorn.Config(
        "modeldex.server.worker:make",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=_CLOSING,
        http="modeldex.server.protocol:BoundedProtocol",
        ws="none",
        # 127.0.0.1 and ::1 are believed anyhow, and quicker, by server/front.py
        proxy_headers="FORWARDED_ALLOW_IPS" in os.environ,
    )
    tell(f"http://{where}:{opened.getsockname()[1]}")
    if workers > 1:
        from uvicorn.supervisors import Multiprocess

        Multiprocess(config, sockets=[opened]).run()
        return
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[opened])
    if not server.started:
        raise ModeldexError("the service did not start")


def _bind(host: str, port: int) -> socket.socket:
    try:
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        opened = socket.create_server((host, port), family=kind, backlog=2_048)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        message = f"{host}:{port} cannot be listened on: {why}"
        raise InvalidSettingsError(message) from None
    opened.set_inheritable(True)
    return opened
