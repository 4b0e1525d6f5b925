"""A scene's sound: every hit by a real event, every continuous label by grains of a real stretch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import soxr

from engine.training.scenes.events import (
    WHOLE_LABELS,
    EventLibrary,
    SoundEvent,
    Stretch,
    Wav,
    recording_ids,
)
from engine.training.scenes.paths import Intensity
from engine.training.scenes.spec import SceneSpec

STRENGTH_RANGE_DB = 24.0
FULL_LEVEL_DB = -12.0
"""Loudest 10 ms RMS of a hit of strength 1, dBFS."""
CONTINUOUS_LEVEL_DB = -20.0
CONTINUOUS_RANGE_DB = 36.0
CEILING = 10 ** (-1 / 20)
MAX_PITCH_SEMITONES = 3.0
MAX_TILT_DB = 2.0
"""An octave."""
HIT_PITCH_SEMITONES = 0.3
LAYERED_PITCH_SEMITONES = 6.0
LAYERED_TILT_DB = 4.0
LEAST_LAYER_SHARE = 0.2
"""Of a hit's energy: 6 dB under the other layer."""
SINGLE_LABELS = frozenset(["bell", "cash_till", "impact_bell"])
"""Never layered: at two pitches at once, one bell is two."""
CLEAN_SHARE = 0.7
DAMPED_SHARE = 0.35
"""Scenes whose sounds die away sooner than they were recorded."""
GUARD_S = 0.002
"""Filters may smear this little before an onset."""


def strength_gain_db(strength: float) -> float:
    """Gain under a hit of strength 1."""
    return -STRENGTH_RANGE_DB * (1 - strength)


def render_sound(
    spec: SceneSpec,
    library: EventLibrary,
    rng: np.random.Generator,
    sample_rate: int = 16000,
    *,
    layered: bool = False,
) -> Wav:
    """The scene's sound, float32 mono [N], peak at most -1 dBFS. Each hit's energy rises at its `time_s`.

    Args:
        layered: each hit sounds by two recordings of the label at once, further from their own pitch and tilt. Of
            single ones, those of a label are so few that a language model gives them back.
    """
    count = round(spec.duration_s * sample_rate)
    if spec.continuous:
        wav = _grains(rng, library.stretches[spec.label], spec.intensity, count, sample_rate)
    else:
        layers = _layers(rng, library.events[spec.label], layered=layered)
        wav = _hits(rng, spec, layers, count, sample_rate)
    if np.any(wav):
        wav = _in_room(rng, wav, sample_rate)
    wav = wav * np.float32(10 ** (rng.uniform(-6, 2) / 20))
    if rng.random() < 0.4:
        wav = wav + _hiss(rng, count)
    peak = float(np.abs(wav).max(initial=0.0))
    return (wav * min(1.0, CEILING / max(peak, 1e-9))).astype(np.float32)


@dataclass(frozen=True)
class _Layer:
    """What of each hit's sound comes from one source. `share` is of the hit's energy."""

    pool: list[SoundEvent]
    semitones: float
    tilt_db: float
    share: float = 1.0


def _layers(rng: np.random.Generator, events: list[SoundEvent], *, layered: bool) -> list[_Layer]:
    """One, or two of different recordings where the label has two."""
    if not layered:
        return [_layer(rng, events, MAX_PITCH_SEMITONES, MAX_TILT_DB)]
    first = _layer(rng, events, LAYERED_PITCH_SEMITONES, LAYERED_TILT_DB)
    if first.pool[0].label in SINGLE_LABELS or len(recording_ids(events)) == 1:
        return [first]
    heard = set(recording_ids(first.pool))
    others = [event for event in events if event.recording_id not in heard] or events
    second = _layer(rng, others, LAYERED_PITCH_SEMITONES, LAYERED_TILT_DB)
    share = float(rng.uniform(LEAST_LAYER_SHARE, 1 - LEAST_LAYER_SHARE))
    return [replace(first, share=share), replace(second, share=1 - share)]


