"""A studio's own model: trained, packed, and used by `--model`, from the command line to the take's recipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from engine.pipeline import Pipeline, load_model
from engine.protocol import Generate
from engine.training.distributed import ALONE
from engine.training.lm_run import train_on_set
from engine.training.packing import pack_run
from engine.training.prepare.tools import Tools
from engine.training.presets import LMPreset
from engine.visual.encoders import parse_encoder
from foley_plugin.services import settings
from foley_plugin.services.demo import LaidOutDemo
from foley_plugin.services.doctor import check_engine
from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.services.model_choice import model_folder
from foley_plugin.services.model_facts import MODELS
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store
from tests.engine.models import CLIP_NAME, LABELS, TINY, write_clip, write_tiny_model
from tests.engine.training.test_lm_run import PRESET, SHORT, Place, write_codec, write_set
from tests.engine.training.test_lm_run import place as place
from tests.engine.training.test_lm_training import TRAINING
from tests.plugin.ways import FoleyHere, is_one_sentence

FakeEngine = Callable[..., list[str]]
WORKER = [sys.executable, "-P", "-m", "engine.worker", "--threads", "1"]
READING_WORKER = Path(__file__).resolve().parents[1] / "fakes" / "reading_worker.py"


@pytest.fixture
def packed(place: Place, tmp_path: Path) -> Path:
    """A model as `foley train lm --data` and `foley train pack` leave it."""
    train_on_set(
        place.data, PRESET, SHORT, tmp_path / "run", lambda line: None, ranks=ALONE, tensorboard=False
    )
    pack_run(tmp_path / "run", tmp_path / "studio", codec=place.codec, encoder=place.eyes)
    return tmp_path / "studio"


def stored_takes(project: Path) -> list[StoredTake]:
    with Store.open(project, read_only=True) as store:
        return store.takes()


def test_a_packed_model_makes_takes_that_say_so_and_are_redone_by_it(
    packed: Path, demo: LaidOutDemo, tmp_path: Path, foley_here: FoleyHere
) -> None:
    foley, project = foley_here.with_engine(WORKER), ("--project", tmp_path / "p")
    words = ("--clip", "V1:1", "--label", "knock", "--to", tmp_path / "o.otio", *project)
    own = ("--model", "studio", "--device", "cpu", "--dtype", "float32")
    done = foley("generate", demo.cut, *words, *own)
    assert done.returncode == 0, done.stderr
    [take] = stored_takes(tmp_path / "p")
    with_studio = load_model(packed).record
    assert take.recipe["model"] == "tiny" and take.recipe["model_sha256"] == with_studio.sha256
    assert (take.recipe["device"], take.recipe["dtype"]) == ("cpu", "float32")

    refused = foley("vary", demo.cut, str(take.id), *project)
    assert refused.returncode == 1 and is_one_sentence(refused.stderr), refused.stderr
    assert "model tiny" in refused.stderr and "foley-tiny" in refused.stderr and "--model" in refused.stderr
    assert len(stored_takes(tmp_path / "p")) == 1

    varied = foley("vary", demo.cut, str(take.id), *project, *own)
    assert varied.returncode == 0, varied.stderr
    assert [each.recipe["model_sha256"] for each in stored_takes(tmp_path / "p")] == [with_studio.sha256] * 2


def test_a_take_is_not_redone_by_a_named_model_whose_tokens_are_others(
    demo: LaidOutDemo, tmp_path: Path, foley_here: FoleyHere
) -> None:
    for seed in (0, 1):
        write_tiny_model(tmp_path / f"model{seed}", seed=seed)
    foley, project = foley_here.with_engine(WORKER), ("--project", tmp_path / "p")
    words = ("--clip", "V1:1", "--label", "knock", "--to", tmp_path / "o.otio", *project)
    assert foley("generate", demo.cut, *words, "--model", "model0").returncode == 0
    refused = foley("vary", demo.cut, "1", *project, "--model", "model1")
    assert refused.returncode == 1 and "another model" in refused.stderr


def test_a_model_that_reads_follows_a_prompt_and_takes_its_label_from_the_picture_by_zero_shot(
    demo: LaidOutDemo, tmp_path: Path, foley_here: FoleyHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trained on a small CLIP's features, packed with its weights where they were, named from where one stood."""
    described = write_clip(tmp_path)
    monkeypatch.chdir(tmp_path)
    eyes, codec = parse_encoder(f"clip:{CLIP_NAME}:clip.safetensors"), write_codec(tmp_path / "codec", 0)
    tools = Tools.open(codec, eyes, "cpu")
    data = write_set(tmp_path / "set", tools.codec_identity(), tools.encoder_identity(16))
    preset = LMPreset(replace(TINY, lm=replace(TINY.lm, prompt_dim=16)), TRAINING)
    train_on_set(data, preset, SHORT, tmp_path / "run", lambda line: None, ranks=ALONE, tensorboard=False)
    pack_run(tmp_path / "run", tmp_path / "reading", codec=codec, encoder=eyes)
    foley = foley_here.with_engine([sys.executable, str(READING_WORKER), str(described), "--threads", "1"])
    words = ("--clip", "V1:1", "--project", tmp_path / "p", "--model", tmp_path / "reading")
    asked = foley("generate", demo.cut, *words, "--to", tmp_path / "a.otio", "--prompt", "boots on gravel")
    assert asked.returncode == 0, asked.stderr
    left_to_it = foley("generate", demo.cut, *words, "--to", tmp_path / "b.otio")
    assert left_to_it.returncode == 0, left_to_it.stderr
    prompted, guessed = stored_takes(tmp_path / "p")
    assert prompted.recipe["prompt"] == "boots on gravel" and prompted.label == ""
    assert prompted.recipe["encoder"] == f"clip/{CLIP_NAME}"

    with Store.open(tmp_path / "p", read_only=True) as store:
        request = msgspec.json.decode(store.jobs()[-1].request, type=Generate)
    sight = Pipeline(load_model(tmp_path / "reading")).look(request.picture, lambda stage, share: None)
    assert sorted(guess.label for guess in sight.labels) == sorted(LABELS)
    assert guessed.label == sight.labels[0].label


