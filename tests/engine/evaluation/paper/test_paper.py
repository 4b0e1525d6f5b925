"""The paper's tables: what the rows are, and a run from recordings to figures, as small as it gets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.checkpoints import read_model_folder
from engine.config import FOLEYGEN, LMConfig
from engine.evaluation.metrics import MetricSettings
from engine.evaluation.metrics.registry import metrics_of
from engine.evaluation.paper.eyes import default_tower, untrained_eyes
from engine.evaluation.paper.miniature import Miniature, Size, plain_name
from engine.evaluation.paper.page import missing_systems, tables_markdown
from engine.evaluation.paper.rows import ATTENTION, ENCODERS, SYSTEMS, TABLES, PaperTable, Row, all_rows
from engine.evaluation.samples import System
from engine.training.batches import Cropping
from engine.training.codec import CodecTraining
from engine.training.lm import LMTraining
from engine.training.recordings import RecordingLibrary
from engine.visual.encoders import KINDS, open_encoder
from tests.engine.models import TINY
from tests.engine.training.synthetic import recordings

SMALLEST = Size(
    train_films=3,
    test_films=2,
    film_s=2.0,
    codec=TINY.codec,
    codec_training=CodecTraining(steps=4, batch=2, kmeans_step=2, waveform_steps=2, warmup_steps=1),
    lm=LMConfig(num_layers=1, num_heads=2, dim=16, codebook_size=TINY.codec.codebook_size),
    lm_training=LMTraining(
        steps=2, cropping=Cropping(frames_per_step=100, max_s=1.5), warmup_steps=1, bf16=False
    ),
)


def test_the_papers_rows_are_the_papers_system_but_for_what_the_table_varies() -> None:
    for row in all_rows():
        config = row.lm_config(FOLEYGEN.lm, visual_dim=512, labels=("knock",))
        assert (config.num_layers, config.num_heads, config.dim) == (24, 16, 1024)
        if row.is_papers:
            assert config.sync is None and config.labels == ()
        else:
            assert row.has_sync or row.encoder == "tower"
    assert {row.encoder for row in ENCODERS.rows if row.is_papers} == {"clip", "imagebind", "vit", "videomae"}
    assert {row.visual_attention for row in ENCODERS.rows} == {"all-frame"}
    assert {row.visual_attention for row in ATTENTION.rows} == {"all-frame", "causal", "frame-wise"}
    assert {row.encoder for row in all_rows()} <= KINDS.keys()


def test_the_row_that_all_tables_share_is_made_once() -> None:
    assert len(all_rows()) == sum(len(table.rows) for table in TABLES) - 2
    assert len({plain_name(row.name) for row in all_rows()}) == len(all_rows())


def test_each_family_has_eyes(tmp_path: Path) -> None:
    for kind in ("vit", "imagebind"):
        encoder = open_encoder(untrained_eyes(kind, tmp_path))
        assert open_encoder(untrained_eyes(kind, tmp_path)).describe() == encoder.describe()
    assert open_encoder(default_tower()).describe().name == "foley-tower"


@pytest.mark.slow
def test_a_run_ends_in_figures_and_a_second_start_makes_nothing_again(tmp_path: Path) -> None:
    made = recordings()
    held_out = []
    for recording in made:
        copy = replace(recording, split="held_out")
        copy.__dict__["wav"] = recording.wav
        held_out.append(copy)
    library = RecordingLibrary([*made, *held_out])
    table = PaperTable(
        "systems",
        "Systems",
        (Row("picture alone", "tower"), Row("hits", "tower", has_sync=True)),
        ("IM2WAV",),
    )
    metrics = metrics_of(["onset-f1"], MetricSettings())
    told: list[str] = []

    def run(others: tuple[System, ...] = ()):  # type: ignore[no-untyped-def]
        return Miniature(library, tmp_path, SMALLEST, told.append, tables=(table,)).run(metrics, others)

    [result] = run()
    assert result.rows == ("reference", "picture alone", "hits")
    assert all(system.num_measured == 2 for system in result.report.systems)
    blind, sighted = (
        read_model_folder(tmp_path / "models" / name).model.lm for name in ("picture-alone", "hits")
    )
    assert blind.labels == () and blind.sync is None
    assert sighted.labels == ("footstep_stone", "impact_wood", "rain") and sighted.sync is not None
    text = tables_markdown([result], SMALLEST)
    assert "not** the paper's figures" in text and "`--samples IM2WAV=DIR`" in text
    assert "| reference | 1.000" in text

    told.clear()
    brought = System(
        "IM2WAV", "samples", files={"scene_test_000000": tmp_path / "test/scene_test_000000.mp4"}
    )
    [again] = run((brought,))
    assert not any("language model" in line or "through tower" in line for line in told)
    assert missing_systems(again) == [] and missing_systems(result) == ["IM2WAV"]
    [measured] = [system for system in again.report.systems if system.name == "IM2WAV"]
    assert measured.num_measured == 1 and len(measured.missing) == 1


def test_the_second_table_asks_for_nobodys_samples() -> None:
    assert SYSTEMS.others and not ENCODERS.others and not ATTENTION.others
