"""The guide track: where production sound exists, its onsets are candidates for hits beside the picture's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.media.onsets import detect_onsets
from engine.media.sound_range import has_sound, read_sound_range
from engine.protocol import Hit, Picture, Span, fraction, image_sequence

LEAD_S = 0.5
"""Of sound before a span, so that its first onset has a before to rise from."""
BEGINNING_S = 0.1
"""Sound of a film begins within this of its first picture, or it begins later with a reason."""
NEAR_BEGINNING_S = 0.02
CHUNK_S = 120.0
"""A long span is heard in parts."""


def guide_hits(sound: Picture) -> list[Hit]:
    """Onsets of the production sound as it is played, from the start of its spans; none where there is no sound.

    What is played in reverse or held has no attacks.

    Raises:
        MediaError: the media is not there, or cannot be decoded.
    """
    if image_sequence(sound.media) is not None:
        return []  # pictures alone
    path = Path(sound.media)
    if not has_sound(path):
        return []
    hits: list[Hit] = []
    at_s = 0.0
    for span in sound.spans:
        hits += [Hit(at_s + hit.time_s, hit.strength) for hit in _of_span(path, span)]
        at_s += float(fraction(span.duration))
    return hits


def _of_span(path: Path, span: Span) -> Iterator[Hit]:
    """Onsets of a span, from its start."""
    speed, start_s = float(fraction(span.speed)), float(fraction(span.source_start))
    if speed <= 0:
        return
    length_s = float(fraction(span.duration)) * speed
    done_s = 0.0
    while done_s < length_s:
        part_s = min(CHUNK_S, length_s - done_s)
        read_from_s = start_s + done_s - LEAD_S
        wav, rate = read_sound_range(path, read_from_s, part_s + LEAD_S)
        # Where a recording begins there is a rise out of nothing, whatever is heard.
        begins_s = int(np.argmax(wav != 0)) / rate
        is_beginning = begins_s > 0 and read_from_s + begins_s < BEGINNING_S
        earliest_s = max(LEAD_S, begins_s + NEAR_BEGINNING_S) if is_beginning else LEAD_S
        for hit in detect_onsets(wav, rate):
            if earliest_s <= hit.time_s < LEAD_S + part_s:
                yield Hit((done_s + hit.time_s - LEAD_S) / speed, hit.strength)
        done_s += part_s
