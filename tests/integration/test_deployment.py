"""What the page on deployment says of proxies, units and versions is so."""

from __future__ import annotations

import http.client
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from modeldex.cli.serve import serve_command
from modeldex.config import SETTINGS
from modeldex.errors import StoreVersionError
from modeldex.server.front import BURST
from services import serving
from shells import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parents[2] / "docs"
DEPLOY = DOCS / "deploy"
FILES = [DOCS / "deployment.md", *sorted(DEPLOY.iterdir())]
NAME = "models.example.com"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_flags_and_settings_are_ours(file: Path) -> None:
    """Each `modeldex serve` is one that starts; each variable is a setting."""
    text = file.read_text("utf-8")
    for flags in re.findall(r"modeldex serve((?: --?[\w-]+(?: [\w.:/]+)?)*)", text):
        serve_command.make_context("serve", flags.split(), resilient_parsing=False)
    named = set(re.findall(r"MODELDEX_([A-Z_]+)", text))
    assert named <= {name.upper() for name in SETTINGS}


def test_the_unit_is_sound(tmp_path: Path) -> None:
    """As systemd itself says, with a program that is here."""
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("systemd-analyze is not installed")
    text = (DEPLOY / "modeldex.service").read_text("utf-8")
    unit = tmp_path / "modeldex.service"
    unit.write_text(text.replace("/opt/modeldex/bin/modeldex", sys.executable))
    done = subprocess.run(
        [verifier, "verify", "--man=no", str(unit)],
        capture_output=True,
        check=False,
        text=True,
    )
    ours = [line for line in done.stderr.splitlines() if "modeldex.service" in line]
    assert ours == []


def test_what_is_untested_says_so() -> None:
    """The compose file is YAML, its services are joined; both files carry the mark."""
    for name in ("Dockerfile", "compose.yaml"):
        assert (DEPLOY / name).read_text("utf-8").startswith("# UNTESTED")
    page = (DOCS / "deployment.md").read_text("utf-8")
    assert "**untested**" in page
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    services = compose["services"]
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
    hosts = re.findall(r"(\w+):8080", (DEPLOY / "Caddyfile").read_text("utf-8"))
    assert hosts == ["one", "two"]
    assert set(hosts) <= set(services)


def test_proxies_pass_on_what_matters() -> None:
    """The name, who asks, and events as they come."""
    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")
    places = nginx.split("location ")[1:]
    assert len(places) == 2
    for place in places:
        assert "proxy_set_header Host $host;" in place
        assert "proxy_set_header X-Forwarded-For $remote_addr;" in place
    assert "proxy_buffering off;" in places[1]
    assert nginx.count("{") == nginx.count("}")
    caddy = (DEPLOY / "Caddyfile").read_text("utf-8")
    assert "flush_interval -1" in caddy
    assert caddy.count("{") == caddy.count("}")


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Run a service as a proxy of this host has it; yield where it is."""
    folder = tmp_path_factory.mktemp("data")
    with serving(folder, "--trusted-host", NAME) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        yield host, int(port)


def test_behind_a_proxy_the_name_must_be_known(proxied: tuple[str, int]) -> None:
    """The name that was given passes, another one is refused; reading is open."""
    for name, wanted in ((NAME, 200), ("other.example.com", 400)):
        wire = http.client.HTTPConnection(*proxied, timeout=10)
        headers = {"Host": name, "X-Forwarded-For": "203.0.113.6"}
        wire.request("GET", "/api/v1/models?limit=1", headers=headers)
        status = wire.getresponse().status
        wire.close()
        assert status == wanted


def test_behind_a_proxy_limits_are_per_caller(proxied: tuple[str, int]) -> None:
    """Who asks too often is told so; who asks from elsewhere is not, nor this host."""
    wire = http.client.HTTPConnection(*proxied, timeout=10)

    def ask(caller: str | None) -> int:
        headers = {"Host": NAME}
        if caller:
            headers["X-Forwarded-For"] = caller
        wire.request("GET", "/api/health/live", headers=headers)
        answer = wire.getresponse()
        answer.read()
        return answer.status

    with closing(wire):
        asked = [ask("203.0.113.7") for _ in range(int(BURST) * 2)]
        assert asked[:100] == [200] * 100
        assert 429 in asked
        assert ask("203.0.113.8") == 200
        assert ask(None) == 200


def test_events_ask_not_to_be_buffered(proxied: tuple[str, int]) -> None:
    """The header that nginx heeds."""
    wire = http.client.HTTPConnection(*proxied, timeout=10)
    wire.request("GET", "/api/v1/events?timeout=1", headers={"Host": NAME})
    answer = wire.getresponse()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"
    wire.close()


def test_another_version_of_the_tables(tmp_path: Path) -> None:
    """A process that starts then reads as before; what it would write is refused."""
    (tmp_path / "home").mkdir()
    shell = Shell(tmp_path / "home")
    edit = ("edit", "set", "openai/gpt-4o", "pricing.input=2", "--yes", "-q")
    assert shell(*edit, "--because", "a reason")[0] == 0
    (file,) = tmp_path.rglob("modeldex.db")
    with sqlite3.connect(file) as database:
        database.execute("UPDATE schema_version SET version_num = '9999'")
    database.close()
    assert shell.json("show", "openai/gpt-4o")["pricing"]["input"] == 2
    status, _, said = shell(*edit, "--because", "another")
    assert (status, "version 9999" in said) == (1, True)
    assert StoreVersionError.code == "store_version"
    assert "store_version" in (DOCS / "deployment.md").read_text("utf-8")
