"""The events that a language model learns from, as prints that ship with it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.prints.event import NEAR_PERCENTILE, Print, between_recordings, event_print, steady_print
from engine.prints.learnt import LearntEvents
from engine.training.scenes.events import EventLibrary, SoundEvent

MOST_EVENTS_OF_RECORDING = 6
LEAST_NEAR_DB = 0.1
"""A recording that was given twice is near itself alone."""


def learnt_events(library: EventLibrary) -> LearntEvents:
    """Of all labels that are made of hits. Where one recording is all there is, the others say how near is near."""
    prints = {label: library_prints(library, label) for label in library.events}
    between = {label: between_recordings(found) for label, found in prints.items()}
    near_db = {
        label: max(float(np.percentile(apart, NEAR_PERCENTILE)), LEAST_NEAR_DB)
        for label, apart in between.items()
        if apart.size
    }
    usual_db = float(np.median(list(near_db.values()))) if near_db else LEAST_NEAR_DB
    return LearntEvents(prints, {label: near_db.get(label, usual_db) for label in prints})


def library_prints(library: EventLibrary, label: str) -> list[Print]:
    """Of a label's events, at most six a file, or of its stretches."""
    if label in library.stretches:
        return [steady_print(s.wav, s.sample_rate, s.recording_id) for s in library.stretches[label]]
    return [
        event_print(event.wav, event.sample_rate, event.onset_sample, event.recording_id)
        for event in _thinned(library.events.get(label, []))
    ]


def _thinned(events: Iterable[SoundEvent]) -> list[SoundEvent]:
    kept: dict[str, list[SoundEvent]] = {}
    for event in events:
        kept.setdefault(event.recording_id, []).append(event)
    return [event for found in kept.values() for event in found[:MOST_EVENTS_OF_RECORDING]]
