"""What the panel says has none of the command line's options in it."""

from __future__ import annotations

import pytest

from foley_plugin.nle.premiere import PREMIERE
from foley_plugin.ui.panel_words import in_the_panel

SENTENCES = {
    "It is in use (process 7); close it there, or choose another folder with --project.": (
        "It is in use (process 7); close it there."
    ),
    "/a cannot be made (no space); choose another with --project.": "/a cannot be made (no space); choose another.",
    "/a is there already and is not overwritten; give another file with --to.": (
        "/a is there already and is not overwritten; give another file."
    ),
    "a.edl names no frame rate; 25 frames a second are assumed. Give another by --rate.": (
        "a.edl names no frame rate; 25 frames a second are assumed."
        " Give another in File > Frame rate of the EDL."
    ),
    "a.b is no name for a timeline; end it in one of .otio, .xml, or give --target.": (
        "a.b is no name for a timeline; end it in one of .otio, .xml."
    ),
    "It is gone; relink it in your editor, or look for its media in a folder (“Find media…”, or --media).": (
        "It is gone; relink it in your editor, or look for its media in a folder (“Find media…”)."
    ),
    "shot.mov may be any of two, which fit equally well; say which with --relink OLD=NEW.": (
        "shot.mov may be any of two, which fit equally well; say which."
    ),
    "The engine stopped; its log is here.": "The engine stopped; its log is here.",
}


@pytest.mark.parametrize("sentence", list(SENTENCES))
def test_options_of_the_command_line_are_left_out(sentence: str) -> None:
    assert in_the_panel(sentence) == SENTENCES[sentence]


def test_the_caveat_names_the_other_target() -> None:
    assert "--" not in in_the_panel(PREMIERE.caveat)
    assert "Final Cut Pro 7 XML is the steadier way" in in_the_panel(PREMIERE.caveat)
