"""The language model's training: what it draws, that it learns, that neither stops nor parts leave a trace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from engine.config import LMConfig
from engine.errors import CheckpointCorrupt, RequestError, TrainingDiverged
from engine.training.batches import Batches, Cropping
from engine.training.corpus import EncodedClip
from engine.training.journal import read_journal
from engine.training.lm import LMTrainer, LMTraining
from engine.training.state import read_state
from tests.engine.models import TINY
from tests.engine.training.clips import encoded_clips

TRAINING = LMTraining(
    steps=40,
    cropping=Cropping(frames_per_step=400),
    warmup_steps=4,
    learning_rate=3e-3,
    log_every=10,
    checkpoint_every=10,
    bf16=False,
)


def trainer(
    folder: Path,
    training: LMTraining = TRAINING,
    *,
    config: LMConfig = TINY.lm,
    clips: list[EncodedClip] | None = None,
) -> LMTrainer:
    return LMTrainer(config, TINY.codec, training, clips or encoded_clips(), folder, lambda line: None)


def test_the_loss_falls(tmp_path: Path) -> None:
    made = trainer(tmp_path)
    made.run()
    losses = [line["loss"] for line in read_journal(tmp_path)]
    assert len(losses) == 40
    assert np.mean(losses[-4:]) < 0.6 * np.mean(losses[:4])


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    unbroken, broken = trainer(tmp_path / "a"), trainer(tmp_path / "b")
    unbroken.run()
    broken.run(until=lambda: broken.step >= 17)
    torch.manual_seed(999)
    again = trainer(tmp_path / "b")
    assert again.step == 17
    again.run()
    for one, other in zip(unbroken.lm.parameters(), again.lm.parameters(), strict=True):
        assert torch.equal(one, other)
    assert all(
        torch.equal(tensor, again.average.tensors[name]) for name, tensor in unbroken.average.tensors.items()
    )
    assert read_journal(tmp_path / "a") == read_journal(tmp_path / "b")


@pytest.mark.parametrize("accumulate", [3, 7])
def test_parts_of_a_step_add_up_to_the_whole(tmp_path: Path, accumulate: int) -> None:
    """Clips of unlike length, so that parts have unlike numbers of cells; 7 parts of 5 rows leave some empty."""
    clips = [*encoded_clips(2), *encoded_clips(3, num_frames=120)]
    training = replace(TRAINING, steps=4, cropping=Cropping(rows=5, min_s=3, max_s=6))
    whole = trainer(tmp_path / "whole", training, clips=clips)
    parts = trainer(tmp_path / "parts", replace(training, accumulate=accumulate), clips=clips)
    whole.run()
    parts.run()
    one, other = (read_journal(tmp_path / name) for name in ("whole", "parts"))
    assert [line["loss"] for line in one] == pytest.approx([line["loss"] for line in other], rel=1e-5)
    assert [line["gradient_norm"] for line in one] == pytest.approx(
        [line["gradient_norm"] for line in other], rel=1e-4
    )


def test_computing_blocks_again_changes_nothing(tmp_path: Path) -> None:
    training = replace(TRAINING, steps=3)
    plain = trainer(tmp_path / "plain", training)
    again = trainer(tmp_path / "again", replace(training, recompute=True))
    plain.run()
    again.run()
    for one, other in zip(plain.lm.parameters(), again.lm.parameters(), strict=True):
        assert torch.equal(one, other)


def test_conditions_are_dropped_as_often_as_is_said() -> None:
    config = msgspec.structs.replace(TINY.lm, prompt_dim=3)
    clips = encoded_clips(prompt_dim=3)
    batch = Batches(clips, config, 50, Cropping(rows=3000, max_s=1), 1).draw(0, range(3000))
    known = batch.conditions
    assert known.labels is not None and known.sync_known is not None and known.prompts_known is not None
    has_label = known.labels < len(TINY.lm.labels)
    shares = {
        "visual": known.visual_known,
        "label": has_label,
        "sync": known.sync_known,
        "prompt": known.prompts_known,
    }
    for name, flags in shares.items():
        alone = 0.7 if name == "visual" else 0.9
        assert float(flags.float().mean()) == pytest.approx(0.9 * alone, abs=0.03), name
    none = ~known.visual_known & ~has_label & ~known.sync_known & ~known.prompts_known
    assert float(none.float().mean()) == pytest.approx(0.1 + 0.9 * 0.3 * 0.1**3, abs=0.02)


def test_features_are_the_pictures_seconds_after_the_crops_start() -> None:
    clip = encoded_clips(1)[0]
    numbered = replace(
        clip,
        codes=np.arange(500, dtype=np.int16)[None].repeat(4, axis=0) % 32,
        features=np.arange(20, dtype=np.float32)[:, None].repeat(16, axis=1),
    )
    anywhere = Batches([numbered], TINY.lm, 50, Cropping(rows=64, min_s=3, max_s=3), 1).draw(0, range(64))
    gridded = Batches([numbered], TINY.lm, 50, Cropping(rows=64, min_s=3, max_s=3, on_pictures=True), 1).draw(
        0, range(64)
    )
    first = anywhere.conditions.visual[:, 0, 0]
    assert len(set(first.tolist())) > 8
    assert torch.equal(anywhere.conditions.visual[:, 1, 0], first + 2)
    starts = (gridded.conditions.visual[:, 0, 0] * 25).long()
    assert torch.equal(gridded.codes[:, 0, 0], starts % 32)


def test_each_row_is_the_same_whoever_draws_it() -> None:
    batches = Batches(encoded_clips(), TINY.lm, 50, Cropping(rows=6), 1)
    whole, part = batches.draw(3, range(6)), batches.draw(3, range(2, 5))
    assert torch.equal(whole.codes[2:5], part.codes)
    assert torch.equal(whole.conditions.visual[2:5], part.conditions.visual)
    assert whole.conditions.sync is not None and part.conditions.sync is not None
    assert torch.equal(whole.conditions.sync[2:5], part.conditions.sync)


def test_a_training_that_diverges_keeps_its_last_checkpoint(tmp_path: Path) -> None:
    made = trainer(tmp_path)
    made.run(until=lambda: made.step >= 20)
    good = read_state(tmp_path)
    assert good is not None and good["step"] == 20
    again = trainer(tmp_path)
    with torch.no_grad():
        again.lm.heads.weight[0, 0] = float("nan")
    with pytest.raises(TrainingDiverged, match=r"step 20.*last checkpoint is kept"):
        again.run()
    kept = read_state(tmp_path)
    assert kept is not None and kept["step"] == 20
    assert all(torch.equal(kept["lm"][name], tensor) for name, tensor in good["lm"].items())


def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no clips"):
        LMTrainer(TINY.lm, TINY.codec, TRAINING, [], tmp_path, lambda line: None)
    wider = msgspec.structs.replace(TINY.lm, visual_dim=99)
    with pytest.raises(RequestError, match=r"lm\.visual_dim=16"):
        trainer(tmp_path, config=wider)
    trainer(tmp_path, replace(TRAINING, steps=1)).run()
    deeper = msgspec.structs.replace(TINY.lm, num_layers=3)
    with pytest.raises(CheckpointCorrupt, match="another network"):
        trainer(tmp_path, config=deeper)
