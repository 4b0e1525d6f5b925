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
from engine.evaluation.load import load_percent
from engine.evaluation.quality import QualityFigure, Target
from engine.evaluation.quality.bench import Bench
from engine.evaluation.quality.speed_process import Timed
from engine.evaluation.speed_film import write_film

CACHED_TARGET = Target("at least", 3.0)
FILM_TARGET = Target("at least", 1.2)
MEMORY_TARGET = Target("at most", 1.0)
SIZE_TARGET = Target("at most", 60.0)
DURATION_S = 10
FILM_NOISE = 10
RESOURCES = DEFAULT_MODEL.parent.parent


def measure(bench: Bench) -> list[QualityFigure]:
    """
    Raises:
        FoleyError: a take could not be made.
    """
    busy_percent = load_percent()
    with tempfile.TemporaryDirectory() as folder:
        film = write_film(Path(folder) / "film.mp4", duration_s=DURATION_S, seed=bench.seed, noise=FILM_NOISE)
        timed = timed_takes(bench.model_folder, bench.pipeline.dtype, film, DURATION_S)
    return [*figures_of(timed, busy_percent), size_figure(RESOURCES)]


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


def figures_of(timed: Timed, busy_percent: float) -> list[QualityFigure]:
    """Times faster than real time, and gigabytes."""
    typical_s = median(timed.cached_s)
    remark = (
        f"while other programs kept tasks waiting {busy_percent:.0f} % of the time"
        if busy_percent > 5
        else ""
    )
    details = {
        "fastest": timed.duration_s / min(timed.cached_s),
        "slowest": timed.duration_s / max(timed.cached_s),
    }
    return [
        QualityFigure(
            "speed-cached",
            "Times faster than real time, from cached features",
            Interval(timed.duration_s / typical_s),
            CACHED_TARGET,
            details=details,
            remark=remark,
        ),
        QualityFigure(
            "speed-film",
            "Times faster than real time, decoding of 1080p30 included",
            Interval(timed.duration_s / timed.film_s),
            FILM_TARGET,
            remark=remark,
        ),
        QualityFigure(
            "memory", "Memory at most", Interval(timed.peak_bytes / 1e9), MEMORY_TARGET, unit="GB", decimals=2
        ),
    ]


def size_figure(folder: Path) -> QualityFigure:
    """Of all files that ship."""
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return QualityFigure(
        "size", "All of resources/", Interval(total / 1e6), SIZE_TARGET, unit="MB", decimals=1
    )
