"""Films and sounds as phones, shops and recorders leave them, made by FFmpeg."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition

RATE = 48000
HEIGHT, WIDTH = 48, 80


def tone(duration_s: float, num_channels: int, rate: int = RATE) -> np.ndarray:
    """float32 [C, N]."""
    times_s = np.arange(round(duration_s * rate)) / rate
    return np.tile(0.3 * np.sin(2 * np.pi * 440 * times_s), (num_channels, 1)).astype(np.float32)


def write_film(
    path: Path,
    *layouts: str,
    duration_s: float = 2.0,
    codec: str = "pcm_s16le",
    rate: int = RATE,
    start_s: float = 0.0,
    container: str | None = None,
) -> Path:
    """A grey picture at 25 a second, and a tone of each layout."""
    with av.open(str(path), "w", format=container) as film:
        picture = film.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sounds = [film.add_stream(codec, rate=rate, layout=layout) for layout in layouts]
        for number in range(round(duration_s * 25)):
            frame = av.VideoFrame.from_ndarray(np.full((HEIGHT, WIDTH, 3), 99, np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(start_s * 25) + number, Fraction(1, 25)
            film.mux(picture.encode(frame))
        film.mux(picture.encode(None))
        for sound, layout in zip(sounds, layouts, strict=True):
            _encode(film, sound, layout, duration_s, rate, start_s)
    return path


def _encode(
    film: av.container.OutputContainer,
    sound: Any,
    layout: str,
    duration_s: float,
    rate: int,
    start_s: float,
) -> None:
    samples = tone(duration_s, 1 if layout == "mono" else 2, rate)
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
    frame.sample_rate, frame.pts, frame.time_base = rate, round(start_s * rate), Fraction(1, rate)
    resampler = av.AudioResampler(
        format=sound.format.name, layout=layout, rate=rate, frame_size=sound.frame_size or 0
    )
    for piece in [*resampler.resample(frame), *resampler.resample(None)]:
        film.mux(sound.encode(piece))
    film.mux(sound.encode(None))


def with_channels(path: Path, layout: str, codec: str) -> Path:
    """Two seconds of the tone in every channel of a layout; encoded from packed samples."""
    num_channels = av.AudioLayout(layout).nb_channels
    packed = (tone(2.0, num_channels).T * 32767).astype(np.int16)
    with av.open(str(path), "w") as film:
        sound = film.add_stream(codec, rate=RATE, layout=layout)
        for at in range(0, len(packed), 1024):
            part = np.ascontiguousarray(packed[at : at + 1024]).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            film.mux(sound.encode(frame))
        film.mux(sound.encode(None))
    return path


def with_unknown_sound(path: Path, *layouts: str) -> Path:
    """The last sound is of a codec that nobody knows, as a phone's spatial sound is."""
    write_film(path, *layouts)
    content = path.read_bytes()
    at = content.rindex(b"sowt")
    path.write_bytes(content[:at] + b"apac" + content[at + 4 :])
    return path


def with_unknown_picture(path: Path) -> Path:
    write_film(path, "mono")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    return path


def with_cover(path: Path) -> Path:
    """Music as it is bought, with its cover in it."""
    grey = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 128, np.uint8), format="rgb24")
    encoder = av.CodecContext.create("png", "w")
    encoder.width = encoder.height = 64
    encoder.pix_fmt, encoder.time_base = "rgb24", Fraction(1, 25)
    png = b"".join(bytes(packet) for packet in [*encoder.encode(grey), *encoder.encode(None)])
    with av.open(str(path), "w") as music:
        sound = music.add_stream("flac", rate=RATE, layout="stereo")
        cover = music.add_stream("png", rate=1)
        cover.width = cover.height = 64
        cover.pix_fmt = "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic
        packet = av.Packet(png)
        packet.stream, packet.pts, packet.dts, packet.time_base = cover, 0, 0, Fraction(1, 90000)
        music.start_encoding()
        music.mux(packet)
        _encode(music, sound, "stereo", 2.0, RATE, 0.0)
    return path


def that_changes(folder: Path, then_layout: str, then_rate: int) -> Path:
    """Two recordings as one stream, the second with other channels or another rate."""
    parts = [
        write_film(
            folder / f"{number}.ts", layout, codec="ac3", rate=rate, start_s=2.0 * number, container="mpegts"
        )
        for number, (layout, rate) in enumerate((("mono", RATE), (then_layout, then_rate)))
    ]
    joined = folder / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    return joined


@dataclass(frozen=True)
class Track:
    """One stream of sound: float32 [N], or [C, N]; `is_broken`: its packets hold nothing that can be decoded."""

    wav: np.ndarray
    rate: int = RATE
    start_s: float = 0.0
    codec: str = "pcm_s16le"
    layout: str = "mono"
    language: str | None = None
    disposition: Disposition | None = None
    is_broken: bool = False


def with_tracks(
    path: Path, *tracks: Track, picture_s: float = 0.0, codec: str | None = None, max_b_frames: int = 0
) -> Path:
    """A film as cameras and broadcasters leave it, each microphone in a stream; the picture begins at 0."""
    with av.open(str(path), "w") as film:
        codec = codec or ("mpeg2video" if path.suffix == ".mxf" else "mpeg4")
        picture: Any = film.add_stream(codec, rate=25) if picture_s else None
        if picture is not None:
            picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            picture.codec_context.max_b_frames = max_b_frames
        sounds = [film.add_stream(track.codec, rate=track.rate, layout=track.layout) for track in tracks]
        for sound, track in zip(sounds, tracks, strict=True):
            if track.language is not None:
                sound.metadata["language"] = track.language
            if track.disposition is not None:
                sound.disposition = track.disposition
        packets: list[Any] = [] if picture is None else _grey_packets(picture, picture_s)
        for sound, track in zip(sounds, tracks, strict=True):
            packets += _track_packets(sound, track)
        film.start_encoding()
        for packet in sorted(packets, key=lambda each: each.dts * each.time_base):
            film.mux(packet)
    return path


def _grey_packets(picture: Any, duration_s: float) -> list[Any]:
    packets = []
    for number in range(round(duration_s * 25)):
        frame = av.VideoFrame.from_ndarray(np.full((HEIGHT, WIDTH, 3), 99, np.uint8), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 25)
        packets += picture.encode(frame)
    return [*packets, *picture.encode(None)]


def _track_packets(sound: Any, track: Track) -> list[Any]:
    packed = np.ascontiguousarray(np.atleast_2d(track.wav).T).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=track.layout)
    frame.sample_rate, frame.time_base = track.rate, Fraction(1, track.rate)
    frame.pts = round(track.start_s * track.rate)
    resampler = av.AudioResampler(
        format=sound.format.name, layout=track.layout, rate=track.rate, frame_size=sound.frame_size or 1024
    )
    packets = []
    for piece in [*resampler.resample(frame), *resampler.resample(None)]:
        packets += sound.encode(piece)
    packets += sound.encode(None)
    return [_broken(packet) for packet in packets] if track.is_broken else packets


def _broken(packet: Any) -> Any:
    broken: Any = av.Packet(b"\x55" * packet.size)
    broken.stream, broken.time_base = packet.stream, packet.time_base
    broken.pts, broken.dts, broken.duration = packet.pts, packet.dts, packet.duration
    return broken
