"""A sync: only what a source says otherwise changes, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from modeldex.domain.change import Change, Fact
from modeldex.domain.syncing import ACCEPTED, OPEN, REJECTED, WITHDRAWN, Doubt
from modeldex.errors import InvalidInputError, NotFoundError, RevisionConflictError
from modeldex.ports import Draft
from modeldex.usecases.edits import Signature, plan_verdict
from modeldex.usecases.sync.conflicts import conflicts, decided_claims
from modeldex.usecases.sync.guarding import Guarding
from modeldex.usecases.sync.reviewing import accept, reject, reviews
from syncs import GENAI, LITELLM, D, Office, Wary, counts, model

ONE, TWO, B = ("acme", "one"), ("acme", "two"), ("beta", "b")
SIGNED = Signature("ann", "2026-11-20T00:00:00.000+00:00", "looked it up")


def test_the_same_again_makes_no_revision() -> None:
    """Not even the shipped catalogue goes into the store."""
    office = Office()
    report = office.litellm()
    assert (report.revision, office.revisions) == (None, 0)
    assert counts(report) == {"unchanged": 3}
    office.litellm()
    assert office.revisions == 0


def test_a_price_that_changes_is_one_revision() -> None:
    """The new price is served, with its source and the day."""
    office = Office()
    report = office.litellm({TWO: model("2.5")})
    assert report.revision == 2  # after the shipped catalogue
    assert counts(report) == {"changed": 1, "unchanged": 2}
    found = office.registry.get_info("acme/two")
    assert (found.pricing.input, found.pricing.output) == (D("2.5"), D(10))
    assert found.source_of("pricing.input") == "litellm"
    assert found.updated_at == "2026-11-02"
    assert office.litellm({TWO: model("2.5")}).revision is None


def test_two_others_keep_their_say() -> None:
    """A lower-ranked source that moves alone does not overrule."""
    office = Office()
    report = office.litellm({ONE: model("1.5")})
    assert office.price("acme/one") == 1
    assert counts(report)["changed"] == 0
    assert report.revision == 2  # its claim is kept
    office.take("genai-prices", {**GENAI, ONE: model("1.5")})
    assert office.price("acme/one") == D("1.5")


def test_a_new_model_appears() -> None:
    """It is served, by the id of its source."""
    office = Office()
    report = office.litellm({("acme", "new"): model("5")})
    assert counts(report)["added"] == 1
    assert office.price("acme/new") == 5
    kinds = [c.kind for _, c in office.around.made.changes(1)]  # type: ignore[union-attr]
    assert kinds == ["appeared"]


def test_a_model_of_which_only_the_id_is_said_appears() -> None:
    """A bare list is a list too."""
    office = Office()
    report = office.take("other", {("acme", "bare"): {}})
    assert counts(report) == {"added": 1}
    assert office.registry.get_info("acme/bare").context_window is None
    assert office.take("other", {("acme", "bare"): {}}).revision is None


def test_an_id_of_another_case_is_the_same_model() -> None:
    """It is joined to the one that is known."""
    office = Office()
    models = {("acme", "ONE"): model("1.5"), TWO: model("2"), B: model("3")}
    assert counts(office.take("litellm", models))["added"] == 0


def test_a_field_that_a_source_drops_goes() -> None:
    """It is unknown again, not what it was."""
    office = Office()
    office.litellm({TWO: {"pricing.input": D(2), "pricing.output": D(8)}})
    assert office.registry.get_info("acme/two").context_window is None


def test_an_empty_answer_changes_nothing() -> None:
    """It is a failure, and remembered as one."""
    office = Office()
    report = office.take("litellm", {})
    assert (report.outcome, office.revisions) == ("failed", 0)
    assert "empty" in report.why
    assert office.desk.state("litellm").error == report.why


def test_what_is_gone_is_missing_then_retired() -> None:
    """Two complete answers at least a day apart; before, nothing changes."""
    office = Office()
    report = office.litellm({B: None})
    assert counts(report) == {"missing": 1, "unchanged": 2}
    assert office.registry.get_info("beta/b").status == "active"
    assert counts(office.litellm({B: None})) == {"unchanged": 2}  # the same day
    office.day = 3
    assert counts(office.litellm({B: None}))["retired"] == 1
    found = office.registry.get_info("beta/b")
    assert (found.status, found.pricing.input) == ("retired", 3)
    office.day = 4
    assert office.litellm({B: None}).revision is None
    assert counts(office.litellm())["returned"] == 1
    assert office.registry.get_info("beta/b").status == "active"


def test_what_others_list_is_not_missing() -> None:
    """Only the claims of the source that lists it no more go."""
    office = Office()
    assert counts(office.litellm({ONE: None})) == {"unchanged": 2}
    office.day = 3
    office.litellm({ONE: None})
    assert office.registry.get_info("acme/one").status == "active"
    assert office.desk.known().sources_of(ONE) == {"genai-prices"}
    assert counts(office.litellm())["returned"] == 0


@pytest.mark.parametrize("how", [{"complete": False}, {"scoped": True}])
def test_absence_proves_nothing(how: dict[str, bool]) -> None:
    """In an answer that is not whole, or depends on the account."""
    office = Office()
    report = office.take("litellm", {TWO: model("2")}, **how)
    assert (counts(report)["missing"], report.revision) == (0, None)
    assert report.outcome == ("ok" if "scoped" in how else "partial")


def test_a_providers_own_list_says_what_there_is() -> None:
    """What it leaves out is missing, whatever others list; an authority overrules."""
    office = Office(acme="prices presence")
    how = {"provider": "acme", "is_list": True}
    report = office.take("acme", {ONE: {"pricing.input": D(9)}}, **how)
    assert counts(report) == {"changed": 1, "missing": 1}
    assert office.price("acme/one") == 9


def test_what_a_person_wrote_stays() -> None:
    """On top of every sync; the source's claim is kept below."""
    office = Office()
    office.registry.edits.set("acme/two", {"pricing.input": D(7)}, because="contract")
    office.litellm({TWO: model("2.5")})
    assert office.price("acme/two") == 7
    office.registry.edits.unpin("acme/two")
    assert office.price("acme/two") == D("2.5")


