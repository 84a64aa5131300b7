"""Read a source's payload: plain or gzipped JSON, or out of a published package.

Nothing in a package is ever run: Python is parsed with `ast`, JavaScript by a
tokenizer that knows literals only. Every size is bounded.
"""

from __future__ import annotations

import ast
import gzip
import json
import re
import stat
import tarfile
import time
import zipfile
import zlib
from decimal import Decimal, InvalidOperation
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NoReturn

from modeldex.errors import SourceError, SourceFormatError
from modeldex.sources.claim import full_date
from modeldex.sources.models_dev_sqlite import MARK, sqlite_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from modeldex.sources.claim import Json

# what a package holds for a source when the caller names no member
MEMBERS = {
    "litellm": "litellm/model_prices_and_context_window_backup.json",
    "genai-prices": "genai_prices/data.py",
    "models.dev": "package/bin/opencode",
    "pi-ai": "package/dist/providers/data/*.json",
}
MAX_TEXT_BYTES = 64_000_000
MAX_LITERAL_BYTES = 24_000_000
MAX_BINARY_BYTES = 400_000_000
MAX_ARCHIVE_BYTES = 1_000_000_000
MAX_MEMBERS = 50_000
MAX_DEPTH = 64

_DATE_IN_NAME = re.compile(r"[_.@-](\d{4}-\d{2}-\d{2})(?=\.|$)")
# what packers write instead of a member's day: nothing before, and hatch's own
_FIRST_DAY, _NO_DAY = "2016-01-01", "2020-02-02"
_KIND = re.compile(r"[a-z]+:.")
_DAMAGE = (
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    SourceFormatError,
    SyntaxError,
    ValueError,
    InvalidOperation,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    gzip.BadGzipFile,
)


def date_in_name(path: Path) -> str | None:
    """Return the date in a file name like `models.dev_2026-09-30.json.gz`."""
    found = _DATE_IN_NAME.search(path.name)
    return found.group(1) if found else None


def newest_day(payload: Json, key: str, until: str) -> str | None:
    """Return the newest full date under a key anywhere in a payload, to a day."""
    newest: str | None = None
    left = [payload]
    while left:
        item = left.pop()
        if isinstance(item, list):
            left += item
        elif isinstance(item, dict):
            left += item.values()
            day = full_date(item.get(key))
            if day and (newest or "") < day <= until:
                newest = day
    return newest


def newest_member_day(path: Path, until: str) -> str | None:
    """Return the newest day that a package or directory tells of its content."""
    if path.is_dir():
        days = [_day(file.stat().st_mtime) for file in _files(path, "*")]
    elif path.name.endswith((".whl", ".zip")):
        with zipfile.ZipFile(path) as archive:
            times = [entry.date_time for entry in archive.infolist()]
        days = ["{:04d}-{:02d}-{:02d}".format(*when) for when in times]
    elif path.name.endswith((".tgz", ".tar.gz")):
        with tarfile.open(path, "r:gz") as archive:
            days = [_day(entry.mtime) for entry in _entries(archive)]
    else:
        return None
    real = [day for day in days if _FIRST_DAY <= day <= until and day != _NO_DAY]
    return max(real, default=None)


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


def read_payload(source: str, path: Path, member: str | None = None) -> Json:
    """Return a source's decoded payload out of a file or an unpacked package.

    `.json` and `.json.gz` are the payload itself, `.py` is genai-prices' data
    module; `.whl` and `.tgz` are packages that hold it as `member` (one `*` stands
    for a part of a name). Numbers become int and Decimal. Raises SourceError when
    the file cannot be read, SourceFormatError when it is damaged, too large or not
    what it should be.
    """
    try:
        data = _members(path, member or MEMBERS.get(source, ""))
        if set(data) == {""}:
            name = path.name.removesuffix(".gz")
            payload = _decoded(source, name, data[""])
            return _of_provider(path, payload) if source == "pi-ai" else payload
        return {name: _decoded(source, name, text) for name, text in data.items()}
    except _DAMAGE as error:
        _fail(f"{path.name}: {error or type(error).__name__}", error)
    except FileNotFoundError as error:
        message = f"{source}: {path}: no such file"
        raise SourceError(message) from error
    except OSError as error:
        message = f"{source}: cannot read {path}: {error.strerror or error}"
        raise SourceError(message) from error


