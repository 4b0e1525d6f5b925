"""The two real AAFs: linked essence, drop-frame, mixed rates."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from engine.protocol import fraction
from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.errors import TimelineUnreadable
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.timecode import timecode_of_seconds
from foley_plugin.timeline.write import write_cut

from .cuts import written


@pytest.mark.shared
def test_avid_at_29_97_drop_frame(shared: Path) -> None:
    cut = read_cut(shared / "timelines" / "avid_2997_df.aaf")
    assert (cut.format, cut.rate, cut.drop_frame) == ("AAF", (30000, 1001), True)
    assert timecode_of_seconds(fraction(cut.start), fraction(cut.rate), drop_frame=True) == "05:00:00;00"
    assert [track.kind for track in cut.tracks] == ["video", *["audio"] * 6]
    (found,) = cut.clips
    assert fraction(found.record_out) == 2989 * Fraction(1001, 30000)
    assert str(found.media).endswith("/58982c7f-78b3-4cf9-8432-729fc4eafd55.mov")


@pytest.mark.shared
def test_resolve_with_linked_essence(shared: Path) -> None:
    cut = read_cut(shared / "timelines" / "resolve21_twoclip.aaf")
    (found,) = cut.clips
    assert (found.name, fraction(found.record_out), fraction(found.media_in or (0, 1))) == (
        "1128797",
        30,
        36000,
    )
    assert found.reason is not None and r"E:\SHOWREEL" in found.reason
    assert [track.track for track in cut.tracks] == ["V1", "A1"]


@pytest.mark.shared
@pytest.mark.parametrize("name", ["avid_2997_df", "resolve21_twoclip"])
def test_a_written_cut_is_an_otio_of_the_same_clips(shared: Path, tmp_path: Path, name: str) -> None:
    source = shared / "timelines" / f"{name}.aaf"
    cut = cut_record(source)
    target = write_cut(source, tmp_path / "out.otio", [], source_sha256=cut.source_sha256)
    assert json.loads(target.read_bytes())["OTIO_SCHEMA"] == "Timeline.1"
    again = cut_record(target)
    assert [(each.name, each.spans) for each in again.clips] == [
        (each.name, each.spans) for each in cut.clips
    ]
    assert (again.start, again.drop_frame) == (cut.start, cut.drop_frame)


def test_a_compound_file_that_is_no_aaf_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "cut.aaf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    with pytest.raises(TimelineUnreadable, match=r"cut\.aaf is an AAF that cannot be read"):
        read_cut(path)
