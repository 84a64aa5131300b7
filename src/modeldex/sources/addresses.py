"""Which addresses a source may be at: the one check of every outgoing connection.

A URL is parsed once, strictly, and a name is resolved once; every address that the
name has is checked, and the connection goes to one of those checked (`wire.py`).
"""

from __future__ import annotations

import re
import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from modeldex.errors import (
    ForbiddenAddressError,
    InvalidSettingsError,
    SourceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Address = IPv4Address | IPv6Address
    Resolve = Callable[[str, int], Iterable[str]]

PORTS = (443, 8443)  # of sources that are not local
MAX_URL = 2048
MAX_ADDRESSES = 32

GLOBAL, LOOPBACK, PRIVATE, NEVER = "public", "loopback", "private", "forbidden"

# the first that fits; what fits none is public where its family says so below
_KINDS = [
    (kind, ip_network(text))
    for kind, texts in (
        # where clouds serve the credentials of a machine
        (NEVER, "169.254.0.0/16 168.63.129.16 100.100.100.200 192.0.0.192"),
        (NEVER, "fd00:ec2::/32 fd20:ce::/32 fe80::/10"),
        (LOOPBACK, "127.0.0.0/8 ::1"),
        (PRIVATE, "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7"),
        # this network, protocol assignments, documentation, old 6to4 relays,
        # benchmarks, multicast, reserved
        (NEVER, "0.0.0.0/8 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15"),
        (NEVER, "198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"),
        # Teredo and other protocols, documentation, 6to4, documentation
        (NEVER, "2001::/23 2001:db8::/32 2002::/16 3fff::/20"),
        (GLOBAL, "0.0.0.0/0 2000::/3"),
        # mapped, compatible, NAT64, site-local, multicast: all that is left
        (NEVER, "::/0"),
    )
    for text in texts.split()
]
# names that no public server has
_INNER = re.compile(
    r"(?:.*\.)?(?:localhost|local|internal|localdomain|lan|home|corp|intranet"
    r"|private|home\.arpa|onion|invalid|test|example)"
)
_URL = re.compile(r"(https?)://([^/?#]*)(/[^?#]*)?(\?[^#]*)?", re.IGNORECASE)
_SAFE = re.compile(r"[!#-;=?-\[\]_a-z~]+", re.IGNORECASE)  # what a URL consists of
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::([1-9]\d{0,4}))?")
_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)")  # what ends so is no name


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, parsed once; `path` is what is asked for, with the query."""

    scheme: str
    host: str
    port: int
    path: str
    literal: Address | None = None

    @property
    def authority(self) -> str:
        """What the request names as its host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == default else f"{host}:{self.port}"


def parse_url(url: str) -> Target:
    """Parse the URL of a source, strictly; no part of it is in the error.

    Raises ForbiddenAddressError for all but `http(s)://host[:port]/path?query` with a
    plain name, four decimal numbers or an IPv6 address in brackets.
    """
    found = _URL.fullmatch(url) if _SAFE.fullmatch(url) else None
    if found is None or len(url) > MAX_URL:
        raise _refused("is no plain https:// address without a fragment")
    scheme, authority, path, query = found.groups()
    if "@" in authority:
        raise _refused("holds a user or password; name the key's variable instead")
    parts = _AUTHORITY.fullmatch(authority.lower())
    if parts is None:
        raise _refused("has no plain host and port")
    name, digits = parts.groups()
    host, literal = _host(name)
    port = int(digits) if digits else {"https": 443, "http": 80}[scheme.lower()]
    if port > 65535:  # noqa: PLR2004
        raise _refused("has no such port")
    return Target(scheme.lower(), host, port, (path or "/") + (query or ""), literal)


def _host(name: str) -> tuple[str, Address | None]:
    try:
        if name.startswith("["):
            six = IPv6Address(name[1:-1])
            return str(six), six
        if _NUMBER.fullmatch(name):
            four = IPv4Address(name)
            return str(four), four
    except ValueError:
        raise _refused("has an unusual spelling of a number as its host") from None
    if len(name) > 253 or not _NAME.fullmatch(name):  # noqa: PLR2004
        raise _refused("has a host that is no plain name")
    return name, None


def _refused(why: str) -> ForbiddenAddressError:
    return ForbiddenAddressError(f"the address {why}")


