"""Numbered images, read as a film: the number on each picture is the number in its name."""

from __future__ import annotations

import os
import random
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.video.codeccontext import VideoCodecContext
from PIL import Image

from engine.errors import MediaNotFound, MediaUnreadable, RequestError
from engine.media.fingerprint import picture_fingerprint
from engine.media.image_sequence import DECODERS, media_stamp
from engine.media.video import probe
from engine.media.viewer import FrameReader
from engine.protocol import (
    IMAGE_SUFFIXES,
    ImageSequence,
    MissingPolicy,
    Picture,
    Probe,
    Probed,
    ProtocolError,
    Span,
    Thumbnail,
    image_sequence,
    rational,
)
from tests.engine.media.numbered_video import NUM_BITS, number_in, numbered_pixels, numbers_shown
from tests.engine.media.test_server import Client

FILM = Fraction(24000, 1001)


def write_images(folder: Path, numbers: range, *, suffix: str = ".png", step: int = 1) -> ImageSequence:
    """Images whose pixels show how many came before them."""
    for index, number in enumerate(numbers):
        Image.fromarray(numbered_pixels(index)).save(folder / f"shot #1.{number:04d}{suffix}")
    first, last = numbers[0], numbers[-1]
    prefix = str(folder / "shot #1.")
    return ImageSequence(prefix, suffix, first, last, 4, FILM, step)


def held(sequence: ImageSequence, missing: MissingPolicy) -> ImageSequence:
    return ImageSequence(
        sequence.prefix, sequence.suffix, sequence.first, sequence.last, 4, FILM, missing=missing
    )


def picture(sequence: ImageSequence, speed: Fraction = Fraction(1), start: int = 0) -> Picture:
    duration = sequence.duration_s
    return Picture(sequence.media, [Span(rational(duration), rational(start / FILM), rational(speed))])


def middles(count: int) -> list[float]:
    return [float((index + Fraction(1, 2)) / FILM) for index in range(count)]


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tga", ".bmp"])
def test_every_image_is_seen_for_its_frame(tmp_path: Path, suffix: str) -> None:
    sequence = write_images(tmp_path, range(1001, 1013), suffix=suffix)
    assert numbers_shown(picture(sequence), middles(12)) == list(range(12))


@pytest.mark.parametrize(
    ("suffix", "codec", "pixels"), [(".dpx", "dpx", "rgb24"), (".exr", "exr", "gbrpf32le")]
)
def test_images_of_film_scanners_and_renderers(tmp_path: Path, suffix: str, codec: str, pixels: str) -> None:
    sequence = ImageSequence(str(tmp_path / "f."), suffix, 1, 6, 4, FILM)
    for number in range(1, 7):
        context = av.CodecContext.create(codec, "w")
        assert isinstance(context, VideoCodecContext)
        frame = av.VideoFrame.from_ndarray(numbered_pixels(number - 1), format="rgb24").reformat(
            format=pixels
        )
        context.width, context.height, context.pix_fmt = frame.width, frame.height, pixels
        context.time_base = Fraction(1, 24)
        packets = [*context.encode(frame), *context.encode(None)]
        Path(sequence.path_of(number)).write_bytes(b"".join(bytes(packet) for packet in packets))
    assert numbers_shown(picture(sequence), middles(6)) == list(range(6))


def test_every_kind_that_is_said_to_be_read_has_a_decoder() -> None:
    assert set(DECODERS) == IMAGE_SUFFIXES
    assert set(DECODERS.values()) <= set(av.codecs_available)


def test_a_step_counts_every_second_number(tmp_path: Path) -> None:
    sequence = write_images(tmp_path, range(10, 30, 2), step=2)
    assert sequence.num_images == 10
    assert numbers_shown(picture(sequence), middles(10)) == list(range(10))


