"""Family, diversity, memorisation: models whose answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.evaluation.embeddings.ear import read_ear
from engine.evaluation.quality import casts, diversity, family, memorisation
from engine.evaluation.quality.bench import POOL_HITS, POOL_S
from engine.evaluation.quality.making import Ask
from engine.pipeline import Pipeline
from engine.training.recordings import RecordingLibrary, read_library
from engine.training.scenes.spec import SceneSpec
from tests.engine.evaluation.quality.benches import Wav, at_hits, of_split, oracle, strike, strikes
from tests.engine.models import LABELS, TINY
from tests.engine.training.synthetic import placed

RENDER_SOUND = "engine.evaluation.quality.bench.render_sound"


@pytest.fixture
def tonal() -> RecordingLibrary:
    """Pure tones: knocks at 300 Hz, whooshes at 3 kHz."""
    age = np.arange(8000) / 16000
    wavs = {
        label: (0.3 * np.sin(2 * np.pi * hz * age)).astype(np.float32)
        for label, hz in (("knock", 300.0), ("whoosh", 3000.0))
    }
    return RecordingLibrary(
        [
            of_split(wav, label, f"{label}:{split}", split)
            for label, wav in wavs.items()
            for split in ("train", "held_out")  # type: ignore[list-item]
        ]
    )


class FamilyEar:
    """Knows the family of a tone."""

    def family_probabilities(self, wav: NDArray[np.float32]) -> dict[str, float]:
        if not np.any(wav):
            return {"silence": 1.0}
        peak_hz = np.abs(np.fft.rfft(wav)).argmax() * 16000 / wav.size
        return {"whoosh" if peak_hz > 1000 else "impacts": 1.0}


class Mute:
    """A codec that gives back nothing."""

    config = TINY.codec

    def encode(self, wav: Tensor) -> Tensor:
        return wav

    def decode(self, codes: Tensor) -> Tensor:
        return torch.zeros_like(codes)


def test_who_plays_the_true_sound_is_named_right_as_often(
    pipeline: Pipeline, tonal: RecordingLibrary
) -> None:
    true = {r.label: r.wav for r in tonal.of_split("held_out")}
    (figure,) = family.measure(oracle(pipeline, tonal, lambda ask: true[ask.label], FamilyEar()))[:1]
    assert figure.value is not None and figure.value.value == 1.0 and figure.is_met


def test_who_plays_one_sound_for_all_is_named_right_half_as_often(
    pipeline: Pipeline, tonal: RecordingLibrary
) -> None:
    one = tonal.recordings[0].wav
    (figure,) = family.measure(oracle(pipeline, tonal, lambda ask: one, FamilyEar()))[:1]
    assert figure.value is not None and figure.value.value == 0.5 and figure.is_met is False


def test_silence_is_no_family(pipeline: Pipeline, tonal: RecordingLibrary) -> None:
    silent = np.zeros(16000, np.float32)
    (figure,) = family.measure(oracle(pipeline, tonal, lambda ask: silent, FamilyEar()))[:1]
    assert figure.value is not None and figure.value.value == 0.0


def test_scenes_like_those_of_the_training_stand_beside_it(
    pipeline: Pipeline, tonal: RecordingLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that plays silence, of scenes that would have taught it better."""
    true = {r.label: r.wav for r in tonal.of_split("held_out")}
    monkeypatch.setattr(RENDER_SOUND, lambda spec, *rest: true[spec.label])
    silent = np.zeros(16000, np.float32)
    figure = family.measure(oracle(pipeline, tonal, lambda ask: silent, FamilyEar()))[0]
    assert figure.details["of scenes like those of the training"] == 1.0
    assert figure.details["share of generated takes"] == 0.0


def test_equal_seeds_have_no_diversity(pipeline: Pipeline, library: RecordingLibrary) -> None:
    def always(ask: Ask) -> Wav:
        return at_hits(ask, strike(5)) if ask.hits else np.full(16000, 0.1, np.float32)

    (figure,) = diversity.measure(oracle(pipeline, library, always))
    assert figure.value is not None and figure.value.value == pytest.approx(0, abs=1e-6)
    assert figure.is_met is False


def test_seeds_that_differ_as_recordings_do_are_as_diverse(
    pipeline: Pipeline, library: RecordingLibrary
) -> None:
    def varied(ask: Ask) -> Wav:
        return at_hits(ask, strike(100 + ask.seed, frequency_hz=400.0 if ask.label == "knock" else 1500.0))

    (figure,) = diversity.measure(oracle(pipeline, library, varied))
    assert figure.value is not None and 0.75 < figure.value.value < 1.3 and figure.is_met


