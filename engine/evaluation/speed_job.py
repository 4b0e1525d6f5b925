"""The whole job, stage by stage: from ten seconds of 1080p30 to a take on disk, and where the time goes.

It is the pipeline's own path that is timed; its parts' calls are noted on the way. Beside it stands the reading of
frames for features at 1 and at 25 a second: here from one decode by swscale, and the naive way, a decode each with
the decoder's usual threads and every picture resized by PIL.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np
import torch
from msgspec import Struct
from numpy.typing import NDArray

from engine.evaluation.load import Load, LoadWatch
from engine.evaluation.speed_film import FRAME_RATE, write_film
from engine.media.atomic import write_new_file_in_pieces
from engine.media.video import FrameRequest, sample_picture
from engine.pipeline import Model, Pipeline, hits_in_picture
from engine.protocol import Generate, Picture, Span

DURATION_S = 10
SAMPLE_RATE = 48000
FILM_NOISE = 10
STAGES = ("decode", "features", "lm", "codec", "write")
"""Reading frames; spotter and visual encoder; tokens; waveform at the codec's rate; resampling and the file."""

FEATURE_RATES = (1, 25)
FEATURE_SIZE = 224
PIL_BICUBIC = 3
TARGET_SHARE_BESIDE_LM = 0.2
"""All stages but the language model take at most this much of a job with CLIP ViT-B/32."""
FRAMES_TARGET_RATIO = 0.55


class Stage(Struct, frozen=True):
    """One stage over several runs, in seconds; `share` is its median's part of all medians."""

    name: str
    runs_s: list[float]
    median_s: float
    share: float


class FrameReading(Struct, frozen=True):
    """Frames at 1 and 25 a second, 224 x 224: medians over alternating runs, in seconds, and ours over the naive."""

    one_pass_s: float
    naive_s: float
    ratio: float


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
    frames: FrameReading


class StageClock:
    """Seconds by stage; a stage within another stops the outer one's."""

    def __init__(self) -> None:
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
            with self.stage(stage):
                return call(*args, **options)

        setattr(part, method, noted)

    def _charge(self) -> None:
        now_s = time.perf_counter()
        if self._open:
            self.seconds[self._open[-1]] += now_s - self._since_s
        self._since_s = now_s


def measure_job(open_model: Callable[[Path], Model], *, runs: int = 3) -> JobSpeed:
    """
    Args:
        open_model: called once the machine is idle, with an empty folder that is there until the end.

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
        frames = measure_frame_reading(film, runs=runs)
        by_run = []
        for number in range(runs):
            clock.seconds.clear()
            _do_job(Pipeline(model), film, Path(folder) / f"take{number}.wav", clock)
            by_run.append(dict(clock.seconds))
    stages = as_stages(by_run)
    total_s = sum(stage.median_s for stage in stages)
    beside_lm = sum(stage.share for stage in stages if stage.name != "lm")
    return JobSpeed(
        model.config.name,
        DURATION_S,
        runs,
        torch.get_num_threads(),
        watch.end(),
        stages,
        total_s,
        beside_lm,
        frames,
    )


def as_stages(by_run: list[dict[str, float]]) -> list[Stage]:
    """Medians by stage, and their parts of the sum of medians."""
    medians = {name: median(run[name] for run in by_run) for name in STAGES}
    total_s = sum(medians.values())
    return [
        Stage(name, [run[name] for run in by_run], medians[name], medians[name] / total_s) for name in STAGES
    ]


def _do_job(pipeline: Pipeline, film: Path, wav_path: Path, clock: StageClock) -> None:
    """As the engine's service does it, for one take that follows the picture."""
    request = Generate(
        id=0,
        picture=Picture(str(film), [Span((DURATION_S, 1), (0, 1))]),
        wav_paths=[str(wav_path)],
        num_samples=DURATION_S * SAMPLE_RATE,
        sample_rate=SAMPLE_RATE,
    )
    with clock.stage("decode"):
        sight = pipeline.look(request.picture, _no_progress)
    label = pipeline.words.label(request, sight.labels)
    with clock.stage("lm"):
        codes = pipeline.codes(request, sight, hits_in_picture(request, sight), label, 0, _no_progress)
    made = pipeline.held(codes, request.num_samples, SAMPLE_RATE, wav_path.parent)
    with clock.stage("write"), made as sound:
        write_new_file_in_pieces(wav_path, sound.wav_pieces())


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


def measure_frame_reading(film: Path, *, runs: int) -> FrameReading:
    """Both ways by turns, so that a machine that slows down slows both."""
    ours_s, naive_s = [], []
    for _ in range(runs):
        ours_s.append(_seconds(lambda: frames_in_one_pass(film)))
        naive_s.append(_seconds(lambda: [frames_naively(film, rate) for rate in FEATURE_RATES]))
    return FrameReading(median(ours_s), median(naive_s), median(ours_s) / median(naive_s))


def _seconds(work: Callable[[], object]) -> float:
    started_s = time.perf_counter()
    work()
    return time.perf_counter() - started_s


def frames_in_one_pass(film: Path) -> list[NDArray[np.uint8]]:
    """uint8 [10, 224, 224, 3] and [250, 224, 224, 3]."""
    picture = Picture(str(film), [Span((DURATION_S, 1), (0, 1))])
    wanted = [
        FrameRequest(np.arange(DURATION_S * rate) / rate, FEATURE_SIZE, FEATURE_SIZE, "rgb24", "crop")
        for rate in FEATURE_RATES
    ]
    return sample_picture(picture, wanted)


def frames_naively(film: Path, frames_per_s: int) -> NDArray[np.uint8]:
    """What a script does: every frame decoded, the wanted ones to PIL, resized and cropped there."""
    frames: list[NDArray[np.uint8]] = []
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            end_s = (frame.time or 0.0) + 1 / FRAME_RATE
            if end_s - 1e-3 < len(frames) / frames_per_s:
                continue
            image = frame.to_image()  # type: ignore[no-untyped-call]
            scale = FEATURE_SIZE / min(image.size)
            width, height = (round(side * scale) for side in image.size)
            left, top = (width - FEATURE_SIZE) // 2, (height - FEATURE_SIZE) // 2
            box = (left, top, left + FEATURE_SIZE, top + FEATURE_SIZE)
            frames.append(np.asarray(image.resize((width, height), PIL_BICUBIC).crop(box)))
    return np.stack(frames)


def as_line(speed: JobSpeed) -> str:
    """The figures for people."""
    stages = ", ".join(
        f"{stage.name} {stage.median_s:.2f} s ({100 * stage.share:.0f} %)" for stage in speed.stages
    )
    return (
        f"{speed.duration_s:g} s of 1080p30 with {speed.model}: {speed.total_s:.2f} s = {stages}; all but the language "
        f"model {100 * speed.share_beside_lm:.0f} % (with CLIP ViT-B/32 at most "
        f"{100 * TARGET_SHARE_BESIDE_LM:.0f} % is the target; median of {speed.num_runs}, {speed.num_threads} "
        "threads)\n"
        f"frames at 1 and 25 a second: {speed.frames.one_pass_s:.2f} s from one decode, {speed.frames.naive_s:.2f} s "
        f"the naive way, ratio {speed.frames.ratio:.2f} (target {FRAMES_TARGET_RATIO:g})\n{speed.load}"
    )
