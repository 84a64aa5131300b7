"""Examples of a page that need a setting of their own: run as they stand there.

Blocks of `shellsession` hold commands, each after a prompt `NAME$ `, and what they
print, an error behind it; `...` stands for anything. The other kinds of blocks are run
by `conftest.py`.
"""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DOCS = Path(__file__).parents[1] / "docs"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_BLOCK = re.compile(r"^```shellsession\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROMPT = re.compile(r"^(\w*)\$ (.*)$")


class Example(NamedTuple):
    """A command, at which prompt, and what it prints."""

    prompt: str
    words: list[str]
    wanted: str


def section(page: str, title: str) -> str:
    """Return the section of a page that begins with a title."""
    text = (DOCS / page).read_text("utf-8")
    found = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert found, title
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def examples(text: str) -> Iterator[Example]:
    """Yield the commands of a section."""
    for block in _BLOCK.findall(text):
        lines: list[str] = []
        prompt, words = "", [""]
        for line in [*block.splitlines(), "$ "]:
            found = _PROMPT.match(line)
            if found is None:
                lines.append(line)
                continue
            if words[0]:
                yield Example(prompt, words, "\n".join(lines) + "\n")
            prompt, words, lines = found[1], shlex.split(found[2]) or [""], []


def play(text: str, run: Callable[[Example], tuple[int, str, str]]) -> int:
    """Run the commands of a section; each prints what it says. Return how many."""
    count = 0
    for example in examples(text):
        status, out, said = run(example)
        out += "".join(re.findall(r"^error: .*\n", said, re.MULTILINE))
        wanted = example.wanted if example.wanted.strip() else ""
        same = doctest.OutputChecker().check_output(wanted, out, FLAGS)
        told = f"$ {shlex.join(example.words)} ({status})\n{out}\nwanted:\n{wanted}"
        assert same, f"{told}\nsaid: {said}"
        count += 1
    return count
