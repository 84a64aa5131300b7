"""Settings: flag > environment MODELDEX_* > TOML file > default."""

from __future__ import annotations

import os
import sys

from modeldex.domain import Value, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from modeldex.domain.own_source import OwnSource
    from modeldex.errors import InvalidSettingsError

# setting -> what it is; each is also MODELDEX_<NAME> and a key of the TOML file
SETTINGS = {
    "catalog_path": "directories of your own YAML, over the shipped catalogue",
    "cache_dir": "where compiled catalogues are kept",
    "data_dir": "where the store and its catalogue file are",
    "store": "the database that edits go to: a URL, sqlite:///… or postgresql://…",
    "cache_seconds": "how long a live list is used before its API is asked again",
    "max_age_days": "days after which `modeldex doctor` warns of old facts",
    "nats": "the NATS server that instances tell each other by: nats://host:4222",
    "environment": "which instances hear each other: part of the subject of events",
    "host": "the address that `modeldex serve` listens on",
    "port": "the port that `modeldex serve` listens on",
    "public_read": "yes: whoever reaches the service reads without a token; no: nobody",
    "trusted_hosts": "names by which the service may be asked, beside its address",
    "local_hosts": "hosts of your network where local sources may be, beside this one",
}
# tables of the TOML file
TABLES = {"sources": "OpenAI-compatible servers of your own, by name"}
CACHE_SECONDS, MAX_AGE_DAYS = 3_600.0, 30
HOST, PORT, ENVIRONMENT = "127.0.0.1", 8080, "default"
_NUMBERS = ("cache_seconds", "max_age_days", "port")
_LISTS = {"catalog_path": os.pathsep, "local_hosts": ",", "trusted_hosts": ","}
_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_LAST_PORT = 65_535
_PREFIX = "MODELDEX_"
STORES = ("sqlite", "postgresql")
BROKERS = ("nats", "tls")
CATALOG_FILE = ("catalog", "current.snapshot")  # in data_dir, of the default store


class Settings(Value):
    """One frozen value: where the user's files are.

    `catalog_path` holds directories, the later ones on top. `store` is the URL of a
    database; by default that of a SQLite file in `data_dir`, which no reader needs.
    `local_hosts` are private hosts that local sources may be on; `sources` are one's
    own. `cache_seconds` is how long a live list is used. `nats` is "" for no broker;
    `host`, `port`, `public_read` and `trusted_hosts` are the service's; `public_read`
    is None where nobody said: then who may read depends on the address.
    """

    __slots__ = (
        *("cache_dir", "cache_seconds", "catalog_path", "data_dir", "environment"),
        *("host", "local_hosts", "max_age_days", "nats", "port", "public_read"),
        *("sources", "store", "trusted_hosts"),
    )
    catalog_path: tuple[str, ...]
    cache_dir: str
    cache_seconds: float
    data_dir: str
    store: str
    local_hosts: tuple[str, ...]
    max_age_days: int
    sources: tuple[OwnSource, ...]
    nats: str
    environment: str
    host: str
    port: int
    public_read: bool | None
    trusted_hosts: tuple[str, ...]

    def __init__(  # noqa: PLR0913
        self,
        catalog_path: tuple[str, ...],
        cache_dir: str,
        data_dir: str = "",
        store: str = "",
        *,
        local_hosts: tuple[str, ...] = (),
        sources: tuple[OwnSource, ...] = (),
        cache_seconds: float = CACHE_SECONDS,
        max_age_days: int = MAX_AGE_DAYS,
        nats: str = "",
        environment: str = ENVIRONMENT,
        host: str = HOST,
        port: int = PORT,
        public_read: bool | None = None,
        trusted_hosts: tuple[str, ...] = (),
    ) -> None:
        set_slot(self, "catalog_path", catalog_path)
        set_slot(self, "cache_dir", cache_dir)
        set_slot(self, "cache_seconds", cache_seconds)
        set_slot(self, "data_dir", data_dir or _user_dir("data"))
        set_slot(self, "store", store or default_store(self.data_dir))
        set_slot(self, "local_hosts", local_hosts)
        set_slot(self, "sources", sources)
        set_slot(self, "max_age_days", max_age_days)
        set_slot(self, "nats", nats)
        set_slot(self, "environment", environment)
        set_slot(self, "host", host)
        set_slot(self, "port", port)
        set_slot(self, "public_read", public_read)
        set_slot(self, "trusted_hosts", trusted_hosts)

    @property
    def catalog_file(self) -> str:
        """Where the catalogue of the store is, once one was written."""
        path = os.path.join(self.data_dir, *CATALOG_FILE)
        if self.store == default_store(self.data_dir):
            return path
        from zlib import crc32

        mark = f"-{crc32(self.store.encode()):08x}"
        return path.replace(".snapshot", f"{mark}.snapshot")


