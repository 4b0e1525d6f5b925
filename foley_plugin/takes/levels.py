"""The gain that brings a take to its family's level. It is data beside the take; the take itself never changes.

A take is made as loud as its family's target, measured over what is heard of it, unless the true peak of the
whole file, handles included, would pass the ceiling: a clip that is trimmed later stays below it too.
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


def levelled(placements: Sequence[Placement], rate: Fraction) -> list[Placement]:
    """The placements with the gains of their families.

    One whose WAV cannot be read, or whose track is of no family, is left as it is; whoever writes it will say.

    Args:
        rate: frames a second of the timeline.
    """
    return [_levelled(each, rate) for each in placements]


def gain_for(family: Family, heard: Loudness, peak_dbtp: float) -> float:
    """The gain in dB, in whole steps.

    Args:
        heard: of what is heard of the take.
        peak_dbtp: true peak of the whole file.
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


def _levelled(placement: Placement, rate: Fraction) -> Placement:
    family = family_of_track(placement.track_name)
    if family is None:
        return placement
    try:
        samples, sample_rate = read_samples(placement.wav)
    except (soundfile.SoundFileError, OSError):
        return placement
    start = round(placement.head_frames * sample_rate / rate)
    end = round((placement.head_frames + placement.duration_frames) * sample_rate / rate)
    heard = loudness_of(samples[start:end], sample_rate)
    gain_db = gain_for(family, heard, true_peak_dbtp(samples, sample_rate))
    return msgspec.structs.replace(placement, gain_db=gain_db)
