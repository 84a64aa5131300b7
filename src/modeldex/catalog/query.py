"""One grammar for every question: Python keywords, command-line flags, URLs, text.

A query is a set of terms that must all hold, an order and a page. As text, terms
are separated by spaces: `vision min_context:100k max_input:5 no:audio_input
sort:input`. A bare word is a capability; `key:value` is any other term; within
quotes of the shell, `context>=100k` compares. Commas separate alternatives.
"""

from __future__ import annotations

from modeldex.catalog.values import (
    FIELD_ALIASES,
    ORDERED_FIELDS,
    read_bound,
    read_count,
    read_flag,
    read_sort,
    refuse_unknown,
    refused,
)
from modeldex.domain import Value, set_slot
from modeldex.domain.capability import CAPABILITIES, canonical_capability
from modeldex.domain.lifecycle import STATUSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import Any

    # field, operator, value; the operator is one of _OPERATORS, "in", "has"
    Term = tuple[str, str, Any]

BOUNDS = {
    "min_context": ("context", ">="),
    "max_context": ("context", "<="),
    "min_output": ("max_output_tokens", ">="),
    "min_input_price": ("input", ">="),
    "max_input_price": ("input", "<="),
    "min_output_price": ("output", ">="),
    "max_output_price": ("output", "<="),
    "released_after": ("released", ">"),
    "released_before": ("released", "<"),
}
# spelling in text -> Python keyword, where they differ
KEY_ALIASES = {
    "max_input": "max_input_price",
    "max_output": "max_output_price",
    "min_input": "min_input_price",
    "capability": "capabilities",
    "no": "without",
    "modality": "modalities",
}
_CAPABILITY_KEYS = {"capabilities": "yes", "without": "no", "maybe": "maybe"}
_OPERATORS = (">=", "<=", ">", "<", "=")
_COMPARING = ("<", ">", "=")
_COMPARED = (*ORDERED_FIELDS, *FIELD_ALIASES)
_SIDES = {"in": "input", "input": "input", "out": "output", "output": "output"}
KEYS = (
    *_CAPABILITY_KEYS,
    "provider",
    "mode",
    "family",
    "status",
    "modalities",
    "canonical",
    *BOUNDS,
    "open_weights",
    "text",
    "sort",
    "limit",
    "offset",
)


class Vocabulary(Value):
    """What a catalogue knows, so that a query is held against it.

    `provider` makes an id of any spelling of a provider, or raises.
    """

    __slots__ = ("capabilities", "modalities", "modes", "provider")
    capabilities: Collection[str]
    modes: Collection[str]
    modalities: Collection[str]
    provider: Callable[[str], str]

    def __init__(
        self,
        capabilities: Collection[str] = CAPABILITIES,
        modes: Collection[str] = (),
        modalities: Collection[str] = (),
        provider: Callable[[str], str] = str,
    ) -> None:
        set_slot(self, "capabilities", capabilities)
        set_slot(self, "modes", modes)
        set_slot(self, "modalities", modalities)
        set_slot(self, "provider", provider)


ANY = Vocabulary()


