"""Takes made from takes: can the seams be told from the rest, and does a variation stay near its take?"""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np

from engine.evaluation.bootstrap import mean_interval, ratio_interval
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench, flat_curve, spread
from engine.evaluation.quality.making import Ask, Take
from engine.evaluation.quality.spectra import mel_distance
from engine.evaluation.seams import SeamPercentiles, seam_percentiles
from engine.media.audio import write_wav
from engine.media.matching import onset_f1
from engine.media.onsets import detect_onsets
from engine.media.splicing import FADE_IN_S, FADE_OUT_S
from engine.protocol import RHYTHM_AND_BODY, Hit, Original, pack_tokens, rational
from engine.training.spectral import MelDistance

DURATION_S = 4.0
HITS = (Hit(0.4, 0.9), Hit(1.0, 0.7), Hit(1.8, 0.9), Hit(2.4, 0.8), Hit(3.2, 0.7))
REDO = (Fraction(14, 10), Fraction(28, 10))
"""Between hits: a person chooses a part so, and a hit would hide a seam."""
SEAMS_S = (float(REDO[0]) - FADE_IN_S / 2, float(REDO[1]) + FADE_OUT_S / 2)
SEEDS = 2
F1_TOLERANCE_S = 0.05

SEAMS = "redo-seams"
SEAMS_TITLE = "Change of sound at the seams of a redone part, mean percentile among the take's other moments"
SEAMS_TARGET = Target("at most", 75.0)
FAR_OUT = 99.0
OUT = "redo-seams-out"
OUT_TITLE = "Seams that change the sound more than 99 % of the take's other moments"
OUT_TARGET = Target("at most", 0.05)
VARY = "vary"
VARY_TITLE = "Distance of variations to their take, over that of other seeds"
VARY_TARGET = Target("at most", 0.8)


def measure(bench: Bench) -> list[QualityFigure]:
    labels = spread(bench.point_labels, bench.size.redo_labels)
    labels += spread(bench.continuous_labels, bench.size.redo_labels)
    if not labels:
        return [
            unmeasured(name, title, target, "there is no tested label")
            for name, title, target in (
                (SEAMS, SEAMS_TITLE, SEAMS_TARGET),
                (OUT, OUT_TITLE, OUT_TARGET),
                (VARY, VARY_TITLE, VARY_TARGET),
            )
        ]
    firsts = bench.make([_ask(bench, label, bench.seed) for label in labels])
    with tempfile.TemporaryDirectory() as folder:
        originals = [_original(bench, take, Path(folder) / f"{n}.wav") for n, take in enumerate(firsts)]
        seams = _seams(bench, firsts, originals)
        vary = _vary(bench, firsts, originals)
    return [*seams, vary]


def _seams(bench: Bench, firsts: list[Take], originals: list[Original]) -> list[QualityFigure]:
    redo = [(rational(REDO[0]), rational(REDO[1]))]
    made = bench.make(
        [
            _ask(bench, take.ask.label, seed, msgspec.structs.replace(original, redo=redo))
            for take, original in zip(firsts, originals, strict=True)
            for seed in range(bench.seed + 1, bench.seed + 1 + SEEDS)
        ]
    )
    found = [_heard(take) for take in made]
    flux = np.array([seam.flux for seams in found for seam in seams])
    energy = np.array([seam.energy for seams in found for seam in seams])
    steady = np.repeat([bench.is_continuous(take.ask.label) for take in made], len(SEAMS_S))
    firsts_of_made = [take for take in firsts for _ in range(SEEDS)]
    hard = np.array([_hard_cut(*pair) for pair in zip(made, firsts_of_made, strict=True)])
    others = [*made[SEEDS:], *made[:SEEDS]]
    foreign = np.array([_hard_cut(*pair) for pair in zip(others, firsts_of_made, strict=True)])
    details = {
        "seams": float(flux.size),
        "median": float(np.median(flux)),
        "greatest": float(flux.max()),
        "of energy": float(energy.mean()),
        "of beginnings": float(flux[0::2].mean()),
        "of ends": float(flux[1::2].mean()),
        **{
            name: float(flux[of].mean())
            for name, of in (("of sounds made of hits", ~steady), ("of steady sounds", steady))
            if of.any()
        },
        "of hard cuts": float(hard.mean()),
        "of another sound cut in": float(foreign.mean()),
    }
    value = mean_interval(flux.tolist(), seed=bench.seed)
    out = mean_interval((flux > FAR_OUT).astype(float).tolist(), seed=bench.seed)
    beside = {
        "of energy": float((energy > FAR_OUT).mean()),
        "of hard cuts": float((hard > FAR_OUT).mean()),
        "of another sound cut in": float((foreign > FAR_OUT).mean()),
    }
    return [
        QualityFigure(SEAMS, SEAMS_TITLE, value, SEAMS_TARGET, decimals=0, details=details),
        QualityFigure(OUT, OUT_TITLE, out, OUT_TARGET, details=beside),
    ]


