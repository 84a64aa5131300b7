"""Surgical writing of authored YAML: only values that differ are touched.

Comments, order, quoting, blank lines and line ends outside the changed values stay
byte for byte. Spans come from the parser's own marks; before a changed text is
returned it is read again and compared, so that no edit can damage a file.
"""

from __future__ import annotations

import re

from modeldex.catalog.authoring import render
from modeldex.catalog.authoring.amend import amended, known, same
from modeldex.catalog.authoring.conditions import canonical_key
from modeldex.catalog.authoring.layer import Finding
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.authoring.notes import show
from modeldex.catalog.authoring.patch import UnwritableError
from modeldex.catalog.authoring.reformat import format_text
from modeldex.catalog.authoring.remove import removed
from modeldex.catalog.authoring.schema import MODEL_KEYS, PROVIDER_KEYS
from modeldex.domain.ref import is_model_id, is_provider_id
from modeldex.errors import AuthoringError, InvalidInputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from modeldex.catalog.authoring.layer import Layer

    Facts = Mapping[str, Any]

__all__ = ["format_text", "new_provider_text", "rewrite", "without_model"]

PATH = "text-without-a-provider-key.yaml"
# findings after which the text's spans cannot be trusted
_STRUCTURAL = frozenset(
    (
        "alias",
        "anchor",
        "bad_key",
        "control_character",
        "directive",
        "duplicate_key",
        "merge_key",
        "not_utf8",
        "not_yaml",
        "several_documents",
        "tag",
        "too_deep",
        "too_large",
    )
)


def rewrite(text: str, provider: Facts, models: Mapping[str, Facts]) -> str:
    """Return the text with the given keys holding the given facts.

    A value None removes its key; keys and models not given stay untouched; empty
    text makes a whole new file. Raises AuthoringError when the text is no YAML that
    can be edited, InvalidInputError for facts that no file may hold.
    """
    _check_ids(provider, models)
    models = {model_id: _canonical(facts) for model_id, facts in models.items()}
    if _has_no_content(text):
        gap = "" if not text or text.endswith("\n") else "\n"
        return text + gap + _new_text(provider, models)
    layer = _load(text)
    changed_provider = _changes(layer.provider, provider, PROVIDER_KEYS)
    changed_models = {
        model_id: _changes(layer.models.get(model_id, {}), facts, MODEL_KEYS)
        for model_id, facts in models.items()
    }
    changed_models = {
        model_id: facts
        for model_id, facts in changed_models.items()
        if facts or model_id not in layer.models
    }
    if not changed_provider and not changed_models:
        return text
    try:
        body = amended(layer.text, changed_provider, changed_models)
    except UnwritableError as error:
        raise AuthoringError([Finding(PATH, 1, "unwritable", str(error))]) from error
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    _verify(layer, body, changed_provider, changed_models)
    return bom + body


def without_model(text: str, model_id: str, source: str) -> str:
    """Return the text without a model all of which is from one source.

    Raises AuthoringError as `rewrite`, InvalidInputError where there is no such model.
    """
    layer = _load(text)
    facts = layer.models.get(model_id)
    if facts is None or facts.get("sources") != {"*": source}:
        message = f"the file has no model {show(model_id)} that is from {source} alone"
        raise InvalidInputError(message)
    try:
        body = removed(layer.text, model_id)
    except UnwritableError as error:
        raise AuthoringError([Finding(PATH, 1, "unwritable", str(error))]) from error
    after = load_text(body.encode(), PATH)
    left = {key: kept for key, kept in layer.models.items() if key != model_id}
    if after.models != left or after.provider != layer.provider:
        message = "the model cannot be taken out of this file; do it by hand"
        raise AuthoringError([Finding(PATH, 1, "unwritable", message)])
    return ("\ufeff" if text.startswith("\ufeff") else "") + body


