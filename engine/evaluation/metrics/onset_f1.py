"""Onset F1: do the sample's onsets fall on the clip's hits?"""

from __future__ import annotations

from collections.abc import Sequence

from engine.evaluation.clips import Sound, TestClip
from engine.evaluation.matching import chance_f1
from engine.evaluation.metrics import About, ClipMetric, Measured, MetricSettings
from engine.media.matching import onset_score, times_of

TOLERANCES_MS = (40, 100, 200)


class OnsetF1(ClipMetric):
    """Onsets heard in the sample, matched one to one with the true hits within a tolerance.

    Weighted by the moments found and true, so that the pool is the F1 of all counts together.
    """

    def __init__(self, tolerance_ms: int) -> None:
        self._tolerance_s = tolerance_ms / 1000
        self._about = About(
            name=f"onset-f1-{tolerance_ms}ms",
            title=f"Onset F1, {tolerance_ms} ms",
            unit="",
            direction="higher",
            explanation=f"Onsets heard in the sample against the clip's hits, matched one to one within "
            f"{tolerance_ms} ms, nearest first. Pooled: the F1 of all clips' counts together.",
        )

    @property
    def about(self) -> About:
        return self._about

    def measure(self, sample: Sound, clip: TestClip) -> Measured:
        score = onset_score(times_of(sample.onsets()), times_of(clip.hits), self._tolerance_s)
        return Measured(score.f1, weight=float(score.found + score.true))

    def chance(self, sample: Sound, clip: TestClip, *, seed: int) -> float:
        """As many moments as were heard, thrown at random into the clip."""
        return chance_f1(
            len(sample.onsets()), times_of(clip.hits), clip.duration_s, self._tolerance_s, seed=seed
        )


def family(_settings: MetricSettings) -> Sequence[ClipMetric]:
    return [OnsetF1(tolerance_ms) for tolerance_ms in TOLERANCES_MS]
