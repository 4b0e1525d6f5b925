"""What ships in resources/: small, whole, and honest about itself."""

from __future__ import annotations

import json
import re

from engine.checkpoints import DEFAULT_MODEL, read_model_folder
from engine.pipeline import load_model
from tests.conftest import REPOSITORY

CARD = DEFAULT_MODEL / "MODEL_CARD.md"
AUDIO_SUFFIXES = {".wav", ".ogg", ".flac", ".mp3", ".aif", ".aiff", ".m4a"}


def test_the_model_loads_and_takes_at_most_25_megabytes() -> None:
    model = load_model()
    assert sum(path.stat().st_size for path in DEFAULT_MODEL.iterdir()) <= 25e6
    assert len(model.config.lm.labels) > 40
    assert model.tower is not None


def test_the_card_is_of_these_weights_and_names_licence_figures_and_authors() -> None:
    card = CARD.read_text(encoding="utf-8")
    assert read_model_folder(DEFAULT_MODEL).sha256 in card
    assert "CC BY 4.0" in card
    assert re.search(r"generated from given hits\s+50 ms\s+0\.\d{3}", card)
    assert "InspectorJ" in card


def test_no_recording_is_shipped() -> None:
    shipped = [
        path for path in (REPOSITORY / "resources").rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES
    ]
    assert shipped == []


def test_the_demos_labels_are_the_models() -> None:
    truth = json.loads((REPOSITORY / "resources" / "demo" / "truth.json").read_text(encoding="utf-8"))
    assert {clip["label"] for clip in truth["clips"]} <= set(read_model_folder(DEFAULT_MODEL).model.lm.labels)
