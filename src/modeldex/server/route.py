"""What a route is: a row that says where, what for, for whom, with what, and what of.

The rows (`routes/`) make the application (`app.py`) and its description (`openapi.py`)
alike, so that neither can say what the other does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from modeldex.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from modeldex.domain.access import Token
    from modeldex.registry import Registry
    from modeldex.server.service import Service

JSON, PROBLEM = "application/json", "application/problem+json"
_WHOLE = re.compile(r"-?[0-9]{1,15}")
# what is described; the functions of a route refuse the rest as they know it
_ID = "[A-Za-z0-9@~][A-Za-z0-9:@+._~*-]*"
REF_PATTERN = f"^[a-z0-9]+([._-][a-z0-9]+)*/{_ID}(/{_ID})*$"
EXPECTED = '^([0-9]{1,15}|"[0-9]{1,15}"|[*])$'  # If-Match: a revision, or any
PLACE = re.compile(r"\{(\w+):(\w+)\}")  # in a path: name and kind
MOST_NUMBER = 10**9  # of a revision, a review, a sync
_MOST = 200  # characters of a value, unless its schema says otherwise


class Policy(StrEnum):
    """Who may call a route: anybody, readers, or from a role on."""

    OPEN = "open"
    READ = "viewer"
    CONTRIBUTE = "contributor"
    REVIEW = "reviewer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a URL's query; its schema is held against what is given.

    The schema is a part of JSON Schema: `type` of string (with `pattern`, `enum`,
    `maxLength`), integer (with `minimum`, `maximum`) or boolean.
    """

    name: str
    about: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    example: Any = None
    required: bool = False

    def read(self, text: str) -> Any:
        """Return the value of a text; raise InvalidInputError."""
        kind = self.schema.get("type", "string")
        if kind == "boolean":
            if text not in ("true", "false"):
                raise self._bad(text, "true or false")
            return text == "true"
        if kind == "integer":
            least, most = (self.schema.get(end) for end in ("minimum", "maximum"))
            number = int(text) if _WHOLE.fullmatch(text) else None
            if (
                number is None
                or (least is not None and number < least)
                or (most is not None and number > most)
            ):
                raise self._bad(text, f"a whole number from {least} to {most}")
            return number
        return self._text(text)

    def _text(self, text: str) -> str:
        schema = self.schema
        if "enum" in schema and text not in schema["enum"]:
            raise self._bad(text, f"one of {', '.join(schema['enum'])}")
        most = schema.get("maxLength", _MOST)
        if len(text) > most:
            raise self._bad(text, f"at most {most} characters")
        if len(text) < schema.get("minLength", 0):
            raise self._bad(text, "not empty")
        pattern = schema.get("pattern")
        if pattern and not re.fullmatch(pattern, text):
            raise self._bad(text, f"as {self.example!r}")
        return text

    def _bad(self, text: str, wanted: str) -> InvalidInputError:
        return InvalidInputError(f"{self.name}: {text[:80]!r} is not {wanted}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, checked: what a route's function works on."""

    service: Service
    registry: Registry
    params: Mapping[str, Any]
    path: str = ""
    body: Any = None
    caller: Token | None = None
    expected: int | None = None
    """Revision that the writer knows of, of If-Match."""
    accept: str = ""
    last_event: str = ""

    @property
    def by(self) -> str:
        """Who writes: the name of the token."""
        return "" if self.caller is None else self.caller.name


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: bytes as they are, or a value to be written as JSON."""

    value: Any
    media_type: str = JSON
    status: int = 0
    """By default that of the route."""
    headers: Mapping[str, str] = field(default_factory=dict)
    cached: bool = True
    """Whether it is of the catalogue alone, so that it holds until that changes."""


@dataclass(frozen=True, slots=True)
class Route:
    """A row: a method of a path, and the function that answers it.

    `path` ends with `{ref:path}` where the rest of the URL is a ref; `{name:int}`
    takes a number. `waits` is for what touches store, disk or network, or takes long:
    it runs in a thread; a function of the parameters may decide. `returns` is the
    type that describes the answer, by media type where there are several.
    """

    method: str
    path: str
    name: str
    about: str
    policy: Policy
    answer: Callable[[Asked], Any]
    returns: Any = None
    params: Sequence[Param] = ()
    body: type | None = None
    example: Any = None
    """Example of a body."""
    status: int = 200
    waits: bool | Callable[[Mapping[str, Any]], bool] = False
    stores: bool = False
    """Whether it reads the store itself, not the catalogue in memory."""
    streams: bool = False
    media: Sequence[str] = ()
    """Media types of the answer; JSON alone unless it says so."""
    errors: Sequence[int] = ()
    """Statuses of failures beyond those that every route of its kind has."""
    tag: str = "models"
    path_example: str = ""
    place: Mapping[str, Any] | None = None
    """Schema of what the path names, where it is more than its kind."""
    more: str = ""

    @property
    def asks_store(self) -> bool:
        """Whether there is no answer without the store."""
        return self.stores or self.policy not in (Policy.OPEN, Policy.READ)

    def read_query(self, given: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Return the values of a query's parameters.

        Raises InvalidInputError for unknown, repeated and bad ones.
        """
        known = {param.name: param for param in self.params}
        found: dict[str, Any] = {}
        for name, text in given:
            if name not in known:
                near = ", ".join(known) or "none"
                message = f"{name[:80]!r} is no parameter here; there are: {near}"
                raise InvalidInputError(message)
            if name in found:
                raise InvalidInputError(f"{name}: given twice")
            found[name] = known[name].read(text)
        for param in self.params:
            if param.required and param.name not in found:
                raise InvalidInputError(f"{param.name}: must be given")
        return found
