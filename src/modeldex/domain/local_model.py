"""A model that a server of this host or network holds: its facts, and how sure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from modeldex.domain.listed import TIER_API, TIER_CACHE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.domain.model import Model


@dataclass(frozen=True, slots=True)
class LocalFacts:
    """What a server says of a model that it holds.

    `facts` are claims by the names that sources use; the context window among them is
    the most that the model takes. `configured_context` is what the model is set to
    (`num_ctx`), `running_context` what it is loaded with at the moment; None where the
    server does not say. `abilities` are the server's own words. `size` is in bytes.
    `remote` is the host that runs it, where this one only passes requests on. `whole`
    is False where the server did not answer all that was asked of the model.
    """

    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    max_context: int | None = None
    configured_context: int | None = None
    running_context: int | None = None
    loaded: bool | None = None
    abilities: tuple[str, ...] = ()
    digest: str | None = None
    size: int | None = None
    quantization: str | None = None
    parameter_size: str | None = None
    family: str | None = None
    format: str | None = None
    remote: str | None = None
    whole: bool = True

    @property
    def effective_context(self) -> int | None:
        """What a request gets that asks for nothing else; None where unknown."""
        return self.running_context or self.configured_context

    def as_dict(self) -> dict[str, Any]:
        """Return the form in which it is kept."""
        return asdict(self)


def read_facts(row: object) -> LocalFacts | None:
    """Return what was kept, or None where it is not of this form."""
    names = {one.name for one in fields(LocalFacts)}
    if not isinstance(row, dict) or set(row) != names:
        return None
    if not isinstance(row["name"], str) or not isinstance(row["facts"], dict):
        return None
    return LocalFacts(**{**row, "abilities": tuple(row["abilities"])})


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model by its name at a server, and which tier tells of it.

    `found` is what the server says, None where only the catalogue knows the model.
    `tier`, `age` and `error` are as those of a Listed.
    """

    model: Model
    server: str
    found: LocalFacts | None
    tier: str
    age: float | None = None
    error: str = ""

    @property
    def ref(self) -> str:
        """The ref of the model."""
        return self.model.ref

    @property
    def name(self) -> str:
        """The server's name of the model; the id where it does not hold it."""
        return self.model.id

    @property
    def is_live(self) -> bool:
        """Whether the server said so within the time that its answers are used."""
        return self.tier in (TIER_API, TIER_CACHE)

    @property
    def context_window(self) -> int | None:
        """What a request gets, where the server says; else the most it may be."""
        return self.model.context_window

    @property
    def effective_context(self) -> int | None:
        """What the server is set to or has loaded; None where it does not say."""
        return self.found.effective_context if self.found else None

    @property
    def max_context_window(self) -> int | None:
        """The most that the model takes, by its architecture."""
        return self.found.max_context if self.found else None

    @property
    def capabilities(self) -> list[str]:
        """Names of what it can, sorted."""
        return sorted(self.model.capabilities.yes)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        said = self.found or LocalFacts(self.model.id)
        return {
            "ref": self.ref,
            "name": self.name,
            "server": self.server,
            "context_window": self.context_window,
            "effective_context": self.effective_context,
            "max_context_window": self.max_context_window,
            "loaded": said.loaded,
            "capabilities": self.capabilities,
            "mode": self.model.mode,
            "pricing": self.model.pricing.as_dict(),
            "digest": said.digest,
            "size": said.size,
            "quantization": said.quantization,
            "parameter_size": said.parameter_size,
            "family": said.family,
            "format": said.format,
            "remote": said.remote,
            "tier": self.tier,
            "age": None if self.age is None else round(self.age, 3),
            "error": self.error or None,
        }
