"""A sync of what has not changed, beside decoding and comparing the same bytes."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from modeldex.bootstrap.syncing import ApiSource
from modeldex.sources.client import Answer, Client
from modeldex.sources.openai_compatible import compatible_api
from modeldex.sources.strict_json import read_json
from modeldex.stores import open_store
from modeldex.usecases.sync.guarding import Guarding
from modeldex.usecases.sync.session import sync
from syncs import Office

if TYPE_CHECKING:
    from collections.abc import Iterator

    Row = tuple[str, float, float, str, bool]

MODELS, ROUNDS = 5_000, 15


class _Still(Client):
    """Answers with the same bytes, without a network."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def get(self, url: str, **_options: Any) -> Answer:  # noqa: ARG002
        """Return the bytes."""
        return Answer(200, self._body, "application/json")


def _payload(count: int) -> bytes:
    rows = [
        {
            "id": f"family-{n % 40}/model-{n}",
            "object": "model",
            "created": 1_700_000_000 + n,
            "owned_by": "acme",
            "context_length": 8_192 * (1 + n % 16),
            "pricing": {"prompt": f"0.00000{n % 9 + 1}", "completion": "0.00002"},
            "supported_parameters": ["tools", "temperature", "top_p", "stop"],
        }
        for n in range(count)
    ]
    return json.dumps({"object": "list", "data": rows}).encode()


def syncing(models: int = MODELS) -> Iterator[Row]:
    """Yield the bars of syncs that change nothing."""
    body = _payload(models)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'store.db'}")
        office = Office()
        office.desk._make_guards = Guarding  # noqa: SLF001
        office.around.open_store = lambda *, create: store  # noqa: ARG005
        api = compatible_api("acme", "https://acme.example/v1", "acme")
        source = ApiSource(api, lambda: _Still(body), {})
        (first,) = sync(office.desk, [source])
        assert first.counts["added"] == models, first.why
        head, known = store.head(), read_json(body)
        ours, floor = [], []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            assert read_json(body) == known
            floor.append(time.perf_counter() - start)
            start = time.perf_counter()
            (report,) = sync(office.desk, [source])
            ours.append(time.perf_counter() - start)
            assert report.counts == {"unchanged": models}
        assert store.head() == head
        store.close()
    name = f"sync of {models:,} unchanged / decode and compare"
    yield name, median(ours) / median(floor), 2, "x", False
