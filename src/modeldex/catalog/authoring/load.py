"""Safe reading: bytes of a YAML file to a Layer of facts with findings.

Nothing in a file's content raises: what is wrong becomes a finding with its line,
the wrong value is left out and the rest is kept. Only a file that is no YAML at all
gives an empty Layer. How each refusal works: `parse` (structure), `scalars` and
`fields` (values); rules across fields are in `validate`.
"""

from __future__ import annotations

import gc
import os
import stat
from decimal import Decimal

from modeldex.catalog.authoring.fields import READERS, read_modality_list
from modeldex.catalog.authoring.layer import Finding, Layer
from modeldex.catalog.authoring.notes import Notes, show
from modeldex.catalog.authoring.parse import Flow, decode, flow_of, parse
from modeldex.catalog.authoring.plain import plain
from modeldex.catalog.authoring.scalars import is_null, read_count, read_flag
from modeldex.catalog.authoring.schema import (
    LEGACY_MAPPINGS,
    LEGACY_MODEL,
    LEGACY_PROVIDER,
    MAX_FILE_BYTES,
    MODEL_FIELDS,
    MODEL_TABLE,
    NULL_WORDS,
    PROVIDER_FIELDS,
    PROVIDER_TABLE,
)
from modeldex.domain.ref import is_model_id, is_provider_id
from modeldex.errors import AuthoringError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from modeldex.catalog.authoring.notes import Where
    from modeldex.catalog.authoring.scalars import Reader
    from modeldex.catalog.authoring.schema import Field

    Rows = Mapping[str, tuple[Field, Reader]]

__all__ = ["Finding", "Layer", "load_directory", "load_file", "load_text"]

SUFFIXES = (".yaml", ".yml")
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_MODEL_ROWS = {field.name: (field, READERS[field.kind]) for field in MODEL_FIELDS}
_PROVIDER_ROWS = {field.name: (field, READERS[field.kind]) for field in PROVIDER_FIELDS}


def load_text(data: bytes, path: str) -> Layer:
    """Read one provider file's bytes; `path` names it in findings.

    Never raises for content.
    """
    if len(data) > MAX_FILE_BYTES:
        return _too_large(path, len(data))
    notes = Notes(path)
    text, replaced = decode(data, notes)
    built = parse(text, notes, replaced=replaced)
    if built is None:
        return Layer(path, findings=notes.findings(text), text=text)
    layer = Layer(path, lines=built.lines, text=text)
    root = built.roots[0] if built.roots else ""
    if root.__class__ is dict:
        _read_root(root, layer, notes)
    else:
        notes.add((), "bad_shape", "a file is a mapping: provider:, name:, models:")
    layer.findings = notes.findings(text)
    return layer


def load_file(path: str | os.PathLike[str]) -> Layer:
    """Read one provider file; a file that cannot be read gives a finding."""
    return _load(os.fspath(path))


def load_directory(path: str | os.PathLike[str]) -> list[Layer]:
    """Read the directory's *.yaml and *.yml files, in order of their names.

    Raises AuthoringError when the directory itself cannot be read. A symbolic link
    is followed to a regular file; a dangling one, a directory or a special file is
    not opened and gives a finding.
    """
    directory = os.fspath(path)
    try:
        names = sorted(os.listdir(directory))
    except OSError as error:
        finding = Finding(directory, 1, "unreadable", error.strerror or str(error))
        raise AuthoringError([finding]) from error
    paths = [os.path.join(directory, n) for n in names if n.endswith(SUFFIXES)]
    collects = gc.isenabled()
    gc.disable()  # a million small containers, none of them in a cycle
    try:
        return [_load(path) for path in paths]
    finally:
        flow_of.cache_clear()
        if collects:
            gc.enable()


