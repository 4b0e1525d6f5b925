"""What ships in resources/: small, whole, and honest about itself."""

from __future__ import annotations

import json
import re

import torch

from engine.checkpoints import DEFAULT_MODEL, read_model_folder
from engine.lm.decoding.narrowing import DEFAULT_DTYPE
from engine.media.matching import onset_f1, times_of
from engine.media.onsets import detect_onsets
from engine.pipeline import Pipeline, load_model
from engine.protocol import Generate, Hit, Picture, Span
from engine.visual.sight import Sight
from tests.conftest import REPOSITORY

CARD = DEFAULT_MODEL / "MODEL_CARD.md"
AUDIO_SUFFIXES = {".wav", ".ogg", ".flac", ".mp3", ".aif", ".aiff", ".m4a"}


def test_the_model_loads_and_takes_at_most_25_megabytes() -> None:
    model = load_model()
    assert sum(path.stat().st_size for path in DEFAULT_MODEL.iterdir()) <= 25e6
    assert len(model.config.lm.labels) > 40
    assert model.config.tower is not None


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


def test_it_obeys_hits_and_shuffling_its_tokens_destroys_that() -> None:
    """Every sample comes from the tokens: no gate and no snapping stands behind them."""
    pipeline = Pipeline(load_model(dtype=DEFAULT_DTYPE))
    hits = [Hit(time_s, 0.9) for time_s in (0.4, 1.3, 1.75, 3.0, 4.2)]
    picture = Picture("rendered", [Span((5, 1), (0, 1))])
    request = Generate(0, picture, [], num_samples=80000, sample_rate=16000, label="impact_wood")
    features = pipeline.model.encoder.encode(torch.zeros(5, 1, 64, 64, 3, dtype=torch.uint8).numpy())
    sight = Sight(hits, torch.zeros(0).numpy(), features, [])
    obeyed, shuffled = [], []
    for seed in range(4):
        codes = pipeline.codes(request, sight, hits, "impact_wood", seed, lambda stage, share: None)
        order = torch.randperm(codes.shape[1], generator=torch.Generator().manual_seed(seed))
        for scores, tokens in ((obeyed, codes), (shuffled, codes[:, order])):
            heard = detect_onsets(pipeline.waveform(tokens, 80000, 16000), 16000)
            scores.append(onset_f1(times_of(heard), times_of(hits), 0.05))
    assert sum(obeyed) / 4 >= 0.85
    assert sum(shuffled) / 4 <= sum(obeyed) / 4 - 0.35
