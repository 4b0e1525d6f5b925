"""One tiny model and one made-up library for all tests of figures."""

from __future__ import annotations

import pytest

from engine.pipeline import Pipeline
from engine.training.recordings import RecordingLibrary
from tests.engine.evaluation.quality.benches import of_split, strikes, tiny_pipeline


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return tiny_pipeline(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def library() -> RecordingLibrary:
    """Knocks low and whooshes high, five sources each, of which one is held out, and rain."""
    import numpy as np

    noise = [np.random.default_rng(n).standard_normal(32000).astype(np.float32) for n in range(2)]
    return RecordingLibrary(
        [
            *strikes("knock", range(4), "train", 400.0),
            *strikes("knock", [9], "held_out", 400.0),
            *strikes("whoosh", range(10, 14), "train", 1500.0),
            *strikes("whoosh", [19], "held_out", 1500.0),
            of_split(0.1 * noise[0], "rain", "rain:0", "train"),
            of_split(0.1 * noise[1], "rain", "rain:1", "held_out"),
        ]
    )
