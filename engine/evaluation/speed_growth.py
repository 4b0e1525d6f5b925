"""Does the work grow with the seconds asked for, and memory not? Takes of 10, 60 and 600 s, a process each.

Each process loads the model, warms up on a look that is longer than a part of a picture is looked at in, and on a take
that is longer than a window of tokens and than a part of the codec's work; then it looks at a film and makes one take
to a WAV as the worker does: frames, hits and features, tokens of one draft, sound at 48 kHz, file. (How many drafts a
window needs is chance, which is no growth.) Its memory is its greatest over all; what the take added is that less the
greatest before it.
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
from engine.evaluation.speed_long_film import write_long_film

DURATIONS_S = (10, 60, 600)
WARM_UP_S, WARM_UP_LOOK_S = 25, 65
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


def growth_bytes_per_s(takes: Sequence[Growth]) -> float:
    """What a second more of a take adds to the greatest memory, from the second longest to the longest."""
    shorter, longest = takes[-2], takes[-1]
    return (longest.peak_bytes - shorter.peak_bytes) / (longest.duration_s - shorter.duration_s)


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
    bytes_per_s: float
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
    with tempfile.TemporaryDirectory() as folder:
        film = write_long_film(Path(folder) / "film.mp4", max(*durations_s, WARM_UP_LOOK_S))
        for duration_s in durations_s:
            words = [sys.executable, "-m", "engine.evaluation.speed_growth", str(model or ""), dtype]
            environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
            done = subprocess.run(
                [*words, str(threads), str(duration_s), str(film)],
                env=environment,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise FoleyError(f"A take of {duration_s} s could not be made: {done.stderr.strip()[-300:]}")
            found.append(msgspec.json.decode(done.stdout.splitlines()[-1], type=Growth))
    return GrowthReport(found, aims_of(found), growth_bytes_per_s(found), watch.end())


def make_take(model: str, dtype: str, threads: int, duration_s: int, film: Path) -> Growth:
    """In this process: a look at so much of a film, then one take, drawn once, of a label of hits."""
    import torch

    from engine.checkpoints import DEFAULT_MODEL
    from engine.evaluation.speed_memory import peak_bytes
    from engine.lm.decoding.narrowing import weight_type
    from engine.media.atomic import write_new_file_in_pieces
    from engine.pipeline import Pipeline, hits_in_picture, load_model
    from engine.protocol import Generate, Picture, SamplingWish, Span

    torch.set_num_threads(threads)
    pipeline = Pipeline(load_model(Path(model) if model else DEFAULT_MODEL, dtype=weight_type(dtype)))
    config = pipeline.model.config
    label = next((each for each in config.lm.labels if each not in config.continuous_labels), None)

    def picture_of(seconds: int) -> Picture:
        return Picture(str(film), [Span((seconds, 1), (0, 1))])

    def make(seconds: int, path: Path) -> None:
        request = Generate(
            id=0,
            picture=picture_of(seconds),
            wav_paths=[],
            num_samples=seconds * SAMPLE_RATE,
            sample_rate=SAMPLE_RATE,
            label=label,
            sampling=SamplingWish(drafts=1),
        )
        sight = pipeline.look(request.picture, lambda stage, share: None)
        hits = hits_in_picture(request, sight)
        drawn = pipeline.words.label(request, sight.labels)
        codes = pipeline.codes(request, sight, hits, drawn, 0, lambda stage, share: None)
        with pipeline.held(codes, request.num_samples, SAMPLE_RATE, path.parent) as sound:
            write_new_file_in_pieces(path, sound.wav_pieces())

    with tempfile.TemporaryDirectory() as folder:
        pipeline.look(picture_of(WARM_UP_LOOK_S), lambda stage, share: None)
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
    shorter, longest = found[-2].duration_s, found[-1].duration_s
    lines.append(
        f"from {shorter} to {longest} s every second adds {report.bytes_per_s / 1e3:.0f} kB to the greatest memory"
    )
    return "\n".join([*lines, str(report.load)])


if __name__ == "__main__":
    made = make_take(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
    print(msgspec.json.encode(made).decode())
