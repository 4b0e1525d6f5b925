"""Does the work grow with the seconds asked for, and memory not? Takes of 10, 60 and 600 s, a process each.

Each process loads the model, warms up on a take that is longer than a window of tokens and than a part of the codec's
work, then makes one take to a WAV as the worker does: tokens, sound at 48 kHz, file. Its memory is its greatest over
all; what the take added is that less the greatest before it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.errors import FoleyError
from engine.evaluation.load import Load, LoadWatch

DURATIONS_S = (10, 60, 600)
WARM_UP_S = 25
SAMPLE_RATE = 48000
MAX_GROWTH_OF_MEMORY = 0.05
MAX_GROWTH_OF_WORK = 0.15
"""Of a second of the longest take against one of the shortest: what windows share is worth as much."""


class Growth(Struct, frozen=True):
    """One take. `peak_bytes` is what the process held at most, `before_bytes` before it began the take."""

    duration_s: int
    work_s: float
    peak_bytes: int
    before_bytes: int

    @property
    def work_per_s(self) -> float:
        return self.work_s / self.duration_s

    @property
    def added_bytes(self) -> int:
        return self.peak_bytes - self.before_bytes


class Aim(Struct, frozen=True):
    """One line below the table: a figure of the longest take over the same of the shortest, less one."""

    what: str
    growth: float
    limit: float

    @property
    def is_met(self) -> bool:
        return self.growth <= self.limit


class GrowthReport(Struct, frozen=True):
    takes: list[Growth]
    aims: list[Aim]
    load: Load


def aims_of(takes: Sequence[Growth]) -> list[Aim]:
    """The first take is the shortest, the last one the longest."""
    first, last = takes[0], takes[-1]
    return [
        Aim("peak memory", last.peak_bytes / first.peak_bytes - 1, MAX_GROWTH_OF_MEMORY),
        Aim("work a second", last.work_per_s / first.work_per_s - 1, MAX_GROWTH_OF_WORK),
    ]


def measure_growth(
    model: Path | None, *, dtype: str, threads: int, durations_s: Sequence[int] = DURATIONS_S
) -> GrowthReport:
    """
    Raises:
        MachineBusy: other programs take the processors, or took them meanwhile.
        FoleyError: a take failed.
    """
    watch = LoadWatch.begin()
    found = []
    for duration_s in durations_s:
        words = [sys.executable, "-m", "engine.evaluation.speed_growth", str(model or ""), dtype]
        environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
        done = subprocess.run(
            [*words, str(threads), str(duration_s)], env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise FoleyError(f"A take of {duration_s} s could not be made: {done.stderr.strip()[-300:]}")
        found.append(msgspec.json.decode(done.stdout.splitlines()[-1], type=Growth))
    return GrowthReport(found, aims_of(found), watch.end())


def make_take(model: str, dtype: str, threads: int, duration_s: int) -> Growth:
    """In this process: one take of silence to the eye, of the model's first label."""
    import numpy as np
    import torch

    from engine.checkpoints import DEFAULT_MODEL
    from engine.evaluation.speed_memory import peak_bytes
    from engine.lm.decoding.narrowing import weight_type
    from engine.media.atomic import write_new_file_in_pieces
    from engine.pipeline import Pipeline, load_model
    from engine.protocol import Generate, Hit, Picture, Span
    from engine.visual.sight import Sight

    torch.set_num_threads(threads)
    pipeline = Pipeline(load_model(Path(model) if model else DEFAULT_MODEL, dtype=weight_type(dtype)))

    def make(seconds: int, path: Path) -> None:
        request = Generate(
            id=0,
            picture=Picture("none", [Span((seconds, 1), (0, 1))]),
            wav_paths=[],
            num_samples=seconds * SAMPLE_RATE,
            sample_rate=SAMPLE_RATE,
        )
        width = pipeline.model.config.lm.visual_dim
        sight = Sight([], np.zeros(seconds * 50, np.float32), torch.zeros(seconds, width), [])
        hits = [Hit(0.5 + second) for second in range(seconds)]
        label = pipeline.model.config.lm.labels[0]
        codes = pipeline.codes(request, sight, hits, label, 0, lambda stage, share: None)
        with pipeline.held(codes, request.num_samples, SAMPLE_RATE, path.parent) as sound:
            write_new_file_in_pieces(path, sound.wav_pieces())

    with tempfile.TemporaryDirectory() as folder:
        make(WARM_UP_S, Path(folder) / "warm.wav")
        before = peak_bytes()
        started = time.perf_counter()
        make(duration_s, Path(folder) / "take.wav")
        return Growth(duration_s, time.perf_counter() - started, peak_bytes(), before)


def as_table(report: GrowthReport) -> str:
    found = report.takes
    lines = [f"{'take s':>7}{'work s':>9}{'work a second':>15}{'peak GB':>9}{'added MB':>10}"]
    lines += [
        f"{each.duration_s:>7}{each.work_s:>9.2f}{each.work_per_s:>15.3f}{each.peak_bytes / 1e9:>9.2f}"
        f"{each.added_bytes / 1e6:>10.0f}"
        for each in found
    ]
    for aim in report.aims:
        what = f"{aim.what} from {found[0].duration_s} to {found[-1].duration_s} s"
        verdict = "met" if aim.is_met else "MISSED"
        lines.append(f"{what:40}{aim.growth:>+8.1%}   target {aim.limit:+.0%}: {verdict}")
    return "\n".join([*lines, str(report.load)])


if __name__ == "__main__":
    made = make_take(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    print(msgspec.json.encode(made).decode())
