"""`foley` on cuts that are no .otio: which timeline, at which rate, from a bundle to a written timeline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foley_plugin.services.demo import LaidOutDemo
from foley_plugin.takes.store import Store
from foley_plugin.timeline.client import read_cut
from tests.timeline.formats.cuts import EDL, fcpxml_of, otioz, written

from .test_cli import FoleyOf, here, is_one_sentence, read_json

__all__ = ["here"]

PROJECTS = "".join(
    f'<project name="{name}"><sequence format="r1"><spine>'
    f'<asset-clip ref="a2" name="in {name}" offset="0s" duration="1s"/></spine></sequence></project>'
    for name in ("Reel 1", "Reel 2")
)


def test_one_of_several_timelines_is_chosen(here: FoleyOf, tmp_path: Path) -> None:
    cut = written(tmp_path, "cut.fcpxml", fcpxml_of(PROJECTS))
    asked = here()("inspect", cut)
    assert asked.returncode == 1 and is_one_sentence(asked.stderr)
    assert "1 “Reel 1”, 2 “Reel 2”" in asked.stderr and "--sequence" in asked.stderr
    done = here()("inspect", cut, "--sequence", "Reel 2", "--json", tmp_path / "i.json")
    assert [clip["name"] for clip in read_json(tmp_path / "i.json")["clips"]] == ["in Reel 2"], done.stderr


def test_the_rate_of_an_edl_is_given(here: FoleyOf, tmp_path: Path) -> None:
    cut = written(tmp_path, "cut.edl", EDL)
    assert "25 fps" in here()("inspect", cut, "--rate", "25").stdout
    assert "29.97 fps" in here()("inspect", cut, "--rate", "30000/1001").stdout
    refused = here()("inspect", cut, "--rate", "fast")
    assert refused.returncode == 1 and is_one_sentence(refused.stderr)


def test_a_bundle_becomes_a_timeline_with_foley(
    here: FoleyOf, demo: LaidOutDemo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOLEY_CACHE", str(tmp_path / "cache"))
    text = json.dumps(json.loads(demo.cut.read_text(encoding="utf-8")))
    media = {clip.media: Path(str(clip.media)) for clip in read_cut(demo.cut).clips}
    for path in media.values():
        text = text.replace(json.dumps(path.name)[1:-1], f"media/{path.name}")
    text = text.replace('"name": "media/', '"name": "')
    members = {f"media/{path.name}": path.read_bytes() for path in media.values()}
    cut = otioz(tmp_path / "cut.otioz", json.loads(text), members)
    done = here()(
        "generate",
        cut,
        "--clip",
        "V1:2",
        "--label",
        "ball",
        "--project",
        tmp_path / "p",
        "--json",
        tmp_path / "g.json",
    )
    assert done.returncode == 0, done.stderr
    target = tmp_path / "cut_foley.otio"
    assert read_json(tmp_path / "g.json")["timeline"] == str(target)
    again = read_cut(target)
    assert [track.kind for track in again.tracks][-1] == "audio"
    assert all(clip.eligible for clip in again.clips)
    with Store.open(tmp_path / "p") as store:
        (version,) = store.cuts()
        assert json.loads((store.folder / version.copy).read_bytes()) == json.loads(text)
