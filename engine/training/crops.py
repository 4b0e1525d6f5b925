"""The codec's diet: crops of real recordings, of events in silence, and of procedural sounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.errors import MediaError, RequestError
from engine.training.recordings import Recording

Wave = NDArray[np.float32]
Pools = Mapping[str, Sequence[Recording]]
"""Recordings by their label, in the labels' order."""

TARGET_RMS = 0.1
PEAK = 0.99
TILT_DB_AN_OCTAVE = (-18.0, 3.0)
TILT_ABOUT_HZ, TILT_FROM_HZ = 1000.0, 60.0
MAX_BROKEN = 50
"""Recordings that cannot be heard, one after the other: then it is no matter of single ones."""


@dataclass(frozen=True)
class CropConfig:
    """`gain_spread_db` is how far under the target level a crop may lie; it widens as training goes on."""

    sample_rate: int = 16000
    num_samples: int = 10240
    recordings_share: float = 0.55
    sparse_share: float = 0.2
    silence_share: float = 0.03
    tilted_share: float = 0.0
    """Of the crops that sound: so many are made darker or brighter over all frequencies."""


def pooled(recordings: Iterable[Recording]) -> Pools:
    """By label; once for a training, since there may be many."""
    pools: dict[str, list[Recording]] = {}
    for recording in recordings:
        pools.setdefault(recording.label, []).append(recording)
    return dict(sorted(pools.items()))


def draw_batch(
    rng: np.random.Generator, pools: Pools, config: CropConfig, batch: int, gain_spread_db: float
) -> Wave:
    """Crops [batch, num_samples], float32.

    Raises:
        RequestError: see `draw_crop`.
    """
    return np.stack([draw_crop(rng, pools, config, gain_spread_db) for _ in range(batch)])


def draw_crop(rng: np.random.Generator, pools: Pools, config: CropConfig, gain_spread_db: float) -> Wave:
    """A crop [num_samples], drawn class by class so that 18 minutes of rain do not rule.

    A recording that cannot be heard is passed over.

    Raises:
        RequestError: so are many, one after the other.
    """
    labels = list(pools)
    for _ in range(MAX_BROKEN):
        pool = pools[labels[rng.integers(len(labels))]]
        try:
            return _draw_one(rng, pool[int(rng.integers(len(pool)))], config, gain_spread_db)
        except MediaError as error:
            trouble = error
    raise RequestError(
        f"{MAX_BROKEN} recordings one after the other cannot be heard, the last since: {trouble.sentence}"
    )


def _draw_one(
    rng: np.random.Generator, recording: Recording, config: CropConfig, gain_spread_db: float
) -> Wave:
    share = rng.random()
    if share < config.silence_share:
        return rng.standard_normal(config.num_samples).astype(np.float32) * np.float32(
            10 ** rng.uniform(-5, -3.2)
        )
    share -= config.silence_share
    if share < config.recordings_share:
        wav = sounding_crop(
            rng, recording.stretch(rng), config.num_samples, speed=float(2 ** rng.uniform(-0.4, 0.4))
        )
    elif share < config.recordings_share + config.sparse_share:
        wav = _event_in_silence(rng, recording.stretch(rng), config)
    elif rng.random() < 0.6:
        wav = modal_sound(rng, config.num_samples, config.sample_rate)
    else:
        wav = shaped_noise(rng, config.num_samples, config.sample_rate)
    if config.tilted_share and rng.random() < config.tilted_share:
        wav = tilted(wav, float(rng.uniform(*TILT_DB_AN_OCTAVE)), config.sample_rate)
    return levelled(wav, db_below=float(rng.uniform(0, 1) ** 2 * gain_spread_db))


def tilted(wav: Wave, db_an_octave: float, sample_rate: int) -> Wave:
    """[N], with a spectrum that falls or rises by so much from octave to octave."""
    hz = np.fft.rfftfreq(wav.size, 1 / sample_rate).clip(min=TILT_FROM_HZ)
    gain = 10 ** (db_an_octave * np.log2(hz / TILT_ABOUT_HZ) / 20)
    made: Wave = np.fft.irfft(np.fft.rfft(wav) * gain, wav.size).astype(np.float32)
    return made


