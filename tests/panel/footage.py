"""A real cut of real, tiny films, made afresh for a test."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio

RATE = 24
FILM_FRAMES = 72


def write_film(path: Path, *, num_frames: int = FILM_FRAMES, grey: int = 90) -> Path:
    """A small film whose brightness rises with time, so that frames differ."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(RATE))
        stream.width, stream.height, stream.pix_fmt = 96, 54, "yuv420p"
        for number in range(num_frames):
            pixels = np.full((54, 96, 3), min(255, grey + 2 * number), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


def write_cut(folder: Path, *, name: str = "scene.otio") -> Path:
    """Three clips on V1: two with films, one whose film is gone."""
    films = [write_film(folder / f"shot_{letter}.mp4", grey=grey) for letter, grey in (("a", 40), ("b", 120))]
    track = otio.schema.Track("Picture", kind="Video")
    for film in (*films, folder / "gone.mp4"):
        reference = otio.schema.ExternalReference(str(film), _range(0, FILM_FRAMES))
        track.append(otio.schema.Clip(film.stem, reference, _range(12, 48)))
    timeline = otio.schema.Timeline("Scene 1", global_start_time=otio.opentime.RationalTime(86400, RATE))
    timeline.tracks.append(track)
    path = folder / name
    path.write_text(otio.adapters.write_to_string(timeline, "otio_json"), encoding="utf-8")
    return path


def _range(start: int, duration: int) -> otio.opentime.TimeRange:
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(start, RATE), time(duration, RATE))
