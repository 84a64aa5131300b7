"""Where a source may be: every other spelling, name and address is refused."""

from __future__ import annotations

import re
import time

import pytest

from hostile_urls import ADDRESSES, ADDRESSES_6, NUMBERS, URLS, WHOLE
from modeldex.errors import (
    ForbiddenAddressError,
    InvalidSettingsError,
    SourceUnavailableError,
)
from modeldex.sources.addresses import Gate, kind_of, parse_url
from modeldex.sources.local_address import local_base

GOOD = {
    "https://api.acme.dev/v1/models": ("api.acme.dev", 443, "/v1/models"),
    "https://API.Acme.dev": ("api.acme.dev", 443, "/"),
    "https://api.acme.dev:8443/v1?a=b&c=%2F": ("api.acme.dev", 8443, "/v1?a=b&c=%2F"),
    "https://api.acme.dev?a=b": ("api.acme.dev", 443, "/?a=b"),
    "https://xn--bcher-kva.dev/": ("xn--bcher-kva.dev", 443, "/"),
    "https://8.8.8.8/": ("8.8.8.8", 443, "/"),
    "https://[2606:4700::1111]/": ("2606:4700::1111", 443, "/"),
    "https://1x.dev/@cf/m~1": ("1x.dev", 443, "/@cf/m~1"),
}


def forbidden(_host: str, _port: int) -> list[str]:
    """Fail: nothing of these is looked up."""
    raise AssertionError("a name was looked up")


def test_there_are_enough_hostile_urls() -> None:
    """The table keeps its size."""
    assert len(set(URLS)) >= 190


def refused(gate: Gate, url: str, *, local: bool) -> str | None:
    """Return why a URL is refused, or None where it is let in."""
    try:
        gate.addresses(gate.admit(url, local=local), local=local)
    except ForbiddenAddressError as error:
        return str(error)
    return None


def test_hostile_urls_are_refused() -> None:
    """A URL that is not plainly of the internet is refused before any name is asked.

    The error has nothing of a user's password.
    """
    gate = Gate(resolve=forbidden)
    said = {url: refused(gate, url, local=False) for url in URLS}
    assert [url for url, why in said.items() if why is None] == []
    assert not any("secret" in str(why) for why in said.values())
    assert "user or password" in str(said["https://user:secret@api.acme.dev/"])


def test_local_sources_have_plain_urls_too() -> None:
    """A local source may have http, any port and a short name; nothing odd."""
    gate = Gate(["api.acme.dev"], resolve=lambda _host, _port: ["127.0.0.1"])
    odd = [*WHOLE, *(f"http://{host}/" for host in NUMBERS)]
    let_in = [url for url in odd if refused(gate, url, local=True) is None]
    plain = r"https?://api\.acme\.dev(:[1-9]\d*)?/(v1)?"
    assert [url for url in let_in if not re.fullmatch(plain, url, re.IGNORECASE)] == []
    assert len(let_in) == 8


@pytest.mark.parametrize("url", GOOD)
def test_plain_urls_are_parsed(url: str) -> None:
    """What is plain is taken apart once."""
    target = Gate(resolve=forbidden).admit(url)
    assert (target.host, target.port, target.path) == GOOD[url]


def test_no_name_leads_to_an_inner_address() -> None:
    """A name whose address is not public is refused, alone or among others."""
    let_in = []
    for address in (*ADDRESSES, *ADDRESSES_6, "fe80::1%1", "junk", ""):
        for found in ([address], ["8.8.8.8", address], [address, "2606:4700::1111"]):
            gate = Gate(resolve=lambda _host, _port, found=found: found)
            if refused(gate, "https://api.acme.dev/", local=False) is None:
                let_in.append(found)
    assert let_in == []


def test_public_addresses_pass() -> None:
    """Public addresses are all returned, in their order."""
    found = ["8.8.8.8", "2606:4700::1111", "1.1.1.1"]
    gate = Gate(resolve=lambda _host, _port: found)
    assert gate.addresses(parse_url("https://api.acme.dev/"), local=False) == found


