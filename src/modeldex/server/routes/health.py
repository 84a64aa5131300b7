"""`/api/health`: is it alive, does it serve reads, and how old is what it serves."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from modeldex.server.metrics import KIND
from modeldex.server.route import Asked, Policy, Route, Said


class Health(msgspec.Struct, forbid_unknown_fields=True):
    """How the service stands.

    `state` is fresh, stale, behind or error; `tier` where the catalogue is from: the
    store, its file, the shipped one, or a path. `age` is in seconds since the store
    last confirmed it; `trouble` says what is wrong, to who gives a token.
    """

    live: bool
    ready: bool
    version: str
    revision: int
    digest: str
    models: int
    state: str
    tier: str
    uptime: float
    epoch: str = ""
    age: float | None = None
    store: str = "none"
    events: str = "none"
    trouble: str = ""


def _health(asked: Asked) -> Any:
    service = asked.service
    snapshot = asked.registry.catalog.snapshot
    told: dict[str, Any] = {
        "live": True,
        "ready": True,
        "version": service.version,
        "revision": service.revision,
        "digest": asked.registry.digest,
        "models": snapshot.meta["models"],
        "state": "fresh",
        "tier": "path",
        "uptime": round(time.monotonic() - service.started, 1),
        "epoch": "",
        "age": None,
        "store": "none",
        "events": "none",
        "trouble": "",
    }
    if service.following is not None:
        status = service.following.status()
        told |= {
            "state": status.state,
            "tier": status.tier,
            "epoch": status.epoch,
            "age": round(status.age, 1),
            "store": _up(status.store_up),
            "events": _up(status.events_up),
            "trouble": _trouble(status.trouble, known=asked.caller is not None),
        }
    return Said(told, cached=False)


def _trouble(said: str, *, known: bool) -> str:
    """Return what is wrong; where the store is, and of whom, is not for everybody."""
    return said if known or not said else "see the log, or ask with a token"


def _up(known: bool | None) -> str:  # noqa: FBT001
    return "none" if known is None else "up" if known else "down"


def _description(asked: Asked) -> Any:
    from modeldex.server.openapi import described

    return Said(described(asked.service.version), cached=False)


def _metrics(asked: Asked) -> Any:
    return Said(asked.service.metrics.text(), KIND, cached=False)


def _row(path: str, name: str, about: str) -> Route:
    return Route("GET", path, name, about, Policy.OPEN, _health, Health, tag="service")


ROUTES = (
    _row("/api/health", "health", "Tell how the service stands."),
    _row("/api/health/live", "health.live", "Tell whether the process answers."),
    _row("/api/health/ready", "health.ready", "Tell whether reads are served."),
    Route(
        "GET",
        "/metrics",
        "metrics",
        "Return figures of this process for Prometheus.",
        Policy.READ,
        _metrics,
        media=("text/plain",),
        tag="service",
    ),
    Route(
        "GET",
        "/api/openapi.json",
        "openapi",
        "Describe the service: OpenAPI 3.1.",
        Policy.OPEN,
        _description,
        dict[str, Any],
        tag="service",
    ),
)
