"""The one onset detector by which all sound is measured, generated and real alike.

Its constants were fixed on rendered validation scenes before any language model was trained, and must not
follow a model. Log-mel spectral flux finds candidates (after SuperFlux, Böck and Widmer 2013: a maximum over
neighbouring bands keeps vibrato and noise from counting); the time reported is where the energy begins to
rise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from engine.errors import MediaNotFound, MediaUnreadable
from engine.protocol import Hit

SAMPLE_RATE = 16000
HOP_SAMPLES = 80
WINDOW_SAMPLES = 256
NUM_BANDS = 28
LAG_FRAMES = 3
"""Flux compares with the frame 15 ms before."""
RANGE_DB = 60.0
"""What lies further under the loudest moment is not heard."""
SILENCE_DB = -72.0
"""Band level under which nothing counts, however quiet the rest is; dBFS."""
MIN_FLUX_DB = 3.0
FLUX_SHARE = 0.25
"""Least flux as a share of the range from the sound's usual floor to its loudest: it allows for noise."""
MEDIAN_FACTOR = 2.5
MEDIAN_S = 0.3
PEAK_S = 0.035
"""A candidate is the greatest flux within this much on both sides."""
MIN_GAP_S = 0.06
MIN_RISE_DB = 9.0
"""How far the wide-band level must climb over the 60 ms before."""
RISE_SHARE = 0.25
"""An onset is where this share of the climb, in dB, is done."""
FULL_LEVEL_DB = -12.0
STRENGTH_RANGE_DB = 24.0

STRETCH_S, LEAD_S = 60, 1
"""A long sound is heard by so much at a time, with so much of its neighbours around, in which the detector settles."""

Floats = NDArray[np.float32]


def onsets_by_stretches(
    num_samples: int, sample_rate: int, hear: Callable[[int, int], Sequence[Hit]]
) -> Iterator[Hit]:
    """Onsets of a sound of any length in memory that does not grow with it; up to a minute is one stretch.

    Args:
        hear: the onsets between two of the sound's samples, seconds from the first of them.
    """
    for begin in range(0, num_samples, STRETCH_S * sample_rate):
        stop = begin + STRETCH_S * sample_rate
        if num_samples - stop < LEAD_S * sample_rate:
            stop = num_samples
        first = max(0, begin - LEAD_S * sample_rate)
        for hit in hear(first, min(stop + LEAD_S * sample_rate, num_samples)):
            if begin <= first + hit.time_s * sample_rate < stop:
                yield Hit(first / sample_rate + hit.time_s, hit.strength)
        if stop == num_samples:
            return


