"""Settings: flag, then environment, then TOML file, then default."""

from __future__ import annotations

import itertools
import os
import sys
from typing import TYPE_CHECKING

import platformdirs
import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

import modeldex
from catalogs import compiled
from modeldex.bootstrap import _nothing_is_set
from modeldex.bootstrap.serving import reads_freely
from modeldex.config import SETTINGS, TABLES, Settings, _user_dir, load_settings
from modeldex.domain.own_source import OwnSource
from modeldex.errors import InvalidInputError, InvalidSettingsError

if TYPE_CHECKING:
    from pathlib import Path

Places = dict[str, str]


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """Return a home without settings, and a directory of YAML per origin.

    A small catalogue stands in for the shipped one.
    """
    for name in tuple(os.environ):
        if name.startswith(("MODELDEX_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    made = {"home": str(tmp_path / "home")}
    for number, name in enumerate(("flag", "env", "toml", "default"), 1):
        folder = tmp_path / name
        if name == "default":
            folder = tmp_path / "home" / ".config" / "modeldex" / "providers"
        folder.mkdir(parents=True)
        text = f"provider: acme\nmodels: {{m: {{context_window: {number}}}}}\n"
        (folder / "acme.yaml").write_text(text)
        made[name] = str(folder)
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    packaged = tmp_path / "small.snapshot"
    packaged.write_bytes(compiled({("openai", "gpt-4o"): {}}))
    monkeypatch.setattr("modeldex.bootstrap.PACKAGED", str(packaged))
    return made


def config_file(places: Places, text: str) -> str:
    """Write the user's TOML file; return its path."""
    path = os.path.join(places["home"], ".config", "modeldex", "config.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def window(overlays: list[str] | None = None) -> int | None:
    """Return the fact that tells which directory was used."""
    return modeldex.open(overlays=overlays).get_context_window("acme", "m")


def test_flag_then_environment_then_file_then_default(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each origin hides the ones below it."""
    assert window() == 4
    config_file(places, f'catalog_path = "{places["toml"]}"\n')
    assert window() == 3
    monkeypatch.setenv("MODELDEX_CATALOG_PATH", places["env"])
    assert window() == 2
    assert window(overlays=[places["flag"]]) == 1


def test_every_setting_has_all_origins(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each setting is a key of the file and a variable of the environment."""
    monkeypatch.delenv("MODELDEX_CACHE_DIR")
    assert tuple(sorted([*SETTINGS, *TABLES])) == Settings.__slots__
    assert load_settings().cache_dir == os.path.join(
        places["home"], ".cache", "modeldex"
    )
    config_file(places, 'cache_dir = "/from/toml"\n')
    assert load_settings().cache_dir == "/from/toml"
    assert load_settings({"MODELDEX_CACHE_DIR": "/from/env"}).cache_dir == "/from/env"
    for name in SETTINGS:
        of = {"store": f"sqlite:///{places['env']}/x.db", "max_age_days": "77"}
        of |= {"cache_seconds": "88", "port": "8181", "nats": "nats://there:4222"}
        of |= {"environment": "staging", "public_read": "yes"}
        given = of.get(name, places["env"])
        changed = load_settings({f"MODELDEX_{name.upper()}": given})
        assert given in (
            *(changed.nats, changed.environment, changed.host, str(changed.port)),
            *changed.trusted_hosts,
            *(["yes"] if changed.public_read else []),
            *(changed.cache_dir, changed.data_dir, changed.store),
            *(*changed.catalog_path, *changed.local_hosts),
            *(str(changed.max_age_days), f"{changed.cache_seconds:.0f}"),
        )


def test_public_read_is_yes_no_or_not_said(places: Places) -> None:
    """Not given it depends on the address; what was said holds everywhere."""
    assert load_settings().public_read is None
    assert load_settings({"MODELDEX_PUBLIC_READ": "no"}).public_read is False
    config_file(places, "public_read = false\n")
    assert load_settings().public_read is False
    assert load_settings({"MODELDEX_PUBLIC_READ": "yes"}).public_read is True
    for host, said, free in (
        ("127.0.0.1", None, True),
        ("127.0.0.1", False, False),
        ("0.0.0.0", None, False),
        ("0.0.0.0", True, True),
    ):
        assert reads_freely(host, said) is free


def test_own_sources_are_one_line_each(places: Places) -> None:
    """A source is a URL, or a table; what it lacks is its name, or nothing."""
    config_file(
        places,
        'local_hosts = ["gpu-box", "10.0.0.9"]\n[sources]\n'
        'mine = "https://llm.acme.dev/v1"\n'
        'box = {url = "http://gpu-box:8000/v1", key = "env:BOX_KEY", local = true,'
        ' provider = "vllm"}\n',
    )
    found = load_settings()
    assert found.local_hosts == ("gpu-box", "10.0.0.9")
    assert load_settings({"MODELDEX_LOCAL_HOSTS": "a, b"}).local_hosts == ("a", "b")
    mine, box = found.sources
    assert mine == OwnSource("mine", "https://llm.acme.dev/v1", "mine", (), local=False)
    assert (box.provider, box.keys, box.local) == ("vllm", ("env:BOX_KEY",), True)
    assert hash(found) == hash(load_settings())


@pytest.mark.parametrize(
    "line",
    [
        "mine = 7",
        'Mine = "https://llm.acme.dev/v1"',
        'mine = "ftp://llm.acme.dev/v1"',
        'mine = "sk-secret"',
        'mine = "https://me:sk-secret@llm.acme.dev/v1"',
        'mine = "https://llm.acme.dev/v1?key=sk-secret"',
        'mine = {url = "https://llm.acme.dev/v1", key = "sk-secret"}',
        'mine = {url = "https://llm.acme.dev/v1", token = "sk-secret"}',
        'mine = {url = "https://llm.acme.dev/v1", local = "sk-secret"}',
        'mine = {url = "https://llm.acme.dev/v1", provider = "Sk Secret"}',
        'mine = {key = "env:MINE"}',
    ],
)
def test_own_sources_are_checked(places: Places, line: str) -> None:
    """What is wrong is named; a key that was written there is not told again."""
    config_file(places, f"[sources]\n{line}\n")
    with pytest.raises(InvalidSettingsError, match=r"sources\.[Mm]ine") as caught:
        load_settings()
    assert "secret" not in str(caught.value).lower()
    config_file(places, 'sources = "https://llm.acme.dev"\n')
    with pytest.raises(InvalidSettingsError, match="sources is a table"):
        load_settings()


def test_the_store_is_a_file_in_the_data_directory(places: Places) -> None:
    """The default store and its catalogue file follow the data directory."""
    found = load_settings({"MODELDEX_DATA_DIR": "/data"})
    assert found.store == "sqlite:////data/modeldex.db"
    assert found.catalog_file == "/data/catalog/current.snapshot"
    assert load_settings().data_dir == os.path.join(
        places["home"], ".local", "share", "modeldex"
    )
    other = load_settings({"MODELDEX_STORE": "postgresql://somewhere/db"})
    assert other.catalog_file != load_settings().catalog_file
    with pytest.raises(InvalidSettingsError, match="store is no URL of a database"):
        load_settings({"MODELDEX_STORE": "/a/path"})


def test_settings_are_one_frozen_value(places: Places) -> None:
    """Settings are equal by their parts and cannot be changed."""
    found = load_settings()
    assert found == Settings((places["default"],), found.cache_dir)
    with pytest.raises(AttributeError):
        found.cache_dir = "elsewhere"


def test_a_path_may_hold_several_directories(places: Places) -> None:
    """Variable and file name several directories, the later ones on top."""
    wanted = (places["env"], places["toml"])
    both = os.pathsep.join(("", *wanted, ""))
    assert load_settings({"MODELDEX_CATALOG_PATH": both}).catalog_path == wanted
    config_file(places, f"catalog_path = {list(wanted)}\n")
    assert load_settings().catalog_path == wanted
    assert window() == 3


def test_no_directory_is_no_directory(places: Places) -> None:
    """An empty list turns the user's own directory off; an empty variable does not."""
    assert load_settings({"MODELDEX_CATALOG_PATH": ""}).catalog_path == (
        places["default"],
    )
    config_file(places, "catalog_path = []\n")
    assert load_settings().catalog_path == ()
    os.rename(places["default"], places["default"] + "-gone")
    config_file(places, "")
    assert load_settings().catalog_path == ()


BAD = {
    'catlog_path = "x"\n': "unknown setting catlog_path; known: catalog_path, cache",
    "cache_dir = 5\n": "cache_dir is not text",
    "catalog_path = [5]\n": "catalog_path is not text",
    "cache_dir = ['a']\n": "cache_dir is not text",
    "catalog_path = \n": "Invalid value",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_file_is_refused_by_name(places: Places, text: str) -> None:
    """An unknown key, a value of another type and bad TOML name file and fault."""
    path = config_file(places, text)
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{path}: ")
    assert BAD[text] in str(caught.value)


def test_a_missing_directory_is_refused(places: Places) -> None:
    """A directory that is named must be there: nothing is silently left out."""
    with pytest.raises(InvalidSettingsError, match="catalog_path names /nowhere, "):
        load_settings({"MODELDEX_CATALOG_PATH": "/nowhere"})
    config_file(places, 'catalog_path = "/nowhere"\n')
    with pytest.raises(InvalidSettingsError):
        modeldex.open()
    with pytest.raises(InvalidInputError, match="/nowhere"):
        modeldex.open(overlays=["/nowhere"]).find_refs()
    with pytest.raises(InvalidInputError, match="there is no such directory"):
        modeldex.open("/nowhere")


def test_a_named_file_must_be_there(places: Places, tmp_path: Path) -> None:
    """MODELDEX_CONFIG names the file, which must exist; empty is as if not set."""
    other = tmp_path / "other.toml"
    with pytest.raises(InvalidSettingsError, match=r"other\.toml"):
        load_settings({"MODELDEX_CONFIG": str(other)})
    other.write_text('cache_dir = "/other"\n')
    assert load_settings({"MODELDEX_CONFIG": str(other)}).cache_dir == "/other"
    assert load_settings({"MODELDEX_CONFIG": ""}).catalog_path == (places["default"],)


DIRECTORIES = {"linux": Unix, "darwin": MacOS, "win32": Windows}
XDG = (None, "", "/else/where", "relative/dir", " ", "~/dir")


@pytest.mark.parametrize("system", DIRECTORIES)
@pytest.mark.parametrize("base", XDG)
def test_user_directories_are_those_of_platformdirs(
    places: Places, monkeypatch: pytest.MonkeyPatch, system: str, base: str | None
) -> None:
    """What is written out for speed is what platformdirs says, on every system."""
    local = places["home"] + "/Local"
    monkeypatch.setenv("LOCALAPPDATA", local)
    monkeypatch.setattr("platformdirs.windows.get_win_folder", lambda _name: local)
    for kind in ("config", "cache", "data"):
        if base is not None:
            monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", base)
        theirs = DIRECTORIES[system]("modeldex", appauthor=False)
        wanted = getattr(theirs, f"user_{kind}_dir")
        with monkeypatch.context() as patch:
            patch.setattr(sys, "platform", system)
            assert _user_dir(kind) == wanted


def test_user_directories_here_are_those_of_platformdirs(places: Places) -> None:
    """On the system at hand the default settings lie where platformdirs says."""
    theirs = platformdirs.PlatformDirs("modeldex", appauthor=False)
    assert _user_dir("cache") == theirs.user_cache_dir
    assert _user_dir("config") == theirs.user_config_dir
    assert _user_dir("data") == theirs.user_data_dir
    assert _user_dir("config").startswith(places["home"])


@pytest.mark.skipif(
    os.name != "posix" or sys.platform == "darwin", reason="the check is for Linux"
)
def test_the_quick_check_agrees_with_settings(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the read path skips the settings, there is nothing in them."""
    bare = tmp_path / "bare"
    bare.mkdir()
    toml = tmp_path / "own.toml"
    toml.write_text(f'catalog_path = "{places["toml"]}"\n')
    settings = {
        "HOME": (places["home"], str(bare)),
        "XDG_CONFIG_HOME": (None, "", " ", "x", str(bare), f"{places['home']}/.config"),
        "MODELDEX_CATALOG_PATH": (None, "", places["env"]),
        "MODELDEX_CONFIG": (None, "", str(toml)),
    }
    seen = set()
    for values in itertools.product(*settings.values()):
        with monkeypatch.context() as patch:
            for name, value in zip(settings, values, strict=True):
                patch.delenv(name, raising=False)
                if value is not None:
                    patch.setenv(name, value)
            nothing, paths = _nothing_is_set(), load_settings().catalog_path
            assert not (nothing and paths), values
            seen.add((nothing, bool(paths)))
    assert seen == {(True, False), (False, False), (False, True)}
