"""What `--json FILE` may be written over: nothing but an earlier report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import OutputError
from foley_plugin.cli_output import GenerateReport, InspectReport, SpotReport
from foley_plugin.cli_reports import check_report_target, write_report
from foley_plugin.services.demo import LaidOutDemo
from tests.plugin.test_cli import FakeEngine, Foley, FoleyOf, here, is_one_sentence

__all__ = ["here"]

NOT_OURS = (
    b"mine",
    b'{"name": "package"}',
    b"{}",
    b'["a list"]',
    b'{"clips": [{"time": 1}]}',
    b'{"clips": [], "mine": 1}',
    b'{"clips": ',
    b'{"OTIO_SCHEMA": "Timeline.1"}',
    b"\xff\xfe{}",
    b"[" * 100_000,
    b'{"clips":' * 100_000,
)


@pytest.fixture
def foley(tmp_path: Path, fake_engine: FakeEngine) -> Callable[..., Foley]:
    return lambda **script: Foley(tmp_path, fake_engine(**script))


@pytest.mark.parametrize("content", NOT_OURS)
def test_a_file_that_is_no_report_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(content)
    with pytest.raises(OutputError, match=r"is not overwritten; give another file to --json\.$"):
        check_report_target(str(file))
    with pytest.raises(OutputError):
        write_report(InspectReport([]), str(file))
    assert file.read_bytes() == content and os.listdir(tmp_path) == ["mine.json"]


def test_an_earlier_report_of_any_command_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "report"
    file.write_bytes(b"")  # as mktemp makes one
    for report in (GenerateReport("a.otio", []), InspectReport([]), SpotReport([]), InspectReport([])):
        check_report_target(str(file))
        write_report(report, str(file))
    assert json.loads(file.read_text()) == {"clips": []} and os.listdir(tmp_path) == ["report"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
@pytest.mark.parametrize("num_clips", [1, 2000], ids=["within the buffer", "beyond it"])
@pytest.mark.parametrize("stdout", [">/dev/full", ">&-", "| :"], ids=["full", "closed", "nobody reads"])
def test_a_report_that_stdout_does_not_take_is_told_in_a_sentence(
    foley: Callable[..., Foley], num_clips: int, stdout: str
) -> None:
    """The other end of the pipe is closed before anything is written."""
    program = (
        "import time; from foley_plugin import cli; from foley_plugin.cli_output import *; "
        f"clips = [SpottedClip('clip', 'V1', n, []) for n in range({num_clips})]; time.sleep(0.5); "
        "cli.app = lambda: cli.write_report(SpotReport(clips), '-'); cli.main()"
    )
    script = f"""set -o pipefail; "{sys.executable}" -c "{program}" {stdout}"""
    done = subprocess.run(
        ["bash", "-c", script],
        env=foley().environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "") and is_one_sentence(done.stderr), done.stderr
    assert "stdout" in done.stderr and "--json" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_stays_one_and_a_device_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "there.json")
    write_report(InspectReport([]), str(tmp_path / "link.json"))
    assert (tmp_path / "link.json").is_symlink() and (tmp_path / "there.json").read_bytes()
    check_report_target(os.devnull)
    write_report(InspectReport([]), os.devnull)
    assert not Path(os.devnull).is_file()


def test_a_report_that_the_disk_does_not_take_leaves_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "report.json"
    write_report(GenerateReport("first", []), str(file))
    before = file.read_bytes()
    monkeypatch.setattr("foley_plugin.timeline.atomic.os.write", lambda *_: 0)
    with pytest.raises(OutputError, match="give another file to --json"):
        write_report(GenerateReport("second", []), str(file))
    assert file.read_bytes() == before and os.listdir(tmp_path) == ["report.json"]


@pytest.mark.parametrize(
    "words",
    [
        ("inspect", "CUT", "--json", "CUT"),
        ("spot", "CUT", "--json", "CUT"),
        ("spot", "CUT", "--json", "notes.json"),
        ("generate", "CUT", "--to", "new.otio", "--json", "new.otio"),
        ("generate", "CUT", "--to", "new.otio", "--json", "./new.otio"),
        ("generate", "CUT", "--json", "cut_foley.otio"),
        ("generate", "CUT", "--clip", "V1:1", "--hits", "spotted.json", "--json", "spotted.json"),
        ("export", "CUT", "--to", "new.otio", "--json", "new.otio"),
        ("export", "CUT", "--to", "new.otio", "--json", "notes.json"),
        ("conform", "CUT", "--to", "new.otio", "--json", "new.otio"),
        ("conform", "CUT", "--generate", "--json", "cut_foley.otio"),
        ("redo", "CUT", "1", "--in", "01:00:07:12", "--out", "01:00:08:12", "--json", "CUT"),
        ("deliver", "CUT", "--to", "out", "--json", "notes.json"),
        ("demo", "--out", "out", "--json", "notes.json"),
    ],
)
def test_a_command_refuses_the_users_files_before_it_works(
    here: FoleyOf, demo: LaidOutDemo, tmp_path: Path, words: tuple[str, ...]
) -> None:
    text = demo.cut.read_text()
    for clip in demo.truth.clips:
        text = text.replace(f'"{clip.name}"', f'"{(demo.folder / clip.name).as_posix()}"')
    (tmp_path / "cut.otio").write_text(text)
    (tmp_path / "notes.json").write_text('{"mine": 1}')
    (tmp_path / "spotted.json").write_text('{"clips": [{"name": "", "track": "V1", "index": 1, "hits": []}]}')
    run = here()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    done = run(*("cut.otio" if word == "CUT" else word for word in words))
    assert done.returncode == 1 and done.stdout == ""
    assert is_one_sentence(done.stderr) and "give another file to --json." in done.stderr, done.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    assert not (tmp_path / "out").exists() and not (tmp_path / "cut.foley").exists()


def test_a_command_can_be_run_again_with_its_report(here: FoleyOf, demo: LaidOutDemo, tmp_path: Path) -> None:
    run = here(spotted=[0.5])
    for words in (("inspect", demo.cut), ("spot", demo.cut, "--clip", "V1:1")):
        for _ in range(2):
            done = run(*words, "--json", "again.json")
            assert done.returncode == 0, done.stderr
    places = ("--clip", "V1:1", "--label", "hammer", "--project", tmp_path / "p")
    for number in range(2):
        done = run("generate", demo.cut, *places, "--to", tmp_path / f"{number}.otio", "--json", "again.json")
        assert done.returncode == 0, done.stderr
    assert len(json.loads((tmp_path / "again.json").read_text())["takes"]) == 1
