"""A mirror of a service that is a process of its own: edited, killed, and back."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING

import httpx
import pytest

import modeldex
from modeldex.errors import SourceError
from services import free_port, serving
from sites import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from modeldex.registry import Registry

REF = "openai/gpt-4o"
CLOSED = ("--host", "0.0.0.0")  # on such an address reading needs a token


def price(registry: Registry) -> Decimal | None:
    found: Decimal | None = registry.get_info(REF).pricing.input
    return found


def test_a_mirror_of_a_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits are there within two seconds by events, also after the service was away."""
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("MODELDEX_TOKEN", raising=False)
    with modeldex.open() as own:
        writes = own.tokens.create("ada", "reviewer").secret
        reads = own.tokens.create("ben", "viewer").secret
        own.edits.set(REF, {"pricing.input": Decimal(3)}, because="a test", by="ada")
    port = free_port()

    def edit(amount: int) -> None:
        body = {"fields": {"pricing.input": amount}, "because": "a test"}
        headers = {"authorization": f"Bearer {writes}"}
        path = f"{url}/api/v1/edits/{REF}"
        assert httpx.patch(path, json=body, headers=headers, timeout=30).is_success
        wait_until(lambda: price(mirror) == amount, 2)

    with serving(tmp_path / "data", *CLOSED, port=port) as url:
        with pytest.raises(SourceError, match="401"):
            modeldex.open(url, token="mdx_none", require=True)
        mirror = modeldex.open(url, token=reads)
        follower = mirror.mirror
        assert follower is not None
        assert (price(mirror), follower.status().tier) == (3, "live")
        wait_until(lambda: follower.status().events)
        time.sleep(0.2)
        edit(4)
    wait_until(lambda: follower.status().tier == "last known", 3)
    assert price(mirror) == 4
    assert (follower.status().age or 0) > 0
    with serving(tmp_path / "data", *CLOSED, port=port):
        wait_until(lambda: follower.status().tier == "live", 20)
        wait_until(lambda: follower.status().events)
        time.sleep(0.2)
        edit(5)
        mirror.close()
