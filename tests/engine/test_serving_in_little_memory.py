"""Takes side by side in a process that has not the memory for all of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.models import write_tiny_model
from tests.engine.worker_process import write_moving_film

LIMITED = """
import resource, sys
from fractions import Fraction
from pathlib import Path
import psutil
import engine.pipeline, engine.serving
from engine.protocol import Failed, Finished
from tests.engine.test_serving import Bench, knocks

model, media, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
bench = Bench(model, is_first_alone=False, dtype="float32")
widths, draw = [], engine.pipeline.generate_takes

def noting(*args, side_by_side, **others):
    widths.append(side_by_side)
    return draw(*args, side_by_side=side_by_side, **others)

def line(name, count):
    lengths = [Fraction(4)] + [Fraction(1, 2)] * 7
    numbered = list(enumerate(lengths, start=1))[:count]
    return [knocks(n, media, [folder / f"{name}{n}.wav"], length) for n, length in numbered]

engine.pipeline.generate_takes = noting
engine.opening.free_bytes = lambda device: 1 << 40  # a plan that is wrong
bench.serve(*line("free", 2))
mapped = psutil.Process().memory_info().vms
resource.setrlimit(resource.RLIMIT_AS, (mapped + 31_000_000, resource.RLIM_INFINITY))
events = bench.serve(*line("tight", 8))
print([type(event).__name__ for event in events if isinstance(event, (Failed, Finished))])
print(widths)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of a process's memory is Linux's")
def test_a_process_whose_memory_ends_makes_all_takes_with_the_same_bytes(tmp_path: Path) -> None:
    """Eight caches of 7 MB do not fit into 31 MB: the allocator fails for real.

    Four do, and then nothing else does: what failed must let its memory go. Large blocks are mapped one by one, or how
    the heap has been cut up would decide what fits.
    """
    media = write_moving_film(tmp_path / "moving.mp4")
    write_tiny_model(tmp_path / "model", dim=512, num_layers=4, num_heads=8)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "model"), media, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={
            **os.environ,
            "MALLOC_ARENA_MAX": "1",
            "MALLOC_MMAP_THRESHOLD_": "131072",
            "OMP_NUM_THREADS": "1",
        },
    )
    told, widths = done.stdout.strip().splitlines()
    assert told == str(["Finished"] * 8), done.stderr
    assert widths in ("[2, 8, 4]", "[2, 8, 4, 2]", "[2, 8, 4, 2, 1]")
    for number in (1, 2):
        free, tight = (tmp_path / f"{name}{number}.wav" for name in ("free", "tight"))
        assert free.read_bytes() == tight.read_bytes()
