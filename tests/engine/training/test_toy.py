"""A whole tiny model from recordings to sound: the loss falls, and what it makes follows the hits."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.media.onsets import detect_onsets
from engine.pipeline import load_model
from engine.training.made_up import made_up_library
from engine.training.toy import ToySize, as_text, train_toy


@pytest.mark.slow
def test_a_few_steps_lower_the_loss_and_end_in_a_model_that_loads(tmp_path: Path) -> None:
    """The whole way from recordings to figures; that the figures are good takes minutes, see below."""
    size = ToySize(scenes=6, codec_steps=20, lm_steps=30, test_scenes=2)
    report = train_toy(made_up_library(each=2), tmp_path, lambda line: None, size)
    assert report.last_loss < 0.6 * report.first_loss
    assert report.detector.f1 > 0.9
    assert report.num_scenes == 2
    assert load_model(tmp_path / "model").config.name == "toy"


@pytest.mark.minutes
@pytest.mark.timeout(900)
def test_a_toy_learns_and_its_sounds_fall_on_the_hits(tmp_path: Path) -> None:
    report = train_toy(made_up_library(), tmp_path, lambda line: None)
    assert report.last_loss < 0.6 * report.first_loss
    assert report.detector.f1 > 0.9
    assert report.given_hits.f1 > report.given_hits.shuffled + 0.15, as_text(report)
    assert report.given_hits.f1 > report.given_hits.chance + 0.15, as_text(report)


def test_made_up_recordings_have_one_event_each_and_some_are_held_out() -> None:
    library = made_up_library(each=2)
    assert {recording.split for recording in library.recordings} == {"train", "held_out"}
    assert library.tested_labels == library.labels
    for recording in library.recordings:
        (hit,) = detect_onsets(recording.wav)
        assert hit.time_s == pytest.approx(0.05, abs=0.01)
