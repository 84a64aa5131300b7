"""What pip and npm are configured with: their registries, certificates, credentials.

Both are asked for it, so that no address is kept here and what they follow (files,
environment, their own defaults) is followed. Credentials are those of the address
itself, of `netrc`, and of npm's own files.
"""

from __future__ import annotations

import ast
import json
import netrc
import os
import re
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from modeldex.errors import SourceError
from modeldex.sources.index_client import Access, origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_TIMEOUT_S = 60
_INDEX = re.compile(r"--index-url <url>.*?\(default\s+(\S+?)\)", re.DOTALL)
_LINE = re.compile(r"(?P<section>[^.=]+)\.(?P<name>[\w-]+)=(?P<value>.*)")
# the later one of these overrides
_SECTIONS = ("global", "download", ":env:")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class Registry(NamedTuple):
    """Where packages are: addresses to ask in order, folders, and how to reach them."""

    urls: tuple[str, ...]
    folders: tuple[Path, ...]
    access: Access


def of_pip() -> Registry:
    """Return the indexes that pip asks; raises SourceError where pip cannot tell."""
    told = pip_settings(_run([sys.executable, "-m", "pip", "config", "list"]))
    folders = [path for path in map(_path, told.get("find-links", "").split()) if path]
    urls: list[str] = []
    if told.get("no-index", "").lower() not in ("1", "true", "yes", "on"):
        urls = [told.get("index-url") or _pips_own_index()]
        urls += told.get("extra-index-url", "").split()
    folders += [path for path in map(_path, urls) if path]
    remote = [url for url in urls if not _path(url)]
    plain, credentials = _split(remote)
    access = Access(told.get("cert", ""), told.get("proxy", ""), credentials)
    return Registry(tuple(plain), tuple(folders), access)


def pip_settings(listed: str) -> dict[str, str]:
    """Return the settings of `pip config list` that hold for downloads."""
    found: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in listed.splitlines():
        row = _LINE.fullmatch(line.strip())
        if row and row["section"] in found:
            try:
                value = ast.literal_eval(row["value"])
            except (ValueError, SyntaxError):
                continue
            found[row["section"]][row["name"].replace("_", "-")] = str(value)
    return {k: v for section in _SECTIONS for k, v in found[section].items()}


def _pips_own_index() -> str:
    """Return the index that pip asks when nothing is configured: its help tells."""
    told = _INDEX.search(_run([sys.executable, "-m", "pip", "download", "--help"]))
    if not told:
        raise SourceError("pip does not tell its index; set PIP_INDEX_URL")
    return told[1]


def _path(url: str) -> Path | None:
    """Return the directory that a file: URL or a plain path names."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return None if "://" in url else Path(url)


def _split(urls: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Return URLs without what they say of a user, and credentials by origin."""
    plain, credentials = [], {}
    for url in urls:
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2]
        plain.append(urlunsplit((parts.scheme, place, parts.path, parts.query, "")))
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not user:
            user, password = _of_netrc(parts.hostname or "")
        if user or password:
            credentials[origin(url)] = _basic(f"{user}:{password}")
    return plain, credentials


def _of_netrc(host: str) -> tuple[str, str]:
    try:
        row = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except (OSError, netrc.NetrcParseError):
        return "", ""
    return (row[0] or "", row[2] or "") if row else ("", "")


def _basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


def of_npm(package: str) -> Registry:
    """Return the registry that npm asks for a package; raises SourceError."""
    try:
        told = json.loads(_run(["npm", "config", "list", "--json"]))
    except ValueError as error:
        raise SourceError(f"npm config list: {error}") from error
    scope = package.partition("/")[0] if package.startswith("@") else ""
    url = told.get(f"{scope}:registry") or told.get("registry")
    if not isinstance(url, str) or "://" not in url:
        raise SourceError("npm does not tell its registry")
    (plain,), credentials = _split([url])
    names = [told.get("globalconfig"), told.get("userconfig"), ".npmrc"]
    lines = _lines(Path(name) for name in names if isinstance(name, str))
    credentials = npm_credentials(lines, plain, os.environ) or credentials
    proxy = told.get("https-proxy") or told.get("proxy") or ""
    access = Access(str(told.get("cafile") or ""), str(proxy), credentials)
    return Registry((plain,), (), access)


def _lines(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        try:
            yield from path.read_text("utf-8").splitlines()
        except OSError:
            continue


def npm_credentials(
    lines: Iterable[str], url: str, environment: Mapping[str, str]
) -> dict[str, str]:
    """Return what npm's files say of a registry's user, by origin."""
    place = url.partition(":")[2].rstrip("/") + "/"
    said: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition("=")
        scope, _, name = key.strip().rpartition(":")
        if scope.startswith("//") and place.startswith(scope.rstrip("/") + "/"):
            text = value.strip().strip("\"'")
            said[name] = _VARIABLE.sub(lambda m: environment.get(m[1], ""), text)
    if said.get("_authToken"):
        return {origin(url): f"Bearer {said['_authToken']}"}
    if said.get("_auth"):
        return {origin(url): f"Basic {said['_auth']}"}
    return {}


def _run(command: Sequence[str]) -> str:
    environment: dict[str, Any] = {**os.environ, "COLUMNS": "1000", "NO_COLOR": "1"}
    try:
        done = subprocess.run(  # noqa: S603
            command,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{command[0]}: {error}; it tells where published packages are"
        raise SourceError(message) from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        start = command.index("-m") + 1 if "-m" in command else 0
        message = f"{' '.join(command[start : start + 3])} failed: {last[0]}"
        raise SourceError(message)
    return done.stdout
