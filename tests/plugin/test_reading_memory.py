"""How a cut was read is remembered in its project: one timeline of several, the rate of an EDL."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from foley_plugin.services.opening import open_cut, show_cut
from foley_plugin.takes.media_memory import read_reading
from foley_plugin.takes.store import Store
from foley_plugin.timeline.reading import reading_of
from foley_plugin.timeline.records import AS_IT_STANDS, Reading
from tests.plugin.ways import FoleyHere

EDL = """TITLE: Reel 1
FCM: NON-DROP FRAME

001  AX       V     C        00:00:01:00 00:00:03:00 01:00:00:00 01:00:02:00
* FROM CLIP NAME: shot.mov
"""


def test_what_was_said_of_an_edl_is_known_to_the_next_command_and_to_the_panel(tmp_path: Path) -> None:
    cut = tmp_path / "reel.edl"
    cut.write_text(EDL)
    assert Fraction(*open_cut(cut).rate) == 24
    said = open_cut(cut, reading=reading_of(None, "25"))
    assert Fraction(*said.rate) == 25
    assert Fraction(*open_cut(cut).rate) == 25 and Fraction(*show_cut(cut).rate) == 25
    other = tmp_path / "other.edl"
    other.write_text(EDL)
    assert open_cut(other, project=tmp_path / "reel.foley").reading == AS_IT_STANDS


@pytest.mark.parametrize(
    "words",
    [
        ("conform",),
        ("export", "--to", "out.otio"),
        ("slip", "1", "--frames", "1"),
        ("redo", "1", "--in", "00:00:01:00", "--out", "00:00:02:00"),
        ("vary", "1"),
        ("extend", "1"),
        ("cuesheet", "--to", "cues.csv"),
        ("markers", "--to", "marks.csv"),
        ("note", "wood", "--clip", "V1:1"),
        ("relink", "/there/is/no/folder", "."),
    ],
    ids=lambda words: words[0],
)
def test_every_command_that_reads_a_cut_can_be_told_how(
    tmp_path: Path, foley_here: FoleyHere, words: tuple[str, ...]
) -> None:
    cut = tmp_path / "reel.edl"
    cut.write_text(EDL)
    Store.open(tmp_path / "p").close()
    command, *others = words
    told = ("--rate", "25", "--sequence", "1", "--project", tmp_path / "p")
    foley_here(command, cut, *others, *told, engine=["/there/is/no/engine"])
    assert read_reading(tmp_path / "p", cut.name) == Reading("1", (25, 1))


def test_a_delivery_can_be_told_its_timeline(tmp_path: Path, foley_here: FoleyHere) -> None:
    """Its --rate is the sound's."""
    cut = tmp_path / "reel.edl"
    cut.write_text(EDL)
    Store.open(tmp_path / "p").close()
    foley_here("deliver", cut, "--to", tmp_path / "d", "--sequence", "1", "--project", tmp_path / "p")
    assert read_reading(tmp_path / "p", cut.name) == Reading("1")


def test_a_watch_can_be_told_how_to_read_what_comes(tmp_path: Path, foley_here: FoleyHere) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    cut = exports / "reel.edl"
    cut.write_text(EDL)
    told = ("--rate", "25", "--sequence", "1")
    foley_here("watch", exports, "--once", "--settle", "0.1", *told, engine=["/there/is/no/engine"])
    assert read_reading(exports / "foley", cut.name) == Reading("1", (25, 1))
