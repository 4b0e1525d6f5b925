"""A process that makes takes for the clock; it prints what they took, and its greatest memory, as JSON.

python -m engine.evaluation.quality.speed_process MODEL DTYPE THREADS FILM SECONDS
"""

from __future__ import annotations

import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.media.onsets import MIN_GAP_S

SAMPLE_RATE = 48000
RUNS = 3
HIT_S = 0.3
"""Of each second."""
DOUBLED_S = MIN_GAP_S / 2
"""From each hit to a second one, so near that no two onsets are told apart there: no draft can be good, and all that
there may be are drawn.
"""


class Timed(Struct, frozen=True):
    """Seconds of work for a take of `duration_s`: from a look that is there, a run each, and from a film."""

    duration_s: float
    cached_s: list[float]
    film_s: float
    peak_bytes: int


def time_takes(model: Path, dtype: str, threads: int, film: Path, duration_s: int) -> Timed:
    """Tokens, sound at 48 kHz and the file, as the program makes them; before the film's take, its decoding too.

    No take of hits needs longer: each of its drafts is wanted.
    """
    import torch

    from engine.evaluation.speed_memory import peak_bytes
    from engine.lm.decoding.narrowing import weight_type
    from engine.media.atomic import write_new_file_in_pieces
    from engine.pipeline import Pipeline, hits_in_picture, load_model
    from engine.protocol import Generate, Hit, Picture, Span, rational

    torch.set_num_threads(threads)
    pipeline = Pipeline(load_model(model, dtype=weight_type(dtype)))
    config = pipeline.model.config

    def take_s(seconds: int, path: Path) -> float:
        started = time.perf_counter()
        picture = Picture(str(film), [Span(rational(Fraction(seconds)), (0, 1))])
        request = Generate(
            id=0,
            picture=picture,
            wav_paths=[],
            num_samples=seconds * SAMPLE_RATE,
            sample_rate=SAMPLE_RATE,
            label=next((each for each in config.lm.labels if each not in config.continuous_labels), None),
            hits=[Hit(second + at_s) for second in range(seconds) for at_s in (HIT_S, HIT_S + DOUBLED_S)],
        )
        sight = pipeline.look(picture, lambda stage, share: None)
        label = pipeline.words.label(request, sight.labels)
        hits = hits_in_picture(request, sight)
        codes = pipeline.codes(request, sight, hits, label, 0, lambda stage, share: None)
        with pipeline.held(codes, request.num_samples, SAMPLE_RATE, path.parent) as sound:
            write_new_file_in_pieces(path, sound.wav_pieces())
        return time.perf_counter() - started

    with tempfile.TemporaryDirectory() as folder:
        take_s(1, Path(folder) / "warm.wav")
        film_s = take_s(
            duration_s, Path(folder) / "film.wav"
        )  # a second more than was looked at: decoded afresh
        cached_s = [take_s(duration_s, Path(folder) / f"{run}.wav") for run in range(RUNS)]
    return Timed(duration_s, cached_s, film_s, peak_bytes())


if __name__ == "__main__":
    made = time_takes(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
    print(msgspec.json.encode(made).decode())
