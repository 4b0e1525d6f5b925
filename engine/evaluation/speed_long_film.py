"""A long film to look at: a rendered scene that plays over and over, written once and copied packet by packet.

Every second of it is decoded and looked at as any film's; only its encoding was spared.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np

from engine.training.scenes.render import render_frames
from engine.training.scenes.spec import TEST_SCENES, draw_spec, scene_rng
from engine.training.spotter_scenes import every_label

LOOP_S = 10
FRAME_RATE = 25
SIZE = (320, 180)


def write_long_film(path: Path, duration_s: int, *, seed: int = 0) -> Path:
    """So many seconds, in which a scene with hits comes again and again, H.264 in an mp4."""
    loop = path.with_suffix(".loop.mp4")
    _write_scene(loop, seed)
    try:
        _repeat(loop, path, duration_s * FRAME_RATE)
    finally:
        loop.unlink()
    return path


def _write_scene(path: Path, seed: int) -> None:
    """One scene; no frame refers to one that is shown after it, so that packets stand in the order of frames."""
    config = msgspec.structs.replace(TEST_SCENES, duration_s=float(LOOP_S), cut_share=0.0)
    spec = draw_spec(scene_rng(seed), every_label(), config)
    with av.open(os.fspath(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(FRAME_RATE))
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "20", "bf": "0"}
        for second in range(LOOP_S):
            times_s = second + np.arange(FRAME_RATE) / FRAME_RATE
            for pixels in render_frames(spec, times_s, *SIZE):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(stream.encode())


def _repeat(source: Path, target: Path, num_frames: int) -> None:
    with av.open(os.fspath(target), "w") as out:
        told = 0
        with av.open(os.fspath(source)) as first:
            video = out.add_stream_from_template(first.streams.video[0])
        while told < num_frames:
            with av.open(os.fspath(source)) as loop:
                step = int(1 / (FRAME_RATE * (loop.streams.video[0].time_base or Fraction(1))))
                for packet in loop.demux(video=0):
                    if packet.dts is None or told == num_frames:
                        continue
                    packet.pts = packet.dts = told * step
                    packet.stream = video
                    out.mux(packet)
                    told += 1
