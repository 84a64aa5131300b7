"""An export as a whole: its bytes or files, its losses, its files in one archive."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

from modeldex.domain import Value, set_slot
from modeldex.errors import InvalidInputError
from modeldex.usecases.exports import format_named
from modeldex.usecases.exports.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.catalog import Catalog
    from modeldex.catalog.query import Query
    from modeldex.usecases.exports import Format
    from modeldex.usecases.exports.losses import Losses

ZIP, TAR = ".zip", ".tar.gz"
ARCHIVES = {ZIP: "application/zip", TAR: "application/gzip"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can say
_MODE = 0o644


class Export(Value):
    """What some models are in a format: `body`, or `files` by their paths.

    `losses` says what the format does not carry.
    """

    __slots__ = ("body", "files", "format", "losses")
    format: Format
    body: bytes | None
    files: Mapping[str, bytes] | None
    losses: Losses

    def __init__(
        self, form: Format, made: bytes | Mapping[str, bytes], losses: Losses
    ) -> None:
        whole = isinstance(made, bytes)
        set_slot(self, "format", form)
        set_slot(self, "body", made if whole else None)
        set_slot(self, "files", None if whole else made)
        set_slot(self, "losses", losses)

    @property
    def name(self) -> str:
        """Name of the format."""
        return self.format.name

    @property
    def media_type(self) -> str:
        """Media type of the content."""
        return self.format.media_type

    @property
    def filename(self) -> str:
        """Name of the file that the content is served as."""
        return self.format.filename

    @property
    def content(self) -> bytes:
        """The bytes of the file; of a directory, those of a zip of its files."""
        return self.archive(ZIP) if self.body is None else self.body

    def archive(self, suffix: str) -> bytes:
        """Return the files of a directory as `.zip` or `.tar.gz`.

        The same files are the same bytes. Raises InvalidInputError for another
        suffix, and for a format that is one file.
        """
        if self.files is None or suffix not in ARCHIVES:
            known = " or ".join(ARCHIVES)
            message = f"{self.name} is no archive {suffix}; directories are {known}"
            raise InvalidInputError(message)
        return (_zip if suffix == ZIP else _tar)(self.files)


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _MODE << 16
            archive.writestr(entry, data)
    return out.getvalue()


def _tar(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for path, data in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), _MODE
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def export(catalog: Catalog, name: str, query: Query, *, keep: bool = False) -> Export:
    """Return the models that answer a query in a format.

    Prices are those of the catalogue's day. Raises InvalidInputError for an unknown
    format, MissingExtraError where one needs a package that is not there.
    """
    form = format_named(name)
    snapshot = catalog.snapshot
    view = View(
        snapshot.rows_columns(catalog.rows(query)),
        snapshot.providers,
        catalog.today(),
        digest=snapshot.digest,
        date=str(snapshot.meta.get("date") or ""),
        keep=keep,
    )
    return Export(form, *form.make(view))
