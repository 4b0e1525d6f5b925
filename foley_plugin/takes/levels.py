"""The gain that brings a take to its family's level. It is data beside the take; the take itself never changes.

A take is made as loud as its family's target, measured over what is heard of it, unless its true peak would pass
the ceiling. What lies in its handles counts only where they are handed on: a loud hit that the cut leaves out
must not hold down those that it shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np
import soundfile

from foley_plugin.takes.loudness import Loudness, Samples, loudness_of, true_peak_dbtp
from foley_plugin.timeline.families import Family, family_of_track
from foley_plugin.timeline.records import Placement

CEILING_DBTP = -2.0
MAX_GAIN_DB = 20.0
"""A take that needs more is next to silent; what would come up is its noise."""
GAIN_STEP_DB = 0.1
"""So that a gain is the same number on the sheet, in the timeline and on a fader."""


def levelled(placements: Sequence[Placement], rate: Fraction, *, handle_frames: int = 0) -> list[Placement]:
    """The placements with the gains of their families.

    One whose WAV cannot be read, or whose track is of no family, is left as it is; whoever writes it will say.

    Args:
        rate: frames a second of the timeline.
        handle_frames: of each handle, what stays below the ceiling too.
    """
    return [_levelled(each, rate, handle_frames) for each in placements]


def gain_for(family: Family, heard: Loudness, peak_dbtp: float) -> float:
    """The gain in dB, in whole steps.

    Args:
        heard: of what is heard of the take.
        peak_dbtp: true peak of that and of the handles that are handed on.
    """
    loudness_lufs = heard.integrated_lufs if family.measure == "integrated" else heard.momentary_lufs
    if not math.isfinite(loudness_lufs) or not math.isfinite(peak_dbtp):
        return 0.0
    wanted_db = min(family.target_lufs - loudness_lufs, CEILING_DBTP - peak_dbtp, MAX_GAIN_DB)
    return in_steps(wanted_db)


def in_steps(gain_db: float) -> float:
    """Down to a whole step, so that a ceiling holds."""
    return round(math.floor(gain_db / GAIN_STEP_DB + 1e-6) * GAIN_STEP_DB, 1) + 0.0


def read_samples(path: str, start: int = 0, end: int | None = None) -> tuple[Samples, int]:
    """A stretch of a WAV, [N, C], and its sample rate.

    Raises:
        soundfile.SoundFileError, OSError.
    """
    samples, sample_rate = soundfile.read(path, start=start, stop=end, dtype="float32", always_2d=True)
    return np.asarray(samples, np.float32), int(sample_rate)


def _levelled(placement: Placement, rate: Fraction, handle_frames: int) -> Placement:
    family = family_of_track(placement.track_name)
    if family is None:
        return placement
    try:
        samples, sample_rate = read_samples(placement.wav)
    except (soundfile.SoundFileError, OSError):
        return placement
    first, last = placement.head_frames, placement.head_frames + placement.duration_frames
    heard = _between(samples, first, last, rate / sample_rate)
    peak_dbtp = true_peak_dbtp(
        _between(samples, first - handle_frames, last + handle_frames, rate / sample_rate), sample_rate
    )
    gain_db = gain_for(family, loudness_of(heard, sample_rate), peak_dbtp)
    return msgspec.structs.replace(placement, gain_db=gain_db)


def _between(samples: Samples, first: int, last: int, frames_a_sample: Fraction) -> Samples:
    """The samples of a range of frames of the file."""
    return samples[round(max(0, first) / frames_a_sample) : round(max(0, last) / frames_a_sample)]