@pytest.mark.parametrize(
    "words",
    [
        ("generate", "CUT"),
        ("spot", "CUT"),
        ("redo", "CUT", "1", "--in", "01:00:07:12", "--out", "01:00:08:12"),
        ("vary", "CUT", "1"),
        ("extend", "CUT", "1"),
        ("conform", "CUT", "--generate"),
        ("watch", ".", "--once"),
        ("demo",),
        ("doctor",),
        ("panel",),
    ],
    ids=lambda words: words[0],
)
def test_every_command_that_starts_the_engine_says_in_a_sentence_that_there_is_no_such_model(
    words: tuple[str, ...], demo: LaidOutDemo, foley_here: FoleyHere
) -> None:
    command = [str(demo.cut) if word == "CUT" else word for word in words]
    before = sorted(foley_here.folder.iterdir())
    done = foley_here(*command, "--model", "nowhere", engine=["/no/such/engine"])
    assert done.returncode == 1 and is_one_sentence(done.stderr), done.stderr
    assert "no model nowhere" in done.stderr and "`foley train pack`" in done.stderr
    assert "foley-tiny" in done.stderr and "foley-ear" not in done.stderr
    assert sorted(foley_here.folder.iterdir()) == before


def test_doctor_looks_at_the_panels_model_where_none_is_named(
    tmp_path: Path, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "started.jsonl"
    monkeypatch.setenv("FOLEY_ENGINE_COMMAND", json.dumps(fake_engine(start_log=str(log))))
    monkeypatch.setattr(settings, "settings_path", lambda: tmp_path / "settings.json")
    remembered, named = tmp_path / "remembered", tmp_path / "named"
    assert "the default model" in check_engine().detail
    settings.write_settings(settings.Settings(model_folder=str(remembered)))
    gone = check_engine()
    assert not gone.is_well and f"There is no model {remembered}" in gone.detail
    assert "the panel's model" in gone.detail
    for folder in (remembered, named):
        write_tiny_model(folder)
    assert f"the panel's model, {remembered}" in check_engine().detail
    assert str(named) in check_engine(EnginePlace(model=named)).detail
    started = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert started == [[], ["--model", str(remembered)], ["--model", str(named)]]


def test_a_folder_that_is_no_model_is_told_apart_from_one_that_is_not_whole(tmp_path: Path) -> None:
    folders = {}
    for name in ("empty", "other", "whole"):
        folders[name] = tmp_path / name
        folders[name].mkdir()
    write_tiny_model(folders["whole"])
    (folders["other"] / "config.json").write_text(json.dumps({"model_type": "clip"}), encoding="utf-8")
    assert model_folder(str(folders["whole"])) == folders["whole"]
    (folders["whole"] / "lm.safetensors").unlink()
    for folder, told in (
        (folders["empty"], "has no config.json"),
        (folders["other"], "config.json describes none"),
        (folders["whole"], "lacks its file lm.safetensors"),
        (MODELS / "foley-ear", "config.json describes none"),
    ):
        with pytest.raises(Exception, match=told) as refused:
            model_folder(str(folder))
        assert is_one_sentence(str(refused.value))


def test_a_model_that_comes_with_foley_has_a_name_and_a_folder_of_that_name_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert model_folder("foley-tiny") == MODELS / "foley-tiny"
    write_tiny_model(tmp_path / "foley-tiny")
    assert model_folder("foley-tiny") == tmp_path / "foley-tiny"
    with pytest.raises(Exception, match="There is no model"):
        model_folder("../models/foley-tiny")


def test_the_worker_is_started_with_what_was_wished_and_nothing_else(fake_engine: FakeEngine) -> None:
    assert EnginePlace().command(["worker"]) == ["worker"]
    place = EnginePlace("ray", 2, 4, Path("/m"), "cuda", "int8")
    wishes = "--on ray --actors 2 --batch 4 --model /m --device cuda --dtype int8"
    assert place.command(["worker"]) == ["worker", *wishes.split()]


def test_a_take_that_does_not_say_which_model_made_it_may_be_varied(
    demo: LaidOutDemo, tmp_path: Path, foley_here: FoleyHere, fake_engine: FakeEngine
) -> None:
    foley, project = foley_here.with_engine(fake_engine()), ("--project", tmp_path / "p")
    words = ("--clip", "V1:1", "--label", "hammer", "--to", tmp_path / "o.otio", *project)
    assert foley("generate", demo.cut, *words).returncode == 0
    assert foley("vary", demo.cut, "1", *project).returncode == 0
