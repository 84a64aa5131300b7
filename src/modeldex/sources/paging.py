"""How a list names its next page, and whether it names one at all.

A list that goes on is whole only with its last page. What says that there is more, and
not in a way that is followed, makes it incomplete: absence proves nothing then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from modeldex.errors import ForbiddenAddressError, SourceFormatError
from modeldex.sources.addresses import parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modeldex.sources.api import Api
    from modeldex.sources.claim import Json

    # the query parameters of the next page, or a link to it, or nothing
    Further = Mapping[str, str] | str | None
    NextPage = Callable[[Json], Further]

# what lists say where they go on, at their top; `links` and the like hold a `next`
MARKS = (
    *("has_more", "hasMore", "next", "next_page", "nextPage", "next_page_token"),
    *("nextPageToken", "next_cursor", "nextCursor", "next_token", "nextToken"),
    *("next_url", "nextUrl", "nextLink", "@odata.nextLink"),
)
_TABLES = ("links", "pagination", "paging")
_ODD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def by_token(key: str, parameter: str) -> NextPage:
    """Return how a list is read whose page holds the token of the next one."""

    def further(page: Json) -> Further:
        token = page.get(key) if isinstance(page, dict) else None
        return {parameter: _text(token)} if token else None

    return further


def by_last_id(page: Json) -> Further:
    """Return the next page of Anthropic's list: it is after the last id of this one."""
    more = page.get("has_more") if isinstance(page, dict) else None
    return {"after_id": _text(page.get("last_id"))} if more else None


def by_number(page: Json) -> Further:
    """Return the next page of GPUStack's list: pages have numbers."""
    table = page.get("pagination") if isinstance(page, dict) else None
    if not table:
        return None
    now, last = int(table["page"]), int(table["totalPage"])
    return {"page": str(now + 1)} if now < last else None


def by_link(*path: str) -> NextPage:
    """Return how a list is read whose page holds a link to the next one."""

    def further(page: Json) -> Further:
        link: Any = page
        for key in path:
            link = link.get(key) if isinstance(link, dict) else None
        return _text(link) if link else None

    return further


def _text(value: Json) -> str:
    if isinstance(value, str) and value:
        return value
    raise ValueError


def next_page(api: Api, page: Json, url: str) -> Mapping[str, str]:
    """Return the parameters of the page after one of a list at a URL, or nothing.

    Raises SourceFormatError for a next page that is named in an unknown way, or that
    is not at the list's own address: it is not asked for, and gets no key.
    """
    if api.next_page is None:
        return {}
    try:
        found: Any = api.next_page(page) or {}
        if isinstance(found, str):
            return _linked(api, url, found)
        return {name: str(value) for name, value in found.items()}
    except _ODD:
        pass
    raise SourceFormatError(f"{api.name} names its next page in an unknown way")


def _linked(api: Api, url: str, link: str) -> Mapping[str, str]:
    """Return the parameters of a link to a page of the list at a URL."""
    here = parse_url(url)
    if link.startswith("/") and not link.startswith("//"):
        link = f"{here.scheme}://{here.authority}{link}"
    try:
        there = parse_url(link)
    except ForbiddenAddressError:
        there = None
    list_path = here.path.partition("?")[0]
    path, _, query = there.path.partition("?") if there else ("", "", "")
    if there is None or path != list_path or _origin(there) != _origin(here):
        message = f"{api.name} names a next page elsewhere, which is not asked for"
        raise SourceFormatError(message)
    return dict(parse_qsl(query)) or {"": ""}


def _origin(target: Any) -> tuple[str, str, int]:
    return target.scheme, target.host, target.port


def goes_on(api: Api, page: Json) -> bool:
    """Tell whether a page says that the list goes on, in whatever way."""
    try:
        if api.next_page is not None and api.next_page(page):
            return True
    except _ODD:
        return True
    if not isinstance(page, dict):
        return False
    tables = [page.get(name) for name in _TABLES]
    return any(page.get(mark) for mark in MARKS) or any(
        table.get("next") for table in tables if isinstance(table, dict)
    )
