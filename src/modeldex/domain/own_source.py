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
}


class OwnSource(Value):
    """An own source: its name, URL, provider, the reference of its key, where it is."""

    __slots__ = ("keys", "local", "name", "provider", "url")
    name: str
    url: str
    provider: str
    keys: tuple[str, ...]
    local: bool

    def __init__(
        self, name: str, url: str, provider: str, keys: tuple[str, ...], *, local: bool
    ) -> None:
        set_slot(self, "name", name)
        set_slot(self, "url", url)
        set_slot(self, "provider", provider)
        set_slot(self, "keys", keys)
        set_slot(self, "local", local)


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
    url, key = str(table.get("url", "")), str(table.get("key", ""))
    if not url.lower().startswith(("https://", "http://")) or "@" in url or "?" in url:
        plain = "https://…, without a user, a password or a query"
        raise InvalidSettingsError(f"{where}: url is {plain}")
    if key and not key.startswith(("env:", "file:")):
        raise InvalidSettingsError(
            f"{where}: key is env:NAME or file:PATH, never a key"
        )
    provider = str(table.get("provider") or name)
    if not is_provider_id(provider):
        raise InvalidSettingsError(f"{where}: provider is no id of a provider")
    keys = (key,) if key else ()
    return OwnSource(name, url, provider, keys, local=bool(table.get("local")))