def test_reverse_and_half_speed(tmp_path: Path) -> None:
    sequence = write_images(tmp_path, range(1, 11))
    assert numbers_shown(picture(sequence, Fraction(-1), 10), middles(10)) == list(range(9, -1, -1))
    assert numbers_shown(picture(sequence, Fraction(1, 2)), middles(10)) == [i // 2 for i in range(10)]


@pytest.mark.parametrize(
    ("missing", "seen"), [("hold", [0, 1, 2, 2, 2, 5, 6, 7]), ("black", [0, 1, 2, 0, 0, 5, 6, 7])]
)
def test_missing_images_are_held_or_black(tmp_path: Path, missing: MissingPolicy, seen: list[int]) -> None:
    sequence = write_images(tmp_path, range(101, 109))
    for number in (104, 105):
        Path(sequence.path_of(number)).unlink()
    assert numbers_shown(picture(held(sequence, missing)), middles(8)) == seen
    with pytest.raises(MediaNotFound, match="0104"):
        numbers_shown(picture(sequence), middles(8))
    assert numbers_shown(picture(sequence), middles(3)) == [0, 1, 2]


def test_a_hole_at_the_head_holds_the_first_that_is_there(tmp_path: Path) -> None:
    sequence = write_images(tmp_path, range(101, 105))
    Path(sequence.path_of(101)).unlink()
    assert numbers_shown(picture(held(sequence, "hold")), middles(4)) == [1, 1, 2, 3]


def test_the_probe_tells_rate_length_and_size(tmp_path: Path) -> None:
    info = probe(write_images(tmp_path, range(86400, 86424)).media)
    assert (info.frame_rate, info.duration_s, info.start_timecode_s) == (FILM, 24 / FILM, 86400 / FILM)
    assert (info.width, info.height) == (NUM_BITS * 16, 64)


def test_the_viewer_steps_and_jumps(tmp_path: Path) -> None:
    reader = FrameReader(write_images(tmp_path, range(1, 21)).media)
    for number in (0, 1, 2, 17, 3):
        pixels = reader.pixels_at(float(number / FILM), 8)
        assert (
            number_in(pixels[..., 0].repeat(1, axis=1)[:, 4 :: pixels.shape[1] // NUM_BITS][:, :12]) == number
        )
    reader.close()


def test_the_media_process_shows_sequences(tmp_path: Path) -> None:
    sequence, client = write_images(tmp_path, range(1, 9)), Client()
    replies = client.ask(Probe(1, sequence.media), Thumbnail(2, sequence.media, (1, 10), 16))
    probed = replies[1][0]
    assert isinstance(probed, Probed) and probed.frame_rate == rational(FILM)
    assert len(replies[2][1]) == replies[2][0].num_bytes > 0
    client.process.communicate(timeout=20)


def test_no_image_at_all_and_broken_images_fail_in_words(tmp_path: Path) -> None:
    sequence = write_images(tmp_path, range(1, 4))
    Path(sequence.path_of(2)).write_bytes(b"no image")
    with pytest.raises(MediaUnreadable, match="0002"):
        numbers_shown(picture(sequence), middles(3))
    for number in (1, 2, 3):
        Path(sequence.path_of(number)).unlink()
    with pytest.raises(MediaNotFound, match="No image of the sequence"):
        probe(sequence.media)
    with pytest.raises(MediaUnreadable, match="render the sequence"):
        probe(ImageSequence("/a/b.", ".mov", 1, 2, 4, FILM).media)


def test_the_fingerprint_follows_the_images_and_not_their_place(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    first, second = write_images(one, range(1, 9)), write_images(two, range(1, 9))
    assert picture_fingerprint(first.media) == picture_fingerprint(second.media)
    stamp = media_stamp(second.media)
    Path(second.path_of(8)).unlink()
    assert picture_fingerprint(first.media) != picture_fingerprint(second.media)
    assert media_stamp(second.media) != stamp


@pytest.mark.parametrize(("number", "part"), [(1, 0.5), (2, 0.5), (2, 0.0), (130, 0.25), (70, 0.9)])
def test_images_that_are_rendered_anew_in_place_have_another_fingerprint(
    tmp_path: Path, number: int, part: float
) -> None:
    """Without compression they keep their size; what differs may lie anywhere, in any of them. The time tells too."""
    image = random.Random(0).randbytes(400_000)
    for each in range(1, 131):
        (tmp_path / f"a.{each:04}.dpx").write_bytes(image)
    sequence = ImageSequence(f"{tmp_path}/a.", ".dpx", 1, 130, 4, FILM, 1, "hold")
    before = picture_fingerprint(sequence.media)
    at = int(part * len(image))
    anew = image[:at] + bytes(len(image) // 10) + image[at + len(image) // 10 :]
    path = Path(sequence.path_of(number))
    changed_ns = path.stat().st_mtime_ns
    path.write_bytes(anew)
    os.utime(path, ns=(changed_ns, changed_ns))
    assert picture_fingerprint(sequence.media) != before
    path.write_bytes(image)
    os.utime(path, ns=(changed_ns, changed_ns))
    assert picture_fingerprint(sequence.media) == before
    os.utime(path, ns=(changed_ns, changed_ns + 10**9))
    assert picture_fingerprint(sequence.media) != before


@pytest.mark.parametrize(
    "prefix", ["/a/plain.", "/a/[odd]?%41 50%.", "C:\\shots\\a.", "/a/b?digits=4&x[1-2]"]
)
def test_the_line_of_text_stands_for_the_sequence(prefix: str) -> None:
    sequence = ImageSequence(prefix, "_[x].exr", -5, 1099, 6, FILM, 3, "black")
    assert image_sequence(sequence.media) == sequence
    assert sequence.path_of(-5) == f"{prefix}-000005_[x].exr"


def test_plain_paths_are_no_sequences() -> None:
    assert image_sequence("/a/b.[1-2].exr?digits=4") is None


@pytest.mark.parametrize(
    "text",
    [
        "sequence:/a.mov",
        "sequence:/a.[2-1].png?digits=4&step=1&rate=24:1&missing=hold",
        "sequence:/a.[1-2].png?digits=4&step=1&rate=0:1&missing=hold",
        "sequence:/a.[0-99999999999].png?digits=4&step=1&rate=24:1&missing=hold",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        image_sequence(text)
    with pytest.raises(RequestError):
        probe(text)
