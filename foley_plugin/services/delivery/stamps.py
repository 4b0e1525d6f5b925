"""What a broadcast WAV says of itself: the `bext` chunk (EBU Tech 3285, version 2) and iXML.

Time is real time: samples since midnight by the clock, not by counting frames as if 23.976 were 24.
01:00:00:00 at 23.976 is 172,972,800 samples at 48 kHz.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from xml.sax.saxutils import escape

from foley_plugin.services.delivery.riff import WavFormat
from foley_plugin.takes.loudness import Loudness
from foley_plugin.takes.names import ascii_text

ORIGINATOR = "foley"
BEXT_VERSION = 2
IXML_VERSION = "1.61"
NOT_MEASURED = 0x7FFF
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Stamp:
    """All that is stamped into a file.

    Attributes:
        description: what it is, for people.
        reference: tells this file from every other, at most 32 ASCII characters.
        created_at: when the sound was made.
        time_reference: samples since midnight of the first sample.
        project, scene, take, reel, note: as in the cue sheet.
        track: name of the track that it belongs on.
        frame_rate, drop_frame: of the timeline.
    """

    description: str
    reference: str
    created_at: datetime
    time_reference: int
    project: str
    scene: str
    take: str
    reel: str
    note: str
    track: str
    frame_rate: Fraction
    drop_frame: bool


def bext_chunk(stamp: Stamp, wav: WavFormat, loudness: Loudness, version: str) -> bytes:
    """The chunk's content, 602 bytes and the coding history.

    Args:
        version: of this program.
    """
    mode = "mono" if wav.num_channels == 1 else "stereo"
    history = f"A=PCM,F={wav.sample_rate},W={wav.bits},M={mode},T={ORIGINATOR} {version}\r\n"
    return b"".join(
        (
            _field(stamp.description, 256),
            _field(ORIGINATOR, 32),
            _field(stamp.reference, 32),
            _field(stamp.created_at.strftime("%Y-%m-%d"), 10),
            _field(stamp.created_at.strftime("%H:%M:%S"), 8),
            struct.pack("<QH", stamp.time_reference, BEXT_VERSION),
            bytes(64),  # no UMID
            struct.pack("<5H", *_loudness_fields(loudness)),
            bytes(180),
            history.encode("ascii"),
        )
    )


def ixml_chunk(stamp: Stamp, wav: WavFormat) -> bytes:
    """The chunk's content: XML in UTF-8."""
    rate = f"{stamp.frame_rate.numerator}/{stamp.frame_rate.denominator}"
    names = [stamp.track] if wav.num_channels == 1 else [f"{stamp.track} {side}" for side in ("L", "R")]
    tracks = [
        _element("TRACK", ("CHANNEL_INDEX", number), ("INTERLEAVE_INDEX", number), ("NAME", name))
        for number, name in enumerate(names, start=1)
    ]
    speed = _element(
        "SPEED",
        ("MASTER_SPEED", rate),
        ("CURRENT_SPEED", rate),
        ("TIMECODE_RATE", rate),
        ("TIMECODE_FLAG", "DF" if stamp.drop_frame else "NDF"),
        ("FILE_SAMPLE_RATE", wav.sample_rate),
        ("AUDIO_BIT_DEPTH", wav.bits),
        ("DIGITIZER_SAMPLE_RATE", wav.sample_rate),
        ("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI", stamp.time_reference >> 32),
        ("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO", stamp.time_reference & 0xFFFFFFFF),
        ("TIMESTAMP_SAMPLE_RATE", wav.sample_rate),
    )
    words = [
        ("IXML_VERSION", IXML_VERSION),
        ("PROJECT", stamp.project),
        ("SCENE", stamp.scene),
        ("TAKE", stamp.take),
        ("TAPE", stamp.reel),
        ("NOTE", stamp.note),
        ("FILE_UID", stamp.reference),
    ]
    inside = [_tag(name, value) for name, value in words]
    inside += [speed, f"<TRACK_LIST>{_tag('TRACK_COUNT', len(tracks))}{''.join(tracks)}</TRACK_LIST>"]
    xml = '<?xml version="1.0" encoding="UTF-8"?>\n<BWFXML>\n' + "\n".join(inside) + "\n</BWFXML>\n"
    return xml.encode("utf-8")


def _loudness_fields(loudness: Loudness) -> tuple[int, ...]:
    """In hundredths: loudness, its range, true peak, loudest moment, loudest three seconds."""
    return (
        _hundredths(loudness.integrated_lufs),
        NOT_MEASURED,
        _hundredths(loudness.true_peak_dbtp),
        _hundredths(loudness.momentary_lufs),
        _hundredths(loudness.short_term_lufs),
    )


def _hundredths(level: float) -> int:
    if not math.isfinite(level) or abs(level) > 99.99:
        return NOT_MEASURED
    return round(level * 100) & 0xFFFF


def _field(text: str, size: int) -> bytes:
    return ascii_text(text).encode("ascii")[:size].ljust(size, b"\0")


def _element(name: str, *words: tuple[str, object]) -> str:
    return f"<{name}>" + "".join(_tag(*word) for word in words) + f"</{name}>"


def _tag(name: str, value: object) -> str:
    return f"<{name}>{escape(_UNPRINTABLE.sub('', str(value)))}</{name}>"
