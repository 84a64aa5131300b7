"""The vocabulary: capabilities and the spellings that mean them, modes, modalities."""

from __future__ import annotations

from modeldex.domain import Value, set_slot
from modeldex.domain.capability_table import ALIASES, CAPABILITIES, IMPLIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "ALIASES",
    "CAPABILITIES",
    "IMPLIES",
    "MODALITIES",
    "MODES",
    "Capabilities",
    "canonical_capability",
    "implied_by",
    "read_capabilities",
    "spelled",
    "why_dropped",
]

# kinds of work
MODES = (
    "chat",
    "embedding",
    "image_generation",
    "audio_transcription",
    "audio_speech",
    "video_generation",
    "image_edit",
    "rerank",
    "moderation",
    "realtime",
    "completion",
    "search",
    "ocr",
    "evaluation",
    "decisions",
    "extraction",
)
# what goes in and comes out
MODALITIES = ("text", "image", "audio", "video", "pdf", "file", "code", "embedding")


def canonical_capability(name: str) -> str | None:
    """Return the table's name for a spelling, or None when nothing matches.

    Case and the choice between `-`, space and `_` do not matter.
    """
    key = spelled(name)
    if key in CAPABILITIES:
        return key
    return ALIASES.get(key)


def spelled(name: str) -> str:
    """Return a name in lower case, its words joined by `_`."""
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def why_dropped(name: str) -> str | None:
    """Return why a name of other catalogues is no capability here, or None."""
    from modeldex.domain.capability_details import DROPPED

    return DROPPED["any"].get(spelled(name))


def implied_by(names: Iterable[str]) -> dict[str, str]:
    """Return what a yes of these says yes to besides: name -> a name that says so."""
    found: dict[str, str] = {}
    waiting = [name for name in names if name in IMPLIES]
    for name in waiting:
        for implied in IMPLIES[name]:
            if implied not in found:
                found[implied] = name
                if implied in IMPLIES:
                    waiting.append(implied)
    return found


def read_capabilities(yes: str, no: str, parameters: str) -> Capabilities:
    """Read the three columns of a snapshot that hold capabilities."""
    known = {}
    if parameters:
        import json

        known = json.loads(parameters)
    return Capabilities(tuple(yes.split()), tuple(no.split()), known)


class Capabilities(Value):
    """What a model can do: each name is yes, no or unknown.

    `name in capabilities` and iteration mean yes; `get` tells all three apart.
    """

    __slots__ = ("no", "parameters", "yes")
    yes: tuple[str, ...]
    no: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, object]]

    def __init__(
        self,
        yes: tuple[str, ...],
        no: tuple[str, ...] = (),
        parameters: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        set_slot(self, "yes", yes)
        set_slot(self, "no", no)
        set_slot(self, "parameters", parameters or {})

    def __contains__(self, name: object) -> bool:
        return name in self.yes

    def __iter__(self) -> Iterator[str]:
        return iter(self.yes)

    def __len__(self) -> int:
        return len(self.yes)

    def __hash__(self) -> int:
        return hash((self.yes, self.no))

    def get(self, name: str) -> bool | None:
        """Return True for yes, False for known not, None for unknown."""
        if name in self.yes:
            return True
        return False if name in self.no else None

    def as_dict(self) -> dict[str, object]:
        """Return name -> true, false or the parameters of a yes."""
        known: dict[str, object] = {n: self.parameters.get(n, True) for n in self.yes}
        known.update((name, False) for name in self.no)
        return dict(sorted(known.items()))