LOCAL = {
    # URL, its address -> with nothing named, with its host named
    ("http://localhost:11434/", "127.0.0.1"): (True, True),
    ("http://localhost:11434/", "::1"): (True, True),
    ("http://localhost:11434/", "192.168.1.9"): (False, True),
    ("http://127.0.0.1:11434/", None): (True, True),
    ("http://[::1]:11434/", None): (True, True),
    ("http://192.168.1.9:8000/", None): (False, True),
    ("http://[fd12::9]:8000/", None): (False, True),
    ("http://gpu-box:8000/", "10.0.0.9"): (False, True),
    ("http://gpu-box:8000/", "127.0.0.1"): (False, True),
    ("http://gpu.tail.dev/", "100.64.7.7"): (False, True),
    ("http://gpu-box:8000/", "169.254.169.254"): (False, False),
    ("http://169.254.169.254/", None): (False, False),
    ("http://168.63.129.16/", None): (False, False),
    ("http://0.0.0.0:11434/", None): (False, False),
    ("http://[::ffff:127.0.0.1]/", None): (False, False),
    ("http://gpu.acme.dev/", "8.8.8.8"): (False, False),
    ("https://gpu.acme.dev/", "8.8.8.8"): (True, True),
}


@pytest.mark.parametrize(("url", "address"), LOCAL)
@pytest.mark.parametrize("named", [False, True])
def test_local_sources_are_where_they_are_allowed(
    url: str, address: str | None, named: bool
) -> None:
    """A local source is on loopback, or on a host that the settings name."""
    hosts = [parse_url(url).host] if named else ["other-box"]
    gate = Gate(hosts, resolve=lambda _host, _port: [str(address)])
    let_in = refused(gate, url, local=True) is None
    assert let_in == LOCAL[url, address][named]
    public = refused(gate, url, local=False) is None
    assert public == url.startswith("https://gpu.acme.dev")


def test_local_hosts_are_hosts() -> None:
    """What is no host cannot be named."""
    for wrong in ("10.0.0.0/8", "http://box", "u@box", "*", "", "0x7f.1", "box:80"):
        with pytest.raises(InvalidSettingsError):
            Gate([wrong])


def test_a_name_without_address_is_unavailable() -> None:
    """No address, and an address that does not come, are failures of the source."""

    def failing(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    slow = Gate(resolve=lambda _host, _port: time.sleep(1) or ["8.8.8.8"])
    target = parse_url("https://api.acme.dev/")
    for gate in (Gate(resolve=failing), Gate(resolve=lambda _host, _port: []), slow):
        with pytest.raises(
            SourceUnavailableError, match=r"api\.acme\.dev has no address"
        ):
            gate.addresses(target, local=False, timeout=0.05)


def test_kinds_of_addresses() -> None:
    """Neighbours of the forbidden networks are public."""
    near = ("172.15.0.1", "172.32.0.1", "100.63.255.1", "100.128.0.1", "11.0.0.1")
    near += ("169.253.0.1", "192.167.1.1", "223.255.255.1", "2001:200::1", "2003::1")
    assert {kind_of(address) for address in near} == {"public"}


OLLAMA = {
    "http://127.0.0.1:11434": "http://127.0.0.1:11434",
    "http://127.0.0.1:11434/": "http://127.0.0.1:11434",
    "127.0.0.1": "http://127.0.0.1:11434",
    "0.0.0.0": "http://127.0.0.1:11434",
    "0.0.0.0:8080": "http://127.0.0.1:8080",
    ":8080": "http://127.0.0.1:8080",
    "": "http://127.0.0.1:11434",
    "[::]": "http://[::1]:11434",
    "[::]:80": "http://[::1]:80",
    "gpu-box": "http://gpu-box:11434",
    "https://gpu.acme.dev": "https://gpu.acme.dev",
    "http://gpu-box/ollama/": "http://gpu-box/ollama",
}


@pytest.mark.parametrize("said", OLLAMA)
def test_variables_of_local_servers_are_read(said: str) -> None:
    """A variable may hold a host, a port, a URL, or where the server listens."""
    url = local_base(said, "http://127.0.0.1:11434")
    assert url == OLLAMA[said]
    assert parse_url(url).host
