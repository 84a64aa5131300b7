"""Deepgram's list: models that listen, in many versions, and voices that speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modeldex.sources.answers import NO_ANSWER, Rows, listed, refuse, refuse_error
from modeldex.sources.claim import rejected_id
from modeldex.sources.paging import goes_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.sources.api import Api, Reading
    from modeldex.sources.claim import Json

_MODES = {"stt": "audio_transcription", "tts": "audio_speech"}


def read_deepgram(pages: Sequence[Json], at: str, api: Api) -> Reading:
    """Read both lists by the name that a request gives.

    The rows that count are those of the voices, one for each: the models that listen
    have a row for each of their versions, which no request names.
    """
    rows = Rows(api, at)
    if not pages:
        refuse(api.name, NO_ANSWER)
    for page in pages:
        refuse_error(page, api.name)
        for kind, mode in _MODES.items():
            entries = listed(page, api.name, (kind,))
            rows.rows += len(entries) if kind == "tts" else 0
            for entry in entries:
                model = entry.get("canonical_name") if isinstance(entry, dict) else None
                if not isinstance(model, str) or rejected_id(model):
                    rows.skip(model, "id is malformed")
                else:
                    rows.add(model, {"mode": mode})
    return rows.reading(complete=not goes_on(api, pages[-1]))