def onsets_of_wav(path: Path) -> Iterator[Hit]:
    """Onsets of a sound file, all its channels as one.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    if not path.is_file():
        raise MediaNotFound(f"The sound {path} is not there; bring it back, or generate it anew.")
    try:
        with soundfile.SoundFile(path) as file:

            def hear(first: int, stop: int) -> list[Hit]:
                file.seek(first)
                wav = file.read(stop - first, dtype="float32", always_2d=True).mean(axis=1)
                return detect_onsets(np.asarray(wav, np.float32), file.samplerate)

            yield from onsets_by_stretches(file.frames, file.samplerate, hear)
    except soundfile.LibsndfileError as error:
        raise MediaUnreadable(f"The sound {path} cannot be read ({error}); look whether it plays.") from error


def detect_onsets(wav: Floats, sample_rate: int = SAMPLE_RATE) -> list[Hit]:
    """Onsets of mono wav [N], in time order, as seconds from its start.

    `strength` is the loudest 10 ms RMS of the 60 ms that follow, from -36 dBFS (0) to -12 dBFS (1).
    """
    if sample_rate != SAMPLE_RATE:
        wav = soxr.resample(wav, sample_rate, SAMPLE_RATE).astype(np.float32)
    if wav.size < 2 * WINDOW_SAMPLES or not np.any(wav):
        return []
    envelope_db = _envelope_db(wav)
    hits: list[Hit] = []
    bands_db = band_levels(wav)
    for frame in _flux_peaks(spectral_flux(bands_db), FLUX_SHARE * _range_db(bands_db)):
        found = _rise(envelope_db, frame * HOP_SAMPLES / SAMPLE_RATE)
        if found is not None and (not hits or found - hits[-1].time_s >= MIN_GAP_S):
            hits.append(Hit(time_s=round(found, 4), strength=_strength(wav, found)))
    return hits


def band_levels(wav: Floats) -> Floats:
    """Mel bands in dBFS, float32 [frames, bands]; frame i is centred on sample i * hop."""
    padded = np.pad(wav, WINDOW_SAMPLES // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES]
    spectrum = np.abs(np.fft.rfft(windows * np.hanning(WINDOW_SAMPLES).astype(np.float32), axis=1)) ** 2
    bands_db = 10 * np.log10(spectrum @ _mel_bands() + 1e-12)
    floor_db = max(float(bands_db.max()) - RANGE_DB, SILENCE_DB)
    return np.asarray(np.maximum(bands_db, floor_db), np.float32)


def _range_db(bands_db: Floats) -> float:
    """How far the bands reach, on the mean, from their usual floor to their loudest."""
    return float(np.mean(bands_db.max(axis=0) - np.percentile(bands_db, 20, axis=0)))


def spectral_flux(bands_db: Floats) -> Floats:
    """Mean rise in dB over the bands, float32 [frames]."""
    wide = np.maximum(bands_db, np.maximum(np.roll(bands_db, 1, axis=1), np.roll(bands_db, -1, axis=1)))
    wide[:, 0] = np.maximum(bands_db[:, 0], bands_db[:, 1])
    wide[:, -1] = np.maximum(bands_db[:, -1], bands_db[:, -2])
    before = np.concatenate(
        [np.full((LAG_FRAMES, NUM_BANDS), bands_db.min(), np.float32), wide[:-LAG_FRAMES]]
    )
    return np.asarray(np.maximum(bands_db - before, 0).mean(axis=1), np.float32)


@cache
def _mel_bands() -> Floats:
    """Triangular filters [bins, bands] from 60 Hz to 8 kHz, each of unit gain for white noise of 0 dBFS."""
    frequency_hz = np.fft.rfftfreq(WINDOW_SAMPLES, 1 / SAMPLE_RATE)
    low, high = (2595 * np.log10(1 + edge / 700) for edge in (60.0, SAMPLE_RATE / 2))
    edges = 700 * (10 ** (np.linspace(low, high, NUM_BANDS + 2) / 2595) - 1)
    width = np.maximum(np.diff(edges), SAMPLE_RATE / WINDOW_SAMPLES)
    rising = 1 - (edges[1:-1] - frequency_hz[:, None]) / width[:-1]
    falling = 1 - (frequency_hz[:, None] - edges[1:-1]) / width[1:]
    filters = np.clip(np.minimum(rising, falling), 0, 1)
    return np.asarray(filters / (filters.sum(axis=0) * np.sum(np.hanning(WINDOW_SAMPLES) ** 2)), np.float32)


def _flux_peaks(flux: Floats, least_db: float) -> list[int]:
    around = round(PEAK_S * SAMPLE_RATE / HOP_SAMPLES)
    median_frames = round(MEDIAN_S * SAMPLE_RATE / HOP_SAMPLES) | 1
    greatest = _sliding(flux, 2 * around + 1).max(axis=1)
    usual = np.median(_sliding(flux, median_frames), axis=1)
    peaks = (flux >= greatest) & (flux >= max(MIN_FLUX_DB, least_db) + MEDIAN_FACTOR * usual)
    return [int(frame) for frame in np.flatnonzero(peaks)]


def _sliding(values: Floats, size: int) -> Floats:
    return np.lib.stride_tricks.sliding_window_view(np.pad(values, size // 2), size)


def _envelope_db(wav: Floats) -> Floats:
    """RMS over 4 ms, from each millisecond on, dBFS, never under the range that counts."""
    step, window = SAMPLE_RATE // 1000, SAMPLE_RATE // 250
    power = np.concatenate([[0.0], np.cumsum(np.square(wav, dtype=np.float64))])
    starts = np.arange(0, wav.size, step)
    mean = (power[np.minimum(starts + window, wav.size)] - power[starts]) / window
    level_db = 10 * np.log10(np.maximum(mean, 1e-12))
    return np.asarray(np.maximum(level_db, max(float(level_db.max()) - RANGE_DB, SILENCE_DB)), np.float32)


def _rise(envelope_db: Floats, near_s: float) -> float | None:
    """Where the level begins to climb near a peak of flux, in seconds; None where it hardly does."""
    centre = round(near_s * 1000)
    top = max(0, centre - 20) + int(np.argmax(envelope_db[max(0, centre - 20) : centre + 25]))
    begin = max(0, min(top, centre) - 60)
    before = envelope_db[begin : top + 1]
    bottom = float(before.min()) if begin > 0 or before.size > 4 else float(envelope_db.min())
    climb = float(envelope_db[top]) - bottom
    if climb < MIN_RISE_DB:
        return None
    below = np.flatnonzero(before < bottom + RISE_SHARE * climb)
    start = begin + (int(below[-1]) + 1 if below.size else 0)
    # A window of 4 ms begins to fill as its end passes the onset.
    return (start + 4) / 1000 if start > 0 else 0.0


def _strength(wav: Floats, time_s: float) -> float:
    start, window = round(time_s * SAMPLE_RATE), SAMPLE_RATE // 100
    power = np.concatenate([[0.0], np.cumsum(np.square(wav[start : start + 6 * window], dtype=np.float64))])
    if power.size <= window:
        return 0.0
    level_db = 10 * np.log10(max(float((power[window:] - power[:-window]).max()) / window, 1e-12))
    return round(float(np.clip(1 + (level_db - FULL_LEVEL_DB) / STRENGTH_RANGE_DB, 0, 1)), 4)
