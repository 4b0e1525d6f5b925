"""Every metric of every system on every test clip, beside the same for shuffled pairs."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from engine.errors import FoleyError, MediaError, RequestError
from engine.evaluation.bootstrap import CONFIDENCE, DRAWS
from engine.evaluation.clips import BrokenTruth, Sound, TestClip, read_clip, read_sound
from engine.evaluation.matching import shuffled
from engine.evaluation.metrics import ClipMetric, Measured, Metric, is_of_clips, is_of_sets
from engine.evaluation.report import (
    FORMAT,
    ClipFacts,
    ClipValue,
    LeftOut,
    Lengths,
    MetricResult,
    Report,
    SystemFacts,
)
from engine.evaluation.samples import System, refuse_same_names
from engine.evaluation.summing import Rows, kind_of, result_of_clips, result_of_sets
from engine.media.onsets import SAMPLE_RATE
from engine.protocol import Hit

FEWEST_CLIPS = 2
"""One clip has no other to be shuffled with."""
KEPT_CLIPS = 32
SAME_LENGTH_S = 0.01


@dataclass
class _Tally:
    """What is gathered of one system while the clips go by."""

    system: System
    values: dict[str, dict[str, ClipValue]] = field(default_factory=dict)
    embeddings: dict[str, list[Rows]] = field(default_factory=dict)
    onsets: dict[str, list[Hit]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    broken: list[LeftOut] = field(default_factory=list)
    over_s: list[float] = field(default_factory=list)
    """By how much each sample is longer than its clip."""

    def facts(self) -> SystemFacts:
        short = [-over for over in self.over_s if over < -SAME_LENGTH_S]
        longer = sum(over > SAME_LENGTH_S for over in self.over_s)
        return SystemFacts(
            name=self.system.name,
            kind=self.system.kind,
            folder=None if self.system.folder is None else str(self.system.folder),
            facts=dict(self.system.facts),
            num_measured=len(self.over_s),
            missing=sorted(self.missing),
            broken=sorted(self.broken, key=lambda each: each.name),
            lengths=Lengths(
                len(self.over_s) - len(short) - longer, len(short), longer, max(short, default=0.0)
            ),
            onsets=self.onsets,
        )


class _Clips:
    """Clips read when they are needed; those used last are kept."""

    def __init__(self, films: Sequence[Path]) -> None:
        self._films, self._kept = films, dict[int, TestClip]()

    def __getitem__(self, index: int) -> TestClip:
        if index not in self._kept:
            while len(self._kept) >= KEPT_CLIPS:
                del self._kept[next(iter(self._kept))]
            self._kept[index] = read_clip(self._films[index])
        return self._kept[index]


def evaluate(
    films: Sequence[Path],
    systems: Sequence[System],
    metrics: Sequence[Metric],
    *,
    seed: int = 0,
    settings: dict[str, str] | None = None,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Measure. Clips and samples that cannot be read are listed in the report and left out.

    Raises:
        RequestError: fewer than two clips can be read, two systems share a name, or no system has a sample.
    """
    refuse_same_names(systems)
    usable, facts, left_out = _readable(films)
    measurable = [metric for metric in metrics if metric.available() is None]
    tallies = [_Tally(system) for system in systems]
    references: dict[str, list[Rows]] = {}
    troubles: list[str] = []
    clips, partner_of = _Clips(usable), shuffled(len(usable), seed=seed)
    index = 0
    for done in range(len(usable)):  # round the permutation's one cycle: a partner is the next clip
        clip, partner = clips[index], clips[partner_of[index]]
        for metric in filter(is_of_sets, measurable):
            references.setdefault(metric.about.name, []).append(metric.embed(clip.sound))
        for tally in tallies:
            sample = _sample_of(tally, clip)
            if sample is not None:
                _measure(tally, measurable, sample, clip, partner, seed + index, troubles)
        on_clip(done + 1, len(usable))
        index = partner_of[index]
    if not any(tally.over_s for tally in tallies if tally.system.kind != "reference") and len(tallies) > 1:
        raise RequestError(
            "None of the samples belongs to a test clip: name each sample after its film (NAME.wav for NAME.mp4)."
        )
    return Report(
        format=FORMAT,
        made_at=time.strftime("%Y-%m-%d %H:%M:%S"),
        settings={
            "seed": str(seed),
            "intervals": f"{100 * CONFIDENCE:g} %, BCa bootstrap over clips, {DRAWS} draws",
            "sample rate": f"{SAMPLE_RATE} Hz, mono",
            **(settings or {}),
        },
        versions=_versions(),
        clips=facts,
        left_out=left_out,
        systems=[tally.facts() for tally in tallies],
        metrics=[_result(metric, tallies, references, [c.name for c in facts], seed) for metric in metrics],
        troubles=troubles,
    )


