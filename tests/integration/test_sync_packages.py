"""Public catalogues out of packages: as of the day of a release, never back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modeldex.bootstrap.packaged import PackagedSource, packaged_sources
from modeldex.errors import InvalidInputError
from modeldex.usecases.sync.session import sync
from package_server import serving, wheel
from syncs import LITELLM, Office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from package_server import Packages

MEMBER = "litellm/model_prices_and_context_window_backup.json"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Packages]:
    """Run a registry that pip is configured with, and no other."""
    with serving() as served:
        for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT"):
            monkeypatch.delenv(name, raising=False)
        config = tmp_path / "pip.conf"
        config.write_text(f"[global]\nindex-url = {served.url}/simple\n")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
        monkeypatch.setenv("PIP_INDEX_URL", f"{served.url}/simple")
        yield served


def table(price: str) -> bytes:
    """Return a wheel with litellm's map of one model."""
    row = {
        "input_cost_per_token": float(price),
        "output_cost_per_token": float(price) * 4,
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 100_000,
    }
    return wheel({MEMBER: json.dumps({"gpt-99": row}).encode()})


def test_the_newest_release_is_taken_and_never_an_older(packages: Packages) -> None:
    """Its claims are of its day; asked again it says nothing new."""
    office = Office()
    source = PackagedSource("litellm")
    wheels = {"1.0.0": ("2026-11-20T10:00:00Z", table("0.000001"))}
    packages.add_wheels("litellm", wheels)
    (report,) = sync(office.desk, [source])
    assert (report.outcome, report.counts["added"]) == ("ok", 1), report.why
    assert office.desk.state("litellm").synced_at[:10] == "2026-11-20"
    assert office.price("openai/gpt-99") == 1
    (report,) = sync(office.desk, [source])
    assert report.revision is None
    wheels["1.1.0"] = ("2026-11-21T10:00:00Z", table("0.000002"))
    packages.add_wheels("litellm", wheels)
    (report,) = sync(office.desk, [source])
    assert office.price("openai/gpt-99") == 2, report
    packages.add_wheels("litellm", {"1.0.0": wheels["1.0.0"]})
    (report,) = sync(office.desk, [source])
    assert office.price("openai/gpt-99") == 2


def test_a_package_that_is_no_later_leaves_what_is_remembered(
    packages: Packages,
) -> None:
    """The digest and the ETag of a later answer by URL go on saving a download."""
    office = Office()
    packages.add_wheels("litellm", {"1.0.0": ("2025-01-01T10:00:00Z", table("1e-6"))})
    office.take("litellm", LITELLM, digest="abc", etag='"one"')
    before = office.desk.state("litellm")
    sync(office.desk, [PackagedSource("litellm")])
    after = office.desk.state("litellm")
    assert (
        (after.digest, after.etag) == (before.digest, before.etag) == ("abc", '"one"')
    )


def test_a_source_without_a_package_is_told() -> None:
    """With those that have one."""
    with pytest.raises(InvalidInputError, match="known are litellm"):
        packaged_sources(["openai"])
    assert {source.name for source in packaged_sources([])} >= {"litellm", "models.dev"}
