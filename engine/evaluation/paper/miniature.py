"""The paper's tables from nothing to figures, small enough for a laptop: one run folder, stages in order.

OUT/train  OUT/test   rendered scenes as films, and what truly happens in them
OUT/codec  OUT/eyes   a small codec; an untrained encoder of each family that nobody gives weights of
OUT/sets/KIND         the films as tokens and features of each encoder
OUT/lm/ROW  OUT/models/ROW   each row's language model, trained alike, and as a model folder
OUT/TABLE             the report of each table: report.json, index.html

What is there is not made again, so a broken run goes on where it stopped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.checkpoints import CONFIG_FILE, read_model_folder, write_model_folder
from engine.config import CodecConfig, EncoderConfig, LMConfig, ModelConfig
from engine.errors import CheckpointNotFound, OutputError
from engine.evaluation.clips import find_films
from engine.evaluation.generating import model_rows
from engine.evaluation.kept_samples import SampleRequest
from engine.evaluation.metrics import Metric
from engine.evaluation.opening import Drawing
from engine.evaluation.paper.eyes import default_tower, untrained_eyes
from engine.evaluation.paper.rows import TABLES, PaperTable, Row, all_rows
from engine.evaluation.report import Report
from engine.evaluation.reporting import make_report
from engine.evaluation.samples import System, reference
from engine.protocol import AS_PUBLISHED
from engine.training.batches import Cropping
from engine.training.codec import CodecTrainer, CodecTraining
from engine.training.lm import LMTrainer, LMTraining
from engine.training.packing import default_spotter
from engine.training.prepare.listing import list_folder
from engine.training.prepare.manifest import MANIFEST_FILE
from engine.training.prepare.processes import Processes
from engine.training.prepare.run import Preparation, prepare
from engine.training.prepare.tools import open_codec
from engine.training.prepared import PreparedSet
from engine.training.recordings import RecordingLibrary
from engine.training.scene_films import SceneFilms, SceneSplit, write_scene_films
from engine.training.scenes.labels import CONTINUOUS_LABELS
from engine.training.state import read_state
from engine.visual.encoders import open_encoder

Log = Callable[[str], None]

TINY_CODEC = CodecConfig(
    num_filters=12, num_lstm_layers=0, latent_dim=64, pad_mode="constant", activation="SiLU"
)
TINY_LM = LMConfig(num_layers=4, num_heads=4, dim=192)
PREPARE_WORKERS = 2
AS_TRAINED = Drawing(dtype="float32", device="cpu")
"""Rows are compared as they were trained, not as a program may narrow them."""


@dataclass(frozen=True)
class Size:
    """How small. Every row has the same films, codec, shape, steps and seed."""

    train_films: int = 240
    test_films: int = 24
    film_s: float = 10.0
    codec: CodecConfig = TINY_CODEC
    codec_training: CodecTraining = field(
        default_factory=lambda: CodecTraining(steps=600, kmeans_step=200, waveform_steps=300)
    )
    lm: LMConfig = TINY_LM
    lm_training: LMTraining = field(
        default_factory=lambda: LMTraining(
            steps=500,
            cropping=Cropping(frames_per_step=2000, on_pictures=True, drop_visual=0.1),
            warmup_steps=50,
            log_every=100,
        )
    )


@dataclass(frozen=True)
class TableResult:
    """One table, measured: `rows` as its report calls them."""

    table: PaperTable
    rows: tuple[str, ...]
    report: Report


class Miniature:
    """One run.

    Args:
        codec: the folder of a codec that is trained already, instead of a small one made here.
        encoders: by kind, trained ones instead of small untrained ones made here.
    """

    def __init__(
        self,
        library: RecordingLibrary,
        out: Path,
        size: Size,
        log: Log,
        *,
        codec: Path | None = None,
        encoders: Mapping[str, EncoderConfig] | None = None,
        tables: Sequence[PaperTable] = TABLES,
    ) -> None:
        self.library, self.out, self.size, self.log, self.tables = library, out, size, log, tables
        self.codec = codec or out / "codec"
        self._is_codec_ours = codec is None
        self._given = dict(encoders or {})
        self._widths: dict[str, int] = {}
        """Of each kind's features."""

    def run(self, metrics: Sequence[Metric], others: Sequence[System] = ()) -> list[TableResult]:
        """All stages. `others`: samples of the systems that somebody else brings, for the first table.

        Raises:
            FoleyError: a stage cannot go on.
        """
        self._open_eyes()
        self._films("train", self.size.train_films)
        self._films("test", self.size.test_films)
        self._train_codec()
        for row in all_rows(self.tables):
            self._make(row)
        return [self._measure(table, metrics, others) for table in self.tables]

    def folder_of(self, row: Row) -> Path:
        """The row's model."""
        return self.out / "models" / plain_name(row.name)

    def _open_eyes(self) -> None:
        """Each encoder, before hours are spent on the first row.

        Raises:
            CheckpointError: one cannot be opened here. OutputError: a row was made with another one.
        """
        for row in all_rows(self.tables):
            encoder, made = self._eyes(row.encoder), self.folder_of(row)
            if (made / CONFIG_FILE).exists() and read_model_folder(made).model.encoder != encoder:
                raise OutputError(
                    f"The row {row.name!r} in {self.out} was made with another {row.encoder} encoder: give the same "
                    "--encoder as then, or another --out."
                )
            if row.encoder not in self._widths:
                self._widths[row.encoder] = open_encoder(encoder).describe().width

    def _films(self, split: SceneSplit, count: int) -> None:
        films = SceneFilms(split, duration_s=self.size.film_s)
        self.log(f"films to {split} on: {count}")
        write_scene_films(self.out / split, self.library, count, films)

    def _train_codec(self) -> None:
        if self._is_codec_ours:
            self.log("codec")
            CodecTrainer(self.size.codec, self.size.codec_training, self.library, self.codec, self.log).run()

    def _make(self, row: Row) -> None:
        if (self.folder_of(row) / CONFIG_FILE).exists():
            return
        encoder = self._eyes(row.encoder)
        corpus = self._prepared(row.encoder, encoder)
        config = row.lm_config(self.size.lm, visual_dim=self._widths[row.encoder], labels=corpus.labels)
        codec = open_codec(self.codec)
        run = self.out / "lm" / plain_name(row.name)
        self.log(f"language model of {row.name}")
        LMTrainer(config, codec.config, self.size.lm_training, corpus, run, self.log).run()
        state = read_state(run)
        if state is None:
            raise CheckpointNotFound(f"There is no language model in {run}: train it first.")
        spotter = default_spotter()  # every row sees hits with the same eyes
        model = ModelConfig(
            name=plain_name(row.name),
            codec=codec.config,
            lm=config,
            spotter=spotter.config,
            encoder=encoder,
            continuous_labels=tuple(label for label in corpus.labels if label in CONTINUOUS_LABELS),
        )
        write_model_folder(
            self.folder_of(row),
            model,
            {
                "codec.safetensors": codec.state_dict(),
                "lm.safetensors": state["average"],
                "spotter.safetensors": dict(spotter.net.state_dict()),
            },
            settings=spotter.settings.numbers(),
        )

    def _eyes(self, kind: str) -> EncoderConfig:
        if kind in self._given:
            return self._given[kind]
        return default_tower() if kind == "tower" else untrained_eyes(kind, self.out / "eyes")

    def _prepared(self, kind: str, encoder: EncoderConfig) -> PreparedSet:
        folder = self.out / "sets" / kind
        if not (folder / MANIFEST_FILE).exists():
            self.log(f"films through {kind}")
        # A whole set is only compared with what is asked for.
        prepare(
            list_folder(self.out / "train", labels=self.library.labels),
            folder,
            Preparation(self.codec, encoder, features_per_s=1, shard_size=40),
            Processes(PREPARE_WORKERS),
        )
        return PreparedSet(folder)

    def _measure(self, table: PaperTable, metrics: Sequence[Metric], others: Sequence[System]) -> TableResult:
        self.log(f"table: {table.title}")
        films = find_films(self.out / "test")
        brought = list(others) if table.others else []
        named = [f"{row.name}={self.folder_of(row)}" for row in table.rows]
        # Samples lie beside the tables: the row that all three share is drawn once.
        asked = SampleRequest(sampling=AS_PUBLISHED)
        rows = model_rows(named, asked, films, self.out, brought, self.log, AS_TRAINED)
        systems = [reference(), *rows, *brought]
        report = make_report(films, systems, metrics, self.out / table.name, num_players=8, log=self.log)
        return TableResult(table, tuple(system.name for system in systems), report)


def plain_name(text: str) -> str:
    """For files: "FoleyGen (CLIP)" -> "foleygen-clip"."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
