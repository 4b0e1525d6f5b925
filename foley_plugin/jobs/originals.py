"""The take that a request goes on from, found again wherever its project lies today."""

from __future__ import annotations

import re

import msgspec

from engine.protocol import Original
from foley_plugin.jobs.errors import CannotRedo
from foley_plugin.takes.store import TAKES_FOLDER, Store


def original_here(store: Store, original: Original | None) -> Original | None:
    """The same original with its WAV in this project's folder: a request holds the path that it had once.

    Raises:
        CannotRedo: the WAV is not there.
    """
    if original is None:
        return None
    name = re.split(r"[\\/]", original.wav)[-1]  # the project may come from another system
    wav = store.folder / TAKES_FOLDER / name
    if not wav.is_file():
        raise CannotRedo(
            f"The WAV {name}, which this take is made from, is not in {wav.parent}; bring it back, "
            "or generate it anew."
        )
    return msgspec.structs.replace(original, wav=str(wav))
