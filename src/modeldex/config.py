"""Settings: flag > environment MODELDEX_* > TOML file > default."""

from __future__ import annotations

import os
import sys

from modeldex.domain import Value, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from modeldex.errors import InvalidSettingsError

# setting -> what it is; each is also MODELDEX_<NAME> and a key of the TOML file
SETTINGS = {
    "catalog_path": "directories of your own YAML, over the shipped catalogue",
    "cache_dir": "where compiled catalogues are kept",
}
_PREFIX = "MODELDEX_"


class Settings(Value):
    """One frozen value: where the user's files are.

    `catalog_path` holds directories, the later ones on top.
    """

    __slots__ = ("cache_dir", "catalog_path")
    catalog_path: tuple[str, ...]
    cache_dir: str

    def __init__(self, catalog_path: tuple[str, ...], cache_dir: str) -> None:
        set_slot(self, "catalog_path", catalog_path)
        set_slot(self, "cache_dir", cache_dir)


def _user_dir(kind: str) -> str:
    """Return the user's directory for `config` or `cache`, as platformdirs has it.

    Written out here because the read path imports nothing outside the standard
    library; a test holds it against platformdirs.
    """
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
        base = os.path.join(local, "modeldex")
        return os.path.join(base, "Cache") if kind == "cache" else base
    base = os.environ.get(f"XDG_{kind.upper()}_HOME", "")
    if base.startswith("/"):  # a relative one is not to be used
        return os.path.join(base, "modeldex")
    if sys.platform == "darwin":
        library = {"cache": "Caches", "config": "Application Support"}[kind]
        return os.path.join(home, "Library", library, "modeldex")
    default = {"cache": ".cache", "config": ".config"}[kind]
    return os.path.join(home, default, "modeldex")


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings in force.

    Raises InvalidSettingsError for an unknown key, a bad value, or a directory
    that is named but not there.
    """
    config_dir = _user_dir("config")
    path = environ.get(f"{_PREFIX}CONFIG") or os.path.join(config_dir, "config.toml")
    values = _read_toml(path, required=bool(environ.get(f"{_PREFIX}CONFIG")))
    for name in SETTINGS:
        if given := environ.get(_PREFIX + name.upper()):
            values[name] = given
    paths = values.get("catalog_path")
    if isinstance(paths, str):
        paths = [item for item in paths.split(os.pathsep) if item]
    if paths is not None:
        paths = [os.path.expanduser(directory) for directory in paths]
    for directory in paths or ():
        if not os.path.isdir(directory):
            raise _bad(f"catalog_path names {directory}, which is not a directory")
    if paths is None:
        own = os.path.join(config_dir, "providers")
        paths = [own] if os.path.isdir(own) else []
    cache_dir = os.path.expanduser(values.get("cache_dir") or _user_dir("cache"))
    return Settings(tuple(paths), cache_dir)


def _bad(message: str) -> InvalidSettingsError:
    from modeldex.errors import InvalidSettingsError

    return InvalidSettingsError(message)


def _read_toml(path: str, *, required: bool) -> dict[str, Any]:
    if not (required or os.path.exists(path)):
        return {}
    import tomllib

    try:
        with open(path, "rb") as file:
            values = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise _bad(f"{path}: {error}") from error
    for name, value in values.items():
        if name not in SETTINGS:
            raise _bad(f"{path}: unknown setting {name}; known: {', '.join(SETTINGS)}")
        many = name == "catalog_path" and isinstance(value, list)
        items = value if many else [value]
        if not all(isinstance(item, str) for item in items):
            raise _bad(f"{path}: {name} is not text")
    return values
