"""Families: every label that ships has one, tracks lie in their order, and gain is written as Resolve reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.training.scenes.labels import CONTINUOUS_LABELS, LOOKS
from foley_plugin.nle.targets import TARGETS
from foley_plugin.timeline.families import _BY_LABEL, FAMILIES, OTHER, family_of, track_order
from foley_plugin.timeline.lanes import lanes_of
from foley_plugin.timeline.records import Placement
from foley_plugin.timeline.surgery import timeline_with_foley

from .building import clip, time_range, timeline, track

MODELS = Path(__file__).resolve().parents[2] / "resources" / "models"


def labels_in(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(labels_in, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    found = set(node["labels"]) if isinstance(node.get("labels"), list) else set()
    return found.union(*(labels_in(each) for each in node.values()))


def test_every_label_of_the_shipped_models_and_of_training_has_a_family() -> None:
    shipped = set().union(*(labels_in(json.loads(path.read_text())) for path in MODELS.glob("*/config.json")))
    assert len(shipped) > 80
    assert (shipped | set(LOOKS)) - set(_BY_LABEL) == set()


def test_no_label_is_in_two_families() -> None:
    labels = [label for family in FAMILIES for label in family.labels.split()]
    assert len(labels) == len(set(labels))


def test_ambience_is_what_sounds_on_and_on() -> None:
    (ambience,) = [family for family in FAMILIES if family.num_channels == 2]
    assert ambience.name == "Ambience" and FAMILIES[-1] is ambience
    assert set(ambience.labels.split()) <= CONTINUOUS_LABELS | {"fire", "thunder"}


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("footstep_wood", "Footsteps"),
        ("footstep lino", "Footsteps"),
        ("Door-Barn", "Doors"),
        ("impact_slate", "Impacts"),
        ("a dog in a bag", OTHER.name),
        ("", OTHER.name),
        (None, OTHER.name),
    ],
)
def test_other_labels_are_placed_by_their_first_word(label: str | None, name: str) -> None:
    assert family_of(label).name == name


def placed(label: str, record_frame: int, **more: Any) -> Placement:
    return Placement(f"/t/{label}.wav", record_frame, 20, 0, 20, 1, family_of(label).track_name, {}, **more)


def test_tracks_come_in_the_families_order_with_lanes_beside_and_ambience_last() -> None:
    labels = ("rain", "hammer", "door", "footstep_mud", "knock", "cloth")
    lanes = lanes_of([placed(label, 0) for label in labels])
    assert [lane.name for lane in lanes] == [
        "FOLEY – Footsteps",
        "FOLEY – Cloth",
        "FOLEY – Impacts",
        "FOLEY – Impacts 2",
        "FOLEY – Doors",
        "FOLEY – Ambience",
    ]
    assert track_order("Mine") == len(FAMILIES)


def resolve_volumes(node: Any) -> list[dict[str, Any]]:
    """Every clip volume effect of Resolve's own exports that has a volume in it."""
    if isinstance(node, list):
        return [found for each in node for found in resolve_volumes(each)]
    if not isinstance(node, dict):
        return []
    effect = node.get("metadata", {}).get("Resolve_OTIO", {}) if node.get("OTIO_SCHEMA") == "Effect.1" else {}
    has_volume = any(each.get("Parameter ID") == "volume" for each in effect.get("Parameters", []))
    below = [found for each in node.values() for found in resolve_volumes(each)]
    return [node, *below] if effect.get("Type") == 62 and has_volume else below


def test_gain_has_the_shape_of_resolves_own_exports(shared: Path) -> None:
    export = shared / "timelines" / "resolve21_audio_two_clips_keyframed.otio"
    theirs = resolve_volumes(json.loads(export.read_text(encoding="utf-8")))[0]
    (ours,) = TARGETS["resolve"].gain_effects(-3.4)
    assert set(ours) == set(theirs)
    told, expected = ours["metadata"]["Resolve_OTIO"], theirs["metadata"]["Resolve_OTIO"]  # type: ignore[index]
    (volume,), (their_volume,) = told.pop("Parameters"), expected.pop("Parameters")
    assert told == expected
    assert set(volume) == set(their_volume)
    varying = ("Key Frames", "Parameter Value")
    assert {key: volume[key] for key in volume if key not in varying} == {
        key: their_volume[key] for key in their_volume if key not in varying
    }
    assert (volume["Parameter Value"], volume["Key Frames"]) == (-3.4, {})


@pytest.mark.parametrize(("target", "count"), [("resolve", 1), ("premiere", 0), ("plain", 0)])
def test_gain_is_written_only_for_those_who_read_it(target: str, count: int) -> None:
    cut = timeline(track(clip("c", time_range(0, 240, 24), url="x.mov")))
    written = timeline_with_foley(
        cut, [placed("hammer", 0, gain_db=2.5), placed("hammer", 50)], TARGETS[target]
    )
    clips = [
        each for each in written["tracks"]["children"][-1]["children"] if each["OTIO_SCHEMA"] == "Clip.2"
    ]
    assert [len(each["effects"]) for each in clips] == [count, 0]