def _readable(films: Sequence[Path]) -> tuple[list[Path], list[ClipFacts], list[LeftOut]]:
    usable, facts, left_out = [], [], []
    for film in films:
        try:
            clip = read_clip(film)
        except (MediaError, BrokenTruth) as error:
            left_out.append(LeftOut(film.name, error.sentence))
            continue
        usable.append(film)
        facts.append(
            ClipFacts(
                clip.name,
                str(film.absolute()),
                clip.duration_s,
                float(clip.film.frame_rate),
                list(clip.hits),
                clip.hits_from,
                clip.label,
            )
        )
    if len(usable) < FEWEST_CLIPS:
        why = f" ({left_out[0].reason})" if left_out else ""
        raise RequestError(f"An evaluation needs two test clips or more, and {len(usable)} can be read{why}.")
    return usable, facts, left_out


def _sample_of(tally: _Tally, clip: TestClip) -> Sound | None:
    """A system's sound for a clip; None, and a note, where there is none."""
    system = tally.system
    if system.kind == "reference":
        return clip.sound
    if clip.name not in system.files:
        if clip.name in system.failures:
            tally.broken.append(LeftOut(clip.name, system.failures[clip.name]))
        else:
            tally.missing.append(clip.name)
        return None
    try:
        return read_sound(system.files[clip.name])
    except MediaError as error:
        tally.broken.append(LeftOut(clip.name, error.sentence))
        return None


def _measure(
    tally: _Tally,
    metrics: Sequence[Metric],
    sample: Sound,
    clip: TestClip,
    partner: TestClip,
    seed: int,
    troubles: list[str],
) -> None:
    """All metrics of one sample, beside its own clip and beside another."""
    own, own_clip = _of_one_length(sample, clip)
    other, other_clip = _of_one_length(sample, partner)
    tally.over_s.append(sample.duration_s - clip.duration_s)
    tally.onsets[clip.name] = own.onsets()
    for metric in filter(is_of_sets, metrics):
        tally.embeddings.setdefault(metric.about.name, []).append(metric.embed(own))
    for one in filter(is_of_clips, metrics):
        found = _value(one, own, own_clip, troubles)
        is_compared = one.about.direction != "none"  # a fact of the sample alone is the same beside any clip
        beside_other = _value(one, other, other_clip, troubles) if is_compared else Measured(None)
        tally.values.setdefault(one.about.name, {})[clip.name] = ClipValue(
            value=found.value,
            weight=found.weight,
            shuffled=beside_other.value,
            chance=one.chance(own, own_clip, seed=seed),
        )


def _of_one_length(sample: Sound, clip: TestClip) -> tuple[Sound, TestClip]:
    length = min(sample.wav.size, clip.sound.wav.size)
    return sample.cut(length), clip.cut(length)


def _value(metric: ClipMetric, sample: Sound, clip: TestClip, troubles: list[str]) -> Measured:
    try:
        return metric.measure(sample, clip)
    except FoleyError as error:
        sentence = f"{metric.about.title} of {clip.name}: {error.sentence}"
        if sentence not in troubles:
            troubles.append(sentence)
        return Measured(None)


def _result(
    metric: Metric,
    tallies: Sequence[_Tally],
    references: dict[str, list[Rows]],
    names: Sequence[str],
    seed: int,
) -> MetricResult:
    name, reason = metric.about.name, metric.available()
    if reason is not None:
        return MetricResult(metric.about, kind_of(metric), not_measured=reason)
    if is_of_sets(metric):
        samples = {
            tally.system.name: None if tally.system.kind == "reference" else tally.embeddings.get(name, [])
            for tally in tallies
        }
        return result_of_sets(metric, samples, references.get(name, []), seed)
    # In the clips' order, so that the same clips give the same intervals.
    values = {
        tally.system.name: {clip: found[clip] for clip in names if clip in found}
        for tally in tallies
        for found in [tally.values.get(name, {})]
    }
    return result_of_clips(metric.about, values, seed)


def _versions() -> dict[str, str]:
    names = ("foley", "torch", "numpy", "av", "soxr")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
