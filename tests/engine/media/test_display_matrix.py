"""Pictures that are shown otherwise than they are stored: turned by the camera, mirrored as selfies are."""

from __future__ import annotations

import gc
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from engine.media.scaling import FrameScaler
from engine.media.video import FrameRequest, probe, sample_picture
from engine.media.viewer import FrameReader
from tests.engine.media.numbered_video import picture_of

WIDTH, HEIGHT = 64, 32
Pixels = NDArray[np.uint8]


def stored() -> Pixels:
    """[HEIGHT, WIDTH]: three quarters that differ, so that no turn or mirror image equals another."""
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    pixels[: HEIGHT // 2, : WIDTH // 2] = 240
    pixels[HEIGHT // 2 :, WIDTH // 2 :] = 100
    pixels[HEIGHT // 2 :, : WIDTH // 2] = 170
    return pixels


def write_film(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """`matrix` is QuickTime's a, b, c and d: x' = a x + c y, y' = b x + d y."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "5"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.repeat(stored()[..., None], 3, axis=2), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    content = bytearray(path.read_bytes())
    at = content.find(b"tkhd") + 4 + 4 + 20 + 16  # version 0: after its times, its layer and its volume
    a, b, c, d = (each << 16 for each in matrix)
    struct.pack_into(">9i", content, at, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("matrix", "as_shown"),
    [
        ((1, 0, 0, 1), lambda pixels: pixels),
        ((0, 1, -1, 0), lambda pixels: np.rot90(pixels, -1)),
        ((-1, 0, 0, -1), lambda pixels: np.rot90(pixels, 2)),
        ((0, -1, 1, 0), lambda pixels: np.rot90(pixels, 1)),
        ((-1, 0, 0, 1), np.fliplr),
        ((1, 0, 0, -1), np.flipud),
        ((0, 1, 1, 0), np.transpose),
        ((0, -1, -1, 0), lambda pixels: np.rot90(pixels, 2).T),
    ],
    ids=[
        "as stored",
        "clockwise",
        "upside down",
        "counterclockwise",
        "hflip",
        "vflip",
        "transpose",
        "transverse",
    ],
)
def test_a_display_matrix_turns_and_mirrors(
    tmp_path: Path, matrix: tuple[int, int, int, int], as_shown: Callable[[Pixels], Pixels]
) -> None:
    expected = as_shown(stored())
    height, width = expected.shape
    path = write_film(tmp_path / "a.mp4", matrix)
    assert (probe(path).width, probe(path).height) == (width, height)

    picture = picture_of(path, (Fraction(2, 5), Fraction(0), Fraction(1)))
    [[grey]] = sample_picture(picture, [FrameRequest([0.1], width, height, "gray8")])
    assert np.abs(quarters(grey) - quarters(expected)).max() < 12
    reader = FrameReader(path)
    colour = reader.pixels_at(0.1, height)
    reader.close()
    assert colour.shape == (height, width, 3)
    assert np.abs(quarters(colour[..., 1]) - quarters(expected)).max() < 12


def quarters(pixels: Pixels) -> NDArray[np.float64]:
    """The mean of each, [2, 2]."""
    height, width = (each // 2 for each in pixels.shape)
    return np.asarray(pixels.reshape(2, height, 2, width).mean(axis=(1, 3)), np.float64)


def test_a_frame_is_let_go_as_soon_as_its_pixels_are_there(tmp_path: Path) -> None:
    """At 1080p a second of frames that wait for the garbage collector is a hundred megabytes."""
    path = write_film(tmp_path / "a.mp4", (0, 1, -1, 0))
    scaler = FrameScaler(16, 16, "gray8", "crop")
    gc.collect()
    gc.disable()
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                scaler.pixels(frame)
        del frame
        assert not [each for each in gc.get_objects() if type(each) is VideoFrame and each.width == WIDTH]
    finally:
        gc.enable()
