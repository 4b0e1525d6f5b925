"""Training the ear in miniature: it learns, it goes on bit by bit, and what it is shown is what is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from engine.evaluation.embeddings.ear import read_ear
from engine.training.ear import EarTrainer, EarTraining, ear_config, train_ear
from engine.training.ear_card import CARD_FILE, measure_ear
from engine.training.ear_windows import LabelPool, WindowVariety, draw_windows
from engine.training.recordings import Recording, RecordingLibrary
from tests.engine.training.synthetic import ping, placed, recording

TINY = EarTraining(steps=24, batch=8, warmup_steps=3, log_every=6, learning_rate=5e-3)
PLAIN = WindowVariety(mixup_share=0.0, equaliser_db=2.0, room_share=0.0, speed_octaves=0.1)


def library() -> RecordingLibrary:
    """Strikes, steady noise and a tone, two to train on and one held out of each."""
    made: list[Recording] = []
    for number in range(3):
        rng = np.random.default_rng(number)
        tone = np.sin(2 * np.pi * (3000 + 100 * number) * np.arange(16000) / 16000).astype(np.float32)
        sounds = {
            "impact_wood": placed(0.6, [0.1], ping(seed=number)),
            "rain": 0.1 * rng.standard_normal(24000).astype(np.float32),
            "bell": 0.3 * tone,
        }
        for label, wav in sounds.items():
            each = recording(wav, label, f"made-up:{label}:{number}")
            if number == 2:
                each = replace(each, split="held_out")
                each.__dict__["wav"] = wav
            made.append(each)
    return RecordingLibrary(made)


def trainer(folder: Path, training: EarTraining = TINY) -> EarTrainer:
    made = library()
    config = msgspec.structs.replace(ear_config(made), widths=(8, 12, 16), dim=16)
    return EarTrainer(training, made, folder, lambda line: None, config)


def test_it_learns_to_tell_a_strike_from_noise_and_a_tone(tmp_path: Path) -> None:
    told = trainer(tmp_path, msgspec.structs.replace(TINY, steps=100, ema_decay=0.95, variety=PLAIN))
    told.run()
    accuracy = measure_ear(told.ear(), told.library)
    assert accuracy.label == 1.0 and accuracy.family == 1.0
    assert accuracy.num_recordings == accuracy.num_labels == 3
    assert accuracy.family_chance == pytest.approx(2 / 3)  # strikes and bells are impacts


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    unbroken, broken = trainer(tmp_path / "a"), trainer(tmp_path / "b")
    unbroken.run()
    broken.run(until=lambda: broken.step >= 11)
    torch.manual_seed(999)
    again = trainer(tmp_path / "b")
    assert again.step == 11
    again.run()
    for name, tensor in unbroken.net.state_dict().items():
        assert torch.equal(tensor, again.net.state_dict()[name])
        assert torch.equal(unbroken.average[name], again.average[name])


def test_windows_are_drawn_as_is_said() -> None:
    made = library()
    pool = LabelPool(made.of_split("train"), made.labels)
    windows, targets = draw_windows(np.random.default_rng(0), pool, 64, WindowVariety())
    assert windows.shape == (64, 96, 64) and targets.shape == (64, 3)
    assert float(windows.min()) == -1 and float(windows.max()) <= 1
    assert torch.allclose(targets.sum(dim=1), torch.ones(64))
    mixed = (targets.amax(dim=1) < 1).float().mean()
    assert 0.1 < float(mixed) < 0.6  # half, less those that met their own label
    again, _ = draw_windows(np.random.default_rng(0), pool, 64, WindowVariety())
    assert torch.equal(windows, again)


def test_families_count_in_the_loss(tmp_path: Path) -> None:
    """Taking a bell for a strike of wood, its family, costs less than taking it for rain."""
    made = trainer(tmp_path)
    made.net.eval()
    target = torch.nn.functional.one_hot(torch.tensor([0]), 3).float()  # bell
    losses = []
    for wrong in ("impact_wood", "rain"):
        logits = torch.zeros(1, 3)
        logits[0, made.config.labels.index(wrong)] = 6.0
        made.net.forward = lambda windows, logits=logits: (windows, logits)  # type: ignore[method-assign]
        losses.append(float(made.loss(torch.zeros(1, 96, 64), target)))
    assert losses[0] < losses[1] - 1


def test_the_command_leaves_an_ear_with_its_card(tmp_path: Path) -> None:
    accuracy = train_ear(library(), tmp_path, lambda line: None, msgspec.structs.replace(TINY, steps=1))
    final = tmp_path / "ear" / "final"
    assert read_ear(final).labels == ("bell", "impact_wood", "rain")
    card = (final / CARD_FILE).read_text(encoding="utf-8")
    assert f"| family (of 2) | {accuracy.family:.3f} |" in card and "3 held out" in card
