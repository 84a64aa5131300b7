"""Types of the JSON forms, as a table; `modeldex.d.ts` is written of it.

A type is a word of TypeScript (`string`, `number`, `boolean`, the name of a Shape), or
one of the forms below. Keys come from the tables that the JSON forms are made of, so
that what is added there is missed here by a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from modeldex.domain.capability import MODALITIES, MODES
from modeldex.domain.capability_details import PARAMETERS
from modeldex.domain.capability_table import CAPABILITIES
from modeldex.domain.change import KINDS
from modeldex.domain.lifecycle import STATUSES
from modeldex.domain.pricing import METER_ABOUT, METERS, STATES
from modeldex.domain.provider import KIND_NAMES
from modeldex.domain.record import BASES, LIMIT_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    Type: TypeAlias = "str | Maybe | Many | By | OneOf | Words"


class Maybe(NamedTuple):
    """A type, or null: what is not known."""

    of: Type


class Many(NamedTuple):
    """A list."""

    of: Type


class By(NamedTuple):
    """A table by names."""

    of: Type


class OneOf(NamedTuple):
    """Any of some types."""

    types: tuple[Type, ...]


class Words(NamedTuple):
    """Any of some words; `others` where there may be more of them."""

    words: tuple[str, ...]
    others: bool = False


class Key(NamedTuple):
    """A key of a Shape; `always` says whether it is always there."""

    type: Type
    about: str = ""
    always: bool = True


class Shape(NamedTuple):
    """An object: its keys and what it is."""

    about: str
    keys: Mapping[str, Key]


TEXT, NUMBER, FLAG, ANY = "string", "number", "boolean", "unknown"
_MAYBE_TEXT, _MAYBE_NUMBER = Maybe(TEXT), Maybe(NUMBER)
_TEXTS = Many(TEXT)
_SOURCE = OneOf((TEXT, "Curated"))


def _shape(about: str, **keys: Type) -> Shape:
    return Shape(about, {name: Key(kind) for name, kind in keys.items()})


def _pricing() -> Shape:
    amounts = {
        meter: Key(
            _MAYBE_NUMBER if meter in ("input", "output") else NUMBER,
            METER_ABOUT[meter],
            always=meter in ("input", "output"),
        )
        for meter in METERS
    }
    state = Words(("listed", "unknown", *STATES))
    return Shape(
        "What a model costs, by meter; null is unknown, 0 is free.",
        {
            **amounts,
            "state": Key(state, "free, included and variable state no amounts"),
            "currency": Key(TEXT),
            "rates": Key(By(By(NUMBER)), "by conditions, by meter", always=False),
        },
    )


def _capabilities() -> Shape:
    return Shape(
        "Yes, no, or the parameters of a yes; what is not there is unknown.",
        {
            name: Key(_ability(name), f"can {about}", always=False)
            for name, about in CAPABILITIES.items()
        },
    )


# type of a capability's parameter -> type
_PARAMETER_TYPES: Mapping[str, Type] = {
    "flag": FLAG,
    "count": NUMBER,
    "word": TEXT,
    "words": _TEXTS,
    "flags": By(FLAG),
    "range": By(NUMBER),
}


def _ability(name: str) -> Type:
    return OneOf((FLAG, _shape_name(name))) if name in PARAMETERS else FLAG


def _shape_name(capability: str) -> str:
    return "".join(word.title() for word in capability.split("_")) + "Parameters"


def _parameters() -> dict[str, Shape]:
    return {
        _shape_name(capability): Shape(
            f"How a model can {CAPABILITIES[capability]}.",
            {
                name: Key(
                    _PARAMETER_TYPES[str(row["type"])], str(row["about"]), always=False
                )
                for name, row in rows.items()
            },
        )
        for capability, rows in PARAMETERS.items()
    }


def _limits() -> Shape:
    return Shape(
        "Known limits, what they rest on, and who says so.",
        {name: Key("Limit", always=False) for name in LIMIT_NAMES},
    )


SHAPES: Mapping[str, Shape] = {
    "Limit": _shape(
        "A limit in tokens.",
        tokens=NUMBER,
        basis=Maybe(Words(BASES)),
        source=_MAYBE_TEXT,
    ),
    "Limits": _limits(),
    "Pricing": _pricing(),
    **_parameters(),
    "Capabilities": _capabilities(),
    "Curated": Shape(
        "What a person wrote: who, when, why, and where it can be read.",
        {
            "source": Key(TEXT),
            **{
                name: Key(TEXT, always=False) for name in ("by", "at", "because", "url")
            },
        },
    ),
    "Modalities": Shape(
        "What a model takes and gives.",
        {
            side: Key(Many(Words(MODALITIES, others=True)), always=False)
            for side in ("input", "output")
        },
    ),
    "Model": _shape(
        "One entry under a provider; what is not known is null.",
        ref=TEXT,
        provider=TEXT,
        id=TEXT,
        name=TEXT,
        description=_MAYBE_TEXT,
        canonical=_MAYBE_TEXT,
        alias_of=_MAYBE_TEXT,
        family=_MAYBE_TEXT,
        mode=Words(MODES, others=True),
        context_window=_MAYBE_NUMBER,
        max_input_tokens=_MAYBE_NUMBER,
        max_output_tokens=_MAYBE_NUMBER,
        limits=Maybe("Limits"),
        embedding_dimensions=_MAYBE_NUMBER,
        pricing="Pricing",
        capabilities="Capabilities",
        modalities=Maybe("Modalities"),
        status=Words(STATUSES),
        release_date=_MAYBE_TEXT,
        knowledge_cutoff=_MAYBE_TEXT,
        deprecation_date=_MAYBE_TEXT,
        replacement=Maybe(_TEXTS),
        open_weights=Maybe(FLAG),
        license=_MAYBE_TEXT,
        rate_limits=Maybe(By(NUMBER)),
        protocol=_MAYBE_TEXT,
        base_url=_MAYBE_TEXT,
        supported_endpoints=Maybe(_TEXTS),
        request_parameters=Maybe(By(ANY)),
        updated_at=_MAYBE_TEXT,
        metadata=By(ANY),
        sources=By(_SOURCE),
    ),
    "Provider": _shape(
        "Who answers a request.",
        provider=TEXT,
        name=TEXT,
        kind=Maybe(Words(KIND_NAMES)),
        description=_MAYBE_TEXT,
        env=Maybe(_TEXTS),
        credentials=Maybe(Many(_TEXTS)),
        api=_MAYBE_TEXT,
        docs=_MAYBE_TEXT,
        status_page=_MAYBE_TEXT,
        endpoints=Maybe(_TEXTS),
        authentication=Maybe(_TEXTS),
        features=Maybe(By(FLAG)),
        limitations=Maybe(By(ANY)),
        deprecation_date=_MAYBE_TEXT,
        default_model=_MAYBE_TEXT,
        models=NUMBER,
        updated_at=_MAYBE_TEXT,
        metadata=Maybe(By(ANY)),
        sources=Maybe(By(_SOURCE)),
    ),
    "Change": _shape(
        "A fact of a model, before and after; null is unknown.",
        date=TEXT,
        ref=TEXT,
        field=TEXT,
        old=ANY,
        new=ANY,
        kind=Words(KINDS),
        source=Maybe(_SOURCE),
        effective_at=_MAYBE_TEXT,
    ),
    "Snapshot": _shape("A catalogue as a file.", path=TEXT, sha256=TEXT, size=NUMBER),
    "Manifest": _shape(
        "The file modeldex.json.",
        modeldex=TEXT,
        id=TEXT,
        chain=_TEXTS,
        epoch=TEXT,
        revision=NUMBER,
        digest=TEXT,
        updated_at=TEXT,
        snapshots=By("Snapshot"),
        events=_MAYBE_TEXT,
    ),
    "Catalog": _shape(
        "The file catalog.json.",
        id=TEXT,
        revision=NUMBER,
        digest=TEXT,
        updated_at=TEXT,
        models=Many("Model"),
    ),
    "ProviderFile": _shape(
        "A file providers/PROVIDER.json.", provider="Provider", models=Many("Model")
    ),
    "History": _shape(
        "A file history/PROVIDER/MODEL.json.", ref=TEXT, changes=Many("Change")
    ),
}


def written(kind: Type) -> str:
    """Return a type in TypeScript."""
    if isinstance(kind, Maybe):
        return f"{written(kind.of)} | null"
    if isinstance(kind, Many):
        inner = written(kind.of)
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if isinstance(kind, By):
        return f"Record<string, {written(kind.of)}>"
    if isinstance(kind, OneOf):
        return " | ".join(map(written, kind.types))
    if isinstance(kind, Words):
        words = [f'"{word}"' for word in kind.words]
        return " | ".join([*words, *(["(string & {})"] if kind.others else ())])
    return str(kind)


def type_definitions(shapes: Mapping[str, Shape] = SHAPES) -> str:
    """Return the file `modeldex.d.ts`."""
    lines = ["// Types of the JSON files of modeldex."]
    for name, shape in shapes.items():
        lines += ["", f"/** {shape.about} */", f"export interface {name} {{"]
        lines += _keys(shape.keys.items())
        lines.append("}")
    return "\n".join([*lines, ""])


def _keys(keys: Iterable[tuple[str, Key]]) -> Iterable[str]:
    for name, key in keys:
        if key.about:
            yield f"  /** {key.about} */"
        yield f"  {name}{'' if key.always else '?'}: {written(key.type)};"
