"""`modeldex review`: decide about what the guards of a sync hold back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import open_registry
from modeldex.cli.render import Layout, chosen, emit, note, output_options
from modeldex.cli.revisions import publish
from modeldex.domain.syncing import ALL_MODELS, OPEN, REVIEW_STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from modeldex.domain.syncing import Review

COLUMNS = ("number", "ref", "field", "old", "new", "source", "rules", "state")
LAYOUT = Layout(cut="ref", droppable=("state",))


@click.group("review")
def review_command() -> None:
    """Decide about what a sync holds back; the old value serves meanwhile."""


@review_command.command("list")
@click.option(
    "--state",
    type=click.Choice((*REVIEW_STATES, "all")),
    default=OPEN,
    show_default=True,
    help="Which.",
)
@click.option("--source", metavar="NAME", help="Of this source only.")
@output_options
@click.pass_obj
def list_command(
    path: str | None, /, state: str, source: str | None, form: str | None
) -> int:
    """List what waits, the oldest first."""
    registry = open_registry(path)
    found = registry.reviews.list(None if state == "all" else state, source)
    _show(found, form)
    if not found and chosen(form) == "table":
        note("nothing waits")
    return 0


@review_command.command("show")
@click.argument("number", type=click.IntRange(1))
@output_options
@click.pass_obj
def show_command(path: str | None, /, number: int, form: str | None) -> int:
    """Show one with what the guards saw."""
    found = open_registry(path).reviews.get(number).as_dict()
    evidence = found.pop("evidence")
    rows = [{"fact": name, "value": value} for name, value in found.items()]
    for doubt in evidence:
        seen = {name: value for name, value in doubt.items() if name != "rule"}
        rows.append({"fact": doubt["rule"], "value": seen})
    rows = [row for row in rows if row["value"] not in (None, {}, [])]
    record = {**found, "evidence": evidence}
    emit(rows, ("fact", "value"), form, records=lambda: record)
    return 0


def deciding_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every decision takes."""
    for option in (
        click.option("--yes", "-y", is_flag=True, help="Do not ask."),
        click.option("--by", default="", help="Who decides; you, unless given."),
        click.option("--because", default="", metavar="WHY", help="Why."),
    ):
        command = option(command)
    return output_options(command)


_numbers = click.argument(
    "numbers", nargs=-1, required=True, type=click.IntRange(1), metavar="N..."
)


@review_command.command("accept")
@_numbers
@click.option("--url", default="", help="Where it can be read.")
@click.option(
    "--gone",
    type=click.IntRange(1),
    metavar="COUNT",
    help="How many models go, where that is more than half of a provider's.",
)
@deciding_options
@click.pass_obj
def accept_command(path: str | None, /, numbers: Sequence[int], **how: Any) -> int:
    """Let changes in, as one revision; a model's prices go together."""
    return _decide(path, "accept", numbers, **how)


@review_command.command("reject")
@_numbers
@deciding_options
@click.pass_obj
def reject_command(path: str | None, /, numbers: Sequence[int], **how: Any) -> int:
    """Keep changes out until their source says something else; say why."""
    return _decide(path, "reject", numbers, **how)


def _decide(
    path: str | None,
    verb: str,
    numbers: Sequence[int],
    *,
    yes: bool,
    form: str | None,
    **how: Any,
) -> int:
    registry = open_registry(path)
    reviews = registry.reviews
    if not yes:
        for review in reviews.together(*numbers):
            note(_told(review))
        if not click.confirm(f"{verb} this?", err=True):
            note("nothing was decided")
            return 1
    decided = getattr(reviews, verb)(*numbers, **how)
    publish(registry)
    _show(decided, form)
    for review in decided:
        if verb == "accept" and review.model_id == ALL_MODELS:
            note(f"they go with the next answer: `modeldex sync {review.source}`")
    return 0


def _told(review: Review) -> str:
    """Write in a line what would be decided: what, by whose word, and the doubts."""
    row = review.as_dict()
    old, new = ("nothing" if row[n] is None else row[n] for n in ("old", "new"))
    if review.model_id == ALL_MODELS:
        what = f"{review.provider}: {new} models gone"
    elif not review.field:
        what = f"{review.ref}: a new model"
    else:
        what = f"{review.ref} {review.field}: {old} -> {new}"
    return f"{what}, says {review.source} ({', '.join(row['rules'])})"


def _show(found: Iterable[Review], form: str | None) -> None:
    records = [review.as_dict() for review in found]
    emit(records, COLUMNS, form, records=lambda: records, layout=LAYOUT)
