"""An API that lists models: where it is, how it is asked, what it knows.

Most APIs are rows of one table (`sources/apis.py`): a row says everything that fetching
needs, and names the function that reads an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from modeldex.catalog.merging.claims import Claims, Key
    from modeldex.sources.claim import Json
    from modeldex.sources.paging import NextPage

# what a source can be an authority on
PRESENCE, LIMITS, PRICES = "presence", "limits", "prices"
CAPABILITIES, LIFECYCLE = "capabilities", "lifecycle"
AUTHORITIES = (PRESENCE, LIMITS, PRICES, CAPABILITIES, LIFECYCLE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer says.

    `rows` is how many entries the answer has, models or not; `complete` is False where
    it names a next page that is not given, or is cut. What is no model is in
    `claims.skipped`, with the reason.
    """

    claims: Claims
    rows: int
    complete: bool = True
    aliases: Mapping[Key, str] = field(default_factory=dict)
    """Other ids of a listed model that have no row of their own, and its id.

    They are no models of the list: they tell what an id that the catalogue has
    already points to.
    """


@dataclass(frozen=True, slots=True)
class Api:
    """A source that is asked over HTTP for its list of models.

    `name` is the source's, lower case; `provider` the one whose models it lists. `url`
    is the list's, with `{name}` for each of `parameters`, which are settings or
    variables by that name. `keys` are the environment variables that may hold the key,
    the first that is set; none means that no key is needed. `auth` says how it is sent,
    in a header always: see `auth_header`. `units` is what its prices are given in, a
    key of `row_prices.UNITS`. `authority` is what it is believed of above all others.
    `scoped` lists depend on the account: what is absent may still be there for others.
    `next_page` returns the query parameters of the page after a page, a link to it, or
    None.
    `read` turns all pages into claims; its second argument is the time in UTC, its
    third the source's row.
    """

    name: str
    provider: str
    url: str
    read: Callable[[Sequence[Json], str, Api], Reading]
    keys: tuple[str, ...] = ()
    auth: str = "bearer"
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Values of parameters that nobody sets."""
    units: str = "none"
    authority: frozenset[str] = frozenset()
    scoped: bool = False
    next_page: NextPage | None = None
    local: bool = False
    """Whether it is a server of this host or network, where private addresses are."""


def auth_header(auth: str, key: str) -> tuple[str, str]:
    """Return the name and the value of the header that carries a key.

    `auth` is `bearer` (also `aws`, whose bearer key this is), `authorization WORD` for
    another word before the key, or else the name of a header that holds the bare key.
    """
    if auth in ("bearer", "aws"):
        return "authorization", f"Bearer {key}"
    name, _, word = auth.partition(" ")
    return name, f"{word} {key}" if word else key
