"""From a text to a model: places, then steps, until something listed is found."""

from __future__ import annotations

from modeldex.catalog.identity.places import Place, own_spelling
from modeldex.catalog.identity.refusing import (
    ambiguous,
    exactly_so,
    of_canonical,
    refusal,
)
from modeldex.catalog.identity.rules import Step, rewritings
from modeldex.catalog.identity.spellings import spellings_of
from modeldex.catalog.identity.tables import BESIDE, FIRST_PARTY, VERTEX
from modeldex.catalog.resolve import provider_in
from modeldex.domain.provider import provider_id
from modeldex.domain.ref import split_ref
from modeldex.domain.resolution import Resolution
from modeldex.errors import InvalidRefError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from modeldex.catalog import Catalog
    from modeldex.catalog.identity.spellings import Spellings

    # a place, the steps taken from there, and the id that is listed
    Found = tuple[Place, tuple[Step, ...], str]

MAX_TEXT = 512
_NEAR_DAYS = 14  # between the date in an id and the release that a source notes
_TEXT = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:@+._-~"
)


def check_text(text: object) -> str:
    """Return a text that may name a model; raise InvalidRefError for any other."""
    if not isinstance(text, str):
        message = f"a model is named by text, not {type(text).__name__}"
        raise InvalidRefError(message)
    if not text or len(text) > MAX_TEXT:
        message = f"a model is named by 1 to {MAX_TEXT} characters, not {len(text)}"
        raise InvalidRefError(message)
    if not _TEXT.issuperset(text):
        bad = next(character for character in text if character not in _TEXT)
        message = f"{text[:80]!a}: {bad!a} is in no model's id"
        raise InvalidRefError(message)
    if text[0] in "/:+._-" or ".." in text.split("/"):
        message = f"{text[:80]!r} is no model's id"
        raise InvalidRefError(message)
    return text


def resolve(catalog: Catalog, text: str, provider: str | None = None) -> Resolution:
    """Return the model that a text means, at a provider or at its own.

    Raises UnknownModelError, AmbiguousModelError (with candidates),
    UnknownProviderError or InvalidRefError.
    """
    text = check_text(text)
    if provider is not None:
        return _at(catalog, text, provider_in(catalog, provider))
    head, slash, tail = text.partition("/")
    if slash and head in catalog.snapshot.providers:
        model = catalog.get(head, tail)
        if model is not None:
            return Resolution(
                text, model, "exact", notes=_pointer_notes(model.alias_of)
            )
    names = spellings_of(catalog)
    places = own_spelling(text)
    found = _search(names, places)
    if not found and slash:
        named = _named(catalog, head)
        at_named = _places_at(named, tail, text) if named else []
        places += at_named
        found = _search(names, at_named)
        if found and _is_hub_spelling(names, text, found):
            pairs = [(f"{at.provider}/{i}", _why(at, found)) for at, _, i in found]
            raise ambiguous(catalog, text, [*pairs, *exactly_so(names, text)])
    if not found and not slash and not places:
        places = _first_party(names, text)
        found = _search(names, places)
    if found:
        return _resolution(catalog, text, found)
    return _sole(catalog, names, text, places)


def _at(catalog: Catalog, text: str, provider: str) -> Resolution:
    model = catalog.get(provider, text)
    if model is not None:
        return Resolution(text, model, "exact", notes=_pointer_notes(model.alias_of))
    places = [Place(provider, text, "exact")]
    head, slash, tail = text.partition("/")
    if slash and (head == provider or provider_id(head) == provider):
        places += _places_at(provider, tail, text)
    else:
        places += _own_at(provider, text)
    found = _search(spellings_of(catalog), places)
    if found:
        return _resolution(catalog, text, found)
    raise refusal(catalog, text, provider, places)


def _named(catalog: Catalog, head: str) -> str | None:
    """Return the provider that the part before the first slash names, if any."""
    providers = catalog.snapshot.providers
    if head in providers:
        return head
    meant = provider_id(head)
    return meant if meant in providers else None


def _places_at(provider: str, model_id: str, text: str) -> list[Place]:
    head = text[: -len(model_id) - 1] if model_id else text
    if not model_id:
        return []
    said = () if head == provider else (f"provider {head} read as {provider}",)
    rule = "provider_alias" if said else "exact"
    places = [Place(provider, model_id, rule, said), *_own_at(provider, model_id)]
    beside = BESIDE.get(provider)
    if beside and "/" in model_id:
        said = (f"{provider} serves the models of others as {beside}",)
        places.append(Place(beside, model_id, "provider_alias", said))
    return places


