"""OpenAI's own clients list and retrieve models here, unchanged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import openai
import pytest

import modeldex
from services import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

NODE_MODULES = "MODELDEX_TEST_NODE_MODULES"
_SCRIPT = """
const { default: OpenAI } = require('openai');
const client = new OpenAI({ baseURL: process.argv[1] + '/v1', apiKey: 'sk-any' });
(async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  const one = await client.models.retrieve('openai/gpt-4o');
  console.log(JSON.stringify({ count: ids.length, first: ids[0], one }));
})();
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("data")) as found:
        yield found


def test_the_python_client_lists_and_retrieves(url: str) -> None:
    """It sends a bearer token of its own, which counts as none."""
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="sk-any", max_retries=0)
    listed = [model.id for model in client.models.list()]
    assert listed == modeldex.find_refs()
    one = client.models.retrieve("openrouter/openai/gpt-4o")
    assert (one.id, one.owned_by) == ("openrouter/openai/gpt-4o", "openrouter")
    with pytest.raises(openai.NotFoundError) as raised:
        client.models.retrieve("openai/gpt-4p")
    assert raised.value.response.json()["suggestions"]
    client.close()


def test_the_npm_client_lists_and_retrieves(url: str) -> None:
    """Runs where Node and the package `openai` are: MODELDEX_TEST_NODE_MODULES."""
    node, modules = shutil.which("node"), os.environ.get(NODE_MODULES)
    if node is None or not modules or not (Path(modules) / "openai").is_dir():
        pytest.skip(f"no Node, or {NODE_MODULES} does not name a folder with openai")
    env = {**os.environ, "NODE_PATH": str(Path(modules))}
    said = subprocess.run(
        [node, "-e", _SCRIPT, url], env=env, capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    refs = modeldex.find_refs()
    assert (found["count"], found["first"]) == (len(refs), refs[0])
    assert found["one"]["id"] == "openai/gpt-4o"
