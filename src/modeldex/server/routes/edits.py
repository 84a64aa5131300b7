"""`/api/v1/edits`: what people write on top of every source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from modeldex.domain.change import plain
from modeldex.server.route import Asked, Policy, Route, Said

if TYPE_CHECKING:
    from modeldex.registry.edits import Edit


class EditBody(msgspec.Struct, forbid_unknown_fields=True):
    """What to set: fields by name, as `pricing.input`, and why."""

    fields: dict[str, Any]
    because: str
    url: str = ""
    effective: str = ""
    dry_run: bool = False


def _set(asked: Asked) -> Any:
    body: EditBody = asked.body
    edit = asked.registry.edits.set(
        asked.path,
        body.fields,
        because=body.because,
        url=body.url,
        effective=body.effective,
        by=asked.by,
        expected=asked.expected,
        dry_run=body.dry_run,
    )
    return Said(_told(edit), cached=False)


def _told(edit: Edit) -> dict[str, Any]:
    revision = edit.revision
    return {
        "revision": None if revision is None else revision.number,
        "ref": edit.plan.ref,
        "verb": edit.plan.verb,
        "served": [
            {
                "ref": change.ref,
                "field": change.field,
                "old": plain(change.old.value) if change.old else None,
                "new": plain(change.new.value) if change.new else None,
            }
            for change in edit.plan.served
        ],
        "notes": list(edit.plan.notes),
    }


ROUTES = (
    Route(
        "PATCH",
        "/api/v1/edits/{ref:path}",
        "edits.set",
        "Set fields of a model.",
        Policy.REVIEW,
        _set,
        dict[str, Any],
        body=EditBody,
        example={
            "fields": {"pricing.input": 2.5},
            "because": "the price page says so",
        },
        waits=True,
        errors=(404, 409),
        path_example="openai/gpt-4o",
        tag="edits",
    ),
)
