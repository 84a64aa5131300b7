"""What people write on top of every source: edits, pins, models of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from modeldex.catalog.authoring.schema import MODEL_KEYS
from modeldex.domain.access import REVIEWER
from modeldex.domain.ref import split_ref
from modeldex.errors import ForbiddenError
from modeldex.server.route import Asked, Param, Policy, Route, Said
from modeldex.server.routes.terms import DATE, LINE, FieldName, Line, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.registry.edits import Edit

CUSTOM = "custom"  # the provider under which contributors keep models of their own
_REF, _OWN_REF = "openai/gpt-4o", "custom/house-model"
_WHY = Param(
    "because",
    "Why.",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": LINE},
    "no longer so",
)
_DRY = Param("dry_run", "Only tell what would be.", {"type": "boolean"}, True)  # noqa: FBT003
_FIELD = Param(
    "field",
    "This field or group alone; all that was written, unless given.",
    {"type": "string", "pattern": r"^[a-z][a-z0-9_.=-]{0,99}$"},
    "pricing.input",
)
_FAILURES = (404, 409, 412, 422, 507)


_NOT_SET = ("sources", "updated_at")  # not set by hand
_FACTS = "|".join(key for key in MODEL_KEYS if key not in _NOT_SET)
_PARTED = "pricing|capabilities|rates|metadata|rate_limits|modalities|limits_basis"
FactName = Annotated[
    str,
    msgspec.Meta(pattern=f"^(({_FACTS})|({_PARTED})[.][A-Za-z0-9][!-~ ]{{0,199}})$"),
]
Day = Annotated[str, msgspec.Meta(pattern=f"^({DATE})?$")]


class Fields(msgspec.Struct, forbid_unknown_fields=True):
    """What to set: fields by name, as `pricing.input`; why; since which day."""

    fields: Annotated[dict[FactName, Any], msgspec.Meta(min_length=1, max_length=200)]
    because: Reason
    url: Line = ""
    effective: Day = ""
    dry_run: bool = False


class Pins(msgspec.Struct, forbid_unknown_fields=True):
    """Fields whose values of today are kept, whatever sources come to say."""

    fields: Annotated[list[FieldName], msgspec.Meta(min_length=1, max_length=100)]
    because: Reason
    url: Line = ""
    dry_run: bool = False


class Why(msgspec.Struct, forbid_unknown_fields=True):
    """Why."""

    because: Line = ""
    url: Line = ""
    dry_run: bool = False


class Served(msgspec.Struct, forbid_unknown_fields=True):
    """A fact as callers see it change; `field` is empty for a whole model."""

    ref: str
    field: str
    kind: str
    old: Any
    new: Any


class Made(msgspec.Struct, forbid_unknown_fields=True):
    """An edit; its revision is null for a dry run."""

    ref: str
    verb: str
    revision: int | None
    served: list[Served]
    notes: list[str]


def told(edit: Edit) -> Said:
    """Return an edit as an answer."""
    plan, revision = edit.plan, edit.revision
    record = {
        "ref": plan.ref,
        "verb": plan.verb,
        "revision": None if revision is None else revision.number,
        "served": [
            {
                "ref": change.ref,
                "field": change.field,
                "kind": change.kind,
                "old": change.old.value if change.old and change.field else None,
                "new": change.new.value if change.new and change.field else None,
            }
            for change in plan.served
        ],
        "notes": list(plan.notes),
    }
    return Said(record, cached=False)


def how(asked: Asked, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the words of every edit, of a body or of parameters."""
    names = ("because", "url", "effective", "dry_run")
    if given is None:
        given = {n: getattr(asked.body, n) for n in names if hasattr(asked.body, n)}
    return {**given, "by": asked.by, "expected": asked.expected}


def _set(asked: Asked) -> Said:
    return told(asked.registry.edits.set(asked.path, asked.body.fields, **how(asked)))


def _unpin(asked: Asked) -> Said:
    params = dict(asked.params)
    field = params.pop("field", None)
    fields = () if field is None else (field,)
    return told(asked.registry.edits.unpin(asked.path, fields, **how(asked, params)))


