"""Build hook: compile the YAML catalogue into the snapshot that the wheel carries."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
DATA = ROOT / "src" / "modeldex" / "data"


class SnapshotHook(BuildHookInterface):  # type: ignore[type-arg]
    """Writes data/catalog.snapshot before a wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile; a wheel with a broken catalogue is never built."""
        if self.target_name != "wheel":
            return
        sys.path.insert(0, str(ROOT / "src"))
        from modeldex.catalog.snapshot import write_snapshot
        from modeldex.usecases.build import build_shipped

        built = build_shipped(str(DATA / "providers"))
        write_snapshot(built.data, str(DATA / "catalog.snapshot"))
