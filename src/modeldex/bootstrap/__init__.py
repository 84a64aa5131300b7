"""Put a registry together: the only place that knows where things really are."""

import os
import sys
import time

from modeldex.catalog import Catalog, open_snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from modeldex.catalog import Lookup
    from modeldex.catalog.snapshot import Snapshot
    from modeldex.config import Settings
    from modeldex.errors import InvalidInputError
    from modeldex.registry import Registry
    from modeldex.registry.live import Live

    L = TypeVar("L", bound=Lookup)
    Paths = Sequence[str | os.PathLike[str]] | str | os.PathLike[str]

DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")
PROVIDERS = os.path.join(DATA, "providers")
PACKAGED = os.path.join(DATA, "catalog.snapshot")
# in the data directory: the catalogue of the default store, once one was written
_CATALOG_FILE = "catalog/current.snapshot"
# what makes it necessary to read settings
_VARIABLES = (
    "MODELDEX_CATALOG_PATH",
    "MODELDEX_CONFIG",
    "MODELDEX_DATA_DIR",
    "MODELDEX_STORE",
)


_SECONDS_PER_DAY = 86_400
_day = (-1.0, "")


def today() -> str:
    """Return the day, in UTC, as ISO text."""
    global _day  # noqa: PLW0603
    now = time.time() // _SECONDS_PER_DAY
    number, text = _day
    if number != now:
        text = time.strftime("%Y-%m-%d", time.gmtime(now * _SECONDS_PER_DAY))
        _day = (now, text)
    return text


def open(  # noqa: A001
    path: "str | os.PathLike[str] | None" = None,
    overlays: "Paths | None" = None,
    *,
    token: "str | None" = None,
    every: "float | None" = None,
    require: bool = False,
) -> "Registry":
    """Open a catalogue: the shipped one, the one at a path, or one at a URL.

    `path` is a directory of YAML files or a snapshot file; a directory is taken as
    it is written, without default filters. At an `http(s)://` URL is a service or a
    static site of modeldex, which is followed: a thread asks it every so many seconds
    (60), and what was last known, else the shipped catalogue, answers while it is
    away. `token` is sent to that host alone, by default MODELDEX_TOKEN. With
    `require`, SourceError is raised where nothing is known of it and it is away.

    `overlays` are directories of YAML laid over it, the later ones on top; None stands
    for the user's own (MODELDEX_CATALOG_PATH, else the configuration directory) over
    the shipped catalogue, and for none over a path. Raises AuthoringError,
    SnapshotDamagedError, InvalidSettingsError, InvalidInputError; at a URL
    ForbiddenAddressError and MissingExtraError too.
    """
    if path is None:
        return _open_own(overlays)
    location = os.fspath(path)
    if location.startswith(("http://", "https://")):
        if overlays:
            raise _bad("nothing is laid over a registry that is followed")
        from modeldex.bootstrap.mirroring import open_mirror

        return open_mirror(location, token, every=every, require=require)
    return _open_at(location, _paths(overlays or ()))


def _open_own(overlays: "Paths | None") -> "Registry":
    """Open the shipped catalogue, or the store's, with YAML over it."""
    from modeldex.registry import Registry

    if overlays is None:
        return Registry(_shipped, writing=_writing, past=_past, asking=_asking)
    paths = _paths(overlays)
    return Registry(
        lambda why: _over(paths, why, _settings().catalog_file),
        writing=lambda lookup: _writing(lookup, paths),
        past=lambda: _past(paths),
        asking=_asking,
    )


def _open_at(location: str, layers: "list[str]") -> "Registry":
    from modeldex.registry import Registry

    if not os.path.exists(location):
        raise _bad(f"{location}: there is no such directory or snapshot")
    if os.path.isdir(location):
        return Registry(
            lambda why: _authored(None, [location, *layers], why), asking=_asking
        )
    if layers:
        raise _bad("overlays go over the shipped catalogue or a directory of YAML")
    return Registry(lambda why: _given(location, why), asking=_asking)


