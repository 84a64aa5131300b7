"""Kinds of files: which are scanned, and how a value is written in them."""

from __future__ import annotations

import os

CODE, CONFIG, PROSE = "code", "config", "prose"

_SUFFIXES = {
    CODE: """
        bzl c cc cjs clj cljs cpp cs cts dart erl ex exs fs go gradle groovy
        h hpp ipynb java jl js jsx kt kts lua m mjs ml mts php pl ps1 py pyi r rb rs
        scala sql svelte swift ts tsx vue zig
    """,
    CONFIG: """
        bash cfg conf config env fish hcl ini json json5 jsonc jsonl mk ndjson
        properties sh tf tfvars toml yaml yml zsh
    """,
    PROSE: "adoc csv htm html log markdown md mdx rst tex tsv txt xml",
}
_KINDS = {suffix: kind for kind, text in _SUFFIXES.items() for suffix in text.split()}
# files without a telling suffix that hold assignments
_NAMES = frozenset(
    ("containerfile", "dockerfile", "justfile", "makefile", "procfile", ".envrc")
)
_LOCK_FILES = frozenset(
    (
        *("bun.lock", "cargo.lock", "composer.lock", "go.sum", "npm-shrinkwrap.json"),
        *("package-lock.json", "pdm.lock", "pipfile.lock", "pnpm-lock.yaml"),
        *("poetry.lock", "uv.lock", "yarn.lock"),
    )
)
_MADE = (".min.js", ".min.mjs", ".bundle.js", ".map")


def kind_of(path: str) -> str | None:
    """Return how a file is read by its name, or None for one that is not scanned."""
    name = os.path.basename(path).lower()
    if name in _LOCK_FILES or name.endswith(_MADE):
        return None
    if name in _NAMES or name.startswith((".env", "dockerfile.")):
        return CONFIG
    return _KINDS.get(os.path.splitext(name)[1][1:])
