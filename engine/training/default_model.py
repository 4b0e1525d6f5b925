"""The default model from recordings to weights: one run folder, stages in order, each resumable.

OUT/scenes  rendered scenes and, once the codec is there, their tokens
OUT/codec  OUT/decoder  OUT/tower  OUT/lm  OUT/spotter   checkpoints of the trainings
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from engine.checkpoints import ModelFolder, write_model_folder
from engine.codec.encodec import TRAINING_ONLY, Encodec, shapes_tokens
from engine.config import FOLEY_TINY, CodecConfig, ModelConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.prints.learnt import LEARNT_FILE
from engine.training import codec_run
from engine.training.board import open_board
from engine.training.decoder import DecoderTrainer
from engine.training.detail import DetailTrainer, DetailTraining
from engine.training.distributed import ALONE, Ranks, best_device
from engine.training.learnt_events import learnt_events
from engine.training.lm import LMTrainer
from engine.training.presets import ENCODEC_DECODER, codec_preset, lm_preset
from engine.training.recordings import RecordingLibrary, refuse_other_rate
from engine.training.scene_corpus import SceneCorpus
from engine.training.scene_set import encode_scenes, write_scenes
from engine.training.scenes.events import EventLibrary
from engine.training.scenes.labels import CONTINUOUS_LABELS
from engine.training.scenes.spec import TRAIN_SEEDS
from engine.training.settings import changed
from engine.training.spotter import SpotterTraining
from engine.training.spotter import train_spotter as spotter_loop
from engine.training.spotter_thresholds import with_fixed_thresholds
from engine.training.stages import Stage, run_stages
from engine.training.state import peek_state, read_state, refuse_other_tokens, step_of
from engine.training.tower import TowerTrainer, TowerTraining
from engine.visual.motion import MotionNets
from engine.visual.spotter import Spotter
from engine.visual.tower import ImageTower

Log = Callable[[str], None]

NUM_SCENES = 24_000
ENDLESS = 10**9
"""Steps, where the clock decides."""


def default_config(library: RecordingLibrary) -> ModelConfig:
    """The `foley-tiny` preset with the library's labels."""
    assert FOLEY_TINY.tower is not None
    return msgspec.structs.replace(
        FOLEY_TINY,
        lm=msgspec.structs.replace(FOLEY_TINY.lm, labels=library.labels),
        encoder=msgspec.structs.replace(FOLEY_TINY.tower, labels=library.labels),
        continuous_labels=tuple(label for label in library.labels if label in CONTINUOUS_LABELS),
    )


def train_scenes(
    library: RecordingLibrary,
    out: Path,
    log: Log,
    *,
    count: int = NUM_SCENES,
    workers: int = 1,
    layered: bool = False,
) -> None:
    """Render the scenes that tower and language model learn from; `layered` as `write_scenes` has it."""
    rate = FOLEY_TINY.codec.sample_rate
    refuse_other_rate(library, rate)
    events = EventLibrary.from_recordings(library.of_split("train"))
    seeds = range(TRAIN_SEEDS.start, TRAIN_SEEDS.start + count)
    write_scenes(
        out / "scenes",
        events,
        library.labels,
        seeds,
        sample_rate=rate,
        workers=workers,
        layered=layered,
        on_shard=lambda done: log(f"{done} of {count} scenes"),
    )


def train_codec(
    library: RecordingLibrary, out: Path, log: Log, settings: Mapping[str, Any] | None = None
) -> None:
    config, training = codec_preset(FOLEY_TINY.name)
    ranks = Ranks(device=best_device())
    codec_run.train_codec(library, config, training, settings or {}, out, log, ranks=ranks)


def train_tower(
    library: RecordingLibrary, out: Path, log: Log, settings: Mapping[str, Any] | None = None
) -> None:
    config, training = default_config(library).tower, changed(TowerTraining(), settings or {})
    assert config is not None
    TowerTrainer(config, training, out / "scenes", out / "tower", log, device=best_device()).run()


def encode(library: RecordingLibrary, out: Path, log: Log) -> None:
    """Turn the scenes' sound into tokens of the trained codec."""
    codec, codec_id = read_codec(default_config(library), out)
    codec.to(best_device())
    encode_scenes(out / "scenes", codec, codec_id, lambda path: log(f"{path.name} encoded"))


