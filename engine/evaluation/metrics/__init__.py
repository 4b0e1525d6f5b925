"""What a metric is. One file a metric (or a family of them), one line in `registry.py`, one test.

All sound is measured at 16 kHz mono, and both sides of a pair are cut to the shorter before a metric sees
them. There are two kinds:

- a `ClipMetric` compares one sample with one clip. The report adds the mean over clips with its confidence
  interval, the same for shuffled pairs, and paired differences between systems. Metrics of a learned model
  that compare clip by clip (KL of label distributions, ImageBind score) are of this kind: they keep what is
  costly with `sound.once("name", compute)`, so that shuffled pairs cost nothing more.
- a `SetMetric` compares two sets (FAD). The report embeds each sound once and asks for the value of many sets.

Subclass the protocols explicitly: some methods have defaults.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol, TypeGuard

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.evaluation.clips import Sound, TestClip

Direction = Literal["higher", "lower", "zero", "none"]
"""Which values are better: higher, lower, nearer to zero; "none" is a fact without a better."""


class About(Struct, frozen=True):
    """How a metric is called and read.

    Attributes:
        name: stable, for files and options: letters, digits and dashes.
        title: for people.
        unit: after the number, "" for none.
        explanation: one or two sentences for the report: what it is, its settings, its source.
        decimals: how many are shown.
        least: no value can be lower (a distance's 0); intervals end there. None for no such bound.
    """

    name: str
    title: str
    unit: str
    direction: Direction
    explanation: str
    decimals: int = 3
    least: float | None = None


class Measured(Struct, frozen=True):
    """One metric of one pair.

    `value` is None where the pair has none (the correlation of a silent sound): it is counted as undefined
    and left out of the mean. `weight` is what the pair counts for in the pooled figure, the mean weighted by
    it: for F1 the number of moments found and true, which makes the pool the F1 of all counts together.
    """

    value: float | None
    weight: float = 1.0


class ClipMetric(Protocol):
    """A figure of one sample beside one clip."""

    @property
    def about(self) -> About: ...

    def available(self) -> str | None:
        """None, or the reason for which it cannot be measured (one sentence: what is missing, what to do)."""
        return None

    def measure(self, sample: Sound, clip: TestClip) -> Measured:
        """Sample and clip are of the same length. Must not depend on what was measured before.

        Raises:
            MediaError: the film's picture is needed and cannot be decoded.
        """
        ...

    def chance(self, sample: Sound, clip: TestClip, *, seed: int) -> float | None:
        """What a sound of as many moments at random would get; None where there is no such thing."""
        return None


class SetMetric(Protocol):
    """A figure of a set of samples beside the set of the clips' own sounds."""

    @property
    def about(self) -> About: ...

    @property
    def resamples(self) -> int:
        """How many resampled sets the interval may cost; 0 for no interval."""
        return 200

    def available(self) -> str | None:
        """None, or the reason for which it cannot be measured."""
        return None

    def embed(self, sound: Sound) -> NDArray[np.floating]:
        """What the value is computed from: [rows, width]; a sound may give several rows (its seconds)."""
        ...

    def value(
        self, samples: Sequence[NDArray[np.floating]], references: Sequence[NDArray[np.floating]]
    ) -> float | None:
        """From embeddings, one a sound; None where the sets are too small for it.

        Samples and references are not paired, and there may be fewer samples.
        """
        ...

    def remark(
        self, samples: Sequence[NDArray[np.floating]], references: Sequence[NDArray[np.floating]]
    ) -> str | None:
        """What a reader of this very value must be warned of (too few windows); None for nothing."""
        return None


Metric = ClipMetric | SetMetric


def is_of_sets(metric: Metric) -> TypeGuard[SetMetric]:
    return hasattr(metric, "embed")


def is_of_clips(metric: Metric) -> TypeGuard[ClipMetric]:
    return not is_of_sets(metric)


class MetricSettings(Struct, frozen=True):
    """What the command line says about metrics; each family takes what concerns it.

    Each is a file of public weights that the user has (see `engine.evaluation.embeddings`), or None: `vggish`
    for FAD, `passt` for KL, `imagebind` for the ImageBind score. `ear` is the folder of the project's own
    embedding, which stands beside them always; None for the one that ships.
    """

    vggish: Path | None = None
    passt: Path | None = None
    imagebind: Path | None = None
    ear: Path | None = None
