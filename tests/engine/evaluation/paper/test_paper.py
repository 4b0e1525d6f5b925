"""The paper's tables: what the rows are, and a run from recordings to figures, as small as it gets."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.checkpoints import read_model_folder
from engine.config import (
    FOLEYGEN,
    ClipConfig,
    EncoderConfig,
    ImageBindConfig,
    LMConfig,
    VideoMaeConfig,
    VitConfig,
)
from engine.errors import CheckpointNotFound, OutputError, UnknownEncoder
from engine.evaluation.metrics import MetricSettings
from engine.evaluation.metrics.registry import metrics_of
from engine.evaluation.paper import miniature
from engine.evaluation.paper.eyes import default_tower, given_eyes, untrained_eyes
from engine.evaluation.paper.miniature import Miniature, Size, TableResult, plain_name
from engine.evaluation.paper.page import caption, missing_systems, tables_markdown
from engine.evaluation.paper.rows import ATTENTION, ENCODERS, SYSTEMS, TABLES, PaperTable, Row, all_rows
from engine.evaluation.samples import System
from engine.training.batches import Cropping
from engine.training.codec import CodecTraining
from engine.training.lm import LMTraining
from engine.training.recordings import RecordingLibrary
from engine.visual.encoders import KINDS, open_encoder
from tests.engine.models import TINY
from tests.engine.training.synthetic import changed, recordings

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


def library() -> RecordingLibrary:
    """A few made-up recordings, the same ones held out."""
    made = recordings()
    return RecordingLibrary([*made, *(changed(recording, split="held_out") for recording in made)])


def test_an_encoder_is_given_by_its_kind_and_the_words_of_its_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clip=1.safetensors").touch()
    monkeypatch.chdir(tmp_path)
    given = given_eyes(["clip=ViT-B-32:clip=1.safetensors", "vit:vit_tiny_patch16_224:tag", "tower="])
    assert given["clip"] == ClipConfig("ViT-B-32", str(tmp_path / "clip=1.safetensors"))
    assert given["vit"] == VitConfig("vit_tiny_patch16_224", "tag")
    assert given["tower"] == default_tower()
    with pytest.raises(UnknownEncoder, match="Two encoders of the kind clip"):
        given_eyes(["clip=ViT-B-32:a", "clip:ViT-B-32:b"])
    with pytest.raises(UnknownEncoder, match="no visual encoder called 'eye'"):
        given_eyes(["eye=x"])
    with pytest.raises(UnknownEncoder, match="say imagebind:FILE"):
        given_eyes(["imagebind"])


def test_the_caption_says_which_encoders_have_learned_something() -> None:
    nobodys = caption(SMALLEST, {})
    assert "trained weights: foley-tower." in nobodys
    assert "for want of weights" in nobodys and "CLIP, ImageBind, ViT, VideoMAE;" in nobodys
    some = caption(SMALLEST, {"clip": ClipConfig("ViT-B-32", "/models/clip.safetensors")})
    assert "trained weights: CLIP (clip.safetensors), foley-tower." in some
    assert "ImageBind, ViT, VideoMAE;" in some and "`--encoder clip=WORDS`" not in some
    whole = caption(
        SMALLEST,
        {
            "clip": ClipConfig("ViT-B-32", "openai"),
            "imagebind": ImageBindConfig("i.pth"),
            "vit": VitConfig("vit", "v.pth"),
            "videomae": VideoMaeConfig("mae"),
        },
    )
    assert "untrained" not in whole and "VideoMAE (mae), foley-tower." in whole


def test_an_encoder_that_cannot_be_opened_is_told_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    run = Miniature(library(), tmp_path, SMALLEST, told.append, tables=(ENCODERS,))
    monkeypatch.setattr(miniature, "untrained_eyes", only_videomae)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(CheckpointNotFound, match=r"pip install 'foley\[videomae\]'"):
        run.run(metrics_of(["onset-f1"], MetricSettings()))
    missing = {"clip": ClipConfig("ViT-B-32", str(tmp_path / "none"))}
    with pytest.raises(CheckpointNotFound, match="neither a file nor one of open_clip's tags"):
        Miniature(library(), tmp_path, SMALLEST, told.append, encoders=missing).run([])
    assert told == [] and not (tmp_path / "train").exists()


def only_videomae(kind: str, folder: Path) -> EncoderConfig:
    """The others open and are small: the project's own."""
    return untrained_eyes(kind, folder) if kind == "videomae" else default_tower()


@pytest.mark.slow
def test_a_run_ends_in_figures_and_a_second_start_makes_nothing_again(tmp_path: Path) -> None:
    table = PaperTable(
        "systems",
        "Systems",
        (
            Row("picture alone", "tower"),
            Row("hits", "tower", has_sync=True),
            Row("causal", "tower", visual_attention="causal"),
            Row("frame-wise", "tower", visual_attention="frame-wise"),
        ),
        ("IM2WAV",),
    )
    metrics = metrics_of(["onset-f1"], MetricSettings())
    told: list[str] = []

    def run(others: tuple[System, ...] = (), **encoders: EncoderConfig) -> list[TableResult]:
        made = Miniature(library(), tmp_path, SMALLEST, told.append, tables=(table,), encoders=encoders)
        return made.run(metrics, others)

    [result] = run()
    assert result.rows == ("reference", "picture alone", "hits", "causal", "frame-wise")
    assert all(system.num_measured == 2 for system in result.report.systems)
    blind, sighted, causal, frame_wise = (
        read_model_folder(tmp_path / "models" / name).model.lm
        for name in ("picture-alone", "hits", "causal", "frame-wise")
    )
    assert blind.labels == () and blind.sync is None
    assert sighted.labels == ("footstep_stone", "impact_wood", "rain") and sighted.sync is not None
    assert [each.visual_attention for each in (blind, causal, frame_wise)] == [
        "all-frame",
        "causal",
        "frame-wise",
    ]
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
    with pytest.raises(OutputError, match=r"'picture alone' .* made with another tower encoder"):
        run(tower=replace(default_tower(), weights="elsewhere/tower.safetensors"))


@pytest.mark.minutes
@pytest.mark.timeout(1800)
def test_every_row_of_all_three_tables_ends_in_figures(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    given = {"vit": untrained_eyes("vit", tmp_path / "brought")}
    run = Miniature(library(), tmp_path / "run", SMALLEST, lambda line: None, encoders=given)
    results = run.run(metrics_of(["onset-f1", "level"], MetricSettings()))
    assert [result.table for result in results] == list(TABLES)
    for result in results:
        assert result.rows == ("reference", *(row.name for row in result.table.rows))
        assert all(system.num_measured == 2 for system in result.report.systems)
        assert all(not system.missing and not system.broken for system in result.report.systems)
    for row in all_rows():
        made = read_model_folder(run.folder_of(row)).model
        assert made.encoder is not None and made.lm.visual_attention == row.visual_attention
        assert isinstance(made.encoder, KINDS[row.encoder].config)
        assert (made.encoder == given["vit"]) == (row.encoder == "vit")
    text = tables_markdown(results, SMALLEST, given)
    assert "ViT (vit.safetensors)" in text
    assert all(f"| {row.name} | " in text for row in all_rows())


def test_the_second_table_asks_for_nobodys_samples() -> None:
    assert SYSTEMS.others and not ENCODERS.others and not ATTENTION.others
