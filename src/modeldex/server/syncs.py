"""Syncs that were asked for over HTTP: one at a time, each with its progress."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from modeldex.errors import (
    InvalidInputError,
    ModeldexError,
    NotFoundError,
    TooManyRequestsError,
)
from modeldex.server.hub import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.registry import Registry
    from modeldex.server.hub import Hub

_KEPT = 20  # runs that are remembered
_AGAIN = 5.0  # seconds
_LOG = logging.getLogger("modeldex.server")


class Syncs:
    """Runs of a sync, the last few of this process."""

    def __init__(self, registry: Registry, hub: Hub) -> None:
        self._registry, self._hub = registry, hub
        self._lock = Lock()
        self._runs: dict[int, dict[str, Any]] = {}
        self._last = 0

    def start(self, names: Sequence[str], *, by: str, dry_run: bool) -> dict[str, Any]:
        """Begin one; raise TooManyRequestsError while another is under way."""
        try:
            known = self._registry.sources.list(*names)
        except InvalidInputError as error:  # there is none of that name
            raise NotFoundError(str(error)) from None
        with self._lock:
            for run in self._runs.values():
                if run["state"] == "running":
                    message = f"sync {run['number']} is under way"
                    raise TooManyRequestsError(message, _AGAIN)
            self._last += 1
            run = self._runs[self._last] = {
                "number": self._last,
                "state": "running",
                "sources": list(names),
                "by": by,
                "dry_run": dry_run,
                "started_at": _now(),
                "finished_at": None,
                "done": 0,
                "total": len(known),
                "doing": "",
                "error": "",
                "reports": [],
            }
            for number in sorted(self._runs)[:-_KEPT]:
                del self._runs[number]
        Thread(
            target=self._run, args=(run, names), name="modeldex-sync", daemon=True
        ).start()
        return dict(run)

    def list(self) -> list[dict[str, Any]]:
        """Return the runs that are remembered, the newest first."""
        with self._lock:
            return [dict(self._runs[n]) for n in sorted(self._runs, reverse=True)]

    def get(self, number: int) -> dict[str, Any]:
        """Return one; raise NotFoundError."""
        with self._lock:
            found = self._runs.get(number)
            if found is None:
                raise NotFoundError(f"there is no sync {number} of this instance")
            return dict(found)

    def _run(self, run: dict[str, Any], names: Sequence[str]) -> None:
        try:
            reports = self._registry.sources.sync(
                *names,
                dry_run=run["dry_run"],
                tell=lambda what, done, total: self._told(
                    run, doing=what, done=done, total=total
                ),
            )
        except (ModeldexError, OSError) as error:
            self._told(run, state="failed", error=str(error), finished_at=_now())
        except Exception as error:  # noqa: BLE001  a thread has nobody to tell
            _LOG.error("sync", exc_info=error)
            self._told(run, state="failed", error="see the log", finished_at=_now())
        else:
            found = [report.as_dict() for report in reports]
            self._told(run, state="done", reports=found, finished_at=_now())

    def _told(self, run: dict[str, Any], **news: Any) -> None:
        with self._lock:
            run.update(news)
            told = {name: value for name, value in run.items() if name != "reports"}
        self._hub.tell(Event("sync", told))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
