"""The level of a take as each format carries it."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import aaf2
import pytest

from .cuts import NTSC_24, export, make_cut, make_take

GAIN_DB = -6.0


@pytest.mark.parametrize(
    ("target", "suffix"), [("resolve", ".otio"), ("fcp7xml", ".xml"), ("fcpxml", ".fcpxml"), ("aaf", ".aaf")]
)
def test_a_takes_gain_is_written_and_nothing_where_there_is_none(
    tmp_path: Path, target: str, suffix: str
) -> None:
    standard = NTSC_24
    made = make_cut(tmp_path, standard)
    for gain_db in (GAIN_DB, 0.0):
        take = make_take(
            tmp_path,
            standard,
            30,
            50,
            click_s=Fraction(1, 2),
            name=f"take_{gain_db:.0f}.wav",
            gain_db=gain_db,
        )
        out = tmp_path / f"out_{gain_db:.0f}{suffix}"
        assert export(made.path, out, [take], target, anyway=True).path == str(out)
        found = GAINS[target](out)
        assert found == (pytest.approx([GAIN_DB], abs=0.01) if gain_db else [])


def gains_of_otio(path: Path) -> list[float]:
    foley = json.loads(path.read_text())["tracks"]["children"][-1]
    clips = [each for each in foley["children"] if each["OTIO_SCHEMA"].startswith("Clip")]
    effects = [effect["metadata"]["Resolve_OTIO"] for clip in clips for effect in clip["effects"]]
    return [parameter["Parameter Value"] for effect in effects for parameter in effect["Parameters"]]


def gains_of_xmeml(path: Path) -> list[float]:
    levels = [
        float(str(parameter.findtext("value")))
        for parameter in ET.parse(path).getroot().iter("parameter")
        if parameter.findtext("parameterid") == "level"
    ]
    return [20 * math.log10(level) for level in levels]


def gains_of_fcpxml(path: Path) -> list[float]:
    return [
        float(str(each.get("amount")).removesuffix("dB"))
        for each in ET.parse(path).getroot().iter("adjust-volume")
    ]


def gains_of_aaf(path: Path) -> list[float]:
    with aaf2.open(str(path), "r") as file:
        (composition,) = file.content.toplevel()
        segments = [each for slot in composition.slots for each in slot.segment.get("Components", [])]
        gains = [each for each in segments if type(each).__name__ == "OperationGroup"]
        assert all(str(each.operation.auid) == "9d2ea894-0968-11d3-8a38-0050040ef7d2" for each in gains)
        assert all(each.length == 50 == next(iter(each.segments)).length for each in gains)
        assert [each.name for each in (p for gain in gains for p in gain.parameters)] == ["Amplitude"] * len(
            gains
        )
        return [20 * math.log10(parameter.value) for gain in gains for parameter in gain.parameters]


GAINS = {"resolve": gains_of_otio, "fcp7xml": gains_of_xmeml, "fcpxml": gains_of_fcpxml, "aaf": gains_of_aaf}
