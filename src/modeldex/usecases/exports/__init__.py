"""The catalogue in the formats of others: files that their programs take unchanged.

One module per format has `make`: models in, bytes and losses out. Nothing here reads
or writes a file; a format that is a directory gives its files by their paths.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from modeldex.domain import Value, set_slot
from modeldex.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.usecases.exports.losses import Losses
    from modeldex.usecases.exports.view import View

    Body = bytes | Mapping[str, bytes]

JSON = "application/json"


class Format(Value):
    """A format: its name, what takes it, and the file that it is served as.

    One whose `is_directory` is true has many files, served as one archive.
    """

    __slots__ = ("about", "filename", "is_directory", "media_type", "name")
    name: str
    about: str
    media_type: str
    filename: str
    is_directory: bool

    def __init__(
        self,
        name: str,
        about: str,
        media_type: str,
        filename: str,
        *,
        is_directory: bool = False,
    ) -> None:
        set_slot(self, "name", name)
        set_slot(self, "about", about)
        set_slot(self, "media_type", media_type)
        set_slot(self, "filename", filename)
        set_slot(self, "is_directory", is_directory)

    def make(self, view: View) -> tuple[Body, Losses]:
        """Return what the models are in this format, and what it does not carry.

        Raises MissingExtraError where the format needs a package that is not there.
        """
        module = import_module(f"{__name__}.{MODULES[self.name]}")
        made: tuple[Body, Losses] = module.make(view)
        return made

    def write(self, view: View) -> Body:
        """Return the bytes, or the files of a directory by their paths."""
        return self.make(view)[0]

    def lost(self, view: View) -> Losses:
        """Return what the format does not carry of the models."""
        return self.make(view)[1]


FORMATS: Mapping[str, Format] = {
    row.name: row
    for row in (
        Format(
            "litellm",
            "litellm's cost map, for LITELLM_MODEL_COST_MAP_URL",
            JSON,
            "litellm.json",
        ),
        Format(
            "models.dev",
            "models.dev's api.json, for opencode and others",
            JSON,
            "models.dev.json",
        ),
        Format(
            "openrouter",
            "OpenRouter's list of models",
            JSON,
            "openrouter.json",
        ),
        Format(
            "genai-prices",
            "the data of genai-prices",
            JSON,
            "genai-prices.json",
        ),
        Format(
            "exllm",
            "ExLLM's directory config/models, a YAML file per provider",
            "application/zip",
            "exllm.zip",
            is_directory=True,
        ),
        Format(
            "sqlite",
            "an SQLite file: models, prices, capabilities, providers",
            "application/vnd.sqlite3",
            "modeldex.sqlite",
        ),
        Format("csv", "one row per model, for spreadsheets", "text/csv", "models.csv"),
        Format(
            "jsonl",
            "one line of JSON per model, with all that is known",
            "application/jsonl",
            "models.jsonl",
        ),
        Format(
            "parquet",
            "a Parquet file, one row per model (wants pyarrow)",
            "application/vnd.apache.parquet",
            "models.parquet",
        ),
    )
}
# a path below /export, where programs add a name of their own to a base URL -> format
ALIASES = {"models.dev/api.json": "models.dev"}
# format -> the module of this package that writes it
MODULES = {
    "litellm": "litellm",
    "models.dev": "models_dev",
    "openrouter": "openrouter",
    "genai-prices": "genai_prices",
    "exllm": "exllm",
    "sqlite": "sqlite",
    "csv": "tabular",
    "jsonl": "jsonl",
    "parquet": "parquet",
}


def format_named(name: str) -> Format:
    """Return a format by its name or file name; raises InvalidInputError."""
    wanted = str(name).lower().replace("_", "-")
    for row in FORMATS.values():
        if wanted in {row.name, row.name.replace(".", "-"), row.filename}:
            return row
    message = f"there is no format {name!r:.60}; there are {', '.join(FORMATS)}"
    raise InvalidInputError(message)
