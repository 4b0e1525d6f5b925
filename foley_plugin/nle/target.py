"""What differs between the editing programs that a timeline is written for. Plain data; knows no timeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Metadata = dict[str, object]


def _no_effects(gain_db: float) -> list[Metadata]:
    return []


@dataclass(frozen=True)
class NleTarget:
    """One editing program.

    Attributes:
        name: as on the command line.
        track_metadata, clip_metadata: what its own exports write on audio tracks and clips, by the number
            of channels.
        gain_effects: the OTIO effects by which it reads a clip's gain in dB; none where it reads no such thing.
    """

    name: str
    track_metadata: Callable[[int], Metadata]
    clip_metadata: Callable[[int], Metadata]
    gain_effects: Callable[[float], list[Metadata]] = _no_effects
