"""Foley as OpenTimelineIO's own tools call it: `otioconvert` in a process, found by its entry point."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from foley_plugin.otio_hook import foley_hook
from tests.plugin.ways import REPOSITORY, Foley, cut_of, film, is_one_sentence
from tests.timeline.building import saved

FakeEngine = Callable[..., list[str]]
Convert = Callable[..., subprocess.CompletedProcess[str]]
ENTRY_GROUP = "opentimelineio.plugins"


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A cut whose media lies beside it and is named by a relative path."""
    film(tmp_path, Fraction(24))
    return saved(cut_of(Path("shot.mov"), 24.0), tmp_path)


@pytest.fixture
def convert(tmp_path: Path, fake_engine: FakeEngine) -> Convert:
    """`otioconvert WORDS` where foley is installed as pyproject.toml says."""
    installed = tmp_path / "installed" / "foley_here-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: foley-here\nVersion: 1.0\n")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entries = "".join(f"{name} = {value}\n" for name, value in project["entry-points"][ENTRY_GROUP].items())
    (installed / "entry_points.txt").write_text(f"[{ENTRY_GROUP}]\n{entries}")

    def convert(*words: str | Path, **script: object) -> subprocess.CompletedProcess[str]:
        foley = Foley(tmp_path, fake_engine(**script))
        foley.environment["PYTHONPATH"] += os.pathsep + str(installed.parent)
        foley.environment["PYTHONWARNINGS"] = "ignore"  # otioconvert's own, of pkg_resources
        program = Path(sys.executable).parent / "otioconvert"
        return foley.run([str(program), *map(str, words)])

    return convert


def tracks(path: Path) -> list[Any]:
    return list(otio.adapters.read_from_file(str(path), "otio_json").tracks)


def test_otioconvert_makes_foley_where_it_is_asked(convert: Convert, cut: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.otio"
    done = convert("-i", cut, "-o", out, "-H", "foley=True", "-H", "foley_label=hammer")
    assert done.returncode == 0, done.stderr
    picture, *sound = tracks(out)
    takes = [clip for track in sound for clip in track.find_clips()]
    assert [track.kind for track in sound] == ["Audio"] and len(takes) == 2
    for take in takes:
        wav = Path(take.media_reference.target_url)
        assert wav.is_file() and wav.parent == tmp_path / "out.foley" / "takes"
        assert take.metadata["foley"]["label"] == "hammer"
    urls = [clip.media_reference.target_url for clip in picture.find_clips()]
    assert urls == ["shot.mov", "shot.mov"], "the picture's paths are as they were"


def test_nothing_happens_where_nobody_asks(convert: Convert, cut: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.otio"
    done = convert("-i", cut, "-o", out, "-H", "foley=False", "-H", "foley_label=hammer")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(tracks(out)) == 1
    assert not (tmp_path / "out.foley").exists()


def test_trouble_is_one_sentence_and_no_file(convert: Convert, cut: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.otio"
    done = convert("-i", cut, "-o", out, "-H", "foley=True", fail_to_load="There is no model here.")
    assert done.returncode == 1
    assert is_one_sentence(done.stderr) and done.stderr.strip() == "ERROR: There is no model here."
    assert not out.exists()


def test_the_plugin_is_light_for_everybody_else() -> None:
    program = (
        "import json, sys; before = set(sys.modules); import foley_plugin.otio_hook;"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == ["foley_plugin", "foley_plugin.otio_hook"]


def test_in_a_program_of_its_own_the_error_is_opentimelineios(cut: Path, tmp_path: Path) -> None:
    timeline = otio.adapters.read_from_file(str(cut), "otio_json")
    with pytest.raises(otio.exceptions.OTIOError, match="foley_project=DIR"):
        foley_hook.hook_function(timeline, {"foley": True})
    with pytest.raises(foley_hook.FoleyHookError, match="Clip"):
        foley_hook.hook_function(otio.schema.Clip("a"), {"foley": "yes", "foley_project": str(tmp_path)})


def test_the_process_that_works_for_the_hook_does_not_call_it_again(
    cut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeline = otio.adapters.read_from_file(str(cut), "otio_json")
    monkeypatch.setenv(foley_hook.RUNNING_VARIABLE, "1")
    assert foley_hook.hook_function(timeline, {"foley": True}) is timeline
    monkeypatch.delenv(foley_hook.RUNNING_VARIABLE)
    assert foley_hook.hook_function(timeline, {}) is timeline
    assert foley_hook.hook_function(timeline) is timeline


def test_nothing_of_the_plugin_is_loaded_where_foley_reads_a_timeline(convert: Convert, cut: Path) -> None:
    """The child knows the hook's name, as every reader does, but never its code."""
    program = (
        "import sys; from pathlib import Path; from foley_plugin.timeline.read import cut_record;"
        "import opentimelineio as otio; otio.plugins.ActiveManifest();"
        f"cut_record(Path({str(cut)!r}));"
        "print('foley_plugin.otio_hook.foley_hook' in sys.modules or 'opentimelineio.adapters.foley' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "False"
