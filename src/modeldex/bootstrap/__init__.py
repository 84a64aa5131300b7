"""Put a registry together: the only place that knows where things really are."""

import os
import sys
import time

from modeldex.catalog import Catalog, open_snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from modeldex.catalog import Lookup
    from modeldex.catalog.snapshot import Snapshot
    from modeldex.errors import InvalidInputError
    from modeldex.registry import Registry
    from modeldex.usecases.timeline import Timeline

    L = TypeVar("L", bound=Lookup)
    Paths = Sequence[str | os.PathLike[str]] | str | os.PathLike[str]

DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")
PROVIDERS = os.path.join(DATA, "providers")
PACKAGED = os.path.join(DATA, "catalog.snapshot")


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
) -> "Registry":
    """Open a catalogue: the shipped one, or the one at a path.

    `path` is a directory of YAML files or a snapshot file; a directory is taken as
    it is written, without default filters. `overlays` are directories of YAML laid
    over it, the later ones on top; None stands for the user's own
    (MODELDEX_CATALOG_PATH, else the configuration directory) over the shipped
    catalogue, and for none over a path. Raises AuthoringError, SnapshotDamagedError,
    InvalidSettingsError or InvalidInputError.
    """
    from modeldex.registry import Registry

    if path is None:
        if overlays is None:
            return Registry(_shipped, past=_past)
        paths = _paths(overlays)
        return Registry(lambda why: _over(paths, why), past=_past)
    location = os.fspath(path)
    if not os.path.exists(location):
        raise _bad(f"{location}: there is no such directory or snapshot")
    layers = _paths(overlays or ())
    if os.path.isdir(location):
        return Registry(lambda why: _authored(None, [location, *layers], why))
    if layers:
        raise _bad("overlays go over the shipped catalogue or a directory of YAML")
    return Registry(lambda why: _given(location, why))


def open_default(kind: "type[L]", on_swap: "Callable[..., None]") -> "L":
    """Open the default catalogue as a Lookup or a Registry.

    `on_swap` is told the known models, now and at each swap.
    """
    from modeldex.catalog import Lookup

    if kind is Lookup:
        return kind(_shipped, on_swap)
    return kind(_shipped, on_swap, past=_past)  # type: ignore[call-arg]


def _past() -> "Timeline":
    from modeldex.bootstrap.past import open_past

    return open_past()


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
        return _over((), why)
    from modeldex.config import load_settings

    return _over(load_settings().catalog_path, why)


def _nothing_is_set() -> bool:
    """Tell without reading settings that there are none, where that is quick."""
    environ = os.environ
    if os.name != "posix" or sys.platform == "darwin":
        return False
    if "MODELDEX_CATALOG_PATH" in environ or "MODELDEX_CONFIG" in environ:
        return False
    base = environ.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):
        base = os.path.expanduser("~/.config")
    return not os.path.isdir(base + "/modeldex")


def _over(paths: "Sequence[str]", why: str) -> "Catalog":
    """Return the shipped catalogue with the user's directories over it."""
    if why == "reload":
        from modeldex.bootstrap.authored import rebuild_packaged

        base = rebuild_packaged()
    else:
        base = open_snapshot(PACKAGED)
    if paths:
        return _authored(base, paths, why)
    if why == "damaged":
        base.verify()  # tells that it is really damaged
    return _catalog(base)


def _authored(base: "Snapshot | None", paths: "Sequence[str]", why: str) -> "Catalog":
    from modeldex.bootstrap.authored import authored

    snapshot = authored(base, paths, anew=why != "open")
    return _catalog(snapshot, default_filter=base is not None)
