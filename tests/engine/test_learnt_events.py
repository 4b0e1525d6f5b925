"""What ships of the recordings that a model learned from, and what is told by it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.checkpoints import DEFAULT_MODEL, read_model_folder
from engine.errors import CheckpointCorrupt
from engine.pipeline import load_model
from engine.prints.event import NEAR_PERCENTILE, PRINT_SHAPE, between_recordings, event_print
from engine.prints.learnt import NEAR, PRINTS, LearntEvents
from engine.training.learnt_events import LEAST_NEAR_DB, learnt_events
from engine.training.scenes.events import EventLibrary, SoundEvent
from tests.engine.evaluation.quality.benches import RATE, strike
from tests.engine.training.synthetic import placed

ONSET = round(0.2 * RATE)


def event(label: str, seed: int, recording: str) -> SoundEvent:
    wav = placed(1.0, [0.2], strike(seed))
    return SoundEvent(wav, RATE, ONSET, label, recording, float(np.abs(wav).max()), -20.0, 0.001, True)


def library() -> EventLibrary:
    knocks = [event("knock", seed, f"knock {seed}") for seed in range(4)]
    return EventLibrary({"knock": knocks, "bell": [event("bell", 9, "bell")]}, {})


def test_what_was_learned_is_near_and_what_was_not_is_not() -> None:
    learnt = learnt_events(library())
    known = event_print(placed(1.0, [0.2], strike(2)), RATE, ONSET)
    new = event_print(np.random.default_rng(0).standard_normal(RATE).astype(np.float32), RATE, ONSET)
    at_known, at_new = learnt.farness("knock", [known, new])
    assert at_known == 0 and at_new > 1
    assert learnt.farness("zipper", [known]).tolist() == [np.inf]
    assert learnt.farness("knock", []).tolist() == []


def test_near_is_what_few_pairs_of_recordings_are() -> None:
    learnt = learnt_events(library())
    apart = between_recordings([*learnt.prints["knock"]])
    assert learnt.near_db["knock"] == pytest.approx(np.percentile(apart, NEAR_PERCENTILE))
    assert learnt.near_db["bell"] == learnt.near_db["knock"]  # one recording says nothing of it


def test_where_nothing_says_how_near_is_near_it_is_next_to_nothing() -> None:
    alone = learnt_events(EventLibrary({"bell": [event("bell", 9, "bell")]}, {}))
    twice = learnt_events(EventLibrary({"bell": [event("bell", 9, "one"), event("bell", 9, "two")]}, {}))
    assert alone.near_db == twice.near_db == {"bell": LEAST_NEAR_DB}


def test_tensors_say_the_same() -> None:
    learnt = learnt_events(library())
    again = LearntEvents.from_tensors(
        {name: tensor.half().float() for name, tensor in learnt.tensors().items()}
    )
    assert again.prints.keys() == learnt.prints.keys()
    print_ = event_print(placed(1.0, [0.2], strike(3)), RATE, ONSET)
    assert again.farness("knock", [print_])[0] < 0.01
    assert again.near_db["bell"] == pytest.approx(learnt.near_db["bell"], rel=1e-3)


@pytest.mark.parametrize("missing", [NEAR + "knock", None])
def test_prints_of_another_kind_are_refused(missing: str | None) -> None:
    tensors = learnt_events(library()).tensors()
    if missing is None:
        tensors[PRINTS + "knock"] = torch.zeros(3, PRINT_SHAPE[0] - 1, PRINT_SHAPE[1])
    else:
        del tensors[missing]
    with pytest.raises(CheckpointCorrupt, match="prints of knock"):
        LearntEvents.from_tensors(tensors)


def test_the_model_that_ships_knows_events_of_all_labels_that_are_made_of_hits() -> None:
    learnt = load_model().learnt
    config = read_model_folder(DEFAULT_MODEL).model
    assert learnt is not None
    assert set(learnt.prints) == set(config.lm.labels) - set(config.continuous_labels)
    assert all(near_db > 0 for near_db in learnt.near_db.values())
