"""A whole model in minutes: proof that the trainings learn, and that what they make follows the hits.

Recordings (made-up ones where none are given) are rendered into scenes, a tiny codec learns them, a tiny language
model learns its tokens, and both are packed and measured on scenes never trained on, given their hits. The image
tower is left as it was born: the hits and the label are what this model goes by. The spotter is the default model's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import torch
from msgspec import Struct
from numpy.typing import NDArray

from engine.checkpoints import write_model_folder
from engine.codec.encodec import Encodec
from engine.config import CodecConfig, LMConfig, ModelConfig, SyncConfig, TowerConfig
from engine.evaluation.matching import mean_score
from engine.evaluation.sync import Figure, draw_test_scenes, evaluate_sync, onsets_of
from engine.media.matching import times_of
from engine.pipeline import Pipeline, load_model
from engine.training.batches import Cropping
from engine.training.codec import CodecTrainer, CodecTraining
from engine.training.crops import CropConfig
from engine.training.journal import read_journal
from engine.training.lm import LMTrainer, LMTraining
from engine.training.packing import default_spotter
from engine.training.recordings import RecordingLibrary
from engine.training.scene_corpus import SceneCorpus
from engine.training.scene_set import LM_SCENES, encode_scenes, write_scenes
from engine.training.scenes.events import EventLibrary
from engine.training.scenes.spec import TRAIN_SEEDS
from engine.visual.tower import ImageTower

Log = Callable[[str], None]

TOLERANCE_MS = 100
CODEC_ID = "toy"


class ToySize(Struct, frozen=True):
    """How much of everything; the defaults take minutes on two cores."""

    scenes: int = 80
    codec_steps: int = 500
    lm_steps: int = 450
    test_scenes: int = 12


class ToyReport(Struct, frozen=True):
    """Loss at the start and the end (mean of ten steps), and onset F1 at 100 ms with its controls.

    `codec_f1` is that of the true sound after the codec: what the language model can reach at best.
    """

    first_loss: float
    last_loss: float
    detector: Figure
    codec_f1: float
    given_hits: Figure
    num_scenes: int
    seconds: float


def toy_config(labels: tuple[str, ...]) -> ModelConfig:
    """About half a million parameters in the language model, a codec of eight filters."""
    books, size = 4, 64
    return ModelConfig(
        name="toy",
        codec=CodecConfig(
            num_filters=8,
            num_lstm_layers=0,
            latent_dim=32,
            num_codebooks=books,
            codebook_size=size,
            pad_mode="constant",
            activation="SiLU",
        ),
        lm=LMConfig(
            num_layers=3,
            num_heads=4,
            dim=96,
            num_codebooks=books,
            codebook_size=size,
            visual_dim=16,
            labels=labels,
            sync=SyncConfig(),
        ),
        encoder=TowerConfig(image_size=32, dim=16, labels=labels),
    )


def train_toy(library: RecordingLibrary, out: Path, log: Log, size: ToySize | None = None) -> ToyReport:
    """Train, pack into OUT/model and measure; goes on where it stopped."""
    size, started = size or ToySize(), time.monotonic()
    config = toy_config(library.labels)
    _render(library, out, size, log)
    codec = _train_codec(config, library, out, size, log)
    encode_scenes(out / "scenes", codec, CODEC_ID, lambda path: None)
    torch.manual_seed(0)
    assert config.tower is not None
    tower = ImageTower(config.tower).eval().requires_grad_(False)
    corpus = SceneCorpus(out / "scenes", CODEC_ID, tower)
    trainer = LMTrainer(config.lm, config.codec, _lm_training(size), corpus, out / "lm", log)
    trainer.run()
    losses = [line["loss"] for line in read_journal(out / "lm")]
    spotter = default_spotter()
    parts = {
        "codec.safetensors": {k: v for k, v in codec.state_dict().items() if not k.startswith("encoder.")},
        "lm.safetensors": trainer.average.tensors,
        "tower.safetensors": dict(tower.state_dict()),
        "spotter.safetensors": dict(spotter.net.state_dict()),
    }
    packed = msgspec.structs.replace(config, spotter=spotter.config)
    write_model_folder(out / "model", packed, parts, settings=spotter.settings.numbers())
    report = _measure(library, codec, out / "model", size)
    first, last = (sum(part) / len(part) for part in (losses[:10], losses[-10:]))
    return msgspec.structs.replace(
        report, first_loss=first, last_loss=last, seconds=time.monotonic() - started
    )


def _render(library: RecordingLibrary, out: Path, size: ToySize, log: Log) -> None:
    events = EventLibrary.from_recordings(library.of_split("train"))
    scenes = msgspec.structs.replace(LM_SCENES, continuous_share=0.0)
    seeds = range(TRAIN_SEEDS.start, TRAIN_SEEDS.start + size.scenes)
    rate = toy_config(library.labels).codec.sample_rate
    write_scenes(
        out / "scenes",
        events,
        library.labels,
        seeds,
        sample_rate=rate,
        config=scenes,
        image_size=32,
        shard_size=10,
    )
    log(f"{size.scenes} scenes rendered")


def _train_codec(
    config: ModelConfig, library: RecordingLibrary, out: Path, size: ToySize, log: Log
) -> Encodec:
    training = CodecTraining(
        steps=size.codec_steps,
        batch=8,
        # Mostly single events in silence, hardly quieter than they are heard later: all that a toy has to know.
        crops=CropConfig(num_samples=6400, recordings_share=0.35, sparse_share=0.6),
        gain_spread_db=10.0,
        learning_rate=4e-3,
        warmup_steps=10,
        kmeans_step=size.codec_steps // 3,
        waveform_steps=size.codec_steps // 3,
        validate_every=size.codec_steps,
        checkpoint_every=100,
    )
    trainer = CodecTrainer(config.codec, training, library, out / "codec", log)
    trainer.run()
    return trainer.averaged()


def _lm_training(size: ToySize) -> LMTraining:
    return replace(
        LMTraining(),
        steps=size.lm_steps,
        cropping=Cropping(frames_per_step=1500, min_s=2.0, max_s=6.0),
        learning_rate=3e-3,
        warmup_steps=20,
        ema_decay=0.98,
        log_every=50,
    )


def _measure(library: RecordingLibrary, codec: Encodec, model: Path, size: ToySize) -> ToyReport:
    scenes = draw_test_scenes(library, size.test_scenes, duration_s=4.0)
    report = evaluate_sync(Pipeline(load_model(model)), scenes)
    (detector,) = (figure for figure in report.detector if figure.tolerance_ms == TOLERANCE_MS)
    (given,) = (figure for figure in report.given_hits if figure.tolerance_ms == TOLERANCE_MS)
    ceiling = mean_score(
        [(_heard_after(codec, scene.wav), times_of(scene.spec.hits)) for scene in scenes], TOLERANCE_MS / 1000
    )
    return ToyReport(0.0, 0.0, detector, ceiling.mean_f1, given, report.num_scenes, 0.0)


@torch.inference_mode()
def _heard_after(codec: Encodec, wav: NDArray[np.float32]) -> list[float]:
    """Onsets, in seconds, of wav [N] encoded and decoded."""
    return onsets_of(codec.decode(codec.encode(torch.from_numpy(wav)[None, None]))[0, 0].numpy())


def as_text(report: ToyReport) -> str:
    given, detector = report.given_hits, report.detector
    return "\n".join(
        [
            f"loss {report.first_loss:.3f} at the start, {report.last_loss:.3f} at the end",
            f"onset F1 at {given.tolerance_ms} ms over {report.num_scenes} scenes never trained on, given their hits: "
            f"{given.f1:.3f}; shuffled {given.shuffled:.3f}, chance {given.chance:.3f}; "
            f"the detector on the true sound {detector.f1:.3f}, after the codec {report.codec_f1:.3f}",
            f"{report.seconds / 60:.1f} minutes",
        ]
    )
