"""Prints of what was made, at its hits."""

from __future__ import annotations

from engine.prints.event import LENGTH_S, NEAR_HIT_S, Print, Wav, event_print
from engine.training.scenes.events import event_onsets


def print_at_hit(wav: Wav, sample_rate: int, time_s: float) -> Print:
    """Of the event that was asked for at a time: aligned by the onset next to it, else by the time itself."""
    onset = round(time_s * sample_rate)
    start = max(0, onset - round(NEAR_HIT_S * sample_rate))
    found = event_onsets(wav[start : onset + round(LENGTH_S * sample_rate)], sample_rate)
    near = min((start + each for each in found), key=lambda each: abs(each - onset), default=onset)
    return event_print(wav, sample_rate, near if abs(near - onset) <= NEAR_HIT_S * sample_rate else onset)