def default_store(data_dir: str) -> str:
    """Return the URL of the store that is used when none is named."""
    return "sqlite:///" + os.path.join(data_dir, "modeldex.db")


def _user_dir(kind: str) -> str:
    """Return the user's directory for config, cache or data, as platformdirs has it.

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
        library = "Caches" if kind == "cache" else "Application Support"
        return os.path.join(home, "Library", library, "modeldex")
    default = {"cache": ".cache", "data": ".local/share"}.get(kind, ".config")
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
    paths = _listed(values, "catalog_path")
    if paths is not None:
        paths = [os.path.expanduser(directory) for directory in paths]
    for directory in paths or ():
        if not os.path.isdir(directory):
            raise _bad(f"catalog_path names {directory}, which is not a directory")
    if paths is None:
        own = os.path.join(config_dir, "providers")
        paths = [own] if os.path.isdir(own) else []
    cache_dir = os.path.expanduser(values.get("cache_dir") or _user_dir("cache"))
    data_dir = os.path.abspath(
        os.path.expanduser(values.get("data_dir") or _user_dir("data"))
    )
    store = values.get("store", "")
    if store and ("://" not in store or store.partition(":")[0] not in STORES):
        raise _bad(f"store is no URL of a database: {' or '.join(STORES)}://…")
    return Settings(
        tuple(paths),
        cache_dir,
        data_dir,
        store,
        local_hosts=tuple(_listed(values, "local_hosts") or ()),
        sources=_own_sources(values.get("sources")),
        cache_seconds=float(_number(values, "cache_seconds", CACHE_SECONDS)),
        max_age_days=int(_number(values, "max_age_days", MAX_AGE_DAYS)),
        **_service(values),
    )


def _service(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the service and of the broker."""
    nats = values.get("nats", "")
    if nats and nats.partition("://")[0] not in BROKERS:
        raise _bad("nats is no URL of a broker: nats://host:4222")
    environment = values.get("environment", ENVIRONMENT)
    if not (environment.isascii() and environment.replace("-", "").isalnum()):
        raise _bad("environment is letters, digits and hyphens, as production")
    port = int(_number(values, "port", PORT))
    if port > _LAST_PORT:
        raise _bad(f"port is a number up to {_LAST_PORT}")
    return {
        "nats": nats,
        "environment": environment,
        "host": values.get("host", HOST),
        "port": port,
        "public_read": _flag(values, "public_read"),
        "trusted_hosts": tuple(_listed(values, "trusted_hosts") or ()),
    }


def _flag(values: Mapping[str, Any], name: str) -> bool | None:
    """Return a setting that is yes or no; None where it is not given."""
    value = values.get(name)
    if value is None or isinstance(value, bool):
        return value
    found = _FLAGS.get(value.lower())
    if found is None:
        raise _bad(f"{name} is yes or no")
    return found


def _number(values: Mapping[str, Any], name: str, default: float) -> float:
    """Return a setting that is a whole number."""
    if (value := values.get(name)) is None:
        return default
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        _, of, unit = name.rpartition("_")
        what = f" of {unit}" if of else ""
        raise _bad(f"{name} is a number{what}, as {default:g}")
    return int(text)


def _listed(values: Mapping[str, Any], name: str) -> list[str] | None:
    """Return a setting that is a list, or several in one text."""
    value = values.get(name)
    if isinstance(value, str):
        items = (item.strip() for item in value.split(_LISTS[name]))
        return [item for item in items if item]
    return value


def _own_sources(table: object) -> tuple[OwnSource, ...]:
    if table is None:
        return ()
    from modeldex.domain.own_source import own_sources

    return own_sources(table)


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
        if name in TABLES:
            continue
        if name not in SETTINGS:
            known = ", ".join((*SETTINGS, *TABLES))
            raise _bad(f"{path}: unknown setting {name}; known: {known}")
        if name in _NUMBERS and type(value) is int:
            continue
        if name == "public_read" and isinstance(value, bool):
            continue
        many = name in _LISTS and isinstance(value, list)
        items = value if many else [value]
        if not all(isinstance(item, str) for item in items):
            raise _bad(f"{path}: {name} is not text")
    return values
