"""Ids that look like another id: the skeleton that they share."""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(r"[-_.]+")
# letters of other alphabets that look like Latin ones; digits that look like letters
_LOOKS = str.maketrans(
    {
        **dict(zip("авекмнорстухѕіјԁԛԝһ", "abekmhopctyxsijdqwh", strict=True)),
        **dict(zip("αβεικνορτυχγη", "abeiknoptuxyn", strict=True)),
        **dict(zip("‐‑‒–—―−", "-------", strict=True)),  # noqa: RUF001
    }
)
_FOLDED = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l"})


def skeleton(model_id: str) -> str:
    """Return what is left of an id when look-alikes are set aside.

    Case, compatibility forms and accents, invisible characters, Cyrillic and Greek
    letters, the kind of separator, 0 and o, 1, l and i do not count.
    """
    text = model_id
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if unicodedata.category(c)[0] not in "CM")
    text = text.casefold()
    if not text.isascii():
        text = text.translate(_LOOKS)
    return _SEPARATORS.sub("-", text.translate(_FOLDED))


def plain_slug(model_id: str) -> str:
    """Return an id's last part, lower case, with one kind of separator."""
    slug = model_id.rpartition("/")[2].casefold()
    return slug.replace("_", "-").replace(".", "-")
