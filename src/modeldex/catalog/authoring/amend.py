"""Changes of facts to changes of text spans: which value, key or line to touch."""

from __future__ import annotations

from modeldex.catalog.authoring import render
from modeldex.catalog.authoring.abilities import capability_name
from modeldex.catalog.authoring.conditions import canonical_text
from modeldex.catalog.authoring.fields import READERS
from modeldex.catalog.authoring.notes import Notes
from modeldex.catalog.authoring.patch import Patch, UnwritableError
from modeldex.catalog.authoring.provenance import source_field
from modeldex.catalog.authoring.schema import (
    LEGACY_MODEL,
    LEGACY_PROVIDER,
    MODEL_TABLE,
    PROVIDER_TABLE,
)
from modeldex.catalog.authoring.spans import comments_in, read_nodes
from modeldex.domain.pricing import METERS, RATE_NAMES, WORDS, grouped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from modeldex.catalog.authoring.schema import Field
    from modeldex.catalog.authoring.spans import Node

    Facts = Mapping[str, Any]
    Pair = tuple[Node, Node]

_MISSING = object()
_ORDERS: dict[str, Sequence[str]] = {
    "pricing": (*WORDS, *METERS),
    "rates": RATE_NAMES,
    "modalities": ("input", "output"),
}


def same(one: Any, other: Any) -> bool:
    """Tell whether two facts are written alike: 5 and Decimal("5.0") are."""
    if one.__class__ is other.__class__ is str:
        return bool(one == other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if hasattr(one, "items") and hasattr(other, "items"):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(_plainly(one) == _plainly(other))


def _plainly(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, dict, list, tuple)):
        return value
    written = render.number(value)
    return int(written) if written.lstrip("-").isdigit() else written


def amended(text: str, provider: Facts, models: Mapping[str, Facts]) -> str:
    """Return the text with the changes written in.

    Raises UnwritableError where the text's shape does not allow them.
    """
    ended = text.endswith("\n")
    patch = Patch(text if ended else text + ("\r\n" if "\r\n" in text else "\n"))
    root = read_nodes(patch.text)
    if root is None or not root.pairs:
        message = "the file has no keys"
        raise UnwritableError(message)
    pair = root.find("models")
    block = _models_block(root, models) if models and pair is None else None
    _edit_keys(patch, root, None, provider, block)
    if models and pair is not None:
        _edit_models(patch, pair, models)
    changed = patch.apply()
    return changed if ended else changed.removesuffix("\n").removesuffix("\r")


def _models_block(root: Node, models: Mapping[str, Facts]) -> str:
    if root.is_flow:
        return f"models: {_models_flow(models)}"
    lines = ["models:"]
    for model_id in sorted(models):
        lines += render.model_lines(model_id, known(models[model_id]), "  ", "  ")
    return "\n".join(lines)


def known(facts: Facts) -> dict[str, Any]:
    """Return the facts without keys that are to be removed."""
    return {key: value for key, value in facts.items() if value is not None}


def _edit_models(patch: Patch, pair: Pair, models: Mapping[str, Facts]) -> None:
    key, node = pair
    new = dict(models)
    for found in node.pairs or ():
        facts = new.pop(found[0].key, None)
        if facts is not None:
            _edit_model(patch, found, facts)
    if not new:
        return
    if not node.pairs:
        _fill(patch, pair, new)
        return
    ids = [found[0].key for found in node.pairs]
    in_order = ids == sorted(ids)
    indent, step = _indents(patch, node)
    spaced = not node.is_flow and len(ids) > 1 and _is_spaced(patch, node)
    inserted = []
    for model_id in sorted(new):
        before = [i for i, other in enumerate(ids) if not in_order or other < model_id]
        facts = known(new[model_id])
        if node.is_flow:
            written = f"{render.text(model_id)}: {render.model_flow(facts)}"
        else:
            lines = render.model_lines(model_id, facts, indent, step)
            written = "\n".join(lines).removeprefix(indent)
        place = max(before, default=-1)
        if spaced:
            written = written + "\n" if place < 0 else "\0" + written
        inserted.append((place, written))
    _insert_models(patch, node, inserted, key)


def _insert_models(
    patch: Patch, node: Node, inserted: list[tuple[int, str]], key: Node
) -> None:
    """Insert new models, with a blank line where the others have one."""
    for place, written in inserted:
        if written.startswith("\0") and node.pairs:
            patch.insert_lines(patch.next_line(node.pairs[place][1].end), [""])
        patch.splice(node, set(), [(place, written.removeprefix("\0"))], key)


def _is_spaced(patch: Patch, node: Node) -> bool:
    (_, first), (second, _) = (node.pairs or [])[:2]
    gap = patch.text[patch.next_line(first.end) : patch.line_start(second.start)]
    return any(not line.strip() for line in gap.splitlines())