def _heard(take: Take) -> list[SeamPercentiles]:
    return seam_percentiles(take.wav, take.sample_rate, SEAMS_S)


def _hard_cut(before: Take, after: Take) -> float:
    """A control: one take breaks off where a fade would begin, and another stands there, as loud on the whole.

    Of the redone take and its original it is the seam without its fade; of two labels it is one that people hear.
    """
    at_s = float(REDO[1])
    at = round(at_s * after.sample_rate)
    level = float(after.wav.std() / max(before.wav.std(), 1e-6))
    cut = np.concatenate([before.wav[:at] * np.float32(level), after.wav[at:]])
    return seam_percentiles(cut, after.sample_rate, [at_s])[0].flux


def _vary(bench: Bench, firsts: list[Take], originals: list[Original]) -> QualityFigure:
    """The mean over labels; onsets are compared with those of the take that was varied."""
    whole = [((0, 1), rational(Fraction(DURATION_S)))]
    seeds = range(bench.seed + 1, bench.seed + 1 + SEEDS)
    kept = [
        msgspec.structs.replace(original, redo=whole, kept_codebooks=RHYTHM_AND_BODY)
        for original in originals
    ]
    varied = bench.make(
        [
            _ask(bench, take.ask.label, seed, varied_from)
            for take, varied_from in zip(firsts, kept, strict=True)
            for seed in seeds
        ]
    )
    others = bench.make([_ask(bench, take.ask.label, seed) for take in firsts for seed in seeds])
    mel = MelDistance(firsts[0].sample_rate)
    near, far = (
        [
            float(
                np.mean(
                    [mel_distance(take.wav, first.wav, mel) for take in made[n * SEEDS : (n + 1) * SEEDS]]
                )
            )
            for n, first in enumerate(firsts)
        ]
        for made in (varied, others)
    )
    details = {
        "onsets kept, F1 at 50 ms": _onsets_kept(bench, firsts, varied),
        "of other seeds": _onsets_kept(bench, firsts, others),
        **{f"of {take.ask.label}": a / b for take, a, b in zip(firsts, near, far, strict=True) if b > 0},
    }
    value = ratio_interval(near, far, seed=bench.seed)
    return QualityFigure(VARY, VARY_TITLE, value, VARY_TARGET, details=details)


def _onsets_kept(bench: Bench, firsts: list[Take], made: list[Take]) -> float:
    """Of sounds made of hits."""
    scores = [
        onset_f1(_onsets(take), _onsets(firsts[number // SEEDS]), F1_TOLERANCE_S)
        for number, take in enumerate(made)
        if not bench.is_continuous(take.ask.label)
    ]
    return float(np.mean(scores)) if scores else 0.0


def _onsets(take: Take) -> list[float]:
    return [hit.time_s for hit in detect_onsets(take.wav, take.sample_rate)]


def _original(bench: Bench, take: Take, path: Path) -> Original:
    write_wav(path, take.wav, take.sample_rate)
    model = bench.pipeline.model
    tokens = pack_tokens(take.codes.tolist(), model.config.codec.frame_rate, model.codec_sha256)
    return Original(str(path), tokens)


def _ask(bench: Bench, label: str, seed: int, original: Original | None = None) -> Ask:
    if bench.is_continuous(label):
        return Ask(label, DURATION_S, curve=flat_curve(DURATION_S), seed=seed, original=original)
    return Ask(label, DURATION_S, HITS, seed=seed, original=original)
