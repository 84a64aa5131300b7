"""Hold a process to this host: what would go out is refused, and written down.

First on PYTHONPATH of a server under test; MODELDEX_TEST_WENT_OUT names the file.
"""

from __future__ import annotations

import os
import sys

_OURS = ("127.", "::1", "localhost", "0.0.0.0")


def _hold(event: str, details: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = details[0]
    elif event == "socket.connect" and isinstance(details[1], tuple):
        host = details[1][0]
    else:
        return
    text = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if not text.startswith(_OURS):
        with open(os.environ["MODELDEX_TEST_WENT_OUT"], "a", encoding="utf-8") as file:
            file.write(f"{event} {text}\n")
        raise PermissionError(f"a test must not ask {text}")


if "MODELDEX_TEST_WENT_OUT" in os.environ:
    sys.addaudithook(_hold)
