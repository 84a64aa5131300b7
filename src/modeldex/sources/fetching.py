"""Fetch all pages of an API's list of models, and say whether they are all."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

from modeldex.errors import (
    InvalidSettingsError,
    ModeldexError,
    SourceDeniedError,
    SourceError,
    SourceFormatError,
    SourceUnavailableError,
)
from modeldex.sources.addresses import parse_url
from modeldex.sources.auth import find_credential
from modeldex.sources.local_address import local_base
from modeldex.sources.paging import goes_on, next_page
from modeldex.sources.strict_json import read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from modeldex.sources.api import Api
    from modeldex.sources.auth import Credential
    from modeldex.sources.claim import Json
    from modeldex.sources.client import Answer, Client, Validators

MAX_PAGES = 200
MAX_BYTES = 64 * 2**20  # of all pages
MAX_SECONDS = 300.0  # from the first page on
MAX_CURSOR = 4096
_BASE = "base_url"  # of a server of one's own: a URL, which the gate checks
_FILLED = re.compile(r"\{([a-z_]+)\}")
# regions, projects, resources, accounts: one part of a host name or of a path
_PART = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_.\[\]-]{0,63}")


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer of a source, page by page, at a time in UTC.

    Only what is `complete` may be compared with what is known: where a page failed,
    `error` says why, and nothing follows from what is absent. `not_modified` says that
    the answer is the one known, and has no pages. `validators` are there for an answer
    of one page, where they speak for all of it.
    """

    source: str
    at: str
    pages: list[Json] = field(default_factory=list, repr=False)
    bodies: list[bytes] = field(default_factory=list, repr=False)
    complete: bool = True
    not_modified: bool = False
    validators: Validators | None = None
    error: SourceError | None = None