def sounding_crop(rng: np.random.Generator, wav: Wave, num_samples: int, *, speed: float = 1.0) -> Wave:
    """A crop that holds sound: the loudest of three places, padded where the recording is shorter."""
    need = int(num_samples * speed) + 64
    best: Wave = np.zeros(0, np.float32)
    for _ in range(3):
        start = int(rng.integers(-need // 3, max(1, wav.size - need // 2)))
        piece = _slice(wav, start, need)
        if best.size == 0 or np.abs(piece).max() > 1.5 * np.abs(best).max():
            best = piece
    if abs(speed - 1) > 1e-3:
        best = soxr.resample(best, speed, 1, quality="MQ").astype(np.float32)
    return _slice(best, 0, num_samples)


def levelled(wav: Wave, *, db_below: float = 0.0) -> Wave:
    rms = float(np.sqrt(np.mean(wav**2)))
    if rms < 1e-6:
        return wav
    gain = TARGET_RMS / rms * 10 ** (-db_below / 20)
    peak = float(np.abs(wav).max()) * gain
    return (wav * (gain * min(1.0, PEAK / max(peak, 1e-9)))).astype(np.float32)


def modal_sound(rng: np.random.Generator, num_samples: int, sample_rate: int) -> Wave:
    """A struck body: decaying partials with a click, in silence or over noise."""
    wav = np.zeros(num_samples, np.float64)
    for _ in range(int(rng.integers(1, 4))):
        start = int(rng.integers(0, num_samples * 3 // 4))
        time_s = np.arange(num_samples - start) / sample_rate
        base_hz = 10 ** rng.uniform(1.9, 3.5)
        body = np.zeros_like(time_s)
        for _partial in range(int(rng.integers(1, 12))):
            frequency_hz = base_hz * rng.uniform(0.5, 6.0)
            if frequency_hz < sample_rate * 0.48:
                decay_s = 10 ** rng.uniform(-2.2, -0.2) * (base_hz / frequency_hz) ** 0.5
                phase = rng.uniform(0, 2 * np.pi)
                body += (
                    rng.uniform(0.1, 1)
                    * np.exp(-time_s / decay_s)
                    * np.sin(2 * np.pi * frequency_hz * time_s + phase)
                )
        click = rng.standard_normal(time_s.size) * np.exp(-time_s / 10 ** rng.uniform(-3.3, -1.7))
        wav[start:] += (body + click * rng.uniform(0, 3)) * rng.uniform(0.2, 1)
    return wav.astype(np.float32)


def shaped_noise(rng: np.random.Generator, num_samples: int, sample_rate: int) -> Wave:
    """Noise under a random spectrum and a random envelope: brushes, cloth, wind, spray."""
    spectrum = np.fft.rfft(rng.standard_normal(num_samples))
    frequency_hz = np.fft.rfftfreq(num_samples, 1 / sample_rate)
    octave = np.log2(np.maximum(frequency_hz, 30) / 1000)
    centre, width, tilt = rng.uniform(-3, 2.7), rng.uniform(0.5, 4), rng.uniform(-9, 3)
    gain_db = tilt * octave - 12 * np.maximum(0, np.abs(octave - centre) - width)
    noise = np.fft.irfft(spectrum * 10 ** (gain_db / 20), num_samples)
    knots = rng.uniform(-2.2, 0, size=int(rng.integers(2, 10)))
    envelope = 10 ** np.interp(np.linspace(0, 1, num_samples), np.linspace(0, 1, knots.size), knots)
    return (noise * envelope).astype(np.float32)


def _event_in_silence(rng: np.random.Generator, wav: Wave, config: CropConfig) -> Wave:
    loud = int(np.abs(wav).argmax()) if wav.size else 0
    start = max(0, loud - config.sample_rate // 50)
    piece = wav[start : start + int(rng.integers(config.sample_rate // 20, config.num_samples))].copy()
    fade = min(config.sample_rate // 40, piece.size // 2)
    if fade:
        piece[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    out = np.zeros(config.num_samples, np.float32)
    at = int(rng.integers(0, max(1, config.num_samples - piece.size // 2)))
    out[at : at + piece.size] = piece[: out.size - at]
    if rng.random() < 0.5:
        out += rng.standard_normal(out.size).astype(np.float32) * np.float32(
            np.abs(out).max() * 10 ** rng.uniform(-5, -3)
        )
    return out


def _slice(wav: Wave, start: int, length: int) -> Wave:
    out = np.zeros(length, np.float32)
    begin, end = max(0, start), min(wav.size, start + length)
    if end > begin:
        out[begin - start : end - start] = wav[begin:end]
    return out
