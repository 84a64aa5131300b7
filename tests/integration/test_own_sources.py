"""A server of one's own is a source by one line of the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import modeldex
from upstream import Upstream, answer

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_an_own_server_is_synced_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked with its key, and its models are its provider's."""
    rows = [{"id": "ours-1", "object": "model", "max_model_len": 4_321}]
    with Upstream() as upstream:
        upstream.on("/v1/models", answer({"object": "list", "data": rows}))
        config = tmp_path / "config.toml"
        line = f'url = "{upstream.url}/v1", local = true, key = "env:BOX_KEY"'
        config.write_text(f"[sources]\nbox = {{{line}}}\n")
        monkeypatch.setenv("MODELDEX_CONFIG", str(config))
        monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("BOX_KEY", "a-key-of-ours")
        registry = modeldex.open()
        assert "box" in {source.name for source in registry.sources.known()}
        (report,) = registry.sources.sync("box")
        assert report.counts["added"] == 1, report.why
        assert registry.get_info("box/ours-1").context_window == 4_321
        (asked,) = upstream.requests
        assert asked.headers["authorization"] == "Bearer a-key-of-ours"
