"""Pictures held for long are looked at as fast as the network knows, and put back to where they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.visual.holds import LONGEST_FRAMES, shortened


def held(*lengths: int) -> NDArray[np.bool_]:
    """Where pictures begin that are held for so many frames each."""
    is_new = np.zeros(sum(lengths), bool)
    is_new[np.cumsum([0, *lengths[:-1]])] = True
    return is_new


def as_shown(picture_rate: float, frames: int = 120, frame_rate: float = 30) -> NDArray[np.bool_]:
    """Pictures of one rate shown at another."""
    pictures = np.floor(np.arange(frames) * picture_rate / frame_rate + 1e-6)
    return np.asarray(np.diff(pictures, prepend=-1) > 0)


@pytest.mark.parametrize("picture_rate", [30, 25, 24, 15, 12, 10])
def test_footage_is_looked_at_whole(picture_rate: float) -> None:
    assert shortened(as_shown(picture_rate)) is None


@pytest.mark.parametrize("picture_rate", [8, 6, 4.8, 2.4, 1.2])
def test_slower_pictures_are_held_as_long_as_the_network_knows(picture_rate: float) -> None:
    is_new = as_shown(picture_rate, frames=300)
    found = shortened(is_new)
    assert found is not None
    of_picture = np.bincount(np.cumsum(is_new)[found.kept] - 1)
    assert set(of_picture[:-1]) == {LONGEST_FRAMES}


@pytest.mark.parametrize(
    "lengths",
    [(40, 40), (1, 1, 30, 1, 1, 60, 1), (9, 5, 12, 4, 7, 11, 5, 8), (5, 5, 5, 1, 5, 5, 5, 1), (300,)],
    ids=["stills", "stop and go", "now and then", "too few", "one picture"],
)
def test_what_stops_by_itself_is_looked_at_whole(lengths: tuple[int, ...]) -> None:
    assert shortened(held(*lengths)) is None


def test_pictures_that_are_alike_count_as_so_many() -> None:
    found = shortened(held(5, 5, 5, 20, 5, 5, 5, 10, 5))
    assert found is not None
    assert np.diff(found.knots).tolist() == [3, 3, 3, 12, 3, 3, 3, 6, 3]


def test_only_the_slow_part_of_a_picture_is_shortened() -> None:
    found = shortened(held(*[1] * 20, *[6] * 8, *[1] * 20))
    assert found is not None
    assert np.diff(found.knots).tolist() == [*[1] * 20, *[3] * 8, *[1] * 20]


def test_a_torn_first_hold_does_not_hide_the_others() -> None:
    found = shortened(held(3, *[7] * 8, 4))
    assert found is not None
    assert np.diff(found.knots).tolist() == [3, *[3] * 8, 3]


def test_places_are_put_back_within_their_pictures() -> None:
    found = shortened(held(*[6] * 8))
    assert found is not None
    assert found.in_whole(np.array([0.0, 1.5, 3.0, 24.0])).tolist() == [0.0, 3.0, 6.0, 48.0]


def test_no_frames_are_no_holds() -> None:
    assert shortened(np.zeros(0, bool)) is None


@given(st.lists(st.booleans(), max_size=80), st.integers(1, 9))
def test_every_picture_is_kept_from_its_first_frame_on(drawn: list[bool], stretch: int) -> None:
    is_new = np.array(drawn, bool)
    is_new = np.repeat(is_new, stretch) & (np.arange(len(is_new) * stretch) % stretch == 0)
    found = shortened(is_new)
    if found is None:
        return
    starts = np.flatnonzero(is_new | (np.arange(len(is_new)) == 0))
    assert set(starts) <= set(found.kept.tolist()) and bool((np.diff(found.kept) > 0).all())
    assert found.in_whole(found.knots.astype(float)).tolist() == [*starts, len(is_new)]
    places = found.in_whole(np.arange(len(found.kept)) + 0.5)
    assert bool((np.diff(places) > 0).all()) and places[0] > 0 and places[-1] < len(is_new)