def _layer(
    rng: np.random.Generator, events: list[SoundEvent], max_semitones: float, max_tilt_db: float
) -> _Layer:
    pool = _source(rng, events)
    semitones, tilt_db = rng.uniform(-max_semitones, max_semitones), rng.uniform(-max_tilt_db, max_tilt_db)
    return _Layer(pool, float(semitones), float(tilt_db))


def _hits(
    rng: np.random.Generator, spec: SceneSpec, layers: Sequence[_Layer], count: int, sample_rate: int
) -> Wav:
    wav = np.zeros(count, np.float32)
    dulling = rng.uniform(0, 4)
    decay_s = float(rng.uniform(0.05, 0.5)) if rng.random() < DAMPED_SHARE else None
    if spec.label in WHOLE_LABELS:
        decay_s = None  # what comes after the first rise is half of what they are
    chokes = rng.random() < 0.6
    for index, hit in enumerate(spec.hits):
        following = spec.hits[index + 1].time_s if index + 1 < len(spec.hits) else np.inf
        voices = []
        for layer in layers:
            event = layer.pool[int(rng.integers(len(layer.pool)))]
            slice_, onset = _voiced(
                event,
                semitones=layer.semitones + rng.normal(0, HIT_PITCH_SEMITONES),
                tilt_db=layer.tilt_db - dulling * (1 - hit.strength) + rng.normal(0, 0.3),
                decay_s=decay_s,
                sample_rate=sample_rate,
            )
            voices.append((slice_, onset, 10 * np.log10(layer.share) - event.level_db))
        level_db = FULL_LEVEL_DB + strength_gain_db(hit.strength) + rng.normal(0, 0.7)
        for slice_, onset, gain_db in voices:
            slice_ *= np.float32(10 ** ((level_db + gain_db) / 20))
            if chokes and np.isfinite(following):
                _choke(slice_, onset + round((following - hit.time_s) * sample_rate), sample_rate)
            _add(wav, slice_, round(hit.time_s * sample_rate) - onset)
    return wav


def _source(rng: np.random.Generator, events: list[SoundEvent]) -> list[SoundEvent]:
    """Mostly one recording a scene, sometimes one event of it, sometimes the label; clean ones rather.

    But not of sounds that are made of several: the clean ones among them are not what the others are.
    """
    clean = [event for event in events if event.clean and event.label not in WHOLE_LABELS]
    if clean and rng.random() < CLEAN_SHARE:
        events = clean
    draw = rng.random()
    if draw < 0.1:
        return events
    ids = recording_ids(events)
    chosen = ids[int(rng.integers(len(ids)))]
    pool = [event for event in events if event.recording_id == chosen]
    return pool if draw < 0.55 else [pool[int(rng.integers(len(pool)))]]


def _voiced(
    event: SoundEvent, *, semitones: float, tilt_db: float, decay_s: float | None, sample_rate: int
) -> tuple[Wav, int]:
    """The event at another pitch, tilt (dB an octave) and decay, at its own level, and its onset sample."""
    ratio = 2 ** (semitones / 12)
    wav = soxr.resample(event.wav, event.sample_rate * ratio, sample_rate, quality="MQ").astype(np.float32)
    onset = round(event.onset_sample / ratio * sample_rate / event.sample_rate)
    wav = _tilted(wav, tilt_db, sample_rate)
    if decay_s is not None:
        age = np.maximum(np.arange(wav.size) - onset - 0.01 * sample_rate, 0) / sample_rate
        wav *= np.exp(-age / decay_s).astype(np.float32)
    guard = max(0, onset - round(GUARD_S * sample_rate))
    wav[:guard] = 0
    wav[guard:onset] *= np.linspace(0, 1, onset - guard, dtype=np.float32)
    return wav, onset


def _tilted(wav: Wav, tilt_db: float, sample_rate: int) -> Wav:
    """Tilt the spectrum about 1 kHz by `tilt_db` an octave, between 125 Hz and 8 kHz."""
    size = 1 << int(np.ceil(np.log2(wav.size + 256)))
    frequency_hz = np.fft.rfftfreq(size, 1 / sample_rate)
    octaves = np.log2(np.clip(frequency_hz, 125, 8000) / 1000)
    gain = 10 ** (tilt_db * octaves / 20)
    return np.fft.irfft(np.fft.rfft(wav, size) * gain, size)[: wav.size].astype(np.float32)


