"""Real footage of several cameras and encoders, where it is at hand."""

from __future__ import annotations

import csv
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.media.audio import read_audio
from engine.media.video import FrameRequest, probe, sample_picture
from tests.engine.media.numbered_video import picture_of

VIDEO = Path(os.environ.get("FOLEY_SHARED") or Path(__file__).resolve().parents[4] / "shared") / "video"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not VIDEO.is_dir(), reason=f"no real footage in {VIDEO}"),
]


def test_every_file_probes_and_plays_to_its_end() -> None:
    manifest = (VIDEO / "manifest.tsv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(manifest, delimiter="\t"))
    assert rows
    for row in rows:
        path = VIDEO / row["file"]
        info = probe(path)
        assert abs(float(info.duration_s) - float(row["duration_s"])) < 0.1, path
        assert f"{info.width}x{info.height}" == row["resolution"], path
        assert info.has_audio == (row["audio"] != "no"), path
        end_s = float(info.duration_s)
        picture = picture_of(path, (info.duration_s, Fraction(0), Fraction(1)))
        [frames] = sample_picture(
            picture, [FrameRequest([end_s - 0.5, end_s - 0.01, end_s - 0.25], 48, 36, "gray8")]
        )
        assert (frames.reshape(3, -1).std(axis=1) > 1).all(), path
        if info.has_audio:
            assert abs(len(read_audio(path, 16000)) / 16000 - end_s) < 0.1, path


def test_the_test_patterns_start_timecode_and_counter() -> None:
    path = VIDEO / "testpattern_24fps_tc01000000.mov"
    info = probe(path)
    assert info.start_timecode_s == 3600 and info.frame_rate == 24
    picture = picture_of(path, (info.duration_s, Fraction(0), Fraction(1)))
    [frames] = sample_picture(picture, [FrameRequest(np.arange(120) / 24, 480, 270, "gray8")])
    changed = np.abs(np.diff(frames.astype(int), axis=0)).max(axis=(1, 2)) > 40
    assert changed.all()  # the burnt-in counter moves with every frame
