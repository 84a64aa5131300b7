"""What local servers hold: one call for the list, what is loaded, details where new."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from modeldex.domain.local_model import LocalFacts
from modeldex.domain.ref import is_model_id
from modeldex.errors import SourceError, SourceFormatError, SourceUnavailableError
from modeldex.sources.answers import listed
from modeldex.sources.claim import plain_text, token_count
from modeldex.sources.local_servers import (
    LocalDetails,
    configured_context,
    lmstudio_details,
    ollama_details,
)
from modeldex.sources.strict_json import read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from modeldex.sources.answers import Row
    from modeldex.sources.api import Api
    from modeldex.sources.auth import Credential
    from modeldex.sources.claim import Json
    from modeldex.sources.client import Client

    Known = Mapping[str, LocalFacts]

AT_ONCE = 4  # models that are asked about side by side
NOT_FOUND = 404
_MAX_MODELS = 5_000
# what Ollama refuses of a model whose own list does not name it
_REFUSED = {"tools": "function_calling", "vision": "vision"}
_PRICES = ("pricing.", "rates.")


@dataclass(frozen=True, slots=True)
class Asking:
    """A server, and how it is asked: `base` is what its paths go on from."""

    api: Api
    client: Client
    base: str
    credential: Credential | None = None

    def get(self, path: str) -> Json:
        """Get what is at a path."""
        headers, secret = self.api.headers, self.credential
        url = self.base + path
        answer = self.client.get(url, headers=headers, secret=secret, local=True)
        return read_json(answer.body)

    def post(self, path: str, body: Mapping[str, str]) -> Json:
        """Ask a question."""
        data = json.dumps(body).encode()
        headers, secret = self.api.headers, self.credential
        url = self.base + path
        answer = self.client.post(url, data, headers=headers, secret=secret, local=True)
        return read_json(answer.body)


def ollama_models(ask: Asking, known: Known, at: str) -> list[LocalFacts]:
    """Return the models of an Ollama server.

    `/api/tags` lists them, `/api/ps` what is loaded; `/api/show` is asked of those
    whose digest is not that of what is `known`. Raises SourceError.
    """
    rows = _named(listed(ask.get("/api/tags"), ask.api.name, ("models",)), "model")
    running = _running(ask)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = pool.map(partial(_ollama_model, ask, known, at), rows.items())
        found = [facts for facts in made if facts is not None]
    return [_loaded(facts, running) for facts in found]


def _named(rows: Iterable[Json], *keys: str) -> dict[str, Row]:
    """Return the rows that name a model, by its name."""
    found: dict[str, Row] = {}
    for row in rows:
        if not isinstance(row, dict):
            continue
        names = (row.get(key) for key in (*keys, "name", "id"))
        name = next((n for n in names if isinstance(n, str) and n), "")
        if is_model_id(name) and len(found) < _MAX_MODELS:
            found.setdefault(name, row)
    return found


def _running(ask: Asking) -> dict[str, Row] | None:
    """Return what is loaded, by name; None where the server does not say."""
    try:
        page = ask.get("/api/ps")
        return _named(listed(page, ask.api.name, ("models",)), "model")
    except SourceError:  # older servers have no such list
        return None


def _loaded(facts: LocalFacts, running: Mapping[str, Row] | None) -> LocalFacts:
    row = None if running is None else running.get(facts.name)
    context = token_count((row or {}).get("context_length"))
    loaded = None if running is None else row is not None
    return replace(facts, loaded=loaded, running_context=context)


def _ollama_model(
    ask: Asking, known: Known, at: str, named: tuple[str, Row]
) -> LocalFacts | None:
    """Return what is known or shown of a model; None where it is gone by now."""
    name, row = named
    digest = plain_text(row.get("digest"))
    before = known.get(name)
    if before and before.whole and digest and before.digest == digest:
        return before
    try:
        shown = ask.post("/api/show", {"model": name, "name": name})
    except SourceUnavailableError as error:
        if error.status == NOT_FOUND:
            return None
        shown = None
    except SourceFormatError:
        shown = None
    return _ollama_facts(ask.api, name, row, shown, at)


def _ollama_facts(api: Api, name: str, row: Row, shown: Json, at: str) -> LocalFacts:
    whole = isinstance(shown, dict) and "model_info" in shown
    said: dict[str, Any] = {**row, **shown} if isinstance(shown, dict) else dict(row)
    page: Json = {name: said} if whole else {"models": [row]}
    facts = _facts(api, name, page, at)
    words = said.get("capabilities")
    able = _words(words)
    for word, capability in _REFUSED.items():
        if able and word not in able:
            facts[f"capabilities.{capability}"] = False
    found = _with_details(name, facts, ollama_details({**said, "context_length": None}))
    return replace(
        found,
        configured_context=configured_context(said),
        digest=plain_text(row.get("digest")),
        abilities=able,
        remote=plain_text(row.get("remote_host"))
        or plain_text(said.get("remote_host")),
        whole=whole,
    )


def _words(value: object) -> tuple[str, ...]:
    words = value if isinstance(value, list) else ()
    return tuple(word for word in words if isinstance(word, str))


def _facts(api: Api, name: str, page: Json, at: str) -> dict[str, Any]:
    """Return the claims of a page about a model; nothing where it cannot be read."""
    try:
        models = api.read([page], at, api).claims.models
    except SourceError:
        return {}
    return _of_model(models, name)


def _of_model(models: Mapping[Any, Mapping[str, Any]], name: str) -> dict[str, Any]:
    said = next((facts for key, facts in models.items() if key[1] == name), {})
    return {n: v for n, v in said.items() if not n.startswith(_PRICES) and n != ""}


def _with_details(
    name: str, facts: Mapping[str, Any], details: LocalDetails
) -> LocalFacts:
    return LocalFacts(
        name,
        facts,
        max_context=details.context_window or facts.get("context_window"),
        digest=details.digest,
        size=details.size,
        quantization=details.quantization,
        parameter_size=details.parameter_size,
        family=details.family,
        format=details.format,
    )


def lmstudio_models(ask: Asking, _known: Known, at: str) -> list[LocalFacts]:
    """Return the models of LM Studio: its REST API v1, else v0, else OpenAI's list.

    Raises SourceError.
    """
    page = _first(ask, ("/api/v1/models", "/api/v0/models", "/v1/models"))
    rows = _named(listed(page, ask.api.name, ("models", "data")), "key", "id")
    models = ask.api.read([page], at, ask.api).claims.models
    return [_lmstudio_model(name, row, models) for name, row in rows.items()]


def _first(ask: Asking, paths: Sequence[str]) -> Json:
    """Return what is at the first of the paths that there is."""
    for path in paths[:-1]:
        try:
            page = ask.get(path)
        except SourceUnavailableError as error:
            if error.status != NOT_FOUND:
                raise
            continue
        if isinstance(page, list) or (isinstance(page, dict) and "error" not in page):
            return page
    return ask.get(paths[-1])


def _lmstudio_model(name: str, row: Row, models: Any) -> LocalFacts:
    details = lmstudio_details(row)
    found = _with_details(name, _of_model(models, name), details)
    instances = row.get("loaded_instances")
    loaded: bool | None = None
    if isinstance(instances, list):
        loaded = bool(instances)
    elif isinstance(row.get("state"), str):
        loaded = row["state"] == "loaded"
    words = row.get("capabilities")
    able = _words(words)
    running = details.effective_context
    return replace(found, running_context=running, loaded=loaded, abilities=able)


def listed_models(ask: Asking, _known: Known, at: str) -> list[LocalFacts]:
    """Return the models of any server that lists them as OpenAI does.

    What vLLM and its like say of the context is what they were started with: a request
    gets so much, and no more. Raises SourceError.
    """
    page = ask.get("")
    rows = _named(listed(page, ask.api.name, ("data", "models", "items")), "id")
    models = ask.api.read([page], at, ask.api).claims.models
    found = []
    for name in rows:
        facts = _of_model(models, name)
        window = facts.get("context_window")
        one = LocalFacts(name, facts, window, configured_context=window)
        found.append(replace(one, loaded=True if ask.api.name == "vllm" else None))
    return found


# source -> what lists its models, and the part of its URL that paths go on from
LISTINGS: Mapping[str, tuple[Callable[[Asking, Known, str], list[LocalFacts]], str]] = {
    "ollama": (ollama_models, "/api/tags"),
    "lmstudio": (lmstudio_models, "/api/v1/models"),
}


def models_of(ask: Asking, known: Known, at: str) -> list[LocalFacts]:
    """Return the models of a server, by its row. Raises SourceError."""
    listing = LISTINGS[ask.api.name][0] if ask.api.name in LISTINGS else listed_models
    return listing(ask, known, at)


def base_of(api: Api, url: str) -> str:
    """Return what the paths of a server go on from, of its list's URL."""
    tail = LISTINGS[api.name][1] if api.name in LISTINGS else ""
    return url.removesuffix(tail)
