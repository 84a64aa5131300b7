"""The house keeps its own rules: sizes of rooms, and who may touch files."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "modeldex"
MODULES = sorted(SOURCE.rglob("*.py"))
TREES = {
    module: list(ast.walk(ast.parse(module.read_text("utf-8")))) for module in MODULES
}
LINES, FUNCTION_LINES = 400, 45
# rooms of the catalogue that read or write files; the others are pure
DOORS = ("catalog/__init__.py", "catalog/snapshot.py", "catalog/authoring/load.py")
FILE_WORDS = {"open", "print", "input", "exec", "eval", "compile", "__import__"}
PURE = [
    module
    for module in MODULES
    if module.relative_to(SOURCE).parts[0] in ("domain", "catalog")
    and str(module.relative_to(SOURCE)) not in DOORS
]


def name_of(module: Path) -> str:
    """Return a module's path inside the package."""
    return str(module.relative_to(SOURCE))


def test_rooms_are_small() -> None:
    """A module has at most 400 lines, a function at most 45."""
    for module in MODULES:
        text = module.read_text("utf-8")
        assert len(text.splitlines()) <= LINES, name_of(module)
        long = [
            f"{node.name}: {node.end_lineno - node.lineno + 1}"
            for node in TREES[module]
            if isinstance(node, ast.FunctionDef)
            and node.end_lineno is not None
            and node.end_lineno - node.lineno >= FUNCTION_LINES
        ]
        assert long == [], name_of(module)


def test_domain_and_catalog_touch_no_files() -> None:
    """No pure room opens a file, prints, or runs code out of text."""
    for module in PURE:
        calls = [
            node.func.id
            for node in TREES[module]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        assert FILE_WORDS.isdisjoint(calls), name_of(module)
        modules = {
            alias.name
            for node in TREES[module]
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        outside = {"os", "io", "socket", "subprocess", "pathlib"}
        assert modules.isdisjoint(outside), name_of(module)


def test_the_library_never_prints() -> None:
    """Only the command line writes to the screen."""
    printing = [
        name_of(module)
        for module in MODULES
        if "cli" not in module.parts
        for node in TREES[module]
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert printing == []