def _indents(patch: Patch, node: Node) -> tuple[str, str]:
    if node.is_flow or not node.pairs:
        return "", "  "
    indent = patch.lead(node.pairs[0][0].start)
    for _, value in node.pairs:
        if value.pairs and not value.is_flow:
            return indent, patch.lead(value.pairs[0][0].start).removeprefix(indent)
    return indent, "  "


def _fill(patch: Patch, pair: Pair, models: Mapping[str, Facts]) -> None:
    """Write models into a `models` key whose value is empty."""
    key, node = pair
    if patch.line_start(key.start) != key.start:
        patch.replace_value(pair, _models_flow(models))
        return
    lines = []
    for model_id in sorted(models):
        lines += render.model_lines(model_id, known(models[model_id]), "  ", "  ")
    patch.replace(patch.after_colon(key), node.end, "")
    patch.insert_lines(patch.next_line(node.end), lines)


def _models_flow(models: Mapping[str, Facts]) -> str:
    ordered = {model_id: known(models[model_id]) for model_id in sorted(models)}
    return render.flow(ordered, render.model_flow)


def _edit_model(patch: Patch, pair: Pair, facts: Facts) -> None:
    key, node = pair
    if node.pairs:
        _edit_keys(patch, node, key, facts)
        return
    kept = known(facts)
    lead = patch.text[patch.line_start(key.start) : key.start]
    if lead.strip():
        patch.replace_value(pair, render.model_flow(kept))
    elif kept:
        lines = render.model_lines("x", kept, lead, "  ")[1:]
        patch.replace(patch.after_colon(key), node.end, "")
        patch.insert_lines(patch.next_line(node.end), lines)


def _edit_keys(
    patch: Patch,
    node: Node,
    holder: Node | None,
    changes: Facts,
    models_block: str | None = None,
) -> None:
    """Edit the keys of a model, or of the provider where there is no holder."""
    table, legacy = MODEL_TABLE, LEGACY_MODEL
    if holder is None:
        table, legacy = PROVIDER_TABLE, LEGACY_PROVIDER
    pairs = node.pairs or []
    names = [key.key for key, _ in pairs]
    removed = {
        index
        for index, name in enumerate(names)
        if legacy.get(name, "").partition(".")[0] in changes
        or (name in changes and changes[name] is None)
    }
    new = []
    for key, value in known(changes).items():
        if key in names:
            pair = pairs[names.index(key)]
            _edit_value(patch, pair, table[key], value, in_flow=node.is_flow)
        else:
            new.append((key, _element(patch, node, key, value)))
    inserted = _places(names, removed, new, list(table))
    if models_block is not None:
        inserted.append(
            (max(set(range(len(names))) - removed, default=-1), models_block)
        )
    if removed or inserted:
        patch.splice(node, removed, inserted, holder)


def _element(patch: Patch, node: Node, key: str, value: Any) -> str:
    """Write a new key of a mapping: in a flow mapping on one line."""
    if node.is_flow or not node.pairs:
        return f"{key}: {render.value_of(key, value, in_flow=True)}"
    lead = patch.lead(node.pairs[0][0].start)
    return f"\n{lead}".join(render.block(key, value))


def _places(
    names: list[str],
    removed: set[int],
    new: list[tuple[str, str]],
    order: Sequence[str],
) -> list[tuple[int, str]]:
    """Find for each new key the kept element that it follows (-1: none does)."""
    kept = [index for index in range(len(names)) if index not in removed]
    inserted = []
    for name, written in new:
        place = max(kept, default=-1)
        if order:
            rank = order.index(name)
            before = [
                (order.index(names[index]), index)
                for index in kept
                if names[index] in order and order.index(names[index]) < rank
            ]
            place = max(before)[1] if before else -1
        inserted.append((place, written))
    return inserted


def _edit_value(
    patch: Patch, pair: Pair, field: Field, value: Any, *, in_flow: bool
) -> None:
    """Change the value of a provider's or model's key, as little of it as possible."""
    node = pair[1]
    own = READERS[field.kind](field, node.raw, (), Notes(""))
    if field.kind == "rates" and node.pairs and own is not None:
        _edit_rates(patch, pair, own, value)
    elif field.kind == "contract" and len(node.items or ()) == len(own or ()) > 0:
        _edit_rows(patch, pair, own, value)
    elif field.kind in ("rates", "contract") and not in_flow:
        _rewrite_block(patch, pair, render.block(field.name, value))
    elif node.pairs and own and hasattr(value, "items") and list(value) != ["state"]:
        _edit_members(patch, pair, own, value, field.kind)
    elif not (node.items and _edit_items(patch, pair, value, field.kind)):
        patch.replace_value(pair, render.value_of(field.name, value, in_flow=in_flow))


