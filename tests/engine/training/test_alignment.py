"""The language model's training, measured as it is meant: what it draws for given hits falls on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.config import CodecConfig, LMConfig, SyncConfig, WindowConfig
from engine.evaluation.matching import mean_score, shuffled_score
from engine.lm.generate import TakeConditions, generate_take
from engine.lm.sync import render_sync
from engine.protocol import Hit, Sampling
from engine.training.batches import Cropping
from engine.training.corpus import EncodedClip
from engine.training.journal import read_journal
from engine.training.lm import LMTrainer, LMTraining

CODEC = CodecConfig()
CONFIG = LMConfig(
    num_layers=2,
    num_heads=2,
    dim=48,
    codebook_size=16,
    visual_dim=4,
    labels=("knock", "clap"),
    sync=SyncConfig(kernel_radius_frames=6),
)
FRAMES = 150
RING_FRAMES = 5
SILENCE = 0


def rung(hits: list[Hit], label: int) -> NDArray[np.int16]:
    """Codes [4, FRAMES] that count the frames since a hit, in the label's own numbers; else silence."""
    codes = np.full((4, FRAMES), SILENCE, np.int16)
    for hit in hits:
        first = int(hit.time_s * CODEC.frame_rate)
        for age in range(min(RING_FRAMES, FRAMES - first)):
            codes[:, first + age] = 1 + label * RING_FRAMES + age
    return codes


def hits_of(codes: torch.Tensor) -> list[float]:
    """Where a first code of a ring stands in the first codebook, in seconds."""
    starts = torch.isin(codes[0], torch.tensor([1, 1 + RING_FRAMES]))
    return [(float(frame) + 0.5) / CODEC.frame_rate for frame in torch.nonzero(starts)[:, 0]]


def clips(count: int, seed: int) -> list[EncodedClip]:
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        times_s = np.cumsum(rng.uniform(0.3, 1.0, size=3))
        hits = [Hit(float(time_s), 0.8) for time_s in times_s if time_s < FRAMES / CODEC.frame_rate - 0.1]
        label = number % 2
        features = np.zeros((3, 4), np.float32)
        made.append(EncodedClip(rung(hits, label), features, 1, None, label, hits))
    return made


def drawn(lm: torch.nn.Module, clip: EncodedClip, seed: int) -> list[float]:
    assert CONFIG.sync is not None
    radius = CONFIG.sync.kernel_radius_frames
    track = render_sync(
        clip.hits,
        None,
        start_frame=-radius,
        num_frames=FRAMES + 2 * radius,
        frame_rate=CODEC.frame_rate,
        config=CONFIG.sync,
    )
    take = TakeConditions(torch.zeros(3, 4), clip.label, None, torch.from_numpy(track))
    codes = generate_take(
        lm,  # type: ignore[arg-type]
        take,
        FRAMES,
        Sampling(cfg_scale=2.0),
        seed=seed,
        windows=WindowConfig(),
        on_step=lambda share: None,
    )
    return hits_of(codes)


def test_after_a_short_training_what_is_drawn_falls_on_hits_never_trained_on(tmp_path: Path) -> None:
    training = LMTraining(
        steps=150,
        cropping=Cropping(frames_per_step=1200, min_s=1.0, max_s=3.0, drop_visual=0.0),
        learning_rate=6e-3,
        final_share=0.1,
        warmup_steps=10,
        ema_decay=0.95,
        bf16=False,
        log_every=1000,
        checkpoint_every=1000,
    )
    trainer = LMTrainer(CONFIG, CODEC, training, clips(64, 0), tmp_path, print)
    tests = clips(6, 99)
    before = [(drawn(trainer.lm.eval(), clip, 5), [hit.time_s for hit in clip.hits]) for clip in tests[:2]]
    trainer.run()
    losses = [line["loss"] for line in read_journal(tmp_path)]
    assert np.mean(losses[-10:]) < 0.15 * np.mean(losses[:5])
    trainer.lm.load_state_dict(trainer.average.tensors)
    pairs = [
        (drawn(trainer.lm, clip, number), [hit.time_s for hit in clip.hits])
        for number, clip in enumerate(tests)
    ]
    aligned, shuffled = mean_score(pairs, 0.04).mean_f1, shuffled_score(pairs, 0.04).mean_f1
    assert aligned > 0.9
    assert shuffled < 0.5 * aligned
    assert mean_score(before, 0.04).mean_f1 < 0.5
