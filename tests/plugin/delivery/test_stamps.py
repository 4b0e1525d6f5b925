"""What the files say of themselves, read by FFmpeg, by an XML parser and by hand."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from defusedxml import ElementTree

from engine.protocol import fraction
from foley_plugin.jobs.meant import meant_takes
from foley_plugin.services.delivery.cues import cue_list
from foley_plugin.services.delivery.deliver import Wanted, deliver
from foley_plugin.services.delivery.riff import WavFormat
from foley_plugin.services.delivery.stamps import Stamp, bext_chunk, ixml_chunk
from foley_plugin.takes.loudness import Loudness
from foley_plugin.takes.store import Store

from .riff_walk import chunks_of
from .small_project import FILM, NTSC, clip_at, cut_of, make_take

STAMP = Stamp(
    description="Cue 1: hammer — café",
    reference="0123456789abcdef0123456789abcdef",
    created_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
    time_reference=172_972_800 + 2**33,
    project="Reel <1> & \x02more",
    scene="s",
    take="0001",
    reel="A001.mov",
    note="softer",
    track="FOLEY – Impacts",
    frame_rate=NTSC,
    drop_frame=True,
)


def test_the_bext_chunk_is_laid_out_as_the_standard_says() -> None:
    chunk = bext_chunk(STAMP, WavFormat(48000, 24, 1), Loudness(-23.456, -20.0, -float("inf"), -2.0), "1.2")
    assert chunk[:256].rstrip(b"\0") == b"Cue 1: hammer - cafe"
    assert chunk[256:288].rstrip(b"\0") == b"foley"
    assert chunk[288:320] == b"0123456789abcdef0123456789abcdef"
    assert chunk[320:338] == b"2026-03-0405:06:07"
    low, high, version = struct.unpack("<IIH", chunk[338:348])
    assert (low + (high << 32), version) == (172_972_800 + 2**33, 2)
    assert chunk[348:412] == bytes(64)
    loudness, loudness_range, peak, momentary, short_term = struct.unpack("<5h", chunk[412:422])
    assert (loudness, peak, momentary) == (-2346, -200, -2000)
    assert loudness_range == short_term == 0x7FFF
    assert chunk[422:602] == bytes(180)
    assert chunk[602:] == b"A=PCM,F=48000,W=24,M=mono,T=foley 1.2\r\n"


def test_ixml_is_xml_whatever_a_name_holds() -> None:
    root = ElementTree.fromstring(ixml_chunk(STAMP, WavFormat(96000, 24, 2)))
    assert root.tag == "BWFXML" and root.findtext("PROJECT") == "Reel <1> & more"
    assert root.findtext("SPEED/TIMECODE_RATE") == root.findtext("SPEED/MASTER_SPEED") == "30000/1001"
    assert root.findtext("SPEED/TIMECODE_FLAG") == "DF"
    assert root.findtext("SPEED/FILE_SAMPLE_RATE") == "96000"
    low, high = (
        int(root.findtext(f"SPEED/TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_{half}", "")) for half in ("LO", "HI")
    )
    assert low + (high << 32) == 172_972_800 + 2**33
    assert [track.findtext("NAME") for track in root.iter("TRACK")] == [
        "FOLEY – Impacts L",
        "FOLEY – Impacts R",
    ]
    assert root.findtext("TRACK_LIST/TRACK_COUNT") == "2"


CLOCKS = [
    (FILM, 86400, False, "NDF", 172_972_800),
    (Fraction(24), 86400, False, "NDF", 172_800_000),
    (Fraction(25), 90000, False, "NDF", 172_800_000),
    (NTSC, 107892, True, "DF", 172_799_827),
    (NTSC, 108000, False, "NDF", 172_972_800),
    (Fraction(60000, 1001), 0, False, "NDF", 0),
]
"""Rate, the frames of the cut's start, drop-frame or not, and the start in samples of 48 kHz since midnight."""


@pytest.mark.parametrize(("rate", "start_frames", "drop_frame", "flag", "midnight"), CLOCKS)
def test_the_time_reference_is_real_time_and_the_sound_lies_there(
    tmp_path: Path, rate: Fraction, start_frames: int, drop_frame: bool, flag: str, midnight: int
) -> None:
    clip = clip_at(1, 31, 90, rate)
    cut = cut_of(clip, rate=rate, start_frames=start_frames, drop_frame=drop_frame)
    with Store.open(tmp_path / "p") as store:
        make_take(store, cut, clip, "hammer", [0.5])
        cues = cue_list(cut, meant_takes(store, cut), {})
    delivery = deliver(cues, tmp_path / "out", Wanted(), lambda done, total: None)
    path = delivery.folder / delivery.files[0].name
    expected = round((start_frames + 31) / rate * 48000)
    assert abs(expected - midnight - 31 / rate * 48000) <= 1
    with av.open(str(path)) as file:
        assert int(file.metadata["time_reference"]) == expected
        assert file.metadata["encoded_by"] == "foley"
        assert file.streams.audio[0].codec_context.name == "pcm_s24le"
    chunks = chunks_of(path)
    root = ElementTree.fromstring(chunks["iXML"])
    assert root.findtext("SPEED/TIMECODE_FLAG") == flag
    assert Fraction(root.findtext("SPEED/TIMECODE_RATE", "")) == fraction(cut.rate)
    samples = np.frombuffer(chunks["data"], np.uint8).reshape(-1, 3)
    first_heard = int(np.flatnonzero(samples.any(axis=1))[0])
    heard_s = (expected + first_heard) / 48000
    assert abs(heard_s - float((start_frames + 31) / rate + Fraction(1, 2))) <= 1.5 / 48000