def train_lm(
    library: RecordingLibrary,
    out: Path,
    log: Log,
    settings: Mapping[str, Any] | None = None,
    *,
    ranks: Ranks = ALONE,
    tensorboard: bool | None = False,
) -> None:
    """Train on all scenes that are encoded.

    More may come while it runs, if `workers` is 0: processes keep what they began with.
    """
    config = default_config(library)
    codec, codec_id = read_codec(config, out)
    corpus = SceneCorpus(out / "scenes", codec_id, read_tower(config, out).to(ranks.device))
    if not corpus:
        raise CheckpointNotFound(
            f"There are no encoded scenes in {out / 'scenes'}: run `foley train encode` first."
        )
    folder = out / "lm"
    board = open_board(folder, step_of(folder), wanted=tensorboard, log=log) if ranks.is_first else None
    trainer = LMTrainer(
        config.lm,
        config.codec,
        changed(lm_preset(FOLEY_TINY.name).training, settings or {}),
        corpus,
        folder,
        log,
        ranks=ranks,
        board=board,
        decoder=codec,
        refresh=corpus.refresh,
    )
    trainer.run()


def train_spotter(
    out: Path,
    log: Log,
    settings: Mapping[str, Any],
    *,
    ranks: Ranks = ALONE,
    tensorboard: bool | None = False,
) -> None:
    """Train on scenes drawn afresh, then fix the thresholds on validation scenes."""
    folder = out / "spotter"
    training = changed(SpotterTraining(), settings)
    board = open_board(folder, step_of(folder), wanted=tensorboard, log=log) if ranks.is_first else None
    spotter = spotter_loop(training, folder, log=log, ranks=ranks, board=board)
    if ranks.is_first:
        with_fixed_thresholds(spotter).write(folder / "final")


def join_spotters(folders: Sequence[Path], out: Path) -> None:
    """The networks of trained spotters as one spotter in OUT/spotter/final, its thresholds fixed anew.

    Raises:
        CheckpointNotFound, CheckpointCorrupt: of one of the folders.
    """
    nets = [net for folder in folders for net in Spotter.read(folder).net.members()]
    with_fixed_thresholds(Spotter(MotionNets.of(nets))).write(out / "spotter" / "final")


def train_all(library: RecordingLibrary, out: Path, log: Log) -> None:
    """Every stage of the default model in order; each goes on where it stopped, so this is the one command."""
    train_scenes(library, out, log)
    train_spotter(out, log, {"minutes": 36.0})
    train_tower(library, out, log)
    train_codec(library, out, log)
    train_decoder(library, out, log)
    encode(library, out, log)
    train_lm(library, out, log, ranks=Ranks(device=best_device()))


def train_by_clock(sounds: Path, out: Path, log: Log, *, minutes: float, workers: int) -> None:
    """Every stage side by side, over when the minutes are.

    A second start begins only with stages that did not end well before: see `engine.training.stages`.

    Raises:
        TrainingFailed.
    """
    run_stages(stages_by_clock(sounds, out, workers), minutes, out, log)


