"""Open a registry that follows another one, at a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modeldex.bootstrap import PACKAGED, today
from modeldex.bootstrap.live import Outside
from modeldex.bootstrap.mirror_files import MirrorFiles, folder_of
from modeldex.bootstrap.past import Past
from modeldex.bootstrap.upstream import HttpUpstream, base_url, token_for
from modeldex.catalog.snapshot import open_snapshot
from modeldex.config import load_settings
from modeldex.registry import Registry
from modeldex.usecases.mirroring import EVERY, SHIPPED, Mirror

if TYPE_CHECKING:
    from modeldex.catalog import Snapshot


def open_mirror(
    url: str,
    token: str | None = None,
    *,
    every: float | None = None,
    require: bool = False,
) -> Registry:
    """Open the registry at a URL; see `bootstrap.open`."""
    base = base_url(url)
    upstream = HttpUpstream(base, token_for(base, token))
    files = MirrorFiles(folder_of(load_settings().cache_dir, base))
    seconds = EVERY if every is None else every
    mirror = Mirror(upstream, files, _shipped, today, every=seconds)
    mirror.start()
    if require and mirror.status().tier == SHIPPED and mirror.error is not None:
        mirror.close()
        raise mirror.error
    return Registry(mirror.load, past=_past, asking=Outside, mirror=mirror)


def _shipped() -> Snapshot:
    return open_snapshot(PACKAGED)


def _past() -> Past:
    """Return the past of what is mirrored: no YAML of this host lies over it."""
    return Past(())