class Query(Value):
    """A parsed query; `str` writes it in the grammar."""

    __slots__ = ("limit", "offset", "sort", "terms")
    terms: tuple[Term, ...]
    sort: str | None
    limit: int | None
    offset: int

    def __init__(
        self,
        terms: Iterable[Term] = (),
        sort: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> None:
        set_slot(self, "terms", tuple(terms))
        set_slot(self, "sort", sort)
        set_slot(self, "limit", limit)
        set_slot(self, "offset", offset)

    @classmethod
    def parse(cls, text: str, known: Vocabulary = ANY) -> Query:
        """Read a query in the text grammar.

        Raises InvalidQueryError with the position of the term, and
        UnknownProviderError.
        """
        terms: list[Term] = []
        page: dict[str, Any] = {}
        for position, word in _joined(_words(text)):
            _read_word(terms, page, word, known, position)
        return cls(terms, **page)

    @classmethod
    def of(cls, keywords: Mapping[str, object], known: Vocabulary = ANY) -> Query:
        """Read a query given as Python keywords; None stands for not given."""
        terms: list[Term] = []
        page: dict[str, Any] = {}
        for key, value in keywords.items():
            if value is not None:
                _read_key(terms, page, key, value, known, None)
        return cls(terms, **page)

    def __str__(self) -> str:
        words = [_write_term(*term) for term in self.terms]
        if self.sort is not None:
            words.append(f"sort:{self.sort}")
        if self.limit is not None:
            words.append(f"limit:{self.limit}")
        if self.offset:
            words.append(f"offset:{self.offset}")
        return " ".join(words)


def both(first: Query, second: Query) -> Query:
    """Return a query that asks for both; order and page of the second win."""
    return Query(
        (*first.terms, *second.terms),
        first.sort if second.sort is None else second.sort,
        first.limit if second.limit is None else second.limit,
        second.offset or first.offset,
    )


def _read_word(
    terms: list[Term],
    page: dict[str, Any],
    word: str,
    known: Vocabulary,
    position: int,
) -> None:
    """Read one word of a text query."""
    compared = _comparison(word)
    if compared:
        field, operator, value = compared
        field = FIELD_ALIASES.get(field, field)
        if field not in ORDERED_FIELDS:
            refuse_unknown("field", field, _COMPARED, position)
        terms.append((field, operator, read_bound(field, value, position)))
        return
    key, colon, value = word.partition(":")
    if not colon:
        _read_key(terms, page, "capabilities", word, known, position)
    elif value:
        _read_key(terms, page, key, value, known, position)
    else:
        message = f"{key}: has no value"
        raise refused(message, position)


def _words(text: str) -> Iterable[tuple[int, str]]:
    """Split at spaces outside quotes; yield each word and where it begins."""
    word: list[str] = []
    start = -1
    quote = ""
    for position, character in enumerate(text):
        if quote:
            if character == quote:
                quote = ""
            else:
                word.append(character)
        elif character.isspace():
            if start >= 0:
                yield start, "".join(word)
            word, start = [], -1
        else:
            start = position if start < 0 else start
            if character in "\"'":
                quote = character
            else:
                word.append(character)
    if quote:
        message = f"the quote {quote} is not closed"
        raise refused(message, start)
    if start >= 0:
        yield start, "".join(word)


def _joined(words: Iterable[tuple[int, str]]) -> Iterable[tuple[int, str]]:
    """Put `context >= 100k`, written with spaces, together again."""
    held: tuple[int, str] | None = None
    for position, word in words:
        compares = word[:1] in _COMPARING or (held and held[1][-1:] in _COMPARING)
        if held and compares and held[1].rstrip("<>=") in _COMPARED:
            held = held[0], held[1] + word
            continue
        if held:
            yield held
        held = position, word
    if held:
        yield held


def _comparison(word: str) -> tuple[str, str, str] | None:
    """Split `context>=100k`; None when the word compares nothing."""
    name = ""
    for index, character in enumerate(word):
        if character in "<>=":
            operator = word[index : index + 2]
            if operator not in _OPERATORS:
                operator = character
            return name, operator, word[index + len(operator) :]
        if not (character.isalnum() or character == "_"):
            return None
        name += character
    return None


def _read_key(  # noqa: PLR0913, PLR0917
    terms: list[Term],
    page: dict[str, Any],
    key: str,
    value: Any,
    known: Vocabulary,
    position: int | None,
) -> None:
    """Read one `key:value` or keyword into the terms or the page."""
    key = KEY_ALIASES.get(key, key)
    if key in _CAPABILITY_KEYS:
        operator = _CAPABILITY_KEYS[key]
        for name in _items(key, value, position):
            if name not in known.capabilities:
                name = _read_capability(name, known, position)  # noqa: PLW2901
            terms.append((operator, "has", name))
    elif key in BOUNDS:
        field, operator = BOUNDS[key]
        terms.append((field, operator, read_bound(field, value, position)))
    elif key in _PAGE:
        page[key] = _PAGE[key](value, position)
    elif key in _LISTS:
        items = _items(key, value, position)
        if not items:
            message = f"{key}: has no value"
            raise refused(message, position)
        terms.append(_LISTS[key](key, items, known, position))
    elif key == "open_weights":
        terms.append((key, "=", read_flag(value, position)))
    elif key == "text":
        terms.append((key, "has", _read_words(key, value, position)))
    else:
        refuse_unknown("term", key, (*KEYS, *KEY_ALIASES, *CAPABILITIES), position)


def _read_words(key: str, value: Any, position: int | None) -> str:
    if isinstance(value, str):
        return value.lower()
    raise refused(f"{key}: {value!r} is not text", position)


def _items(key: str, value: Any, position: int | None) -> list[str]:
    """Return the items of a text with commas, or of a collection of such texts."""
    if isinstance(value, str):
        value = (value,)
    if isinstance(value, dict | bytes) or not hasattr(value, "__iter__"):
        message = f"{key}: {value!r} is neither text nor a list of texts"
        raise refused(message, position)
    items = []
    for text in value:
        if not isinstance(text, str):
            raise refused(f"{key}: {text!r} is not text", position)
        items += [item for item in text.split(",") if item]
    return items


def _read_capability(name: str, known: Vocabulary, position: int | None) -> str:
    found = canonical_capability(name)
    if found is None:
        hints = (*sorted(known.capabilities), *KEYS)
        refuse_unknown("capability", name, hints, position)
    return found


def _read_choices(
    key: str, items: list[str], _known: Vocabulary, _position: int | None
) -> Term:
    return key, "in", tuple(items)


def _read_providers(
    key: str, items: list[str], known: Vocabulary, _position: int | None
) -> Term:
    return key, "in", tuple(map(known.provider, items))


def _read_modes(
    key: str, items: list[str], known: Vocabulary, position: int | None
) -> Term:
    for item in items:
        if known.modes and item not in known.modes:
            refuse_unknown("mode", item, sorted(known.modes), position)
    return key, "in", tuple(items)


def _read_statuses(
    key: str, items: list[str], _known: Vocabulary, position: int | None
) -> Term:
    for item in items:
        if item not in STATUSES and item != "any":
            refuse_unknown("status", item, (*STATUSES, "any"), position)
    return key, "in", tuple(items)


def _read_modalities(
    key: str, items: list[str], known: Vocabulary, position: int | None
) -> Term:
    found = []
    for item in items:
        side, colon, kind = item.rpartition(":")
        if colon and side not in _SIDES:
            refuse_unknown("side", side, ("in", "out"), position)
        if known.modalities and kind not in known.modalities:
            refuse_unknown("modality", kind, sorted(known.modalities), position)
        found.append(f"{_SIDES[side]}:{kind}" if colon else kind)
    return key, "has", tuple(found)


_LISTS: dict[str, Callable[[str, list[str], Vocabulary, int | None], Term]] = {
    "provider": _read_providers,
    "mode": _read_modes,
    "family": _read_choices,
    "canonical": _read_choices,
    "status": _read_statuses,
    "modalities": _read_modalities,
}


_PAGE: dict[str, Callable[[Any, int | None], Any]] = {
    "sort": read_sort,
    "limit": read_count,
    "offset": read_count,
}


def _write_term(field: str, operator: str, value: Any) -> str:
    if field == "yes":
        return str(value)
    if field in ("no", "maybe"):
        return f"{field}:{value}"
    if field == "open_weights":
        return f"{field}:{'yes' if value else 'no'}"
    if field in ORDERED_FIELDS:
        return (
            f"{field}{operator}{value:f}"
            if _is_decimal(value)
            else (f"{field}{operator}{value}")
        )
    text = value if isinstance(value, str) else ",".join(value)
    if any(character.isspace() or character in "\"'" for character in text):
        quote = "'" if '"' in text else '"'
        text = f"{quote}{text}{quote}"
    return f"{field}:{text}"


def _is_decimal(value: object) -> bool:
    return not isinstance(value, int | str)
