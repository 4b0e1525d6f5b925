"""How long an editor waits: from the request to the first playable take, with a warm engine.

The engine runs as it does for the panel, as a process of its own. The film is made here: five seconds of
1920 x 1080 at 30 fps, textured and moving, H.264, handles of a second on both sides.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from msgspec import Struct

from engine import protocol
from engine.errors import FoleyError
from engine.evaluation.load import Load, LoadWatch
from engine.evaluation.speed_film import write_film
from engine.evaluation.speed_lm_summary import Target
from engine.media.array_cache import CACHE_VARIABLE
from engine.protocol import Generate, Picture, Span

CLIP_S = 5
HANDLE_S = 1
TARGET_S = 5.0


class FirstTake(Struct, frozen=True):
    """Seconds from the request to the take on disk, over several runs, each with a film of its own."""

    clip_s: float
    runs_s: list[float]
    median_s: float
    start_s: float
    """From starting the process to its hello."""
    num_threads: int
    real_time_factor: float
    """Seconds of work a second of clip."""
    target: Target
    load: Load


def measure_first_take(model: Path | None, *, runs: int = 3) -> FirstTake:
    """
    Raises:
        FoleyError: the engine could not do it.
        MachineBusy: other programs take the processors, or took them meanwhile.
    """
    watch = LoadWatch.begin()
    with tempfile.TemporaryDirectory() as folder:
        films = [
            write_film(Path(folder) / f"film{number}.mp4", duration_s=CLIP_S + 2 * HANDLE_S, seed=number)
            for number in range(runs + 1)
        ]
        words = [sys.executable, "-m", "engine.worker", *(["--model", str(model)] if model else [])]
        # The films are the same at each call, and a look at them is kept: with the user's caches none would be decoded.
        environment = {**os.environ, CACHE_VARIABLE: str(Path(folder) / "looks")}
        started = time.monotonic()
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        ) as engine:
            ready = _hear(engine, protocol.Ready)
            start_s = time.monotonic() - started
            times_s = [_first_take_s(engine, film, number) for number, film in enumerate(films)][1:]
            assert engine.stdin is not None
            engine.stdin.close()
    assert isinstance(ready, protocol.Ready)
    return first_take_of(times_s, start_s, ready.num_threads, watch.end())


def first_take_of(times_s: list[float], start_s: float, num_threads: int, load: Load) -> FirstTake:
    """Over all runs, against the target."""
    typical_s = median(times_s)
    target = Target("seconds to the first sound", typical_s, TARGET_S, typical_s < TARGET_S)
    return FirstTake(CLIP_S, times_s, typical_s, start_s, num_threads, typical_s / CLIP_S, target, load)


def as_lines(found: FirstTake) -> str:
    """For people."""
    runs = ", ".join(f"{run_s:.2f}" for run_s in found.runs_s)
    verdict = "met" if found.target.is_met else "MISSED"
    return (
        f"first take of a {found.clip_s:g} s clip of 1080p30: {found.median_s:.2f} s, median of {runs}; "
        f"{found.num_threads} threads, engine start {found.start_s:.1f} s; {found.load}\n"
        f"{found.target.what}: {found.target.figure:.2f}, target under {found.target.limit:g}: {verdict}"
    )


def _first_take_s(engine: subprocess.Popen[bytes], film: Path, number: int) -> float:
    total = CLIP_S + 2 * HANDLE_S
    request = Generate(
        id=number,
        picture=Picture(str(film), [Span((total, 1), (0, 1))]),
        head=(HANDLE_S, 1),
        tail=(HANDLE_S, 1),
        wav_paths=[str(film.with_suffix(".wav"))],
        num_samples=total * 48000,
    )
    assert engine.stdin is not None
    started = time.monotonic()
    engine.stdin.write(protocol.encode(request))
    engine.stdin.flush()
    _hear(engine, protocol.Take)
    elapsed_s = time.monotonic() - started
    _hear(engine, protocol.Finished)
    return elapsed_s


def _hear(engine: subprocess.Popen[bytes], kind: type[Struct]) -> protocol.Event:
    assert engine.stdout is not None
    while line := engine.stdout.readline():
        event = protocol.decode_event(line)
        if isinstance(event, protocol.Failed):
            raise FoleyError(event.sentence)
        if isinstance(event, kind):
            return event
    raise FoleyError("The engine ended before it answered; run `foley doctor`.")
