"""What the instances of one registry need: a bus of events, and a follower."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from modeldex.config import load_settings
from modeldex.usecases.following import Follower

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.config import Settings
    from modeldex.ports import EventBus, Store
    from modeldex.registry import Registry

_EVENTS = "events"  # in the data directory


def open_bus(settings: Settings | None = None) -> EventBus | None:
    """Open the bus of the settings: NATS, else a file where the store is one of a host.

    None where instances only ask the store. Raises MissingExtraError.
    """
    settings = settings or load_settings()
    if settings.nats:
        from modeldex.events.nats import NatsBus

        return NatsBus(settings.nats, settings.environment)
    if settings.store.startswith("sqlite:"):
        from modeldex.events.local import LocalBus

        folder = os.path.join(settings.data_dir, _EVENTS)
        return LocalBus(folder, settings.environment)
    return None


def store_opener(settings: Settings | None = None) -> Callable[[], Store | None]:
    """Return what opens the store of the settings, once; None where there is none."""
    from modeldex.bootstrap.writing import sql_store

    settings = settings or load_settings()
    opened: list[Store] = []

    def open_store() -> Store | None:
        if not opened and (store := sql_store(settings=settings)) is not None:
            opened.append(store)
        return opened[0] if opened else None

    return open_store


def follow(registry: Registry, bus: EventBus | None, *, every: float = 1.0) -> Follower:
    """Return a follower of a registry's store; it is to be started.

    Raises InvalidInputError for a catalogue that is opened at a path.
    """
    stored, _author = registry._written()  # noqa: SLF001
    return Follower(stored, bus, every=every)


def catch_up(registry: Registry) -> None:
    """Serve what others have committed to a registry's store; ask it now.

    Raises StoreError, MissingExtraError; InvalidInputError for a catalogue at a path.
    """
    stored, _author = registry._written()  # noqa: SLF001
    stored.refresh()
