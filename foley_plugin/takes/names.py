"""Names of take files: readable, ASCII, without spaces; what an editor sees in a bin."""

from __future__ import annotations

import re
import unicodedata

MAX_PART_CHARS = 32


def ascii_text(text: str) -> str:
    """Text in ASCII, for fields that hold nothing else; spaces stay, other signs become the nearest or none.

    >>> ascii_text("FOLEY – Café")
    'FOLEY - Cafe'
    """
    dashed = text.translate({ord(dash): "-" for dash in "‐‑‒–—−"})
    plain = unicodedata.normalize("NFKD", dashed).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^\x20-\x7e]+", " ", plain)


def slug(text: str) -> str:
    """The letters, digits and dashes of a name; empty where none is left.

    >>> slug("Café — shot 03.mov")
    'Cafe-shot-03-mov'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:MAX_PART_CHARS].strip("-")


def take_name(clip: str, label: str | None, number: int) -> str:
    """`shot-03_hammer_0007.wav`. The number alone makes it unique, and it also keeps the name from being
    one that Windows reserves."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,4}$", "", clip)
    parts = [slug(stem) or "clip", slug(label or "") or "foley", f"{number:04d}"]
    return "_".join(parts) + ".wav"


def take_number(name: str) -> int | None:
    """The number in a take's file name; None where it has none.

    >>> take_number("shot-03_hammer_0007.wav")
    7
    """
    found = re.search(r"_([0-9]+)\.wav$", name)
    return None if found is None else int(found[1])
