"""`/export`: the catalogue in the formats of others, as files at fixed URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from modeldex.errors import NotFoundError
from modeldex.server.route import Asked, Policy, Route, Said
from modeldex.server.routes.models import query_of, registry_of
from modeldex.server.routes.terms import AS_OF, MIN_REVISION, TERMS
from modeldex.usecases.exports import ALIASES, FORMATS
from modeldex.usecases.exports.export import ARCHIVES, TAR

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.usecases.exports import Format

# of a directory there are archives of both kinds; `content` is the zip
_TARRED = {
    row.filename.removesuffix(".zip") + TAR: row
    for row in FORMATS.values()
    if row.is_directory
}
_FILES = {row.filename: row for row in FORMATS.values()} | _TARRED
_TYPES = tuple(
    dict.fromkeys((*(row.media_type for row in FORMATS.values()), ARCHIVES[TAR]))
)
_PARAMS = (*TERMS, AS_OF, MIN_REVISION)
_MISSING = 501  # a package that a format needs


class ExportFormat(msgspec.Struct, forbid_unknown_fields=True):
    """A format: the URL of its file, and what takes it."""

    format: str
    url: str
    media_type: str
    about: str


class Exports(msgspec.Struct, forbid_unknown_fields=True):
    """All formats."""

    exports: list[ExportFormat]


class ExportLosses(msgspec.Struct, forbid_unknown_fields=True):
    """What a format cannot carry of the models, and what its readers take as known."""

    format: str
    losses: dict[str, Any]


def _list(_asked: Asked) -> Any:
    rows = [
        {
            "format": row.name,
            "url": f"/export/{row.filename}",
            "media_type": row.media_type,
            "about": row.about,
        }
        for row in FORMATS.values()
    ]
    return {"exports": rows}


def _form(file: str) -> Format:
    found = _FILES.get(file)
    if found is None:
        raise NotFoundError(f"there is no export {file[:80]}", tuple(_FILES))
    return found


def _file(asked: Asked) -> Said:
    form = _form(asked.path)
    registry = registry_of(asked)
    made = registry.export(form.name, query_of(registry, asked.params))
    name = {"content-disposition": f'inline; filename="{asked.path}"'}
    if asked.path in _TARRED:
        return Said(made.archive(TAR), ARCHIVES[TAR], headers=name)
    return Said(made.content, made.media_type, headers=name)


def _alias(path: str) -> Callable[[Asked], Said]:
    form = FORMATS[ALIASES[path]]

    def answer(asked: Asked) -> Said:
        registry = registry_of(asked)
        made = registry.export(form.name, query_of(registry, asked.params))
        return Said(made.content, made.media_type)

    return answer


def _losses(asked: Asked) -> Any:
    form = _form(asked.path)
    registry = registry_of(asked)
    made = registry.export(form.name, query_of(registry, asked.params))
    return {"format": form.name, "losses": made.losses.as_dict()}


_PLACE = {"type": "string", "enum": list(_FILES)}
ROUTES = (
    Route(
        "GET",
        "/export",
        "exports.list",
        "List the formats of others that the catalogue is written in.",
        Policy.READ,
        _list,
        Exports,
        tag="exports",
    ),
    Route(
        "GET",
        "/export/{file:str}",
        "exports.file",
        "Return the models in a format, as a file.",
        Policy.READ,
        _file,
        media=_TYPES,
        params=_PARAMS,
        waits=True,
        errors=(404, _MISSING),
        path_example="litellm.json",
        place=_PLACE,
        tag="exports",
    ),
    *(
        Route(
            "GET",
            f"/export/{path}",
            f"exports.{FORMATS[name].name}",
            f"Return {FORMATS[name].about}: the base URL of this path is theirs.",
            Policy.READ,
            _alias(path),
            media=(FORMATS[name].media_type,),
            params=_PARAMS,
            waits=True,
            errors=(404,),
            tag="exports",
        )
        for path, name in ALIASES.items()
    ),
    Route(
        "GET",
        "/api/v1/losses/{file:str}",
        "exports.losses",
        "Tell what the format of a file cannot carry.",
        Policy.READ,
        _losses,
        ExportLosses,
        params=_PARAMS,
        waits=True,
        errors=(404, _MISSING),
        path_example="litellm.json",
        place=_PLACE,
        tag="exports",
    ),
)
