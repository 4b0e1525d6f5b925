"""The viewer's decoder: forwards, backwards and about, each time the frame that is shown."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import pytest

from engine.media.viewer import FrameReader
from tests.engine.media.numbered_video import NUM_BITS, number_in, write_numbered

RATE = Fraction(24)
NUM_FRAMES = 120


@pytest.fixture
def reader(tmp_path: Path) -> FrameReader:
    path = write_numbered(tmp_path / "a.mp4", NUM_FRAMES, RATE, options={"g": "60"})
    return FrameReader(path)


def shown(reader: FrameReader, frame: int) -> int:
    pixels = reader.pixels_at((frame + 0.25) / float(RATE), 64)
    width = pixels.shape[1] // NUM_BITS
    return number_in(pixels[:, width // 2 :: width, 0])


def test_backwards_each_frame_is_shown_and_few_are_sought(
    reader: FrameReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeks: list[float] = []
    frames_from = reader._video.frames_from
    monkeypatch.setattr(reader._video, "frames_from", lambda at: seeks.append(at) or frames_from(at))
    assert [shown(reader, frame) for frame in range(100, -1, -1)] == list(range(100, -1, -1))
    assert len(seeks) < 12
    assert [shown(reader, frame) for frame in range(90, 10, -4)] == list(range(90, 10, -4))


def test_there_and_back_in_any_order(reader: FrameReader) -> None:
    order = random.Random(1)
    at = 60
    for _ in range(150):
        at = min(NUM_FRAMES - 1, max(0, at + order.choice([-40, -3, -2, -1, -1, -1, 0, 1, 1, 2, 3, 40])))
        assert shown(reader, at) == at
    reader.close()
