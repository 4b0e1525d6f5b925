"""Builds the demo cut that ships with the project: rendered footage, a timeline, and what is known of it.

    python -m engine.training.demo_cut resources/demo

Writes one movie a shot (H.264, with a start timecode), `cut.otio` with relative media, and `truth.json`.
The engine knows no OpenTimelineIO, so the timeline is written as the JSON that it is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from engine.training.demo_shots import MEDIA_S, DemoShot, demo_shots
from engine.training.scenes.render import render_frames

RATE = Fraction(24000, 1001)
WIDTH, HEIGHT = 640, 360
FRAMES_AT_ONCE = 8
START_TIMECODE = "01:00:00:00"
START_FRAME = 24 * 3600
"""01:00:00:00 in frames; timecode at 23.976 counts 24 a second."""
NUM_MEDIA_FRAMES = int(MEDIA_S * RATE)

Json = dict[str, object]


def build_demo(folder: Path) -> None:
    """Render the footage and write the timeline and the truth into `folder`; what is there is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    shots = demo_shots()
    for shot in shots:
        write_footage(shot, folder / f"{shot.name}.mov")
    _write_json(folder / "cut.otio", timeline(shots))
    _write_json(folder / "truth.json", truth(shots))


def write_footage(shot: DemoShot, path: Path) -> None:
    """One shot as a QuickTime movie with a timecode track."""
    with av.open(str(path), "w", format="mov", options={"movflags": "faststart"}) as container:
        stream = container.add_stream(
            "libx264", rate=RATE, options={"crf": "23", "preset": "veryslow", "g": "48"}
        )
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = stream.codec_context.time_base = 1 / RATE
        stream.metadata["timecode"] = START_TIMECODE
        for number, pixels in enumerate(_frames(shot)):
            frame = VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, 1 / RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _frames(shot: DemoShot) -> Iterator[NDArray[np.uint8]]:
    for first in range(0, NUM_MEDIA_FRAMES, FRAMES_AT_ONCE):
        numbers = np.arange(first, min(first + FRAMES_AT_ONCE, NUM_MEDIA_FRAMES))
        yield from render_frames(shot.spec, numbers / float(RATE), WIDTH, HEIGHT)


def truth(shots: Sequence[DemoShot]) -> Json:
    """Label and hits of every clip; times from the clip's start, in the picture as played."""
    clips = [
        {
            "name": f"{shot.name}.mov",
            "track": "V1",
            "index": index,
            "label": shot.spec.label,
            "hits": [
                {"time_s": round(time_s, 6), "strength": strength} for time_s, strength in played_hits(shot)
            ],
        }
        for index, shot in enumerate(shots, start=1)
    ]
    return {"width": WIDTH, "height": HEIGHT, "clips": clips}


def played_hits(shot: DemoShot) -> list[tuple[float, float]]:
    """The hits within the clip, seconds from its start on the timeline, and their strengths."""
    start_s, duration_s = float(shot.first_frame / RATE), float(shot.num_frames / RATE)
    hits = [((hit.time_s - start_s) / shot.speed, hit.strength) for hit in shot.spec.hits]
    return [(time_s, strength) for time_s, strength in hits if 0 <= time_s < duration_s]


def timeline(shots: Sequence[DemoShot]) -> Json:
    """The cut as OpenTimelineIO JSON: one video track, clip after clip, starting at 01:00:00:00."""
    track: Json = {
        "OTIO_SCHEMA": "Track.1",
        "metadata": {},
        "name": "V1",
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "children": [_clip(shot) for shot in shots],
        "kind": "Video",
    }
    stack: Json = {
        "OTIO_SCHEMA": "Stack.1",
        "metadata": {},
        "name": "tracks",
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "children": [track],
    }
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {},
        "name": "foley demo",
        "global_start_time": _time(START_FRAME),
        "tracks": stack,
    }


def _clip(shot: DemoShot) -> Json:
    effects: list[Json] = []
    if shot.speed != 1.0:
        effects.append(
            {
                "OTIO_SCHEMA": "LinearTimeWarp.1",
                "metadata": {},
                "name": "",
                "effect_name": "LinearTimeWarp",
                "enabled": True,
                "time_scalar": shot.speed,
            }
        )
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {},
        "name": f"{shot.name}.mov",
        "available_range": _range(START_FRAME, NUM_MEDIA_FRAMES),
        "available_image_bounds": None,
        "target_url": f"{shot.name}.mov",
    }
    return {
        "OTIO_SCHEMA": "Clip.2",
        "metadata": {},
        "name": f"{shot.name}.mov",
        "source_range": _range(START_FRAME + shot.first_frame, shot.num_frames),
        "effects": effects,
        "markers": [],
        "enabled": True,
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _time(frames: int) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(RATE), "value": float(frames)}


def _range(start: int, duration: int) -> Json:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start), "duration": _time(duration)}


def _write_json(path: Path, content: Json) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    build_demo(Path(sys.argv[1]))
