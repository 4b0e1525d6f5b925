"""What differs between the editing programs that a timeline is written for. Plain data; knows no timeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Metadata = dict[str, object]


@dataclass(frozen=True)
class NleTarget:
    """One editing program.

    Attributes:
        name: as on the command line.
        track_metadata, clip_metadata: what its own exports write on audio tracks and clips, by the number
            of channels.
    """

    name: str
    track_metadata: Callable[[int], Metadata]
    clip_metadata: Callable[[int], Metadata]