def test_a_held_price_waits_while_the_old_one_serves() -> None:
    """Both halves wait; everything else of the answer goes through."""
    office = Office(Wary())
    report = office.litellm({TWO: model("2000", 50_000), B: model("3.5")})
    assert counts(report) == {"changed": 2, "quarantined": 2, "unchanged": 1}
    found = office.registry.get_info("acme/two")
    assert (found.pricing.input, found.context_window) == (2, 50_000)
    assert office.price("beta/b") == D("3.5")
    waiting = reviews(office.stored)
    assert [r.field for r in waiting] == ["pricing.input", "pricing.output"]
    assert waiting[0].doubts[0].evidence == {"new": "2000"}
    assert (
        office.litellm({TWO: model("2000", 50_000), B: model("3.5")}).revision is None
    )
    assert len(reviews(office.stored, None)) == 2


def test_a_price_that_becomes_zero_does_not_vanish() -> None:
    """Merging takes a lone 0 for no price; what was accepted goes on serving."""
    office = Office()
    office.desk._make_guards = Guarding
    free = model("2", **{"pricing.output": D(0), "context_window": 90_000})
    report = office.litellm({TWO: free})
    found = office.registry.get_info("acme/two")
    assert (found.pricing.output, found.context_window) == (8, 90_000)
    assert [r.field for r in reviews(office.stored)] == ["pricing.output"]
    assert report.counts["quarantined"] == 1


def test_an_accepted_change_is_a_revision_of_who_accepted() -> None:
    """The price is served whole, by one decision."""
    office = Office(Wary())
    office.litellm({TWO: model("2000")})
    first, second = accept(office.stored, [1], SIGNED)
    assert (first.state, second.state, first.revision) == (ACCEPTED, ACCEPTED, 3)
    assert office.price("acme/two") == 2000
    last = office.registry.revisions.log()[0]
    assert (last.author, last.source) == ("ann", "litellm")
    assert "looked it up" in last.reason
    with pytest.raises(InvalidInputError, match="accepted already"):
        accept(office.stored, [1], SIGNED)


