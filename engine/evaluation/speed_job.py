"""The whole job, stage by stage: from ten seconds of 1080p30 to a take on disk, and where the time goes.

It is the pipeline's own path that is timed; its parts' calls are noted on the way. A take is drawn once for that: how
many drafts a window needs is chance, and would make the language model's share whatever one likes. What drafts take
is told apart, where the sampling has some. Beside it stands the reading of frames for features (`speed_frames`).
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np
import torch
from msgspec import Struct
from torch import Tensor

from engine.config import ClipConfig
from engine.drafting import DraftJudge
from engine.evaluation.load import Load, LoadWatch
from engine.evaluation.speed_film import write_film
from engine.evaluation.speed_frames import FRAMES_TARGET_RATIO, FrameReading, measure_frame_reading
from engine.evaluation.speed_lm_summary import Target
from engine.lm.units import TakeUnit
from engine.lm.window_queue import Verdict
from engine.lm.windows import Window
from engine.media.atomic import write_new_file_in_pieces
from engine.pipeline import Model, Pipeline, hits_in_picture
from engine.protocol import Generate, Picture, Sampling, SamplingWish, Span

DURATION_S = 10
SAMPLE_RATE = 48000
FILM_NOISE = 10
STAGES = ("decode", "features", "lm", "codec", "write")
"""Reading frames; spotter and visual encoder; tokens; waveform at the codec's rate; resampling and the file."""

TARGET_SHARE_BESIDE_LM = 0.2
TARGET_ENCODERS = "ViT-B-32"
"""All stages but the language model take at most this much of a job with these CLIPs."""
AS_THE_MODEL = SamplingWish()


class Stage(Struct, frozen=True):
    """One stage over several runs, in seconds; `share` is its median's part of all medians."""

    name: str
    runs_s: list[float]
    median_s: float
    share: float


class Drafted(Struct, frozen=True):
    """The same job with several drafts a window, run by turns with the one of one draft. Seconds, medians over runs.

    Attributes:
        most: so many drafts a window at most.
        drawn: of each run; 0 where no window was drafted, since no hits were found in the picture.
        lm_s: the language model's, the drafts' sound and the judging included.
        total_s: the whole job's.
    """

    most: int
    drawn: list[int]
    lm_s: float
    total_s: float


class JobSpeed(Struct, frozen=True):
    """A job's line."""

    model: str
    duration_s: float
    num_runs: int
    num_threads: int
    load: Load
    stages: list[Stage]
    total_s: float
    share_beside_lm: float
    drafted: Drafted | None
    frames: FrameReading
    targets: list[Target]


class StageClock:
    """Seconds by stage; a stage within another stops the outer one's.

    What other threads do meanwhile is the stage's in which they were asked.
    """

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._open: list[str] = []
        self._since_s = 0.0

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._charge()
        self._open.append(name)
        try:
            yield
        finally:
            self._charge()
            self._open.pop()

    def note(self, part: Any, method: str, stage: str) -> None:
        """From now on the calls of one object's method count for a stage."""
        call: Callable[..., Any] = getattr(part, method)

        def noted(*args: Any, **options: Any) -> Any:
            if threading.get_ident() != self._thread:
                return call(*args, **options)
            with self.stage(stage):
                return call(*args, **options)

        setattr(part, method, noted)

    def _charge(self) -> None:
        now_s = time.perf_counter()
        if self._open:
            self.seconds[self._open[-1]] += now_s - self._since_s
        self._since_s = now_s


class CountingJudge(DraftJudge):
    """The pipeline's own, which also counts the drafts that it was shown."""

    def __init__(self, model: Model, counts: list[int]) -> None:
        super().__init__(model.codec, model.config.lm.labels, model.learnt)
        object.__setattr__(self, "counts", counts)

    counts: list[int]

    def __call__(self, unit: TakeUnit, window: Window, drafts: Sequence[Tensor]) -> list[Verdict]:
        self.counts.append(len(drafts))
        return super().__call__(unit, window, drafts)


