"""The session of the README, from the first click to the next morning, with the default model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.panel.tour import filmstrip, run


@pytest.mark.minutes
@pytest.mark.timeout(900)
def test_a_whole_session_does_what_the_tour_says(qapp: object, tmp_path: Path) -> None:
    shots = run(tmp_path)
    assert len(shots) == 12 and all(not shot.image.isNull() for shot in shots)
    assert filmstrip(shots).width() > 1000
