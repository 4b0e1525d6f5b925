"""Files with two pictures: a timeline's length and the engine's pixels are of the same one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.media.video import probe
from foley_plugin.timeline.probe import probe_media, probe_streams

FIRST, SECOND = (64, 32), (128, 64)


def write_two(path: Path, default: int | None) -> Path:
    """Two seconds of a small picture, then one of a larger; `default` is the number of the one marked so."""
    with av.open(str(path), "w") as film:
        pictures = [film.add_stream("libx264", rate=25) for _ in range(2)]
        for number, (picture, size) in enumerate(zip(pictures, (FIRST, SECOND), strict=True)):
            picture.width, picture.height, picture.pix_fmt = *size, "yuv420p"
            if default is not None:
                picture.disposition = av.stream.Disposition.default if number == default else 0
        for picture, num_frames in zip(pictures, (50, 25), strict=True):
            grey = np.full((picture.height, picture.width, 3), 99, np.uint8)
            for pts in range(num_frames):
                frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
                frame.pts = pts
                film.mux(picture.encode(frame))
            film.mux(picture.encode(None))
    return path


@pytest.mark.parametrize(("suffix", "default", "shown"), [("ts", None, 0), ("mov", 1, 1), ("mov", 0, 0)])
def test_timeline_and_engine_choose_the_same_picture(
    tmp_path: Path, suffix: str, default: int | None, shown: int
) -> None:
    path = str(write_two(tmp_path / f"two.{suffix}", default))
    size = (FIRST, SECOND)[shown]
    assert (probe(path).width, probe(path).height) == size
    assert (probe_streams(path).width, probe_streams(path).height) == size
    assert probe_media(path).duration == Fraction((2, 1)[shown])
