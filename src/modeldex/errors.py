"""All errors that modeldex raises, with stable codes.

ModeldexError                       the root: catch this one
├── NotFoundError (LookupError)
│   ├── UnknownProviderError        unknown_provider
│   ├── UnknownModelError           unknown_model
│   ├── AmbiguousModelError         ambiguous_model
│   ├── UnknownRevisionError        unknown_revision
│   └── BeforeHistoryError          before_history
├── InvalidInputError (ValueError)
│   ├── InvalidRefError             invalid_ref
│   ├── InvalidQueryError           invalid_query
│   ├── InvalidSettingsError        invalid_settings
│   ├── InvalidUsageError           invalid_usage
│   ├── InvalidFactError            invalid_fact
│   └── DoesNotApplyError           does_not_apply
├── DoesNotFitError                 does_not_fit
├── CatalogError
│   ├── AuthoringError              authoring
│   ├── SnapshotDamagedError        snapshot_damaged
│   └── SnapshotVersionError        snapshot_version
├── SourceError                     source
│   ├── SourceFormatError           source_format
│   ├── SourceUnavailableError      source_unavailable
│   ├── SourceDeniedError           source_denied
│   ├── ForbiddenAddressError       forbidden_address
│   └── FederationLoopError         federation_loop
├── StoreError                      store
│   ├── RevisionConflictError       revision_conflict
│   ├── StoreUnavailableError       store_unavailable
│   ├── StoreFullError              store_full
│   ├── StoreReadOnlyError          store_read_only
│   ├── StoreVersionError           store_version
│   ├── StoreDamagedError           store_damaged
│   └── RevisionBehindError         revision_behind
├── EventsError                     events
│   └── EventsUnavailableError      events_unavailable
├── AccessError                     access
│   ├── UnauthorizedError           unauthorized
│   ├── ForbiddenError              forbidden
│   └── TooManyRequestsError        too_many_requests
└── MissingExtraError               missing_extra

The code decides the exit status of the command line (`cli/__init__.py`) and the
HTTP status of the service (`server/problems.py`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from modeldex.catalog.authoring.layer import Finding


class ModeldexError(Exception):
    """Any error of modeldex; `code` is stable, the message says what to do."""

    code = "error"


class NotFoundError(ModeldexError, LookupError):
    """What was asked for does not exist; `suggestions` holds near names.

    `candidates` holds the refs that may be meant, each with the reason why.
    """

    code = "not_found"

    def __init__(
        self,
        message: str,
        suggestions: Iterable[str] = (),
        candidates: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.suggestions = tuple(suggestions)
        self.candidates = tuple(candidates)
        if self.suggestions:
            message += f"; did you mean {', '.join(self.suggestions)}?"
        super().__init__(message)


class UnknownProviderError(NotFoundError):
    """No provider of this name is in the catalogue."""

    code = "unknown_provider"


class UnknownModelError(NotFoundError):
    """No model of this id is at the provider."""

    code = "unknown_model"


class AmbiguousModelError(NotFoundError):
    """A text may mean several models, and no rule decides between them."""

    code = "ambiguous_model"


class UnknownRevisionError(NotFoundError):
    """The store has no revision of this number."""

    code = "unknown_revision"


class BeforeHistoryError(NotFoundError):
    """Nothing is known of a day: the history begins later, or there is none."""

    code = "before_history"


class InvalidInputError(ModeldexError, ValueError):
    """A value given by the caller is malformed."""

    code = "invalid_input"


class InvalidRefError(InvalidInputError):
    """A ref is not `provider/model-id`."""

    code = "invalid_ref"


class InvalidQueryError(InvalidInputError):
    """A query has an unknown term or value; `position` counts characters from 0.

    `position` is None for a query given as keyword arguments.
    """

    code = "invalid_query"

    def __init__(self, message: str, position: int | None = None) -> None:
        self.position = position
        if position is not None:
            message = f"at character {position + 1}: {message}"
        super().__init__(message)


class InvalidSettingsError(InvalidInputError):
    """A setting (flag, variable or configuration file) has a bad value."""

    code = "invalid_settings"


class InvalidUsageError(InvalidInputError):
    """What a call used cannot be read; `where` is the path of the bad count."""

    code = "invalid_usage"

    def __init__(self, message: str, where: str | None = None) -> None:
        self.where = where
        super().__init__(message if where is None else f"{where}: {message}")


class InvalidFactError(InvalidInputError):
    """A value is none that a field of a model may have, or goes ill with the others."""

    code = "invalid_fact"


class DoesNotApplyError(InvalidInputError):
    """What is asked for is no change of what is there, or has nothing to change."""

    code = "does_not_apply"


class DoesNotFitError(ModeldexError):
    """A request is longer than a limit of the model."""

    code = "does_not_fit"


class CatalogError(ModeldexError):
    """The catalogue's files cannot be used."""

    code = "catalog"