def _own_at(provider: str, model_id: str) -> list[Place]:
    """Return the places of an id in the provider's own spelling, if it is that."""
    found = []
    for place in own_spelling(model_id):
        if place.rule == "own_spelling":
            continue  # the id as it is, which has its place already
        both = VERTEX if place.provider in VERTEX else (place.provider,)
        if provider in both:
            found.append(
                Place(
                    provider,
                    place.model_id,
                    place.rule,
                    place.said,
                    place.notes,
                    price_applies=place.price_applies,
                )
            )
    return found


def _first_party(names: Spellings, text: str) -> list[Place]:
    """Return the places at the entries of the author that an id begins like."""
    for start, providers in FIRST_PARTY:
        if start.match(text.lower()):
            listed = [name for name in providers if names.ids(name)]
            return [Place(name, text, "first_party") for name in listed]
    return []


def _is_hub_spelling(names: Spellings, text: str, found: Sequence[Found]) -> bool:
    """Tell whether author/Slug is written as a hub does, not as its author does."""
    slug = _letters(text.partition("/")[2])
    if all(_letters(model_id) == slug for _, steps, model_id in found if steps):
        return False
    return any(ref.partition("/")[2] == text for ref in names.everywhere(text))


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


def _search(names: Spellings, places: Iterable[Place]) -> list[Found]:
    """Return what is listed of the places, after as few steps as need be."""
    paths: list[Found] = [(place, (), place.model_id) for place in places]
    for _ in range(3):
        found = [path for path in paths if path[2] in names.ids(path[0].provider)]
        if found:
            whole = [path for path in found if not any(s.undated for s in path[1])]
            return whole or found
        paths = [
            (place, (*steps, step), step.model_id)
            for place, steps, model_id in paths
            for step in rewritings(
                names, place.provider, model_id, steps[-1] if steps else None
            )
        ]
    return []


def _resolution(catalog: Catalog, text: str, found: Sequence[Found]) -> Resolution:
    """Return what was found; of several the first at one provider, else none."""
    refs = {f"{place.provider}/{model_id}": place for place, _, model_id in found}
    places = {place for place, _, _ in found}
    in_order = len(places) > 1 and len({place.provider for place in places}) == 1
    if len(refs) > 1 and not in_order:
        pairs = [(ref, _why(refs[ref], found)) for ref in sorted(refs)]
        raise ambiguous(catalog, text, pairs)
    place, steps, model_id = found[0]
    model = catalog.get(place.provider, model_id)
    if model is None:  # the ids and the models are of one snapshot
        message = f"{place.provider}/{model_id} is in the index but not in the table"
        raise AssertionError(message)
    for step in steps:
        newest = catalog.snapshot.meta.get("date") or ""
        if step.undated and (
            step.undated > newest > ""
            or _is_other_day(step.undated, model.release_date)
        ):
            raise refusal(catalog, text, place.provider, [place])
    rule = steps[-1].rule if steps else place.rule
    if len(steps) > 1 and steps[0].rule not in ("date_suffix", "case"):
        rule = steps[0].rule
    said = (*place.said, *(step.said for step in steps))
    notes = (*place.notes, *(step.note for step in steps if step.note))
    applies = place.price_applies and all(step.price_applies for step in steps)
    notes += _pointer_notes(model.alias_of)
    return Resolution(text, model, rule, said, notes, price_applies=applies)


def _is_other_day(day: str, released: str | None) -> bool:
    """Tell whether a date is not known to be that of a release.

    A release of which only the month is known is the same in all of that month.
    """
    if released is None or len(released) < len("2026-01"):
        return True
    if len(released) < len(day):
        return not day.startswith(released)
    from datetime import date

    try:
        apart = date.fromisoformat(day) - date.fromisoformat(released)
    except ValueError:
        return True
    return abs(apart.days) > _NEAR_DAYS


def _why(place: Place, found: Sequence[Found]) -> str:
    said = [step.said for other, steps, _ in found if other == place for step in steps]
    return "; ".join((*place.said, *said)) or "it has exactly this id"


def _pointer_notes(target: str | None) -> tuple[str, ...]:
    return (f"points to {target} today",) if target else ()


def _sole(
    catalog: Catalog, names: Spellings, text: str, places: Sequence[Place]
) -> Resolution:
    """Return the only model of an `author/slug`, or refuse with candidates."""
    head, slash, _ = text.partition("/")
    if slash and not places and not _named(catalog, head):
        pairs = exactly_so(names, text)
        if len(pairs) == 1:
            model = catalog.get(*split_ref(pairs[0][0]))
            if model is not None and model.canonical:
                pairs += of_canonical(catalog, model.canonical)
        if len({ref for ref, _ in pairs}) == 1:
            provider, model_id = split_ref(pairs[0][0])
            place = Place(provider, model_id, "sole_candidate")
            return _resolution(catalog, text, [(place, (), place.model_id)])
        if pairs:
            raise ambiguous(catalog, text, pairs)
    raise refusal(catalog, text, None, places)