def _edit_rates(patch: Patch, pair: Pair, own: Facts, value: Facts) -> None:
    """Change, add and remove those lines of rates whose amounts differ."""
    holder, node = pair
    pairs = node.pairs or []
    names = [canonical_text(key.key) for key, _ in pairs]
    before, wanted = grouped(own), grouped(value)
    removed = {
        index
        for index, name in enumerate(names)
        if name in names[:index] or (name in before and name not in wanted)
    }
    new = []
    for name, amounts in wanted.items():
        if name not in names:
            shown = render.text(name, in_flow=node.is_flow)
            new.append((name, f"{shown}: {render.flow(amounts, render.number)}"))
        elif not same(before.get(name), amounts):
            line = pairs[names.index(name)]
            _edit_member(patch, line, before.get(name), amounts, "rates")
    inserted = _places(names, removed, new, sorted({*names, *wanted}))
    if removed or inserted:
        patch.splice(node, removed, inserted, holder)


def _edit_rows(
    patch: Patch, pair: Pair, own: Sequence[Facts], value: Sequence[Facts]
) -> None:
    """Exchange the rows of a contract between those that stay."""
    holder, node = pair
    most = min(len(own), len(value))
    first = next((i for i in range(most) if not same(own[i], value[i])), most)
    behind = range(1, most - first + 1)
    last = next((i for i in behind if not same(own[-i], value[-i])), len(behind) + 1)
    removed = set(range(first, len(node.items or ()) - last + 1))
    rows = render.contract_rows(value[first : len(value) - last + 1])
    patch.splice(node, removed, [(first - 1, row) for row in rows], holder)


def _rewrite_block(patch: Patch, pair: Pair, lines: list[str]) -> None:
    """Write a key with a value on lines of its own; comments within it move up."""
    key, node = pair
    lead, colon = patch.lead(key.start), patch.after_colon(key)
    patch.move_up(key, comments_in(patch.text, colon, node.end, node))
    patch.replace(colon, node.end, lines[0].partition(":")[2])
    patch.insert_lines(patch.next_line(node.end), [lead + n for n in lines[1:]])


def _edit_members(
    patch: Patch, pair: Pair, own: Facts, value: Facts, kind: str
) -> None:
    holder, node = pair
    pairs = node.pairs or []
    names = [_member_name(key.key, kind) for key, _ in pairs]
    removed = {index for index, name in enumerate(names) if name in names[:index]}
    new = []
    for name in {**own, **value}:
        wanted = value.get(name, _MISSING)
        if name in own and wanted is not _MISSING and same(own[name], wanted):
            continue
        if wanted is _MISSING:
            removed |= {index for index, other in enumerate(names) if other == name}
        elif name in names:
            _edit_member(patch, pairs[names.index(name)], own.get(name), wanted, kind)
        else:
            written = f"{render.text(str(name))}: {render.member(kind, wanted)}"
            new.append((str(name), written))
    order = _ORDERS.get(kind, ())
    inserted = _places(names, removed, new, order)
    if removed or inserted:
        patch.splice(node, removed, inserted, holder)


def _member_name(name: str, kind: str) -> str:
    if kind == "sources":
        return source_field(name) or name
    if kind != "capabilities":
        return name
    found = capability_name(name)
    return found[0] if found else name


def _edit_member(patch: Patch, pair: Pair, own: Any, value: Any, kind: str) -> None:
    node = pair[1]
    is_nested = hasattr(own, "items") and hasattr(value, "items")
    if node.pairs and is_nested and value:
        _edit_members(patch, pair, own, value, "rates" if kind == "rates" else "any")
    elif not (node.items and _edit_items(patch, pair, value, "any")):
        patch.replace_value(pair, render.member(kind, value))


def _edit_items(patch: Patch, pair: Pair, value: Any, kind: str) -> bool:
    """Add and remove texts of a list; False when that cannot give the value."""
    holder, node = pair
    items = node.items or []
    names = [_member_name(str(item.scalar), kind) for item in items]
    wanted = _wanted_items(value, kind)
    kept = [name for name in names if name in wanted]
    new = [name for name in wanted if name not in names]
    is_order_kept = kind == "capabilities" or kept + new == wanted
    if not kept or not is_order_kept or len(set(names)) != len(names):
        return False
    if any(_is_no_text(item, kind) for item in items):
        return False
    removed = {index for index, name in enumerate(names) if name not in wanted}
    last = max(set(range(len(names))) - removed)
    written = [(last, render.text(name, in_flow=node.is_flow)) for name in new]
    patch.splice(node, removed, written, holder)
    return True


def _wanted_items(value: Any, kind: str) -> list[str]:
    """Return the texts that a list should hold; none when a list cannot say it."""
    if kind == "capabilities":
        return list(value) if all(able is True for able in value.values()) else []
    if isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value):
        return list(value)
    return []


def _is_no_text(item: Node, kind: str) -> bool:
    """Tell whether an item is nested, or a number or flag rather than a text."""
    is_plain = item.scalar.__class__ is str
    return item.scalar is None or (
        kind == "any" and is_plain and render.text(item.key) != item.key
    )