def _choke(wav: Wav, sample: int, sample_rate: int) -> None:
    """Damp what still rings when the same thing is struck again, in place."""
    if 0 <= sample < wav.size:
        age = np.arange(wav.size - sample) / sample_rate
        wav[sample:] *= np.exp(-age / 0.03).astype(np.float32)


def _add(wav: Wav, addition: Wav, start: int) -> None:
    """Mix in at a sample, in place; what falls outside is left out."""
    skipped = max(0, -start)
    length = min(addition.size - skipped, wav.size - max(start, 0))
    if length > 0:
        wav[max(start, 0) : max(start, 0) + length] += addition[skipped : skipped + length]


def _grains(
    rng: np.random.Generator, stretches: list[Stretch], intensity: Intensity, count: int, sample_rate: int
) -> Wav:
    """Overlapping grains at constant power, under the intensity."""
    stretch = stretches[int(rng.integers(len(stretches)))]
    ratio = 2 ** (rng.uniform(-MAX_PITCH_SEMITONES, MAX_PITCH_SEMITONES) / 12)
    source = stretch.wav
    wanted = round((count / sample_rate + 1) * ratio * stretch.sample_rate)
    if source.size > wanted:
        start = int(rng.integers(source.size - wanted))
        source = source[start : start + wanted]
    source = soxr.resample(source, stretch.sample_rate * ratio, sample_rate, quality="MQ").astype(np.float32)
    length = int(min(source.size, round(rng.uniform(0.3, 1.2) * sample_rate)))
    fade = length // 3
    window = np.ones(length, np.float32)
    window[:fade] = np.sin(0.5 * np.pi * np.arange(fade) / fade)
    window[-fade:] = window[:fade][::-1]
    wav = np.zeros(count, np.float32)
    for start in range(-fade, count, length - fade):
        at = int(rng.integers(source.size - length + 1))
        _add(wav, source[at : at + length] * window, start)
    wav = _tilted(wav, float(rng.uniform(-2, 2)), sample_rate)
    loudness = np.sqrt(np.mean(np.square(wav)) + 1e-12)
    strength = intensity.at((np.arange(count)) / sample_rate)
    gain_db = CONTINUOUS_LEVEL_DB - CONTINUOUS_RANGE_DB * (1 - strength)
    gain = 10 ** (gain_db / 20) * np.clip(strength / 0.05, 0, 1)
    return np.asarray(wav * (gain / loudness), np.float32)


def _in_room(rng: np.random.Generator, wav: Wav, sample_rate: int) -> Wav:
    """Add a late, decaying, diffuse tail: the direct sound stays as it is."""
    if rng.random() < 0.3:
        return wav
    rt60_s, wet_db, gap_s = rng.uniform(0.12, 0.8), rng.uniform(-34, -14), rng.uniform(0.004, 0.02)
    length = round(rt60_s * sample_rate)
    age = np.arange(length) / sample_rate
    tail = rng.standard_normal(length) * 10 ** (-3 * age / rt60_s) * (age >= gap_s)
    tail *= 10 ** (wet_db / 20) / np.sqrt(np.sum(tail**2) + 1e-12)
    size = 1 << int(np.ceil(np.log2(wav.size + length)))
    dull = 1 / (1 + (np.fft.rfftfreq(size, 1 / sample_rate) / 3000) ** 2)
    late = np.fft.irfft(np.fft.rfft(wav, size) * np.fft.rfft(tail, size) * dull, size)[: wav.size]
    return (wav + late).astype(np.float32)


def _hiss(rng: np.random.Generator, count: int) -> Wav:
    """A quiet noise floor, white to brown, -80 to -56 dBFS RMS."""
    size = 1 << int(np.ceil(np.log2(max(count, 2))))
    slope = np.maximum(np.arange(size // 2 + 1), 4) ** -rng.uniform(0, 1.0)
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(size)) * slope, size)[:count]
    level_db = rng.uniform(-80, -56)
    return np.asarray(noise * 10 ** (level_db / 20) / np.sqrt(np.mean(noise**2)), np.float32)
