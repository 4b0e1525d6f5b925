"""Is the codec dull? Held-out recordings and what the codec makes of them, beside Opus at its least rate.

The same above 8 kHz beside plain resampling from 16 kHz: a codec that adds nothing there is no full-band codec.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from engine.codec.encodec import Encodec
from engine.evaluation.bootstrap import Interval, mean_interval, ratio_interval
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench
from engine.evaluation.quality.opus import BIT_RATE, has_opus, through_opus
from engine.evaluation.quality.spectra import (
    distance_above,
    flatness,
    high_band_energy,
    high_band_share,
    mel_distance,
    stft_distance,
)
from engine.media.audio import resample
from engine.training.crops import levelled
from engine.training.recordings import Recording
from engine.training.spectral import MelDistance

LIKENESS_TARGET = Target("at most", 0.15)
BESIDE_OPUS_TARGET = Target("at most", 1.0)
FULL_BAND_TARGET = Target("at most", 0.95)
"""Better than plain resampling, and not by a rounding."""
LONGEST_S = 4.0
SHORTEST_S = 0.1
LEAST_HIGH_BAND = 1e-6
"""Recordings whose upper half holds a smaller share of their energy have none to lose."""
FULL_RATE, TELEPHONE_RATE = 48000, 16000
FULL_SOURCE_RATE = 44100
DECODER_ALONE = (
    "the model ships its codec's decoder alone; give the folder of the codec's training by --codec"
)

TITLES = {
    "codec-flatness": "Codec: spectral flatness off by",
    "codec-high-band": "Codec: energy of the upper half of the band off by",
    "codec-mel": "Codec: log-mel distance over that of Opus",
    "codec-stft": "Codec: multi-resolution STFT distance over that of Opus",
    "codec-full-band": "Codec: distance above 8 kHz over that of plain resampling",
}

Wav = NDArray[np.float32]
TARGETS = {
    "codec-flatness": LIKENESS_TARGET,
    "codec-high-band": LIKENESS_TARGET,
    "codec-mel": BESIDE_OPUS_TARGET,
    "codec-stft": BESIDE_OPUS_TARGET,
    "codec-full-band": FULL_BAND_TARGET,
}


@dataclass(frozen=True, eq=False)
class Pair:
    """A held-out recording, at most four seconds of it, and what came back; float32 [N] at the codec's rate."""

    recording: Recording
    real: Wav
    made: Wav


def measure(bench: Bench) -> list[QualityFigure]:
    if bench.codec is None:
        return [_unmeasured(name, DECODER_ALONE) for name in TITLES]
    return measure_codec(
        bench.codec, bench.library.of_split("held_out"), bench.size.codec_recordings, bench.seed
    )


def measure_codec(
    codec: Encodec, recordings: Sequence[Recording], count: int, seed: int = 0
) -> list[QualityFigure]:
    """On so many recordings, evenly over the list; `recordings` are at the codec's rate."""
    long_enough = [r for r in recordings if r.wav.size >= SHORTEST_S * r.sample_rate]
    step = max(1, math.ceil(len(long_enough) / max(count, 1)))
    pairs = [_pair(codec, recording) for recording in long_enough[::step]]
    if not pairs:
        return [_unmeasured(name, "there are no held-out recordings") for name in TITLES]
    rate = codec.config.sample_rate
    return [*_likeness(pairs, rate, seed), *_beside_opus(codec, pairs, seed), _full_band(pairs, rate, seed)]


def _unmeasured(name: str, why: str) -> QualityFigure:
    return unmeasured(name, TITLES[name], TARGETS[name], why)


@torch.inference_mode()
def reconstructed(codec: Encodec, wav: Wav) -> Wav:
    """[N] -> [N], by way of tokens."""
    hop = codec.config.hop_length
    padded = torch.from_numpy(np.pad(wav, (0, -wav.size % hop)))[None, None]
    made = codec.decode(codec.encode(padded))[0, 0]
    return np.asarray(made[: wav.size].numpy(), np.float32)


def _pair(codec: Encodec, recording: Recording) -> Pair:
    real = levelled(_loudest_part(recording.wav, recording.sample_rate))
    return Pair(recording, real, reconstructed(codec, real))


def _loudest_part(wav: Wav, sample_rate: int) -> Wav:
    """The recording's first four seconds from a second before its loudest moment."""
    length = round(LONGEST_S * sample_rate)
    start = max(0, min(int(np.abs(wav).argmax()) - sample_rate, wav.size - length))
    return wav[start : start + length]