def test_a_rejected_change_stays_out_until_the_source_moves() -> None:
    """It is not asked about again; another value is."""
    office = Office(Wary())
    office.litellm({TWO: model("2000")})
    assert [r.state for r in reject(office.stored, [2], SIGNED)] == [REJECTED] * 2
    revisions = office.revisions
    report = office.litellm({TWO: model("2000", 90_000)})
    assert counts(report)["rejected"] == 2
    assert office.price("acme/two") == 2
    assert not reviews(office.stored)
    assert office.revisions == revisions + 1  # the window
    office.litellm({TWO: model("3000")})
    assert [r.state for r in reviews(office.stored)] == [OPEN, OPEN]


def test_a_review_is_withdrawn_when_its_source_thinks_better() -> None:
    """There is nothing to decide any more."""
    office = Office(Wary())
    office.litellm({TWO: model("2000")})
    office.litellm()
    assert [r.state for r in reviews(office.stored, None)] == [WITHDRAWN] * 2


def test_a_second_source_lifts_a_doubt() -> None:
    """Two that agree let a price in without a person."""
    office = Office(Wary())
    office.litellm({ONE: model("2000")})
    office.take("genai-prices", {**GENAI, ONE: model("2000")})
    assert office.price("acme/one") == 2000


ACME = {"pricing.input": D(150), "pricing.output": D(300)}


def _waiting(office: Office) -> list[tuple[str, str]]:
    return [(review.source, review.field) for review in reviews(office.stored)]


def test_what_waits_goes_on_when_its_source_tells_of_something_else() -> None:
    """A window that moves does not withdraw a price that waits."""
    office = Office(Wary(), acme="prices limits")
    office.take("acme", {TWO: ACME})
    both = [("acme", "pricing.input"), ("acme", "pricing.output")]
    assert _waiting(office) == both
    report = office.take("acme", {TWO: {**ACME, "context_window": 90_000}})
    assert counts(report) == {"changed": 1, "quarantined": 2}
    assert _waiting(office) == both
    assert office.price("acme/two") == 2
    reject(office.stored, [1], SIGNED)
    report = office.take("acme", {TWO: {**ACME, "context_window": 95_000}})
    assert counts(report) == {"changed": 1, "rejected": 2}


def test_of_prices_all_wait_or_none() -> None:
    """What is right by itself waits with the price that is not."""
    office = Office(Wary(), acme="prices")
    office.take("acme", {TWO: ACME, B: {"pricing.input": D(5)}})
    first, second = reviews(office.stored)
    assert [doubt.rule for doubt in first.doubts] == ["dear"]
    assert [doubt.rule for doubt in second.doubts] == ["together"]
    assert second.doubts[0].evidence == {"with": "pricing.input"}
    found = office.registry.get_info("acme/two").pricing
    assert (found.input, found.output) == (2, 8)
    assert office.price("beta/b") == 5


def test_a_price_that_one_source_alone_says_keeps_the_others() -> None:
    """Two that agree on a half do not let the half in."""

    class Warier(Wary):
        def of_model(self, *about: Any) -> Any:
            return {change.field: [Doubt("dear")] for change in about[1]}

    office = Office(Warier(), acme="prices")
    office.litellm({TWO: {**model("2"), "pricing.input": D(150)}})
    office.take("acme", {TWO: ACME})
    found = office.registry.get_info("acme/two").pricing
    assert (found.input, found.output) == (2, 8)


def test_a_second_source_may_come_later() -> None:
    """The authority moves first, a catalogue follows: that lifts the doubt."""
    office = Office(Wary(), acme="prices")
    office.take("acme", {ONE: ACME})
    office.take("genai-prices", {**GENAI, ONE: model("3")})  # says something else
    assert office.price("acme/one") == 1
    assert len(_waiting(office)) == 2
    office.litellm({ONE: {**model(), **ACME}})
    found = office.registry.get_info("acme/one").pricing
    assert (found.input, found.output) == (150, 300)
    told = [(r.state, r.because) for r in reviews(office.stored, None)]
    assert told == [(WITHDRAWN, "litellm says so too")] * 2


