"""Renders the sound of a timeline by MLT, through OpenTimelineIO's MLT adapter.

The adapter neither takes the media's start off the ranges nor mixes tracks; both are done here, as is what
MLT's number parser needs: whole numbers without a point.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import opentimelineio as otio
import pytest
import soundfile

needs_melt = pytest.mark.skipif(
    shutil.which("melt") is None, reason="MLT is not installed; apt-get install melt"
)


def rendered(cut: Any, rate: Fraction, folder: Path) -> Any:
    """The sound of a read timeline as samples [T, 2] at 48 kHz."""
    project, wav = folder / "cut.mlt", folder / "rendered.wav"
    project.write_text(_project(cut, rate), encoding="utf-8")
    consumer = ["-consumer", f"avformat:{wav}", "vn=1", "acodec=pcm_s24le", "ar=48000", "channels=2"]
    _melt([str(project), *consumer, "real_time=0", "terminate_on_pause=1"])
    samples, sample_rate = soundfile.read(wav)
    assert sample_rate == 48_000
    return samples


def _melt(words: list[str]) -> None:
    """MLT 7.12 hangs at its end once in a while; then it is started anew."""
    for is_last in (False, False, True):
        try:
            subprocess.run(["melt", *words], check=True, capture_output=True, timeout=20)
            return
        except subprocess.TimeoutExpired:
            if is_last:
                raise


def _project(cut: Any, rate: Fraction) -> str:
    heard = otio.schema.Timeline()
    heard.tracks.extend(_from_its_first_frame(track) for track in cut.tracks if track.kind == "Audio")
    text = otio.adapters.write_to_string(
        heard,
        "mlt_xml",
        frame_rate_num=str(rate.numerator),
        frame_rate_den=str(rate.denominator),
        width="64",
        height="36",
        progressive="1",
        sample_aspect_num="1",
        sample_aspect_den="1",
        display_aspect_num="16",
        display_aspect_den="9",
        colorspace="709",
    )
    root = ET.fromstring(re.sub(r'"(\d+)\.0"', r'"\1"', text))
    tractor = root.find("tractor[@id='tractor0']")
    assert tractor is not None
    for number in range(1, len(heard.tracks) + 1):
        transition = ET.SubElement(tractor, "transition")
        for name, value in (
            ("mlt_service", "mix"),
            ("a_track", 0),
            ("b_track", number),
            ("sum", 1),
            ("always_active", 1),
        ):
            ET.SubElement(transition, "property", name=name).text = str(value)
    return ET.tostring(root, encoding="unicode")


def _from_its_first_frame(track: Any) -> Any:
    """A copy whose clips count their media from zero and name it by plain paths; its name made unique."""
    copied = track.clone()
    copied.name = f"{track.name} {id(track)}"
    for found in copied.find_clips():
        reference = found.media_reference
        start = reference.available_range.start_time
        found.source_range = otio.opentime.TimeRange(
            found.source_range.start_time - start, found.source_range.duration
        )
        reference.available_range = otio.opentime.TimeRange(
            otio.opentime.RationalTime(0, start.rate), reference.available_range.duration
        )
        url = re.sub(r"^file://(localhost)?", "", reference.target_url)
        reference.target_url = unquote(url) if url != reference.target_url else url
    return copied
