"""Readers of a registry while it reloads."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING

from catalogs import catalog_of
from modeldex.registry import Registry

if TYPE_CHECKING:
    from modeldex.catalog import Catalog


def _sized(size: int) -> Catalog:
    """Return a catalogue of which every fact of every model tells its size."""
    price, author = {"input": Decimal(size)}, f"v/{size}"
    facts = {"context_window": size, "pricing": price, "canonical": author}
    return catalog_of({("p", f"m{number}"): facts for number in range(size)})


def _mixed(registry: Registry) -> list[str]:
    """Ask once in every way; return what mixed two catalogues in one answer."""
    found = registry.find(sort="-context")
    everything = registry.list_all()
    one = registry.get_info("p", "m3")
    best = registry.recommend(limit=50)
    answers = {
        "find": {len(found)} == {model.context_window for model in found},
        "list_all": {len(everything)} == {m.context_window for m in everything},
        "get_info": one.canonical == f"v/{one.context_window}",
        "find_refs": len(registry.find_refs("sort:input")) in (20, 30),
        "recommend": {len(best)} == {b.model.context_window for b in best},
    }
    return [name for name, is_right in answers.items() if not is_right]


def test_concurrent_reads_see_one_catalogue() -> None:
    """Reads during reloads never mix two catalogues in one answer."""
    catalogs = [_sized(20), _sized(30)]
    turn = iter(range(1_000_000))
    registry = Registry(lambda _why: catalogs[next(turn) % 2])
    seen: list[list[str]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(_mixed(registry))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(25):
        registry.reload_config()
        done.wait(0.001)  # lets the readers run
    done.set()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert len(seen) > 5
    assert [mixed for mixed in seen if mixed] == []
