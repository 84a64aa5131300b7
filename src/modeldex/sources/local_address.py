"""Where a server of this host is: as people write it, as it is asked."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# what a server listens at, and where it is then
_ANY = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "": "127.0.0.1"}  # noqa: S104
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]*\]|[^:/?#\[\]]*)(?::(\d*))?(?=[/?#]|$)")


def local_base(text: str, default: str, path: str = "") -> str:
    """Return the base URL that is meant by the value of a setting.

    It may lack a scheme (then `http`, and the port of `default` where it has none), and
    name the address that a server listens at instead of one that it is asked at.
    `path` is what the URL of a list goes on with: a base of the API that a server has
    beside it (`/v1`) is left out where it does not belong. What is no such thing is
    returned as it is: the gate refuses it.
    """
    value = text.strip().rstrip("/")
    found = _SCHEME.match(value)
    scheme = found[0].lower() if found else "http://"
    rest = value[len(found[0]) :] if found else value
    authority = _AUTHORITY.match(rest)
    if authority is None:
        return value
    host, port = authority.groups()
    place = _ANY.get(host, host)
    if not port and not found:
        port = str(urlsplit(default).port or "") if default else ""
    tail = rest[authority.end() :].rstrip("/")
    if path.startswith("/api/"):
        tail = tail.removesuffix("/v1")
    return f"{scheme}{place}{f':{port}' if port else ''}{tail}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is surely this one: by its address, or as `localhost`."""
    if host.rpartition(".")[2] == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
