"""Sources of one's own: an OpenAI-compatible URL by one line of configuration."""

from __future__ import annotations

from modeldex.domain import Value, set_slot
from modeldex.domain.ref import is_provider_id
from modeldex.errors import InvalidSettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# key of a source's table -> its type, and what it is
KEYS = {
    "url": (str, "the base of its API, as https://llm.acme.dev/v1"),
    "key": (str, "where its key is: env:NAME or file:PATH"),
    "provider": (str, "the provider whose models it lists; its own name by default"),
    "local": (bool, "whether it is a server of this host or network"),
    "modeldex": (str, "instead of url: another modeldex, a service or a site"),
}


class OwnSource(Value):
    """An own source: its name, URL, provider, the reference of its key, where it is.

    `follows` says that it is another registry of modeldex, which is followed.
    """

    __slots__ = ("follows", "keys", "local", "name", "provider", "url")
    name: str
    url: str
    provider: str
    keys: tuple[str, ...]
    local: bool
    follows: bool

    def __init__(  # noqa: PLR0913
        self,
        name: str,
        url: str,
        provider: str,
        keys: tuple[str, ...],
        *,
        local: bool,
        follows: bool = False,
    ) -> None:
        set_slot(self, "name", name)
        set_slot(self, "url", url)
        set_slot(self, "provider", provider)
        set_slot(self, "keys", keys)
        set_slot(self, "local", local)
        set_slot(self, "follows", follows)


def own_sources(table: object) -> tuple[OwnSource, ...]:
    """Return the sources of a table `name -> URL` or `name -> {url, key, …}`.

    Raises InvalidSettingsError, without any value: one may be a key in a wrong place.
    """
    if not isinstance(table, dict):
        raise InvalidSettingsError(
            "sources is a table: NAME = URL, or NAME = {url = …}"
        )
    return tuple(_own_source(name, said) for name, said in table.items())


def _own_source(name: str, said: str | Mapping[str, object]) -> OwnSource:
    where = f"sources.{name[:60]}"
    if not is_provider_id(name):
        raise InvalidSettingsError(f"{where}: a name is lower case, as my-server")
    table = {"url": said} if isinstance(said, str) else said
    if not isinstance(table, dict):
        raise InvalidSettingsError(f"{where} is a URL or a table")
    for key, value in table.items():
        if key not in KEYS:
            known = ", ".join(KEYS)
            raise InvalidSettingsError(
                f"{where}: unknown key {key!r:.60}; known: {known}"
            )
        kind, meaning = KEYS[key]
        if not isinstance(value, kind):
            raise InvalidSettingsError(f"{where}: {key} is {meaning}")
    follows = "modeldex" in table
    if follows and table.keys() & {"url", "provider", "local"}:
        raise InvalidSettingsError(f"{where}: a modeldex has only a key beside")
    url, key = (
        str(table.get("modeldex" if follows else "url", "")),
        str(table.get("key", "")),
    )
    if not url.lower().startswith(("https://", "http://")) or "@" in url or "?" in url:
        plain = "https://…, without a user, a password or a query"
        named = "modeldex" if follows else "url"
        raise InvalidSettingsError(f"{where}: {named} is {plain}")
    if key and not key.startswith(("env:", "file:")):
        raise InvalidSettingsError(
            f"{where}: key is env:NAME or file:PATH, never a key"
        )
    provider = str(table.get("provider") or name)
    if not is_provider_id(provider):
        raise InvalidSettingsError(f"{where}: provider is no id of a provider")
    keys = (key,) if key else ()
    local = bool(table.get("local"))
    return OwnSource(name, url, provider, keys, local=local, follows=follows)