class AuthoringError(CatalogError):
    """A YAML file breaks a rule; `findings` names each place as file:line."""

    code = "authoring"

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class SnapshotDamagedError(CatalogError):
    """A snapshot fails its size, header or checksum test."""

    code = "snapshot_damaged"


class SnapshotVersionError(CatalogError):
    """A snapshot was written in a format that this version does not read."""

    code = "snapshot_version"


class SourceError(ModeldexError):
    """A source of facts cannot be read."""

    code = "source"


class SourceFormatError(SourceError):
    """A source's data has not the shape that its reader knows."""

    code = "source_format"


class SourceUnavailableError(SourceError):
    """A source did not answer, or not in time, or answered with a failure.

    `retry_after` is the number of seconds after which it wants to be asked again,
    where it says so; `status` is that of its answer, None where there was none.
    """

    code = "source_unavailable"

    def __init__(
        self,
        message: str,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        self.retry_after = retry_after
        self.status = status
        super().__init__(message)


class SourceDeniedError(SourceError):
    """A source refused the key, or needs one that is not there.

    `missing` names the variables that may hold what is not there; it is empty where
    the source refused what it was given.
    """

    code = "source_denied"

    def __init__(self, message: str, missing: Iterable[str] = ()) -> None:
        self.missing = tuple(missing)
        super().__init__(message)


class ForbiddenAddressError(SourceError):
    """An address that may not be connected to: private, of another scheme or port."""

    code = "forbidden_address"


class FederationLoopError(SourceError):
    """A registry would follow itself, through whatever others are between."""

    code = "federation_loop"


class StoreError(ModeldexError):
    """The store cannot do what was asked; nothing of it was done."""

    code = "store"


class RevisionConflictError(StoreError):
    """Somebody else committed first; `head` is the store's last revision now."""

    code = "revision_conflict"

    def __init__(self, message: str, head: int) -> None:
        self.head = head
        super().__init__(message)


class StoreUnavailableError(StoreError):
    """The database does not answer."""

    code = "store_unavailable"


class StoreFullError(StoreError):
    """There is no space left where the store is."""

    code = "store_full"


class StoreReadOnlyError(StoreError):
    """The store cannot be written to."""

    code = "store_read_only"


class StoreVersionError(StoreError):
    """The store's tables are of another version of modeldex."""

    code = "store_version"


class StoreDamagedError(StoreError):
    """The store holds what modeldex has not written."""

    code = "store_damaged"


class RevisionBehindError(StoreError):
    """This instance does not serve the revision that was asked for yet."""

    code = "revision_behind"


class EventsError(ModeldexError):
    """Events cannot be published or heard; the catalogue is not harmed by it."""

    code = "events"


class EventsUnavailableError(EventsError):
    """The broker of events does not answer."""

    code = "events_unavailable"


class AccessError(ModeldexError):
    """Whoever asks may not have what was asked for."""

    code = "access"


class UnauthorizedError(AccessError):
    """A token is needed, or the one given is unknown, revoked or over."""

    code = "unauthorized"


class ForbiddenError(AccessError):
    """The token's role does not allow this."""

    code = "forbidden"


class TooManyRequestsError(AccessError):
    """Whoever asks has asked too often; `retry_after` is in seconds."""

    code = "too_many_requests"

    def __init__(self, message: str, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class MissingExtraError(ModeldexError):
    """A distribution is not installed that this needs; the message says which."""

    code = "missing_extra"