def _of_provider(path: Path, payload: Json) -> Json:
    """Return one member of pi-ai's package as the package's table: by its name."""
    for api, rows in payload.items() if isinstance(payload, dict) else ():
        for key, row in rows.items() if isinstance(rows, dict) else ():
            known = isinstance(row, dict) and ("id" in row or "cost" in row)
            if known and (_KIND.match(key) or row.get("api") == api):
                name = _DATE_IN_NAME.sub("", path.name.partition(".json")[0])
                return {name: payload}
    return payload


def _fail(message: str, cause: BaseException | None = None) -> NoReturn:
    raise SourceFormatError(message) from cause


def _members(path: Path, member: str) -> dict[str, bytes]:
    """Return the bytes of the payload as "", or of several files by their stem."""
    name = path.name
    if stat.S_ISDIR(path.stat().st_mode):
        return _from_directory(path, member)
    if name.endswith((".whl", ".zip")):
        return {"": _from_zip(path, member)}
    if name.endswith((".tgz", ".tar.gz")):
        return _from_tar(path, member)
    if name.endswith(".gz"):
        with gzip.open(path) as file:
            return {"": _bounded(file.read, MAX_TEXT_BYTES)}
    if name.endswith((".json", ".py", ".sqlite")):
        with path.open("rb") as file:
            return {"": _bounded(file.read, MAX_TEXT_BYTES)}
    return _fail("is no .json, .json.gz, .py, .whl or .tgz file")


def _bounded(read: Callable[[int], bytes], limit: int) -> bytes:
    data = read(limit + 1)
    if len(data) > limit:
        _fail(f"larger than {limit} bytes when unpacked")
    return data


def _files(folder: Path, pattern: str) -> list[Path]:
    """Return the plain files of a directory that are not hidden, by name."""
    found = sorted(folder.glob(pattern))
    return [path for path in found if path.is_file() and path.name[0] != "."]


def _from_directory(folder: Path, member: str) -> dict[str, bytes]:
    """Return the members in an unpacked package, or in a folder within it."""
    parts = PurePosixPath(member).parts
    for start in range(len(parts)):
        found = _files(folder, "/".join(parts[start:]))
        if found:
            break
    else:
        _fail(f"holds no {member}")
    left = MAX_TEXT_BYTES if "*" in member else MAX_BINARY_BYTES
    data: dict[str, bytes] = {}
    for path in found:
        with path.open("rb") as file:
            text = _bounded(file.read, left)
        left -= len(text)
        data[path.stem if "*" in member else ""] = text
    return data


def _from_zip(path: Path, member: str) -> bytes:
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        return _bounded(file.read, MAX_TEXT_BYTES)


def _from_tar(path: Path, member: str) -> dict[str, bytes]:
    many = "*" in member
    found: dict[str, bytes] = {}
    left = MAX_TEXT_BYTES if many else MAX_BINARY_BYTES
    with tarfile.open(path, "r:gz") as archive:
        for entry in _entries(archive):
            if not (entry.isfile() and PurePosixPath(entry.name).match(member)):
                continue
            file = archive.extractfile(entry)
            data = _bounded(file.read, left) if file else b""
            stem = PurePosixPath(entry.name).stem
            if not many:
                return {"": data}
            if not stem.startswith("."):
                found[stem] = data
                left -= len(data)
    if not found:
        _fail(f"holds no {member}")
    return dict(sorted(found.items()))