def test_what_waits_for_a_person_is_told_once() -> None:
    """Two sources that say the same of which neither may let it in: one review."""

    class Stern(Wary):
        def released(self, *_: Any) -> bool:
            return False

    office = Office(Stern(), acme="prices")
    office.take("acme", {ONE: ACME})
    office.litellm({ONE: {**model(), **ACME}})
    assert {source for source, _ in _waiting(office)} == {"acme"}


def test_a_stale_review_is_judged_anew_by_the_same_answer() -> None:
    """As its refusal says; the source need not move for it."""
    office = Office(Wary(), acme="prices")
    office.take("acme", {TWO: ACME}, digest="abc")
    office.stored.commit(
        lambda: Draft(
            [Change(*TWO, "pricing.input", Fact(D(2), "litellm"), Fact(D(3), "ann"))],
            author="ann",
            source="test",
            at=office.at,
        )
    )
    with pytest.raises(RevisionConflictError, match="modeldex sync acme"):
        accept(office.stored, [1], SIGNED)
    office.take("acme", {}, digest="abc", same=True)
    assert reviews(office.stored)[0].old == Fact(D(3), "ann")
    accept(office.stored, [1], SIGNED)
    assert office.price("acme/two") == 150


def test_a_decision_over_another_state_is_refused() -> None:
    """What was served then is not what is served now."""
    office = Office(Wary())
    office.litellm({TWO: model("2000")})
    row = reviews(office.stored)[0]
    assert row.old is not None
    office.registry.edits.set("acme/two", {"pricing.input": D(7)}, because="contract")
    accept(office.stored, [row.number], SIGNED)  # below what a person wrote
    assert office.price("acme/two") == 7
    with pytest.raises(NotFoundError):
        accept(office.stored, [99], SIGNED)


def test_a_stale_review_is_refused() -> None:
    """A change that came in between is not undone by an old decision."""
    office = Office(Wary(), acme="prices")
    office.litellm({TWO: model("2000")})
    office.take("acme", {TWO: {"pricing.input": D(4), "pricing.output": D(5)}})
    with pytest.raises(RevisionConflictError, match="judges it anew"):
        accept(office.stored, [1], SIGNED)


def test_mass_removal_waits_and_may_be_allowed() -> None:
    """Nothing goes missing until a person says so."""
    office = Office(Wary())
    gone = {ONE: None, TWO: None, B: None, ("acme", "x"): model()}
    how = {key: said for key, said in gone.items() if said}
    models = {("acme", str(n)): model() for n in range(4)}
    office.take("other", models)
    report = office.take("other", {("acme", "0"): model()})
    assert counts(report)["missing"] == 0
    (row,) = reviews(office.stored)
    assert (row.ref, row.new and row.new.value) == ("acme/*", 3)
    assert how
    office.day = 20
    accept(office.stored, [row.number], SIGNED)
    report = office.take("other", {("acme", "0"): model()})
    assert counts(report)["missing"] == 3


def test_an_accepted_removal_needs_no_other_answer() -> None:
    """The same bytes once more do, and only so many go by one decision."""
    office = Office(Wary())
    models = {("acme", str(n)): model() for n in range(6)}
    office.take("other", models, digest="six")
    left = {key: said for key, said in models.items() if key[1] > "1"}
    office.take("other", left, digest="four")
    (row,) = reviews(office.stored)
    assert office.desk.state("other").digest == ""
    accept(office.stored, [row.number], SIGNED)
    office.day = 20
    assert counts(office.take("other", left, digest="four"))["missing"] == 2
    assert office.desk.state("other").digest == "four"
    fewer = {key: said for key, said in models.items() if key[1] > "3"}
    report = office.take("other", fewer, digest="two")
    assert (counts(report)["missing"], counts(report)["quarantined"]) == (0, 2)


