"""The guards as a sync asks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modeldex.catalog import Catalog


class Guarding:
    def __init__(self, catalog: Catalog) -> None: ...
    def of_model(self, key, changes, before, after):
        return {}

    def of_prices(self, changed, doubtful):
        return {}

    def of_absences(self, provider, gone, listed, added):
        return ()

    def released(self, doubts, said, value):
        return False