def open_default(
    kind: "type[L]", on_swap: "Callable[..., None]", before: "Lookup | None" = None
) -> "L":
    """Open the default catalogue as a Lookup, a Finder or a Registry.

    `on_swap` is told the known models, now and at each swap; `before` has the
    catalogue open already, for less.
    """

    def load(why: str) -> "Catalog":
        return before.catalog if before and why == "open" else _shipped(why)

    more: dict[str, Any] = {}
    if hasattr(kind, "price"):  # a Registry: it knows of time, and can ask outside
        more = {"past": _past, "asking": _asking}
    return kind(load, on_swap, _writing, **more)


def _past(paths: "Sequence[str] | None" = None) -> "Any":
    """Return where the past is; `paths` hold YAML over the catalogue."""
    from modeldex.bootstrap.past import Past

    return Past(paths)


def _asking(registry: "Live") -> "Any":
    """Return what a registry asks outside."""
    from modeldex.bootstrap.live import Outside

    return Outside(registry)


def _writing(lookup: "Lookup", paths: "Sequence[str] | None" = None) -> "Any":
    """Return what a catalogue is written by; `paths` hold YAML over it."""
    from modeldex.bootstrap.writing import written

    return written(lookup, paths)


def _paths(given: "Paths") -> "list[str]":
    if isinstance(given, str | os.PathLike):
        given = (given,)
    return [os.fspath(directory) for directory in given]


def _bad(message: str) -> "InvalidInputError":
    from modeldex.errors import InvalidInputError

    return InvalidInputError(message)


def _catalog(snapshot: "Snapshot", *, default_filter: bool = True) -> "Catalog":
    return Catalog(snapshot, today, default_filter=default_filter)


def _given(path: str, why: str) -> "Catalog":
    """Open a snapshot file; when it is damaged later, the packaged one answers."""
    return _catalog(open_snapshot(PACKAGED if why == "damaged" else path))


def _shipped(why: str) -> "Catalog":
    if _nothing_is_set():
        return _over((), why, _default_file())
    settings = _settings()
    return _over(settings.catalog_path, why, settings.catalog_file)


def _default_file() -> str:
    """Return where the catalogue file of the default store is, if there is any."""
    base = os.environ.get("XDG_DATA_HOME", "")
    if not base.startswith("/"):
        base = os.path.expanduser("~/.local/share")
    return f"{base}/modeldex/{_CATALOG_FILE}"


def _settings() -> "Settings":
    from modeldex.config import load_settings

    return load_settings()


def _nothing_is_set() -> bool:
    """Tell without reading settings that there are none, where that is quick."""
    environ = os.environ
    if os.name != "posix" or sys.platform == "darwin":
        return False
    if any(name in environ for name in _VARIABLES):
        return False
    base = environ.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):
        base = os.path.expanduser("~/.config")
    return not os.path.isdir(base + "/modeldex")


def _over(paths: "Sequence[str]", why: str, file: str = "") -> "Catalog":
    """Return the shipped catalogue, or that of a store, with directories over it."""
    if why == "reload":
        from modeldex.bootstrap.authored import rebuild_packaged

        base = rebuild_packaged()
    else:
        base = open_snapshot(PACKAGED)
    if file and os.path.exists(file):
        found = _of_store(base, file, paths, why)
        if found is not None:
            return _catalog(found)
    if paths:
        return _authored(base, paths, why)
    if why == "damaged":
        base.verify()  # tells that it is really damaged
    return _catalog(base)


def _of_store(
    shipped: "Snapshot", file: str, paths: "Sequence[str]", why: str
) -> "Snapshot | None":
    """Return the store's catalogue with directories over it; None when unsound."""
    if why == "open" and not paths:
        try:
            found = open_snapshot(file)
            if f"shipped {shipped.digest}\n" in found.block("origin").decode():
                return found
        except _damage():
            pass
    from modeldex.bootstrap.compiled import over_shipped

    return over_shipped(shipped, file, paths, why)


def _damage() -> "tuple[type[Exception], ...]":
    from modeldex.errors import CatalogError

    return CatalogError, KeyError


def _authored(base: "Snapshot | None", paths: "Sequence[str]", why: str) -> "Catalog":
    from modeldex.bootstrap.authored import authored

    snapshot = authored(base, paths, anew=why != "open")
    return _catalog(snapshot, default_filter=base is not None)
