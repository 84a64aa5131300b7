"""What pip and npm say of their registries, and what of it is used."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest

from modeldex.errors import SourceError
from modeldex.sources import package_settings
from modeldex.sources.index_client import origin, without_credentials
from modeldex.sources.package_settings import (
    npm_credentials,
    of_npm,
    of_pip,
    pip_settings,
)

HELP = (
    "  -i, --index-url <url>  Base URL of the index (default https://a.example/simple)."
)


def _say(monkeypatch: pytest.MonkeyPatch, listed: str, helped: str = HELP) -> None:
    """Let pip and npm say something."""

    def run(command: list[str]) -> str:
        return helped if "--help" in command else listed

    monkeypatch.setattr(package_settings, "_run", run)


def test_the_environment_overrides_and_so_does_what_is_said_of_downloads() -> None:
    listed = """
        :env:.cert='/env.pem'
        :env:.extra-index-url=''
        global.cert='/global.pem'
        global.extra-index-url='https://b.example/simple'
        global.proxy='http://proxy.example'
        download.proxy='http://other.example'
        install.proxy='http://no.example'
        global.odd=nothing quoted
    """
    assert pip_settings(listed) == {
        "cert": "/env.pem",
        "extra-index-url": "",
        "proxy": "http://other.example",
    }


def test_where_pip_looks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine c.example login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    _say(
        monkeypatch,
        "global.find-links='/wheels file:///more%20wheels'\n"
        "global.extra-index-url='file:///index https://u:p%40@b.example:8443/simple "
        "https://c.example/simple'\n",
    )
    found = of_pip()
    assert found.urls == (
        "https://a.example/simple",
        "https://b.example:8443/simple",
        "https://c.example/simple",
    )
    assert found.folders == (Path("/wheels"), Path("/more wheels"), Path("/index"))
    basic = {
        "https://b.example:8443": b64encode(b"u:p@"),
        "https://c.example:443": b64encode(b"me:secret"),
    }
    assert found.access.credentials == {
        place: f"Basic {text.decode()}" for place, text in basic.items()
    }
    _say(monkeypatch, "global.no-index='true'\nglobal.find-links='/wheels'")
    assert of_pip()[:2] == ((), (Path("/wheels"),))
    _say(monkeypatch, "", "else")
    with pytest.raises(SourceError, match="PIP_INDEX_URL"):
        of_pip()


def test_where_npm_looks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "npmrc").write_text("//b.example/npm/:_authToken=${TOKEN}\n")
    monkeypatch.setenv("TOKEN", "secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    told = {
        "registry": "https://a.example/",
        "@acme:registry": "https://b.example/npm/",
        "cafile": "/ca.pem",
        "userconfig": str(tmp_path / "npmrc"),
        "globalconfig": str(tmp_path / "none"),
    }
    _say(monkeypatch, json.dumps(told))
    plain, scoped = of_npm("pkg"), of_npm("@acme/pkg")
    assert (plain.urls, plain.access.credentials) == (("https://a.example/",), {})
    assert (plain.access.ca_file, plain.access.proxy) == ("/ca.pem", "")
    assert scoped.urls == ("https://b.example/npm/",)
    assert scoped.access.credentials == {"https://b.example:443": "Bearer secret"}
    for odd in ("{}", "no JSON", '{"registry": "x"}'):
        _say(monkeypatch, odd)
        with pytest.raises(SourceError, match="npm"):
            of_npm("pkg")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("//a.example/npm/:_authToken=t", "Bearer t"),
        ('//a.example/:_authToken = "t"', "Bearer t"),
        ("//a.example/:_auth=dTpw", "Basic dTpw"),
        ("//a.example/npmx/:_authToken=t", None),
        ("//a.example/np:_authToken=t", None),
        ("//b.example/:_authToken=t", None),
        ("_authToken=t", None),
        ("; //a.example/:_authToken=t", None),
    ],
)
def test_credentials_are_those_of_the_registry(line: str, found: str | None) -> None:
    told = npm_credentials([line], "https://a.example/npm", {})
    assert told == ({"https://a.example:443": found} if found else {})


def test_addresses_are_compared_by_origin_and_shown_without_secrets() -> None:
    assert origin("https://U:p@A.example/x") == origin("https://a.example:443/y")
    assert origin("http://a.example") != origin("https://a.example")
    assert origin("http://a.example:x/") == ""
    shown = without_credentials("https://u:p@a.example:1/x?token=s#f")
    assert shown == "https://a.example:1/x"
