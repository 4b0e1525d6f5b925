"""The foley is heard where the picture shows its hit: written, read by others, rendered by MLT.

A hit is a frame of the media. Where it is seen is counted out frame by frame, by the plain meaning of each
retime; where it is heard is the click in the rendered sound.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from engine.protocol import fraction
from foley_plugin.timeline.placement import plan_cue
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.records import Placement
from foley_plugin.timeline.selection import Selected

from .cuts import (
    NTSC_30_DROP,
    SAMPLE_RATE,
    STANDARDS,
    MadeCut,
    Standard,
    click_in,
    export,
    make_cut,
    make_take,
)
from .melting import needs_melt, rendered

pytestmark = needs_melt

ON_A_SAMPLE = 1
"""MLT cuts its sound into whole samples a frame, which at 29.97 are 1601 or 1602."""

SOURCE_OF_FRAME: dict[str, tuple[int, int, Callable[[int], int]]] = {
    # The clip's place, its first frame and its length on the timeline; the media frame seen `f` frames in.
    "V1:1": (0, 48, lambda f: 10 + f),
    "V1:2": (60, 40, lambda f: 20 + f // 2),
    "V1:3": (100, 24, lambda f: 124 - f),
    "V1:4": (124, 36, lambda f: 64 + f),
}
HIT_IN_MEDIA = {"V1:1": 31, "V1:2": 29, "V1:3": 110, "V1:4": 80}


def frame_seen(place: str) -> int:
    """The first frame of the timeline that shows the hit."""
    first, length, source = SOURCE_OF_FRAME[place]
    return first + next(f for f in range(length) if source(f) == HIT_IN_MEDIA[place])


def placed_take(made: MadeCut, folder: Path, place: str) -> Placement:
    """A take as it would be planned for the clip, clicking where its picture shows the hit."""
    cut = cut_record(made.path)
    clip = next(each for each in cut.clips if f"{each.track}:{each.index}" == place)
    plan = plan_cue(cut, Selected(clip, fraction(clip.record_in), fraction(clip.record_out)))
    click_s = (frame_seen(place) - plan.record_frame) / made.standard.rate
    return make_take(
        folder,
        made.standard,
        plan.record_frame,
        plan.duration_frames,
        click_s=click_s,
        head_frames=plan.head_frames,
        tail_frames=plan.tail_frames,
    )


def read_back(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the AAF adapter's own
        if path.suffix == ".xml":
            return otio.adapters.read_from_string(path.read_text(encoding="utf-8"), "fcp_xml")
        names = {".otio": "otio_json", ".aaf": "AAF"}
        return otio.adapters.read_from_file(str(path), names[path.suffix])


def cases() -> Iterator[Any]:
    for name, standard in STANDARDS.items():
        for place, kind in (("V1:1", "plain"), ("V1:2", "50 %"), ("V1:3", "reversed"), ("V1:4", "nested")):
            yield pytest.param(standard, place, "resolve", ".otio", id=f"{name}, {kind}, resolve")
        yield pytest.param(standard, "V1:3", "fcp7xml", ".xml", id=f"{name}, reversed, fcp7xml")
    yield pytest.param(NTSC_30_DROP, "V1:2", "aaf", ".aaf", id="29.97 drop-frame, 50 %, aaf")


@pytest.mark.parametrize(("standard", "place", "target", "suffix"), list(cases()))
def test_the_click_is_heard_on_the_frame_that_shows_the_hit(
    tmp_path: Path, standard: Standard, place: str, target: str, suffix: str
) -> None:
    made = make_cut(tmp_path, standard)
    take = placed_take(made, tmp_path, place)
    path = tmp_path / f"out{suffix}"
    assert export(made.path, path, [take], target, anyway=True).path is not None
    samples = rendered(read_back(path), standard.rate, tmp_path)
    expected = round(frame_seen(place) * SAMPLE_RATE / standard.rate)
    assert abs(samples).max() > 0.3
    assert click_in(samples) == pytest.approx(expected, abs=ON_A_SAMPLE)