def _load(path: str) -> Layer:
    try:
        if os.path.islink(path) and not os.path.exists(path):
            return _unread(path, "not_a_file", "a symbolic link that leads nowhere")
        if not stat.S_ISREG(os.stat(path).st_mode):
            return _unread(path, "not_a_file", "not a regular file")
        with open(os.open(path, _READ), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = b"" if size > MAX_FILE_BYTES else file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        return _unread(path, "unreadable", error.strerror or str(error))
    return _too_large(path, size) if size > MAX_FILE_BYTES else load_text(data, path)


def _unread(path: str, code: str, message: str) -> Layer:
    return Layer(path, findings=[Finding(path, 1, code, message)])


def _too_large(path: str, size: int) -> Layer:
    message = f"{size} bytes; a file may have {MAX_FILE_BYTES}: split it by provider"
    return _unread(path, "too_large", message)


def _read_root(root: dict[str, Any], layer: Layer, notes: Notes) -> None:
    models = root.pop("models", None)
    foreign = {k: root.pop(k) for k in LEGACY_MAPPINGS if isinstance(root.get(k), dict)}
    facts = _read_fields(root, (), _PROVIDER_ROWS, LEGACY_PROVIDER, notes)
    if "provider" not in facts:
        facts = _default_provider(root, layer.path, notes) | facts
    for key, value in foreign.items():
        _adopt(facts, value, (key,), "metadata", notes)
    layer.provider = facts
    if models is None:
        notes.warn((), "no_models", "there is no models key")
    elif models.__class__ is dict:
        layer.models = _read_models(models, layer.lines, notes)
    elif not is_null(models):
        notes.add(("models",), "bad_shape", "models is a mapping of ids")
    if "provider" not in facts:
        layer.models = {}
        layer.lines.clear()


def _default_provider(root: dict[str, Any], path: str, notes: Notes) -> dict[str, str]:
    stem = os.path.basename(path)
    for suffix in SUFFIXES:
        stem = stem.removesuffix(suffix)
    if not is_provider_id(stem):
        message = "name the provider: provider: some-id; nothing else is read"
        notes.add((), "missing_provider", message)
        return {}
    if is_null(root.get("provider", "")):
        message = f"there is no provider key; taken from the file's name: {stem}"
        notes.warn((), "missing_provider", message)
    return {"provider": stem}


def _read_models(
    models: dict[str, Any], lines: dict[str, int], notes: Notes
) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = {}
    for model_id, raw in models.items():
        at = ("models", model_id)
        if not is_model_id(model_id):
            message = f"{show(model_id)} is no model id; see the characters allowed"
            notes.add(at, "bad_model_id", message)
            lines.pop(model_id, None)
            continue
        if "*" in model_id:
            notes.warn(at, "wildcard_id", f"{show(model_id)} holds a *")
        if not raw or is_null(raw):
            notes.warn(at, "empty_model", f"{show(model_id)} has no facts")
            kept[model_id] = {}
        elif raw.__class__ is dict:
            kept[model_id] = _read_fields(raw, at, _MODEL_ROWS, LEGACY_MODEL, notes)
        else:
            notes.add(at, "bad_shape", "a model is a mapping of its facts")
            lines.pop(model_id, None)
    return kept


def _read_fields(
    raw: dict[str, Any],
    where: Where,
    rows: Rows,
    legacy: Mapping[str, str],
    notes: Notes,
) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    others = []
    for key, value in raw.items():
        if key not in rows:
            others.append(key)
        elif value.__class__ is not str or value not in NULL_WORDS:
            field, read = rows[key]
            if value.__class__ is Flow:
                typed = _read_flow(field, value, (*where, key), notes)
            else:
                typed = read(field, value, (*where, key), notes)
            if typed is not None:
                facts[key] = typed
    for key in others:
        if key in legacy:
            if not is_null(raw[key]):
                value = dict(raw[key]) if raw[key].__class__ is Flow else raw[key]
                _adopt(facts, value, (*where, key), legacy[key], notes)
        else:
            hint = notes.hint(key, [*rows, *(() if where else ("models",))])
            message = f"{show(key)} is not known{hint or '; metadata may hold it'}"
            notes.add((*where, key), "unknown_key", message)
    return facts


def _read_flow(field: Field, flow: Flow, where: Where, notes: Notes) -> Any:
    """Type a shared mapping once; every caller gets a copy of its own."""
    typed = flow.typed.get(field.name)
    if typed is None:
        before = notes.count
        typed = READERS[field.kind](field, dict(flow), where, notes)
        if notes.count != before or typed.__class__ is not dict:
            return typed
        flow.typed[field.name] = typed
    return _copy(typed)


def _copy(value: Any) -> Any:
    if value.__class__ is dict:
        return {
            key: item if item.__class__ in _ATOMS else _copy(item)
            for key, item in value.items()
        }
    return list(map(_copy, value)) if value.__class__ is list else value


_ATOMS = frozenset((str, bool, int, Decimal))


def _adopt(
    facts: dict[str, Any], raw: Any, where: Where, target: str, notes: Notes
) -> None:
    """Put the value of one of ExLLM's keys where it belongs, if nothing is there."""
    key = where[-1]
    root, _, part = target.partition(".")
    if root == "metadata":
        notes.warn(where, "legacy_key", f"{key} is kept inside metadata")
        value = plain(MODEL_TABLE[root], raw, where, notes)
        facts.setdefault(root, {}).setdefault(key, value)
        return
    notes.warn(where, "legacy_key", f"write {target} instead of {key}")
    value = _LEGACY_READERS[root](_TABLE[root], raw, where, notes)
    if root == "status":
        value = "deprecated" if value else None
    if value is None:
        return
    if part:
        facts.setdefault(root, {}).setdefault(part, value)
    else:
        facts.setdefault(root, value)


_TABLE = PROVIDER_TABLE | MODEL_TABLE
_LEGACY_READERS: dict[str, Reader] = {
    "capabilities": read_flag,
    "docs": READERS["url"],
    "embedding_dimensions": read_count,
    "modalities": read_modality_list,
    "status": read_flag,
}