class CountingPipeline(Pipeline):
    """Counts the drafts that were drawn, where windows were drafted."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.drafts: list[int] = []
        self._judge = CountingJudge(model, self.drafts)


def measure_job(
    open_model: Callable[[Path], Model], *, sampling: SamplingWish = AS_THE_MODEL, runs: int = 3
) -> JobSpeed:
    """
    Args:
        open_model: called once the machine is idle, with an empty folder that is there until the end.
        sampling: what it does not say is the model's own. Stages are told of one draft; the job with all that it may
            draw is timed beside that.

    Raises:
        MachineBusy: other programs would be measured too, or were.
        FoleyError: the job cannot be done.
    """
    watch = LoadWatch.begin()
    with tempfile.TemporaryDirectory() as folder:
        model = open_model(Path(folder))
        film = write_film(Path(folder) / "film.mp4", duration_s=DURATION_S, seed=0, noise=FILM_NOISE)
        clock = StageClock()
        clock.note(model.encoder, "encode", "features")
        if model.encoder.reader() is not None:
            # The labels' words are read once and kept on disk: in no stage of a job.
            clock.note(model.encoder, "embed_texts", "words")
        clock.note(model.spotter, "spot", "features")
        clock.note(model.codec, "decode", "codec")
        _warm_up(model)
        frames = measure_frame_reading(film, DURATION_S, runs=runs)
        whole = model.sampling(sampling)
        once = msgspec.structs.replace(whole, drafts=1)
        by_run, drafted, drawn = [], [], []
        for number in range(runs):
            wav_path = Path(folder) / f"take{number}.wav"
            by_run.append(_do_job(Pipeline(model), film, wav_path, clock, once))
            if whole.drafts > 1:
                pipeline = CountingPipeline(model)
                drafted.append(_do_job(pipeline, film, wav_path.with_suffix(".drafted.wav"), clock, whole))
                drawn.append(sum(pipeline.drafts))
        load = watch.end()
    stages = as_stages(by_run)
    total_s = sum(stage.median_s for stage in stages)
    beside_lm = sum(stage.share for stage in stages if stage.name != "lm")
    return JobSpeed(
        model=model.config.name,
        duration_s=DURATION_S,
        num_runs=runs,
        num_threads=torch.get_num_threads(),
        load=load,
        stages=stages,
        total_s=total_s,
        share_beside_lm=beside_lm,
        drafted=drafted_of(whole.drafts, drawn, drafted) if drafted else None,
        frames=frames,
        targets=targets_of(model.config.encoder, beside_lm, frames),
    )


def drafted_of(most: int, drawn: list[int], by_run: list[dict[str, float]]) -> Drafted:
    """From seconds by stage of each run."""
    totals_s = [sum(run[name] for name in STAGES) for run in by_run]
    return Drafted(most, drawn, median(run["lm"] for run in by_run), median(totals_s))


def targets_of(encoder: object, share_beside_lm: float, frames: FrameReading) -> list[Target]:
    """The share is aimed at for one encoder alone."""
    aimed = [("frames from one decode over the naive way", frames.ratio, FRAMES_TARGET_RATIO)]
    if isinstance(encoder, ClipConfig) and encoder.architecture.startswith(TARGET_ENCODERS):
        aimed.insert(0, ("share of all but the language model", share_beside_lm, TARGET_SHARE_BESIDE_LM))
    return [Target(what, figure, limit, figure <= limit) for what, figure, limit in aimed]


def as_stages(by_run: list[dict[str, float]]) -> list[Stage]:
    """Medians by stage, and their parts of the sum of medians."""
    medians = {name: median(run[name] for run in by_run) for name in STAGES}
    total_s = sum(medians.values())
    return [
        Stage(name, [run[name] for run in by_run], medians[name], medians[name] / total_s) for name in STAGES
    ]


def _do_job(
    pipeline: Pipeline, film: Path, wav_path: Path, clock: StageClock, sampling: Sampling
) -> dict[str, float]:
    """As the engine's service does it, for one take that follows the picture; its seconds by stage."""
    clock.seconds.clear()
    request = Generate(
        id=0,
        picture=Picture(str(film), [Span((DURATION_S, 1), (0, 1))]),
        wav_paths=[str(wav_path)],
        num_samples=DURATION_S * SAMPLE_RATE,
        sample_rate=SAMPLE_RATE,
        sampling=sampling,
    )
    with clock.stage("decode"):
        sight = pipeline.look(request.picture, _no_progress)
    label = pipeline.words.label(request, sight.labels)
    with clock.stage("lm"):
        codes = pipeline.codes(request, sight, hits_in_picture(request, sight), label, 0, _no_progress)
    made = pipeline.held(codes, request.num_samples, SAMPLE_RATE, wav_path.parent)
    with clock.stage("write"), made as sound:
        write_new_file_in_pieces(wav_path, sound.wav_pieces())
    return dict(clock.seconds)


def _warm_up(model: Model) -> None:
    """What only a first call costs: memory, and kernels that are chosen by shape."""
    info = model.encoder.describe()
    shape = (DURATION_S * info.features_per_s, info.frames_per_feature, info.image_size, info.image_size, 3)
    model.encoder.encode(np.zeros(shape, np.uint8))
    with torch.inference_mode():
        model.codec.decode(
            torch.zeros(1, model.codec.num_codebooks, DURATION_S * model.codec.frame_rate, dtype=torch.long)
        )


def _no_progress(stage: str, share: float) -> None:
    pass


def as_table(speed: JobSpeed) -> str:
    """The figures for people."""
    lines = [
        f"{speed.duration_s:g} s of 1080p30 with {speed.model}, one draft; medians of {speed.num_runs}, "
        f"{speed.num_threads} threads; {speed.load}",
        f"{'stage':10}{'s':>9}{'share':>8}",
        *(f"{stage.name:10}{stage.median_s:>9.2f}{stage.share:>8.1%}" for stage in speed.stages),
        f"{'all':10}{speed.total_s:>9.2f}; all but the language model {speed.share_beside_lm:.1%}",
    ]
    if speed.drafted is not None:
        drawn = ", ".join(str(count) for count in speed.drafted.drawn)
        lines.append(
            f"with at most {speed.drafted.most} drafts a window ({drawn} drawn): language model and judging "
            f"{speed.drafted.lm_s:.2f} s, all {speed.drafted.total_s:.2f} s"
        )
    lines.append(
        f"frames at 1 and 25 a second: {speed.frames.one_pass_s:.2f} s from one decode, {speed.frames.naive_s:.2f} s "
        "the naive way"
    )
    for target in speed.targets:
        verdict = "met" if target.is_met else "MISSED"
        lines.append(f"{target.what:44}{target.figure:>8.3f}   target {target.limit:g}: {verdict}")
    return "\n".join(lines)