def _pin(asked: Asked) -> Said:
    return told(asked.registry.edits.pin(asked.path, asked.body.fields, **how(asked)))


def _disable(asked: Asked) -> Said:
    return told(asked.registry.edits.disable(asked.path, **how(asked)))


def _enable(asked: Asked) -> Said:
    return told(asked.registry.edits.enable(asked.path, **how(asked, asked.params)))


def _hold_own(asked: Asked) -> None:
    """Hold contributors to the provider that is theirs."""
    provider, _ = split_ref(asked.path)
    if provider == CUSTOM or asked.caller is None or asked.caller.allows(REVIEWER):
        return
    message = f"a contributor's models are {CUSTOM}/…, not {provider}/…"
    raise ForbiddenError(message)


def _add(asked: Asked) -> Said:
    _hold_own(asked)
    return told(asked.registry.edits.add(asked.path, asked.body.fields, **how(asked)))


def _change(asked: Asked) -> Said:
    _hold_own(asked)
    return _set(asked)


def _remove(asked: Asked) -> Said:
    _hold_own(asked)
    return told(asked.registry.edits.remove(asked.path, **how(asked, asked.params)))


def _row(  # noqa: PLR0913, PLR0917  what each row says
    method: str,
    path: str,
    name: str,
    about: str,
    policy: Policy,
    answer: Any,
    **more: Any,
) -> Route:
    return Route(
        method,
        path,
        name,
        about,
        policy,
        answer,
        Made,
        waits=True,
        errors=_FAILURES,
        tag="edits",
        **{"path_example": _REF, **more},
    )


_PRICE = {"fields": {"pricing.input": 2.75}, "because": "its price page says so"}
_MODEL = {
    "fields": {"name": "House model", "mode": "chat", "context_window": 32000},
    "because": "ours",
}
_EDITS, _PINS = "/api/v1/edits/{ref:path}", "/api/v1/pins/{ref:path}"
_DISABLED, _CUSTOM = "/api/v1/disabled/{ref:path}", "/api/v1/custom/{ref:path}"
ROUTES = (
    _row(
        "PATCH",
        _EDITS,
        "edits.set",
        "Set fields of a model.",
        Policy.REVIEW,
        _set,
        body=Fields,
        example=_PRICE,
    ),
    _row(
        "DELETE",
        _EDITS,
        "edits.unpin",
        "Take back what was written of a model.",
        Policy.REVIEW,
        _unpin,
        params=(_FIELD, _WHY, _DRY),
    ),
    _row(
        "PUT",
        _PINS,
        "edits.pin",
        "Keep today's values of fields.",
        Policy.REVIEW,
        _pin,
        body=Pins,
        example={"fields": ["pricing"], "because": "by contract"},
    ),
    _row(
        "PUT",
        _DISABLED,
        "edits.disable",
        "Leave a model out of what is found.",
        Policy.REVIEW,
        _disable,
        body=Why,
        example={"because": "not for us"},
    ),
    _row(
        "DELETE",
        _DISABLED,
        "edits.enable",
        "Let a disabled model be found again.",
        Policy.REVIEW,
        _enable,
        params=(_WHY, _DRY),
    ),
    _row(
        "PUT",
        _CUSTOM,
        "custom.add",
        "Add a model of one's own.",
        Policy.CONTRIBUTE,
        _add,
        body=Fields,
        example=_MODEL,
        path_example=_OWN_REF,
    ),
    _row(
        "PATCH",
        _CUSTOM,
        "custom.set",
        "Set fields of a model of one's own.",
        Policy.CONTRIBUTE,
        _change,
        body=Fields,
        example=_MODEL,
        path_example=_OWN_REF,
    ),
    _row(
        "DELETE",
        _CUSTOM,
        "custom.remove",
        "Remove a model that was added by hand.",
        Policy.CONTRIBUTE,
        _remove,
        params=(_WHY, _DRY),
        path_example=_OWN_REF,
    ),
)