def new_provider_text(provider_id: str) -> str:
    """Return the template of a new provider file.

    Raises InvalidInputError when the id is none.
    """
    if not is_provider_id(provider_id):
        message = f"{show(provider_id)} is no provider id: [a-z0-9][a-z0-9._-]*"
        raise InvalidInputError(message)
    name = provider_id.replace("-", " ").replace("_", " ").title()
    return _TEMPLATE.format(
        provider=render.text(provider_id, in_flow=False),
        name=render.text(name, in_flow=False),
        variable=re.sub(r"[^A-Z0-9]", "_", provider_id.upper()),
    )


_TEMPLATE = """\
# What each key means: modeldex catalog schema. Leave out what you do not know.
provider: {provider}
name: {name}
kind: first_party  # or cloud, aggregator, local, plan
# env: [{variable}_API_KEY]
# api: https://api.example.com/v1
# default_model: some-model
models:
#  some-model:
#    name: Some Model
#    context_window: 128000
#    max_output_tokens: 16384
#    pricing: {{input: 1.25, output: 10}}  # USD per 1M tokens; or free, included, variable
#    capabilities: {{function_calling: yes, vision: no}}
#    sources: {{"*": {{source: curated, by: you, at: 2026-01-31, because: new, url: "https://..."}}}}
"""  # noqa: E501  an example line reads better whole


def _check_ids(provider: Facts, models: Mapping[str, Facts]) -> None:
    render.ordered(provider, PROVIDER_KEYS)
    for model_id, facts in models.items():
        render.ordered(facts)
        if not is_model_id(model_id):
            message = f"{show(model_id)} is no model id"
            raise InvalidInputError(message)


def _canonical(facts: Facts) -> Facts:
    """Return facts whose rates have the keys that a reader of the file gives them."""
    rates = facts.get("rates")
    if not rates:
        return facts
    keys = {key: canonical_key(key) for key in rates}
    wrong = [key for key, found in keys.items() if found is None]
    if wrong:
        message = f"{show(wrong[0])} is no key of a rate"
        raise InvalidInputError(message)
    return {**facts, "rates": {keys[key]: amount for key, amount in rates.items()}}


def _has_no_content(text: str) -> bool:
    lines = (line.strip() for line in text.removeprefix("\ufeff").split("\n"))
    return all(not line or line == "---" or line[0] == "#" for line in lines)


def _new_text(provider: Facts, models: Mapping[str, Facts]) -> str:
    keys = render.ordered(provider, PROVIDER_KEYS)
    lines = [line for key in keys for line in render.block(key, provider[key])]
    lines.append("models:" if models else "models: {}")
    for model_id in sorted(models):
        lines += render.model_lines(model_id, models[model_id], "  ", "  ")
    return "\n".join(lines) + "\n"


def _load(text: str) -> Layer:
    layer = load_text(text.encode("utf-8", "surrogatepass"), PATH)
    broken = [f for f in layer.errors if f.code in _STRUCTURAL]
    if broken or not layer.provider:
        raise AuthoringError(broken or layer.errors)
    return layer


def _changes(known: Facts, given: Facts, keys: Sequence[str]) -> dict[str, Any]:
    """Return the given facts that differ from the known ones, in authored order."""
    ordered = sorted(given, key=keys.index)
    return {key: given[key] for key in ordered if not same(known.get(key), given[key])}


def _verify(
    before: Layer, text: str, provider: Facts, models: Mapping[str, Facts]
) -> None:
    """Raise AuthoringError unless the new text says what it should, and no less."""
    after = load_text(text.encode(), PATH)
    wanted = {key: dict(facts) for key, facts in before.models.items()}
    for model_id, facts in models.items():
        wanted.setdefault(model_id, {}).update(facts)
    pairs = [({**before.provider, **provider}, after.provider)]
    pairs += [(facts, after.models.get(key, {})) for key, facts in wanted.items()]
    is_right = wanted.keys() == after.models.keys() and all(
        same(known(facts), found) for facts, found in pairs
    )
    if not is_right:
        message = "the change cannot be written into this file; write it by hand"
        raise AuthoringError([Finding(PATH, 1, "unwritable", message)])