def _entries(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield the entries of an archive of bounded size."""
    for count, entry in enumerate(archive):
        if count > MAX_MEMBERS or entry.offset_data + entry.size > MAX_ARCHIVE_BYTES:
            _fail("the archive is too large")
        yield entry


def _decoded(source: str, name: str, data: bytes) -> Json:
    if source == "models.dev" and data[:4] in (b"\x7fELF", b"\xcf\xfa\xed\xfe"):
        return embedded_table(data)
    if source == "models.dev" and data.startswith(MARK):
        return sqlite_table(data)
    if source == "genai-prices" and name.endswith((".py", ".whl")):
        return python_providers(data.decode())
    return json.loads(data, parse_float=Decimal, parse_constant=_no_number)


def _no_number(text: str) -> NoReturn:
    message = f"{text} is no number"
    raise ValueError(message)


# --- JavaScript -------------------------------------------------------------------

_START = re.compile(
    rb'\{(?:"[^"\\]{1,80}"|[A-Za-z_$][\w$]{0,80}|\d{1,9}):\{'
    rb"(?=[^{}]{0,2000}\benv\"?:\[)(?=[^{}]{0,2000}\bmodels\"?:\{)"
)
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>"(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | `(?:[^`\\$]|\\.)*`)
      | (?P<mark>[{}\[\],:])
      | (?P<word>!0|!1|void\s0|[A-Za-z_$][\w$]*)
      | (?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS = {
    "!0": "true",
    "!1": "false",
    "true": "true",
    "false": "false",
    "null": "null",
    "undefined": "null",
    "void 0": "null",
}
_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL
)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\n": ""}
_ESCAPED["0"] = "\0"


def embedded_table(data: bytes) -> Json:
    """Return models.dev's table out of a program that embeds it as JavaScript.

    The table is the first object literal whose first value has `env` and `models`.
    """
    for start in _START.finditer(data):
        window = data[start.start() : start.start() + MAX_LITERAL_BYTES]
        table = json_of_literal(window.decode("utf-8", "replace"))
        found = json.loads(table, parse_float=Decimal, parse_constant=_no_number)
        if all(isinstance(row, dict) and "models" in row for row in found.values()):
            return found
    return _fail("the program embeds no table of providers")


def json_of_literal(text: str) -> str:
    """Return JSON for the JavaScript literal at the start of a text.

    Known are objects with bare or quoted keys, arrays, strings, numbers, `!0`,
    `!1`, `null` and `void 0`. Raises SourceFormatError for anything else.
    """
    pieces: list[str] = []
    depth = position = 0
    while depth or not pieces:
        token = _TOKEN.match(text, position)
        if token is None:
            _fail(f"no literal at {text[position : position + 20]!r}")
        position = token.end()
        kind, found = token.lastgroup, token.group()
        if kind == "mark":
            depth += (found in "{[") - (found in "}]")
            if depth > MAX_DEPTH:
                _fail("the literal is nested too deeply")
            pieces.append(found)
        elif kind == "string":
            pieces.append(_json_string(found))
        elif kind != "space":
            is_key = text[position : position + 1] == ":"
            pieces.append(json.dumps(found) if is_key else _json_scalar(found))
    return "".join(pieces)


def _json_string(literal: str) -> str:
    if literal[0] == '"' and "\\" not in literal and literal.isprintable():
        return literal
    return json.dumps(_ESCAPE.sub(_unescaped, literal[1:-1]))


def _unescaped(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2] or escape[3]
    return chr(int(digits, 16)) if digits else _ESCAPED.get(escape[4], escape[4])


def _json_scalar(word: str) -> str:
    if word in _WORDS:
        return _WORDS[word]
    sign, digits = ("-", word[1:]) if word[0] == "-" else ("", word)
    if digits[0] == ".":
        digits = f"0{digits}"
    if not digits[0].isdigit():
        _fail(f"{word!r} is no literal")
    return sign + re.sub(r"\.(?=[eE]|$)", "", digits)


# --- Python -----------------------------------------------------------------------

# constructor -> keywords that are read; the others are skipped unread
_READ = {
    "Provider": ("id", "name", "models"),
    "ModelInfo": ("id", "name", "context_window", "deprecated", "prices", "match"),
    "ModelPrice": None,
    "TieredPrices": ("base", "tiers"),
    "Tier": ("start", "price"),
    "ConditionalPrice": ("constraint", "prices"),
    "StartDateConstraint": ("start_date",),
    "TimeOfDateConstraint": ("start_time", "end_time"),
}


def python_providers(text: str) -> list[Json]:
    """Return the list `providers` of genai-prices' data module, without running it."""
    for statement in ast.parse(text).body:
        targets = (
            [statement.target]
            if isinstance(statement, ast.AnnAssign)
            else getattr(statement, "targets", [])
        )
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if names == ["providers"]:
            listed = _value(getattr(statement, "value", None))
            return listed if isinstance(listed, list) else _fail("providers is no list")
    return _fail("the module has no list of providers")


def _value(node: ast.AST | None) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Call):
        return _constructed(node)
    return None


def _constructed(call: ast.Call) -> Any:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name = call.func.id if isinstance(call.func, ast.Name) else name
    if name == "Decimal":
        return Decimal(str(_value(call.args[0])))
    if name in ("date", "time"):
        numbers = [int(_value(argument) or 0) for argument in call.args] + [0, 0, 0]
        form = "{:04d}-{:02d}-{:02d}" if name == "date" else "{:02d}:{:02d}"
        return form.format(*numbers)
    if name not in _READ and not name.startswith("Clause"):
        return None
    wanted = _READ.get(name)
    return {
        keyword.arg: _value(keyword.value)
        for keyword in call.keywords
        if keyword.arg and (wanted is None or keyword.arg in wanted)
    }
