"""Events are cut at their measured onsets."""

from __future__ import annotations

import numpy as np
import pytest

from engine.training.scenes.events import EventLibrary, cut_events, cut_stretch, event_onsets
from tests.engine.training.synthetic import SAMPLE_RATE, ping, placed, recording, recordings


@pytest.mark.parametrize("starts_s", [[0.0], [0.137], [0.2, 0.9], [0.0, 0.3, 0.55, 1.2]])
def test_onsets_are_where_the_sound_begins(starts_s: list[float]) -> None:
    found = event_onsets(placed(2.0, starts_s, ping()), SAMPLE_RATE)
    assert np.allclose(np.array(found) / SAMPLE_RATE, starts_s, atol=0.003)


def test_a_recording_that_starts_late_gives_an_event_that_does_not() -> None:
    (event,) = cut_events(recording(placed(1.2, [0.6], ping()), "impact_metal"))
    assert event.onset_sample <= round(0.004 * SAMPLE_RATE)
    loud = np.flatnonzero(np.abs(event.wav) > 0.1 * event.peak)
    assert abs(int(loud[0]) - event.onset_sample) <= round(0.002 * SAMPLE_RATE)


def test_several_events_are_split_and_none_holds_the_next() -> None:
    events = cut_events(recording(placed(2.0, [0.1, 0.8, 1.4], ping()), "impact_metal"))
    assert len(events) == 3
    assert all(event.clean for event in events)


@pytest.mark.parametrize("label", ["break_glass", "door", "dice", "paper_cards"])
def test_what_is_made_of_several_sounds_stays_whole(label: str) -> None:
    (event,) = cut_events(recording(placed(2.0, [0.1, 0.8, 1.4], ping()), label))
    assert event.wav.size > 1.5 * SAMPLE_RATE
    assert not event.clean


def test_a_heel_and_its_toe_are_one_step_and_no_reference_for_onsets() -> None:
    wav = placed(1.5, [0.1, 0.24, 0.8, 0.94], ping(0.12, decay_s=0.02))
    steps = cut_events(recording(wav, "footstep_wood"))
    assert [event.wav.size > 0.2 * SAMPLE_RATE for event in steps] == [True, True]
    assert not any(event.clean for event in steps)
    assert len(cut_events(recording(wav, "impact_wood"))) == 4


def test_an_event_that_rises_again_is_not_clean() -> None:
    (event,) = cut_events(recording(placed(1.0, [0.0, 0.3], ping()), "break_glass"))
    assert not event.clean


def test_silence_and_scraps_give_nothing() -> None:
    assert cut_events(recording(np.zeros(SAMPLE_RATE, np.float32), "knock")) == []
    assert cut_events(recording(np.ones(20, np.float32), "knock")) == []
    assert cut_stretch(recording(np.ones(20, np.float32), "rain")) is None


def test_continuous_labels_become_stretches_and_the_others_events() -> None:
    library = EventLibrary.from_recordings(recordings())
    assert library.view.point_labels == ("footstep_stone", "impact_wood")
    assert library.view.continuous_labels == ("rain",)
    assert len(library.events["impact_wood"]) == 3