def _memorised(pipeline: Pipeline, library: RecordingLibrary, seeds: Sequence[int]) -> tuple[float, float]:
    def sounds(ask: Ask) -> Wav:
        if not ask.hits:
            return np.zeros(round(ask.duration_s * 16000), np.float32)
        low = ask.label == "knock"
        return at_hits(ask, 0.4 * strike(seeds[0 if low else 1], frequency_hz=400.0 if low else 1500.0))

    (figure,) = memorisation.measure(oracle(pipeline, library, sounds))
    assert figure.value is not None
    return figure.value.value, figure.details["the same of held-out real events"]


def test_a_copied_training_event_is_called_memorised(pipeline: Pipeline, library: RecordingLibrary) -> None:
    share, control = _memorised(pipeline, library, [0, 10])
    assert share == 1.0
    assert control < 1.0


def test_a_new_event_is_not(pipeline: Pipeline, library: RecordingLibrary) -> None:
    assert _memorised(pipeline, library, [77, 78])[0] == 0.0


@pytest.mark.parametrize(("seed", "share"), [(0, 1.0), (77, 0.0)])
def test_what_a_perfect_model_would_be_found_to_do_stands_beside_it(
    pipeline: Pipeline, library: RecordingLibrary, monkeypatch: pytest.MonkeyPatch, seed: int, share: float
) -> None:
    """Scenes that sound a training recording as it is, and scenes that sound none of them."""

    def rendered(spec: SceneSpec, *rest: object) -> Wav:
        low = spec.label == "knock"
        sound = strike(seed + (0 if low else 10), frequency_hz=400.0 if low else 1500.0)
        return placed(spec.duration_s, [hit.time_s for hit in spec.hits], sound)

    monkeypatch.setattr(RENDER_SOUND, rendered)
    (figure,) = memorisation.measure(oracle(pipeline, library, lambda ask: np.zeros(16000, np.float32)))
    assert figure.details["of scenes like those of the training"] == share


def test_without_recordings_to_compare_with_nothing_is_claimed(pipeline: Pipeline) -> None:
    library = RecordingLibrary([*strikes("knock", [0], "train"), *strikes("knock", [1], "held_out")])
    bench = oracle(pipeline, library, lambda ask: placed(POOL_S, [h.time_s for h in POOL_HITS], strike(3)))
    for measure in (diversity.measure, memorisation.measure):
        (figure,) = measure(bench)
        assert figure.value is None and figure.is_met is None and figure.not_measured


@pytest.mark.shared
def test_real_recordings_played_back_are_named_as_often_by_the_shipped_ear(
    pipeline: Pipeline, shared: Path
) -> None:
    """The oracle of the real library: of each label its first held-out recording, which is also all that is real."""
    whole = read_library(shared / "sounds")
    first = {r.label: r for r in reversed(whole.of_split("held_out")) if r.label in LABELS}
    library = RecordingLibrary(list(first.values()))
    bench = oracle(pipeline, library, lambda ask: first[ask.label].wav, read_ear())
    figure = family.measure(bench)[0]
    assert figure.value is not None and figure.value.value == 1.0


def test_what_the_codec_costs_stands_beside_it(pipeline: Pipeline, tonal: RecordingLibrary) -> None:
    true = {r.label: r.wav for r in tonal.of_split("held_out")}
    bench = replace(oracle(pipeline, tonal, lambda ask: true[ask.label], FamilyEar()), codec=Mute())
    assert family.measure(bench)[0].details["recordings after the codec"] == 0.0


def test_a_model_that_keeps_the_casts_sound_is_told_from_one_that_does_not(
    pipeline: Pipeline, tonal: RecordingLibrary
) -> None:
    """One keeps to the source's own strike where it is cast, the other never hears of it."""

    def shoes(ask: Ask, knows: bool) -> Wav:
        is_source = ask.hits == casts.SOURCE_HITS
        own = 0 if is_source or (knows and ask.cast is not None) else ask.seed
        return at_hits(ask, strike(own, frequency_hz=300.0 + 250.0 * own))

    held, deaf = (
        casts.measure(oracle(pipeline, tonal, lambda ask, knows=knows: shoes(ask, knows)))[0]  # type: ignore[misc]
        for knows in (True, False)
    )
    assert held.value is not None and deaf.value is not None
    assert held.is_met and held.value.value < 0.3
    assert not deaf.is_met and deaf.value.value == pytest.approx(1.0)