def fetch(  # noqa: PLR0913
    api: Api,
    client: Client,
    *,
    parameters: Mapping[str, str] | None = None,
    environ: Mapping[str, str] = os.environ,
    known: Validators | None = None,
    at: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Fetched:
    """Ask an API for its list of models, to the last page.

    `parameters` fill the names in the row's URL; what is not among them comes from the
    row's variables. A failure of the first page raises its error; that of a later page,
    a page that was there before, one elsewhere, and too many pages make an answer that
    is not complete. Raises SourceDeniedError that names the variables where a key or
    parameter is not set, InvalidSettingsError for one that cannot be, and the errors of
    `Client.get`.
    """
    prepared = _prepare(api, parameters or {}, environ)
    del environ  # it holds every key: no traceback's variables may
    if isinstance(prepared, ModeldexError):
        raise prepared
    url, credential = prepared
    fetched = Fetched(api.name, at().strftime("%Y-%m-%dT%H:%M:%SZ"))
    answer = _Question(api, client, credential, known).get(url)
    if answer.not_modified:
        return replace(fetched, not_modified=True)
    _keep(fetched, answer)
    try:
        _follow(fetched, _Question(api, client, credential), url)
    except SourceError as error:
        return replace(fetched, complete=False, error=error)
    complete = not goes_on(api, fetched.pages[-1])
    said = answer.validators if len(fetched.pages) == 1 else None
    return replace(fetched, complete=complete, validators=said)


def _prepare(
    api: Api, given: Mapping[str, str], environ: Mapping[str, str]
) -> tuple[str, Credential | None] | ModeldexError:
    """Return the URL and what signs, or the error, without the frames it came by."""
    try:
        filled = fill_parameters(api, given, environ)
        url = fill(api.url, filled)
        return url, credential_of(api, url, filled, environ)
    except ModeldexError as error:
        return error.with_traceback(None)


def _follow(fetched: Fetched, ask: _Question, url: str) -> None:
    """Fetch the pages after the first, until one names no other."""
    seen, until = set(), time.monotonic() + MAX_SECONDS
    while cursor := _cursor(ask.api, fetched.pages[-1], url):
        key = tuple(sorted(cursor.items()))
        if key in seen:
            raise SourceFormatError(f"{ask.api.name} names a page twice")
        if len(fetched.pages) >= MAX_PAGES or sum(map(len, fetched.bodies)) > MAX_BYTES:
            raise SourceFormatError(f"{ask.api.name} has too many pages, or too large")
        if time.monotonic() > until:
            raise SourceUnavailableError(f"{ask.api.name} gives its pages too slowly")
        seen.add(key)
        _keep(fetched, ask.get(page_url(url, cursor)))


@dataclass(frozen=True, slots=True)
class _Question:
    """How each page of an API is asked for."""

    api: Api
    client: Client
    credential: Credential | None
    known: Validators | None = None

    def get(self, url: str) -> Answer:
        """Get a page."""
        return self.client.get(
            url,
            headers=self.api.headers,
            secret=self.credential,
            known=self.known,
            local=self.api.local,
        )


def _keep(fetched: Fetched, answer: Answer) -> None:
    fetched.pages.append(read_json(answer.body))
    fetched.bodies.append(answer.body)


def _cursor(api: Api, page: Json, url: str) -> Mapping[str, str]:
    """Return the parameters of the page after a page, or nothing."""
    said = next_page(api, page, url)
    if all(_NAME.fullmatch(n) and 0 < len(v) <= MAX_CURSOR for n, v in said.items()):
        return said
    raise SourceFormatError(f"{api.name} names its next page in an unknown way")


def page_url(url: str, cursor: Mapping[str, str]) -> str:
    """Return the URL of a page: the list's, with these parameters instead of its own.

    The host and the path are never another page's to say.
    """
    if not cursor:
        return url
    start, _, query = url.partition("?")
    own = [
        pair
        for pair in parse_qsl(query, keep_blank_values=True)
        if pair[0] not in cursor
    ]
    return f"{start}?{urlencode([*own, *cursor.items()], quote_via=quote)}"


def fill_parameters(
    api: Api, given: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, str]:
    """Return a value for each of the row's parameters.

    The row says for each name the variables that may hold it, separated by spaces.
    Raises SourceDeniedError where one is not set,
    InvalidSettingsError for one that is no part of a name.
    """
    filled = {}
    for name, ways in api.parameters.items():
        places, default = ways.split(), api.defaults.get(name, "")
        set_ones = (environ[place] for place in places if environ.get(place))
        value = given.get(name) or next(set_ones, default)
        if not value:
            told = " or ".join(places) or f"{name} under sources.{api.name}"
            message = f"{api.name} needs its {name}: set {told}"
            raise SourceDeniedError(message, missing=places)
        if name == _BASE and api.local:
            value = local_base(value, default, api.url.removeprefix(f"{{{_BASE}}}"))
        elif not _PART.fullmatch(value):
            message = f"{api.name}: {name} is letters, digits, - and _, at most 63"
            raise InvalidSettingsError(message)
        filled[name] = value
    return filled


def fill(url: str, values: Mapping[str, str]) -> str:
    """Return a row's URL with its parameters put in."""
    return _FILLED.sub(lambda found: values[found.group(1)], url)


def account_of(api: Api, environ: Mapping[str, str]) -> str | None:
    """Return a mark of the key that a row is asked with; "" where it needs none.

    None where nobody can be asked: a key or parameter is not set, or cannot be.
    """
    try:
        filled = fill_parameters(api, {}, environ)
        found = credential_of(api, fill(api.url, filled), filled, environ)
    except ModeldexError:
        return None
    return "" if found is None else "-".join(key.mark for key in found.secrets)


def credential_of(
    api: Api, url: str, filled: Mapping[str, str], environ: Mapping[str, str]
) -> Credential | None:
    """Return what signs the requests of a row, bound to the host of its URL.

    A server of one's own may want no key: None where none is set, unless a setting
    names one (`env:NAME`, `file:PATH`).
    """
    keys: Iterable[str] = api.keys
    if api.local:
        keys = [key for key in keys if ":" in key or environ.get(key)]
    return find_credential(
        api.auth,
        keys,
        parse_url(url).host,
        source=api.name,
        region=filled.get("region", ""),
        environ=environ,
    )
