"""Do hits come through the codec? No language model can meet a hit that its tokens do not tell.

Rendered scenes of held-out recordings, and what the codec makes of them: onsets heard in both, matched with the hits
that the scenes were made of.
"""

from __future__ import annotations

import numpy as np

from engine.codec.encodec import Encodec
from engine.evaluation.bootstrap import mean_interval
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench
from engine.evaluation.quality.codec import DECODER_ALONE, reconstructed
from engine.evaluation.sync import draw_test_scenes, onsets_of
from engine.media.audio import resample
from engine.media.matching import match, onset_f1, times_of
from engine.media.onsets import SAMPLE_RATE
from engine.training.recordings import RecordingLibrary

NAME, TITLE = "codec-hits", "Codec: hits heard after it, F1 within 50 ms"
TARGET = Target("at least", 0.93)
"""What given hits are to be met with."""
TOLERANCE_S = 0.05


def measure(bench: Bench) -> list[QualityFigure]:
    if bench.codec is None:
        return [unmeasured(NAME, TITLE, TARGET, DECODER_ALONE)]
    return [hits_through(bench.codec, bench.library, bench.size.scenes, bench.seed)]


def hits_through(codec: Encodec, library: RecordingLibrary, scenes: int, seed: int = 0) -> QualityFigure:
    """
    Args:
        library: at the codec's rate.
    """
    rate = codec.config.sample_rate
    before, after, late_ms = [], [], []
    for scene in draw_test_scenes(library, scenes):
        true = times_of(scene.spec.hits)
        heard = onsets_of(resample(scene.wav, scene.sample_rate, SAMPLE_RATE))
        found = onsets_of(resample(reconstructed(codec, scene.wav), rate, SAMPLE_RATE))
        before.append(onset_f1(heard, true, TOLERANCE_S))
        after.append(onset_f1(found, true, TOLERANCE_S))
        late_ms += [1000 * (found[i] - true[j]) for i, j in match(found, true, TOLERANCE_S)]
    value = mean_interval(after, seed=seed)
    if value is None:
        return unmeasured(NAME, TITLE, TARGET, "no held-out recording has hits to make a scene of")
    details = {"before it": float(np.mean(before)), "scenes": float(len(after))}
    if late_ms:
        details["late by, median ms"] = float(np.median(late_ms))
    return QualityFigure(NAME, TITLE, value, TARGET, details=details)