def kind_of(text: str) -> str:
    """Return what an address is: public, loopback, private, or forbidden to all."""
    if "%" in text:  # with a zone: of a link
        return NEVER
    address = ip_address(text)
    return next(
        kind
        for kind, network in _KINDS
        if network.version == address.version and address in network
    )


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Gate:
    """Says where a connection may go.

    Sources of the internet: `https`, ports 443 and 8443, public addresses only. Local
    sources: also `http` and any port, on this host's loopback; and on those hosts of
    the private network that `local_hosts` names. Link-local addresses (where clouds
    keep credentials), multicast, reserved ones and IPv4 inside IPv6 are refused to
    all. `resolve` turns a name into addresses.
    """

    def __init__(
        self, local_hosts: Iterable[str] = (), *, resolve: Resolve = resolve
    ) -> None:
        self._named = {_local_name(host) for host in local_hosts}
        self._resolve = resolve

    def admit(self, url: str, *, local: bool = False) -> Target:
        """Return the parsed URL of a source, before any name is resolved.

        Raises ForbiddenAddressError.
        """
        target = parse_url(url)
        if local:
            return target
        if target.scheme != "https":
            raise _refused("is not https://, which only local sources need not be")
        if target.port not in PORTS:
            known = " and ".join(map(str, PORTS))
            raise _refused(f"has port {target.port}; allowed are {known}")
        inner = "." not in target.host or _INNER.fullmatch(target.host)
        if target.literal is None and inner:
            raise _refused(f"is of an inner network: {target.host}")
        if target.literal:
            self._check(target, str(target.literal), local=False)
        return target

    def addresses(
        self, target: Target, *, local: bool, timeout: float = 10
    ) -> Sequence[str]:
        """Return where a target is, each address checked; the name is resolved once.

        One address that may not be connected to refuses them all. Raises
        ForbiddenAddressError, SourceUnavailableError.
        """
        if target.literal:
            found = [str(target.literal)]
        else:
            found = _within(timeout, self._resolve, target)
        for address in found:
            self._check(target, address, local=local)
        return found

    def _check(self, target: Target, address: str, *, local: bool) -> None:
        try:
            kind = kind_of(address)
        except ValueError:
            kind = NEVER
        if kind == GLOBAL and target.scheme == "https":
            return
        if local and kind != GLOBAL and self._is_allowed(target, kind):
            return
        message = f"{target.host} is at a {kind} address ({address:.60})"
        if kind == GLOBAL:
            message += "; without https only local addresses are asked"
        elif local and kind in (PRIVATE, LOOPBACK):
            message += f"; the setting local_hosts may name {target.host}"
        elif kind in (PRIVATE, LOOPBACK):
            message += "; only a source that is local may be there"
        raise ForbiddenAddressError(message)

    def is_near(self, target: Target) -> bool:
        """Tell whether a target is of this host or a named one, by its name alone."""
        if target.literal:
            kind = kind_of(str(target.literal))
            return self._is_allowed(target, kind)
        own = target.host.rpartition(".")[2] == "localhost"
        return own or target.host in self._named

    def _is_allowed(self, target: Target, kind: str) -> bool:
        own = target.literal or target.host.rpartition(".")[2] == "localhost"
        if kind == LOOPBACK and own:
            return True
        return kind in (LOOPBACK, PRIVATE) and target.host in self._named


def _local_name(host: str) -> str:
    try:
        target = parse_url(
            f"http://[{host}]" if host.count(":") > 1 else f"http://{host}"
        )
    except ForbiddenAddressError:
        target = None
    if target is None or target.path != "/" or ":" in host.replace(target.host, ""):
        raise InvalidSettingsError(f"local_hosts holds {host[:60]!r}, which is no host")
    return target.host


def _within(timeout: float, resolve: Resolve, target: Target) -> list[str]:
    """Resolve a name, and wait no longer than so many seconds."""
    found: list[str] = []

    def look_up() -> None:
        try:
            found.extend(resolve(target.host, target.port))
        except (OSError, UnicodeError):
            found.clear()

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(timeout, 0))
    addresses = list(found)[:MAX_ADDRESSES]
    if thread.is_alive() or not addresses:
        raise SourceUnavailableError(f"{target.host} has no address: not resolved")
    return addresses
