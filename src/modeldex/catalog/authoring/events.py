"""PyYAML's event stream: libyaml's parser, or PyYAML's own where it is missing."""

from __future__ import annotations

import re

from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

try:
    from yaml._yaml import CParser
except ImportError:  # PyYAML built without libyaml
    CParser = None  # type: ignore[assignment,misc]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# a key whose value is a flow mapping on the same line
FLOW_LINE = re.compile(r"^( *[a-z_]+: )(\{[^\r\n]{2,4000}\})(?=\r?$)", re.MULTILINE)
FATAL_DEPTH = 100  # libyaml's time grows with the square of the depth


class _PureParser(Reader, Scanner, Parser):
    """PyYAML's own parser, where libyaml is missing."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


def open_events(text: str) -> Callable[[], Any]:
    """Return a function that gives the next event, and None after the last.

    Opening and reading raise yaml.YAMLError, and rarely ValueError or OverflowError.
    """
    next_event: Callable[[], Any]
    if CParser is None:
        next_event = _PureParser(text).get_event
    else:
        next_event = CParser(text).get_event
    return next_event