def stages_by_clock(sounds: Path, out: Path, workers: int) -> list[Stage]:
    """Every stage, side by side where it can be, for about half an hour of one GPU and `workers` processors.

    The codec is found in minutes, its detail and the spotter are taught beside the others, and the language model has
    the rest.
    """
    given = ("--sounds", str(sounds), "--out", str(out))
    few, some = max(1, workers // 4), max(1, workers // 3)
    return [
        Stage("scenes", ("scenes", *given, "--workers", str(max(1, workers - some - few)))),
        Stage("spotter", _spotter_words(out, few), ends_at=0.9),
        Stage("codec", ("codec", *given, "--preset", FOLEY_TINY.name)),
        Stage("decoder", ("decoder", *given), after=("codec",), ends_at=0.9),
        Stage("tower", ("tower", *given), after=("scenes",)),
        Stage("encode", ("encode", *given), after=("scenes", "codec")),
        Stage(
            "lm",
            ("lm", *given, *_endless(some), "--preset", FOLEY_TINY.name),
            after=("encode", "tower"),
            ends_at=0.95,
        ),
    ]


def _endless(workers: int) -> tuple[str, ...]:
    return ("--set", f"steps={ENDLESS}", "--set", f"workers={workers}")


def _spotter_words(out: Path, workers: int) -> tuple[str, ...]:
    return (
        "spotter",
        "--out",
        str(out),
        "--set",
        "batch_scenes=32",
        "--set",
        "pool_scenes=1500",
        "--set",
        f"workers={workers}",
    )


def codec_config(out: Path) -> CodecConfig:
    """Of the codec in OUT/codec.

    Raises:
        CheckpointNotFound: there is none.
    """
    return _config_of(_stage(out, "codec"))


def train_decoder(
    library: RecordingLibrary, out: Path, log: Log, settings: Mapping[str, Any] | None = None
) -> None:
    """Go on with the decoder of the codec in OUT/codec, into OUT/decoder; tokens keep their meaning.

    SEANet's is trained whole, of one of bands the detail.

    Args:
        library: read at the codec's rate.

    Raises:
        CheckpointNotFound: there is no codec.
        RequestError: it is one of bands without detail; the recordings were read at another rate.
    """
    state = _stage(out, "codec")
    codec = Encodec(_config_of(state))
    # Of a codec that was trained, the average makes the tokens (see `prepare.tools.open_codec`).
    codec.load_state_dict(state.get("average", state["codec"]))
    folder, device, settings = out / "decoder", best_device(), settings or {}
    if codec.config.bands is not None:
        DetailTrainer(codec, changed(DetailTraining(), settings), library, folder, log, device=device).run()
        return
    training = changed(ENCODEC_DECODER, settings)
    DecoderTrainer(codec.train(), training, library, folder, log, device=device).run()


def read_codec(config: ModelConfig, out: Path) -> tuple[Encodec, str]:
    """The codec and a name for its tokens, from the weights that make them.

    Raises:
        CheckpointNotFound: there is none.
        CheckpointCorrupt: it is another one.
    """
    codec, state = Encodec(config.codec), _stage(out, "codec")
    if _config_of(state) != config.codec:
        raise CheckpointCorrupt(
            f"The codec in {out / 'codec'} is not the default model's: train one by `foley train codec`, elsewhere."
        )
    codec.load_state_dict(state["codec"])
    codec.eval().requires_grad_(False)
    digest = hashlib.sha256()
    for name, tensor in sorted(codec.state_dict().items()):
        if shapes_tokens(name):
            digest.update(tensor.numpy().tobytes())
    return codec, digest.hexdigest()[:8]


def read_tower(config: ModelConfig, out: Path) -> ImageTower:
    assert config.tower is not None
    tower = ImageTower(config.tower)
    tower.load_state_dict(_stage(out, "tower")["tower"])
    tower.eval().requires_grad_(False)
    return tower


def pack(library: RecordingLibrary, out: Path, target: Path) -> ModelFolder:
    """Write the shipped model: codec, the language model's average, tower, spotter.

    The codec's encoder is small, and ships: what it does to a recording can then be measured by anyone.
    """
    codec, _ = read_codec(default_config(library), out)
    take_decoder(codec, out / "decoder")
    kept = {name: tensor for name, tensor in codec.state_dict().items() if name not in TRAINING_ONLY}
    spotter = Spotter.read(out / "spotter" / "final")
    parts = {
        "codec.safetensors": kept,
        "lm.safetensors": _stage(out, "lm")["average"],
        "tower.safetensors": _stage(out, "tower")["tower"],
        "spotter.safetensors": dict(spotter.net.state_dict()),
        LEARNT_FILE: learnt_events(EventLibrary.from_recordings(library.of_split("train"))).tensors(),
    }
    config = msgspec.structs.replace(default_config(library), spotter=spotter.config)
    return write_model_folder(target, config, parts, settings=spotter.settings.numbers(), dtype=torch.float16)


def take_decoder(codec: Encodec, folder: Path) -> None:
    """Give a codec the decoder that `train_decoder` left, if it did."""
    state = peek_state(folder)
    if state is None:
        return
    refuse_other_tokens(codec, state, folder)
    taught = {name: tensor for name, tensor in state["codec"].items() if name.startswith("decoder.")}
    codec.load_state_dict({**codec.state_dict(), **taught})


def _config_of(codec_state: Mapping[str, Any]) -> CodecConfig:
    config = codec_state["config"]
    assert isinstance(config, CodecConfig)
    return config


def _stage(out: Path, name: str) -> dict[str, dict[str, Tensor]]:
    state = read_state(out / name)
    if state is None:
        raise CheckpointNotFound(f"There is no {name} in {out / name}: run `foley train {name}` first.")
    return state
