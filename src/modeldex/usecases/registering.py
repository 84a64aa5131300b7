"""A local server's model written down: by hand's layer in the store, or as YAML.

What is written is what the server said, and says so; so it can be told from what
people wrote beside it, and taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.authoring.edit import rewrite, without_model
from modeldex.catalog.merging.claims import nest
from modeldex.domain.ref import split_ref
from modeldex.errors import InvalidInputError
from modeldex.usecases.edits import (
    Signature,
    plan_add,
    plan_remove,
    plan_set,
    plan_unpin,
)
from modeldex.usecases.local_overlay import (
    is_registered,
    lasting_facts,
    registered_mark,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.domain.local_model import LocalFacts
    from modeldex.usecases.edits import Layers, Plan


def reason(server: str, why: str = "") -> str:
    """Return why a registered fact is so: by this it is known again."""
    return f"{registered_mark(server)}{': ' if why else ''}{why}"


def given_facts(found: LocalFacts, *, free: bool) -> dict[str, Any]:
    """Return what a server says of a model as fields that an edit sets."""
    said = lasting_facts(found, free=free)
    if said.pop("pricing.state", None):
        said["pricing"] = "free"
    return said


def plan_register(
    layers: Layers, ref: str, given: Mapping[str, Any], server: str, signed: Signature
) -> Plan:
    """Plan to write down what a server says of a model: a new one, or one known.

    Raises InvalidInputError for what is no ref.
    """
    key = split_ref(ref)
    known = layers.catalog.get(*key) is not None or layers.own(*key)
    plan = plan_set if known else plan_add
    because = reason(server, signed.because)
    return plan(
        layers, ref, given, Signature(signed.by, signed.at, because, signed.url)
    )


def plan_unregister(layers: Layers, ref: str, server: str, signed: Signature) -> Plan:
    """Plan to take back what a server was written down to say of a model.

    What people wrote beside it stays. Raises UnknownModelError, InvalidInputError
    where nothing was.
    """
    key = split_ref(ref)
    own = layers.own(*key)
    fields = [name for name, fact in own.items() if is_registered(fact, server)]
    if not fields and layers.catalog.get(*key) is not None:
        raise InvalidInputError(f"{ref} was not registered from {server}")
    if len(fields) == len(own) and layers.below(*key) is None:
        return plan_remove(layers, ref, signed)
    return plan_unpin(layers, ref, fields, signed)


def registered_text(  # noqa: PLR0913
    text: str, provider: str, found: LocalFacts, server: str, *, free: bool, day: str
) -> str:
    """Return a provider's YAML with a server's model in it; the rest stays as it is.

    Raises AuthoringError where the text is no YAML that can be edited.
    """
    facts = nest(lasting_facts(found, free=free))
    facts |= {"updated_at": day, "sources": {"*": server}}
    return rewrite(text, {"provider": provider}, {found.name: facts})


def unregistered_text(text: str, model_id: str, server: str) -> str:
    """Return a provider's YAML without a model that was registered in it.

    Raises InvalidInputError where it is not there, or not from the server.
    """
    return without_model(text, model_id, server)
