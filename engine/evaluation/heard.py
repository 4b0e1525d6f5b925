"""What is heard in a finished take: its onsets inside the clip, and how they fall on the hits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from engine.media.matching import match, onset_f1, times_of
from engine.media.onsets import detect_onsets, onsets_by_stretches
from engine.media.wav_stream import HeldSound, resampled
from engine.protocol import Generate, Hit, fraction

F1_TOLERANCE_S = 0.1


@dataclass(frozen=True)
class Sync:
    """Onset F1 within 100 ms, and by how many ms the median pair is late; None where there is no such thing."""

    f1_100ms: float | None = None
    offset_ms: float | None = None


def heard_onsets_s(request: Generate, sound: HeldSound, codec_rate: int) -> list[float]:
    """Onsets inside the clip, its handles left out, in seconds from its start.

    Stretch by stretch, so that memory does not grow with the take; up to a minute is one stretch.
    """
    start_s = float(fraction(request.head))
    end_s = float(request.picture.duration - fraction(request.tail))
    found = _onsets_s(sound, codec_rate)
    return [time_s - start_s for time_s in found if start_s - F1_TOLERANCE_S <= time_s < end_s]


def _onsets_s(sound: HeldSound, codec_rate: int) -> Iterator[float]:
    """At the codec's rate, at which nothing is heard that the codec could not have said."""

    def hear(first: int, stop: int) -> list[Hit]:
        part = resampled([sound.between(first, stop)], sound.sample_rate, codec_rate)
        return detect_onsets(np.concatenate(list(part)), codec_rate)

    return (hit.time_s for hit in onsets_by_stretches(sound.num_samples, sound.sample_rate, hear))


def reference_f1(request: Generate, heard_s: Sequence[float]) -> float | None:
    """Against the known hits; None where none are known."""
    if request.reference_hits is None:
        return None
    return onset_f1(heard_s, times_of(request.reference_hits), F1_TOLERANCE_S)


def sync_of(request: Generate, heard_s: Sequence[float], hits: Sequence[Hit]) -> Sync:
    """Against the hits that the take was made for, seconds from the clip's start.

    Those in the handles do not count. Nothing is said of a clip that has none: silence is then no merit.
    """
    end_s = float(request.picture.duration - fraction(request.head) - fraction(request.tail))
    meant_s = [hit.time_s for hit in hits if 0 <= hit.time_s < end_s]
    if not meant_s:
        return Sync()
    pairs = match(heard_s, meant_s, F1_TOLERANCE_S)
    late_ms = [1000 * (heard_s[found] - meant_s[meant]) for found, meant in pairs]
    return Sync(
        round(onset_f1(heard_s, meant_s, F1_TOLERANCE_S), 3),
        round(median(late_ms), 1) if late_ms else None,
    )
