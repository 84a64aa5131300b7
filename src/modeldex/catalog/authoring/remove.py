"""A model taken out of a text: its lines go, all others stay byte for byte."""

from __future__ import annotations

from modeldex.catalog.authoring.patch import Patch, UnwritableError
from modeldex.catalog.authoring.spans import read_nodes


def removed(text: str, model_id: str) -> str:
    """Return the text without a model; raise UnwritableError where that cannot be."""
    patch = Patch(text if text.endswith("\n") else text + "\n")
    root = read_nodes(patch.text)
    pair = root.find("models") if root else None
    pairs = (pair[1].pairs if pair else None) or []
    index = next((n for n, one in enumerate(pairs) if one[0].key == model_id), -1)
    if pair is None or index < 0:
        message = f"there is no model {model_id}"
        raise UnwritableError(message)
    patch.splice(pair[1], {index}, [], pair[0])
    return patch.apply()