def test_most_models_go_only_by_their_number() -> None:
    """An acceptance in passing does not empty a provider."""
    office = Office()
    office.desk._make_guards = Guarding
    office.take("other", {("acme", f"m{n}"): model() for n in range(10)})
    office.take("other", {("acme", "m0"): model()})
    (row,) = reviews(office.stored)
    for wrong in (None, 8):
        with pytest.raises(InvalidInputError, match="--gone N"):
            accept(office.stored, [row.number], SIGNED, wrong)
    assert accept(office.stored, [row.number], SIGNED, 9)[0].state == ACCEPTED


def test_a_review_of_a_whole_model_is_plain_json() -> None:
    """Its facts are values, not what Python writes of them."""

    class Strange(Wary):
        def of_model(self, *about: Any) -> Any:
            return {} if about[2] else {"": [Doubt("confusable")]}

    office = Office(Strange())
    office.litellm({("acme", "new"): {"pricing.input": D(5)}})
    (row,) = reviews(office.stored)
    assert row.as_dict()["new"] == {"pricing.input": D(5)}


def test_the_same_bytes_are_not_even_read() -> None:
    """Their digest is remembered."""
    office = Office()
    office.take("litellm", LITELLM, digest="abc", etag='"1"')
    report = office.take("litellm", {ONE: model("9")}, digest="abc")
    assert counts(report) == {"unchanged": 1}
    assert office.price("acme/one") == 1


def test_the_same_bytes_retire_what_was_missing() -> None:
    """An answer that does not change says every day that a model is gone."""
    office = Office()
    gone = {key: said for key, said in LITELLM.items() if key != B}
    assert counts(office.take("litellm", gone, digest="abc"))["missing"] == 1
    office.day = 4
    report = office.take("litellm", {}, digest="abc", same=True)
    assert counts(report)["retired"] == 1
    assert office.registry.get_info("beta/b").status == "retired"
    assert office.take("litellm", {}, digest="abc", same=True).revision is None


def test_conflicts_and_a_verdict() -> None:
    """A person decides for a source; it holds until that source moves."""
    office = Office()
    office.litellm({ONE: model("1.5")})
    desk = office.desk

    def found() -> list[tuple[str, object, str]]:
        known, own = desk.known(), office.stored.own
        told = office.stored.told([ONE])
        rows = conflicts(known, [ONE], told, own, "pricing.input")
        return [(row.field, row.value, row.verdict) for row in rows]

    assert found() == [("pricing.input", 1, "")]
    said = decided_claims(desk.known(), ONE, "pricing", "litellm")
    office.registry.edits.make(
        lambda layers, signed: plan_verdict(
            layers, "acme/one", said, "litellm", signed
        ),
        because="their page says so",
    )
    assert office.price("acme/one") == D("1.5")
    assert found() == [("pricing.input", D("1.5"), "litellm")]
    office.litellm({ONE: model("1.5"), TWO: model("2.1")})
    assert office.price("acme/one") == D("1.5")
    report = office.litellm({ONE: model("1.5", **{"pricing.output": D(7)})})
    assert counts(report)["lapsed"] == 1
    served = office.registry.get_info("acme/one").pricing
    assert (served.input, served.output) == (1, 4)  # the half that did not move too
    assert office.registry.revisions.log()[0].reason.endswith(", 1 lapsed")
    office.litellm({ONE: model("1.5")})
    assert found() == [("pricing.input", 1, "")]
    with pytest.raises(InvalidInputError, match="says nothing of pricing"):
        decided_claims(desk.known(), TWO, "pricing", "genai-prices")


def test_a_rollback_holds_until_a_source_moves() -> None:
    """The next sync with the same answer does not undo it."""
    office = Office()
    office.litellm({TWO: model("2.5")})
    office.registry.revisions.rollback(1, because="no")
    office.litellm({TWO: model("2.5")})
    assert office.price("acme/two") == 2
    office.litellm({TWO: model("2.6")})
    assert office.price("acme/two") == D("2.6")