def _likeness(pairs: Sequence[Pair], rate: int, seed: int) -> list[QualityFigure]:
    flat = [flatness(p.made, rate, p.real) / flatness(p.real, rate, p.real) for p in pairs]
    bright = [p for p in pairs if high_band_share(p.real, rate) > LEAST_HIGH_BAND]
    high = [high_band_energy(p.made, rate) / high_band_energy(p.real, rate) for p in bright]
    return [_off_by("codec-flatness", flat, seed), _off_by("codec-high-band", high, seed)]


def _off_by(name: str, ratios: Sequence[float], seed: int) -> QualityFigure:
    """How far the geometric mean of ratios lies from 1."""
    logs = [math.log(max(ratio, 1e-6)) for ratio in ratios]
    mean = mean_interval(logs, seed=seed)
    if mean is None:
        return _unmeasured(name, "no held-out recording has a band of its own there")
    details = {
        "ratio": math.exp(mean.value),
        "recordings within 15 %": float(np.mean(np.abs(np.array(ratios) - 1) <= LIKENESS_TARGET.bound)),
        "recordings": float(len(ratios)),
    }
    if mean.low is not None and mean.high is not None:
        details |= {"ratio, low": math.exp(mean.low), "ratio, high": math.exp(mean.high)}
    value = Interval(abs(math.exp(mean.value) - 1))
    return QualityFigure(name, TITLES[name], value, LIKENESS_TARGET, details=details)


def _beside_opus(codec: Encodec, pairs: Sequence[Pair], seed: int) -> list[QualityFigure]:
    config = codec.config
    mel = MelDistance(config.sample_rate)
    ours = {
        "codec-mel": [mel_distance(p.made, p.real, mel) for p in pairs],
        "codec-stft": [stft_distance(p.made, p.real) for p in pairs],
    }
    if not has_opus():
        return [
            _unmeasured(name, f"FFmpeg has no libopus here; the codec's own distance is {np.mean(each):.3f}")
            for name, each in ours.items()
        ]
    opus = [through_opus(p.real, config.sample_rate) for p in pairs]
    theirs = {
        "codec-mel": [mel_distance(wav, p.real, mel) for wav, p in zip(opus, pairs, strict=True)],
        "codec-stft": [stft_distance(wav, p.real) for wav, p in zip(opus, pairs, strict=True)],
    }
    kbps = config.frame_rate * config.num_codebooks * math.log2(config.codebook_size) / 1000
    return [
        QualityFigure(
            name,
            TITLES[name],
            ratio_interval(ours[name], theirs[name], seed=seed),
            BESIDE_OPUS_TARGET,
            details={"codec": float(np.mean(ours[name])), "Opus": float(np.mean(theirs[name]))},
            remark=f"{kbps:.1f} kbit/s beside Opus at {BIT_RATE / 1000:g}, its least",
        )
        for name in ours
    ]


def _full_band(pairs: Sequence[Pair], rate: int, seed: int) -> QualityFigure:
    """On recordings that have a band above 8 kHz of their own."""
    ours, plain = [], []
    for pair in pairs:
        if (
            not pair.recording.path.is_file()
            or soundfile.info(pair.recording.path).samplerate < FULL_SOURCE_RATE
        ):
            continue
        whole = _loudest_part(replace(pair.recording, sample_rate=FULL_RATE).wav, FULL_RATE)
        made = resample(pair.made, rate, FULL_RATE)
        size = min(whole.size, made.size)
        whole, made = whole[:size], made[:size]
        # The codec heard it at one level.
        whole = whole * np.float32(_rms(made) / max(_rms(whole), 1e-9))
        narrow = resample(resample(whole, FULL_RATE, TELEPHONE_RATE), TELEPHONE_RATE, FULL_RATE)[:size]
        ours.append(distance_above(made, whole, FULL_RATE, TELEPHONE_RATE / 2))
        plain.append(
            distance_above(np.pad(narrow, (0, size - narrow.size)), whole, FULL_RATE, TELEPHONE_RATE / 2)
        )
    name = "codec-full-band"
    value = ratio_interval(ours, plain, seed=seed)
    if value is None:
        return _unmeasured(name, "no held-out file has 44.1 kHz or more")
    details = {
        "codec, dB": float(np.mean(ours)),
        "plain, dB": float(np.mean(plain)),
        "recordings": float(len(ours)),
    }
    return QualityFigure(name, TITLES[name], value, FULL_BAND_TARGET, details=details)


def _rms(wav: Wav) -> float:
    return float(np.sqrt(np.mean(np.square(wav, dtype=np.float64))))
