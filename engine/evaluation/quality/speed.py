"""How fast, how large: takes timed in a process of their own, its memory, and the bytes that ship."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import msgspec
import torch

from engine.checkpoints import DEFAULT_MODEL
from engine.errors import FoleyError
from engine.evaluation.bootstrap import Interval
from engine.evaluation.load import LoadWatch, MachineBusy
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench
from engine.evaluation.quality.speed_process import Timed
from engine.evaluation.speed_film import write_film

CACHED_TARGET = Target("at least", 3.0)
FILM_TARGET = Target("at least", 1.2)
MEMORY_TARGET = Target("at most", 1.0)
SIZE_TARGET = Target("at most", 60.0)
DURATION_S = 10
FILM_NOISE = 10
PATIENCE_S = 60.0
"""What this program did just before is among what is waited for."""
CACHED = ("speed-cached", "Times faster than real time, from cached features", CACHED_TARGET)
FILM = ("speed-film", "Times faster than real time, decoding of 1080p30 included", FILM_TARGET)
MEMORY = ("memory", "Memory at most", MEMORY_TARGET)
RESOURCES = DEFAULT_MODEL.parent.parent


def measure(bench: Bench) -> list[QualityFigure]:
    """On a busy machine nothing is said of speed but that it was not measured, and why.

    Raises:
        FoleyError: a take could not be made.
    """
    size = size_figure(RESOURCES)
    try:
        watch = LoadWatch.begin(patience_s=PATIENCE_S)
    except MachineBusy as error:
        return [*(unmeasured(*figure, error.sentence) for figure in (CACHED, FILM, MEMORY)), size]
    with tempfile.TemporaryDirectory() as folder:
        film = write_film(Path(folder) / "film.mp4", duration_s=DURATION_S, seed=bench.seed, noise=FILM_NOISE)
        timed = timed_takes(bench.model_folder, bench.pipeline.dtype, film, DURATION_S)
    try:
        watch.end()
    except MachineBusy as error:
        refused = [unmeasured(*figure, error.sentence) for figure in (CACHED, FILM)]
        return [*refused, memory_figure(timed), size]
    return [*speed_figures(timed), memory_figure(timed), size]


def timed_takes(model: Path, dtype: str, film: Path, duration_s: int) -> Timed:
    """
    Raises:
        FoleyError: a take could not be made.
    """
    threads = torch.get_num_threads()
    words = [sys.executable, "-m", "engine.evaluation.quality.speed_process", str(model), dtype, str(threads)]
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(
        [*words, str(film), str(duration_s)], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise FoleyError(f"A take could not be timed: {done.stderr.strip()[-300:]}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Timed)


def speed_figures(timed: Timed) -> list[QualityFigure]:
    """Times faster than real time."""
    cached, film = (timed.duration_s / taken_s for taken_s in (median(timed.cached_s), timed.film_s))
    details = {
        "fastest": timed.duration_s / min(timed.cached_s),
        "slowest": timed.duration_s / max(timed.cached_s),
    }
    return [
        QualityFigure(CACHED[0], CACHED[1], Interval(cached), CACHED[2], details=details),
        QualityFigure(FILM[0], FILM[1], Interval(film), FILM[2]),
    ]


def memory_figure(timed: Timed) -> QualityFigure:
    """Of all these takes; other programs change nothing about it."""
    name, title, target = MEMORY
    return QualityFigure(name, title, Interval(timed.peak_bytes / 1e9), target, unit="GB", decimals=2)


def size_figure(folder: Path) -> QualityFigure:
    """Of all files that ship."""
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return QualityFigure(
        "size", "All of resources/", Interval(total / 1e6), SIZE_TARGET, unit="MB", decimals=1
    )
