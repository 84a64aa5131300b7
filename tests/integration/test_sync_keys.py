"""Keys of sources are in no log, error, store or catalogue, however a sync fails."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from modeldex.bootstrap.syncing import ApiSource
from modeldex.sources.apis import APIS
from modeldex.sources.wire import Bounds
from modeldex.stores import open_store
from modeldex.usecases.sync.session import sync
from syncs import Office
from upstream import Upstream, answer, cut_at, html, open_client, redirect, status

if TYPE_CHECKING:
    from pathlib import Path

    from modeldex.sources.api import Api

CANARY = "sk-canary/9f8e7d6c+5b4a=xyz"
FORMS = (
    CANARY,
    CANARY[:8],
    quote(CANARY, safe=""),
    b64encode(CANARY.encode()).decode(),
)
PARAMETERS = {"resource": "acme", "region": "eu-west-1", "project": "p", "account": "a"}
LIST = {"object": "list", "data": [{"id": "m-1", "object": "model"}]}


def environ_of(api: Api) -> dict[str, str]:
    """Return an environment with a key for a source."""
    keys = [*api.keys, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    found = dict.fromkeys(keys, CANARY)
    for name, variables in api.parameters.items():
        for variable in variables.split():
            found[variable] = PARAMETERS.get(name, "x")
    return found


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_a_key_is_nowhere(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """At DEBUG, with every kind of failure, and a good answer."""
    caplog.set_level(logging.DEBUG)
    office = Office()
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}")
    office.around.open_store = lambda *, create: store  # type: ignore[assignment,misc]  # noqa: ARG005
    office.stored.store(create=True)
    said: list[Any] = []
    echo = CANARY if api.keys else "what is no key"
    with Upstream() as upstream:
        bounds = Bounds(connect=2, read=0.3, total=1)
        client = open_client(upstream, bounds=bounds, tries=1)
        row = replace(api, url=f"{upstream.url}/list", parameters={}, local=False)
        source = ApiSource(row, lambda: client, environ_of(api))
        assert source.lacks() == ""
        for behaviour in (
            status(401),
            status(500, body={"error": echo}),
            answer({"data": [{"id": echo}], "models": []}),
            html(),
            cut_at(LIST, 20),
            redirect(f"http://127.0.0.1:1/?key={echo}"),
            answer(LIST, etag=f'"{echo}"'),
        ):
            upstream.on("/list", behaviour)
            said += [r.as_dict() for r in sync(office.desk, [source])]
        asked = upstream.count("/list")
        sent = [dict(seen.headers) for seen in upstream.requests]
        assert all(CANARY not in seen.target for seen in upstream.requests)
    assert asked == 7
    if api.keys and api.auth != "aws":
        assert any(CANARY in value for headers in sent for value in headers.values())
    office.stored.flush(anew=True)
    store.close()
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    everything = caplog.text + json.dumps(said) + repr(source) + repr(row)
    everything += repr(office.registry.sources) + held.decode("latin-1")
    everything += b"".join(office.around.files).decode("latin-1")
    for form in FORMS:
        assert form not in everything
