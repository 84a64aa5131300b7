"""What the settings say of the service: by which names it may be asked, by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modeldex.config import Settings

LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this host alone."""
    return host in LOOPBACK


def reads_freely(host: str, public_read: bool | None) -> bool:  # noqa: FBT001
    """Tell whether reading needs no token: as was said, else on this host alone."""
    return is_loopback(host) if public_read is None else public_read


def hosts_of(settings: Settings) -> frozenset[str]:
    """Return the names by which the service may be asked.

    Where it listens on every address, any address will do: a page of another site can
    make a name of its own lead here, not an address.
    """
    from socket import gethostname

    names = {settings.host.lower(), *map(str.lower, settings.trusted_hosts)}
    if not is_loopback(settings.host):
        names |= {gethostname().lower(), "*"}
    return frozenset(names | LOOPBACK)
