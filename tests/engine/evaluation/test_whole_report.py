"""One report with every family: each figure beside its control and within its interval, in all three forms."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from engine.cli import app
from engine.evaluation.metrics.fad import EAR
from engine.evaluation.report import Figure, MetricResult, Report
from engine.evaluation.reporting import PAGE_FILE, REPORT_FILE
from engine.media.audio import read_audio, write_wav
from tests.engine.evaluation.embeddings import test_imagebind_audio, test_passt, test_vggish
from tests.engine.evaluation.films import HITS_S, write_films
from tests.engine.visual import test_imagebind

COMPARED = (
    *(f"onset-f1-{tolerance}ms" for tolerance in (40, 100, 200)),
    "av-align",
    "e-l1",
    "envelope-correlation",
    "envelope-lag",
    "envelope-offset",
    "kl-ear",
    "kl-passt",
    "imagebind",
)
OF_SETS = ("fad-ear", "fad-vggish")
BROUGHT = {"fad-vggish": "--vggish", "kl-passt": "--passt", "imagebind": "--imagebind"}
SYSTEMS = ("late", "noise")
CLIPS = tuple(HITS_S)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Films, two systems' samples of them, and small files with the public checkpoints' names."""
    folder = tmp_path_factory.mktemp("whole")
    for name in SYSTEMS:
        (folder / name).mkdir()
    for film in write_films(folder / "clips"):
        wav = read_audio(film, 16000)
        hissing = np.random.default_rng(len(film.stem)).standard_normal(wav.size) * 0.05
        write_wav(folder / "late" / f"{film.stem}.wav", np.roll(wav, 1600), 16000)
        write_wav(folder / "noise" / f"{film.stem}.wav", wav + hissing, 16000)
    torch.save(test_vggish.public_names(), folder / "vggish.pth")
    torch.save(test_passt.public_names(), folder / "passt.pt")
    towers = test_imagebind.public_names()
    towers |= {k: v for k, v in test_imagebind_audio.public_names().items() if "vision" not in k}
    torch.save(towers, folder / "imagebind.pth")
    return folder


def measured(folder: Path, out: Path, *more: str) -> tuple[Report, str]:
    """The report as it is on disk, and what the terminal said."""
    words = ["evaluate", "report", str(folder / "clips"), "--out", str(out), "--no-model", "--players", "2"]
    for name in SYSTEMS:
        words += ["--samples", f"{name}={folder / name}"]
    done = CliRunner().invoke(app, [*words, "--threads", "1", *more], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return msgspec.json.decode((out / REPORT_FILE).read_bytes(), type=Report), done.output


def figures(report: Report) -> dict[str, MetricResult]:
    return {result.about.name: result for result in report.metrics}


def has_interval(figure: Figure) -> bool:
    mean = figure.mean
    return mean is not None and mean.low is not None and mean.high is not None


def test_every_figure_stands_beside_its_control_and_within_its_interval(folder: Path) -> None:
    weights = [
        f"--{name}={folder / file}" for name, file in (("vggish", "vggish.pth"), ("passt", "passt.pt"))
    ]
    report, said = measured(folder, folder / "out", *weights, f"--imagebind={folder / 'imagebind.pth'}")
    found = figures(report)
    page = (folder / "out" / PAGE_FILE).read_text(encoding="utf-8")
    assert [system.name for system in report.systems] == ["reference", *SYSTEMS]
    for name in (*COMPARED, *OF_SETS):
        assert found[name].not_measured is None
        assert found[name].about.title in said.replace("\n", " ") and found[name].about.title in page
        assert set(found[name].figures) == {"reference", *SYSTEMS}
    for name in COMPARED:
        for system in SYSTEMS:
            figure = found[name].figures[system]
            assert has_interval(figure), (name, system)
            assert figure.shuffled is not None and figure.shuffled.low is not None, (name, system)
            assert set(found[name].values[system]) == set(CLIPS)
            assert all(each.shuffled is not None for each in found[name].values[system].values())
        assert found[name].differences
    for name in OF_SETS:
        assert all(has_interval(found[name].figures[system]) for system in SYSTEMS)
        assert "two halves" in str(found[name].figures["reference"].remark)
    assert page.count("<video") == 2 * 3 == page.count("data:image/png;base64,")


def test_offline_the_projects_own_ear_is_what_hears_and_is_called_so(folder: Path) -> None:
    report, said = measured(folder, folder / "offline", "--metrics", "fad,kl,imagebind")
    found = figures(report)
    for name in ("fad-ear", "kl-ear"):
        about = found[name].about
        assert found[name].not_measured is None
        assert "foley-ear" in about.title and "compare with nothing but each other" in about.explanation
        assert all(found[name].figures[system].mean is not None for system in SYSTEMS)
    for name, option in BROUGHT.items():
        assert option in str(found[name].not_measured) and not found[name].figures
        assert option in said
    assert EAR.title in said.replace("\n", " ")
