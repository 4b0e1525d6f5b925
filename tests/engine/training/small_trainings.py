"""Each training in small, the same in every process; as a program, the trainings that other processes share or kill.

python -m tests.engine.training.small_trainings threads FOLDER    all of them at once, slowly, to be killed
python -m tests.engine.training.small_trainings ranks FOLDER      one after the other, with the processes of the group
python -m tests.engine.training.small_trainings begun FOLDER      the language model's first steps, by DDP and by FSDP2
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from engine.config import MotionConfig
from engine.training.batches import Cropping
from engine.training.codec import CodecTrainer, CodecTraining
from engine.training.crops import CropConfig
from engine.training.distributed import ALONE, Ranks, joined
from engine.training.lm import LMTrainer, LMTraining
from engine.training.recordings import RecordingLibrary
from engine.training.spotter import SpotterTrainer, SpotterTraining
from tests.engine.models import TINY
from tests.engine.training.clips import encoded_clips
from tests.engine.training.synthetic import recordings

STEPS = 10
KMEANS_STEP = 4
BEGUN_STEPS = 4
CHECKPOINT_EVERY = 3

Trainer = LMTrainer | CodecTrainer | SpotterTrainer


def small_lm(folder: Path, ranks: Ranks = ALONE) -> LMTrainer:
    clips = [*encoded_clips(2), *encoded_clips(3, num_frames=120)]
    training = LMTraining(
        steps=STEPS,
        cropping=Cropping(frames_per_step=500, max_s=6),
        learning_rate=3e-3,
        warmup_steps=3,
        log_every=1000,
        checkpoint_every=CHECKPOINT_EVERY,
        bf16=False,
    )
    return LMTrainer(TINY.lm, TINY.codec, training, clips, folder, lambda line: None, ranks=ranks)


def small_codec(folder: Path, ranks: Ranks = ALONE) -> CodecTrainer:
    training = CodecTraining(
        steps=STEPS,
        batch=4,
        crops=CropConfig(num_samples=3840),
        warmup_steps=2,
        kmeans_step=KMEANS_STEP,
        waveform_steps=10,
        log_every=1000,
        validate_every=1000,
        checkpoint_every=CHECKPOINT_EVERY,
        bf16=False,
    )
    made = recordings()
    held_out = replace(made[0], split="held_out")
    held_out.__dict__["wav"] = made[0].wav
    library = RecordingLibrary([*made, held_out])
    return CodecTrainer(TINY.codec, training, library, folder, lambda line: None, ranks=ranks)


def small_spotter(folder: Path, ranks: Ranks = ALONE) -> SpotterTrainer:
    training = SpotterTraining(
        net=MotionConfig(channels=16),
        steps=STEPS,
        batch_scenes=2,
        pool_scenes=6,
        warmup_steps=3,
        checkpoint_every=CHECKPOINT_EVERY,
        bf16=False,
    )
    return SpotterTrainer(training, folder, lambda line: None, ranks=ranks)


KINDS: dict[str, Callable[..., Trainer]] = {"lm": small_lm, "codec": small_codec, "spotter": small_spotter}


def in_threads(folder: Path) -> None:
    """All abreast, and never to the last step: somebody will kill them."""
    trainers = [make(folder / kind) for kind, make in KINDS.items()]

    def abreast(trainer: Trainer) -> bool:
        time.sleep(0.1)
        while trainer.step > min(STEPS - 2, *(other.step for other in trainers)):
            time.sleep(0.02)
        return False

    threads = [
        threading.Thread(target=trainer.run, kwargs={"until": partial(abreast, trainer)})
        for trainer in trainers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_ranks(folder: Path) -> None:
    with joined() as ranks:
        for kind, make in KINDS.items():
            make(folder / f"{kind}-ddp", ranks).run()
        small_codec(folder / "codec-quantizing-ddp", ranks).run()
        sharded = replace(ranks, kind="fsdp")
        begin(folder / "lm-fsdp", sharded, steps=5)
        small_lm(folder / "lm-fsdp", sharded).run()
    end_alone()


def begin(folder: Path, ranks: Ranks, *, steps: int = BEGUN_STEPS) -> None:
    trainer = small_lm(folder, ranks)
    trainer.run(until=lambda: ranks.is_first and trainer.step >= steps)  # where one ends, all do


def begun_in_ranks(folder: Path) -> None:
    with joined() as ranks:
        for kind in ("ddp", "fsdp"):
            begin(folder / kind, replace(ranks, kind=kind))
        assert sys.platform != "linux" or gloo_threads(), "they are called otherwise: nothing would be found"
    end_alone()


def gloo_threads() -> list[str]:
    """The names of this process's threads that are gloo's; none where the system does not tell (it is not Linux)."""
    names = []
    for path in Path("/proc/self/task").glob("*/comm"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            names.append(path.read_text().strip())
    return [name for name in names if "gloo" in name]


def end_alone() -> None:
    """Leave with a status of 1 if threads of gloo's are left; one that was joined may be listed for a moment."""
    until = time.monotonic() + 5
    while gloo_threads():
        if time.monotonic() > until:
            sys.exit(f"Threads are left behind: {', '.join(gloo_threads())}")
        time.sleep(0.01)


if __name__ == "__main__":
    {"threads": in_threads, "ranks": in_ranks, "begun": begun_in_ranks}[sys.argv[1]](Path(sys.argv[2]))
