"""CLIP through open_clip, with a small architecture and a checkpoint of the test's own."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import open_clip
import pytest
import torch
from safetensors.torch import save_file

from engine.checkpoints import CONFIG_FILE, read_model_folder
from engine.config import ClipConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.media.array_cache import ArrayCache
from engine.pipeline import load_model
from engine.visual.clip import SIZES_OF_ARCHIVE, ClipEncoder
from engine.visual.encoder import Runtime
from engine.visual.zero_shot import FOLEY_WORDS
from tests.engine.models import TINY, write_tiny_model

ARCHITECTURE = "foley-test-clip"
CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    (tmp_path / f"{ARCHITECTURE}.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    open_clip.add_model_config(tmp_path / f"{ARCHITECTURE}.json")
    torch.manual_seed(0)
    path = tmp_path / "clip.safetensors"
    save_file(open_clip.create_model(ARCHITECTURE).state_dict(), path)
    return path


def test_features_are_open_clips_own_with_its_preprocessing(checkpoint: Path) -> None:
    encoder = ClipEncoder(ClipConfig(ARCHITECTURE, str(checkpoint)))
    assert (encoder.describe().width, encoder.describe().image_size) == (16, 32)
    frames = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    model, _, preprocess = open_clip.create_model_and_transforms(ARCHITECTURE, pretrained=str(checkpoint))
    from PIL import Image

    pictures = torch.stack([preprocess(Image.fromarray(frame)) for frame in frames])
    with torch.no_grad():
        expected = model.eval().encode_image(pictures, normalize=True)
    assert torch.allclose(encoder.encode(frames[:, None]), expected, atol=1e-5)


def test_openais_own_archives_are_opened_with_the_activation_that_they_were_trained_with(
    checkpoint: Path, tmp_path: Path
) -> None:
    """OpenAI publishes CLIP as TorchScript, in half precision, with three sizes beside the parameters."""
    model = open_clip.create_model(ARCHITECTURE, pretrained=str(checkpoint), force_quick_gelu=True).eval()
    for size in SIZES_OF_ARCHIVE:
        vars(model).pop(size, None)
        model.register_buffer(size, torch.tensor(32))
    archive = tmp_path / "ViT-B-32.pt"
    inert = type("Inert", (type(model),), {"forward": lambda self, x: x})
    model.__class__ = inert
    with pytest.warns(DeprecationWarning):
        torch.jit.trace(model, torch.zeros(1)).save(str(archive))
    encoder = ClipEncoder(ClipConfig(ARCHITECTURE, str(archive)))
    frames = np.full((1, 1, 32, 32, 3), 90, np.uint8)
    look = encoder._model.visual.preprocess_cfg
    with torch.no_grad():
        normal = (torch.full((1, 3, 1, 1), 90 / 255) - torch.tensor(look["mean"]).view(1, 3, 1, 1)) / (
            torch.tensor(look["std"]).view(1, 3, 1, 1)
        )
        expected = model.encode_image(normal.expand(1, 3, 32, 32), normalize=True)
    assert torch.allclose(encoder.encode(frames), expected, atol=1e-5)
    plain = ClipEncoder(ClipConfig(ARCHITECTURE, str(checkpoint)))
    assert not torch.allclose(plain.encode(frames), expected, atol=1e-3)
    with pytest.raises(CheckpointCorrupt, match="are no ViT-B-32"):
        ClipEncoder(ClipConfig("ViT-B-32", str(archive)))


def test_features_in_bfloat16_point_the_same_way(checkpoint: Path) -> None:
    config = ClipConfig(ARCHITECTURE, str(checkpoint))
    fine, coarse = ClipEncoder(config), ClipEncoder(config, runtime=Runtime(precision="bfloat16"))
    frames = np.random.default_rng(0).integers(0, 256, (5, 1, 32, 32, 3), dtype=np.uint8)
    assert (coarse.encode(frames) * fine.encode(frames)).sum(dim=1).min() > 0.999
    told, fine_told = coarse.describe(), fine.describe()
    assert told.precision == "bfloat16"
    assert told.weights_sha256 == fine_told.weights_sha256, "of the file's weights, however they are kept"


def test_a_model_folder_may_bring_clip_as_its_eyes(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write_tiny_model(folder)
    checkpoint.rename(folder / "clip.safetensors")
    record = read_model_folder(folder)
    config = msgspec.structs.replace(TINY, encoder=ClipConfig(ARCHITECTURE, "clip.safetensors"))
    changed = msgspec.structs.replace(record, model=config)
    (folder / CONFIG_FILE).write_bytes(msgspec.json.encode(changed))
    model = load_model(folder)
    assert model.encoder.describe().name == f"clip/{ARCHITECTURE}"
    assert model.config.tower is None


def test_weights_that_are_nowhere_are_named_and_not_fetched(checkpoint: Path) -> None:
    with pytest.raises(CheckpointNotFound, match=r"nowhere\.pt"):
        ClipEncoder(ClipConfig(ARCHITECTURE, "/nowhere.pt"))
    with pytest.raises(CheckpointNotFound, match="not on this machine"):
        ClipEncoder(ClipConfig("ViT-B-32", "laion2b_s34b_b79k"))


def test_weights_of_another_architecture_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_file({"nothing": torch.zeros(1)}, other)
    with pytest.raises(CheckpointCorrupt, match=ARCHITECTURE):
        ClipEncoder(ClipConfig(ARCHITECTURE, str(other)))


def test_texts_are_embedded_as_open_clip_embeds_them(checkpoint: Path) -> None:
    reader = ClipEncoder(ClipConfig(ARCHITECTURE, str(checkpoint)), runtime=Runtime(batch=2)).reader()
    assert reader is not None and reader.text_width == 16
    texts = ["boots on gravel", "a door", "rain on a tin roof"]
    model = open_clip.create_model(ARCHITECTURE, pretrained=str(checkpoint)).eval()
    with torch.no_grad():
        expected = model.encode_text(open_clip.get_tokenizer(ARCHITECTURE)(texts), normalize=True)
    assert torch.allclose(reader.embed_texts(texts), expected, atol=1e-5)
    assert reader.embed_texts([]).shape == (0, 16)


def test_labels_are_ranked_by_how_near_their_words_are_to_the_pictures(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = ClipEncoder(ClipConfig(ARCHITECTURE, str(checkpoint)))
    labels = ("footstep_gravel", "rain", "hammer")
    frames = np.random.default_rng(0).integers(0, 256, (4, 1, 32, 32, 3), dtype=np.uint8)
    guesser = encoder.guesser(labels, ArrayCache(tmp_path / "cache"))
    assert guesser is not None and guesser.labels == labels
    found = guesser.label_probabilities(encoder.encode(frames))

    model, _, preprocess = open_clip.create_model_and_transforms(ARCHITECTURE, pretrained=str(checkpoint))
    tokenizer = open_clip.get_tokenizer(ARCHITECTURE)
    from PIL import Image

    with torch.no_grad():
        pictures = torch.stack([preprocess(Image.fromarray(frame[0])) for frame in frames])
        seen = model.eval().encode_image(pictures, normalize=True).mean(dim=0)
        cosines = []
        for words in ("footstep gravel", "rain", "hammer"):
            phrases = [f"a video of {words}", f"a photo of {words}", f"the sound of {words}"]
            direction = model.encode_text(tokenizer(phrases), normalize=True).mean(dim=0)
            cosines.append(torch.cosine_similarity(seen, direction, dim=0))
        expected = (model.logit_scale.exp() * torch.stack(cosines)).softmax(dim=0)
    assert torch.allclose(found, expected, atol=1e-4) and float(found.sum()) == pytest.approx(1)

    monkeypatch.setattr(ClipEncoder, "embed_texts", None)  # the words are not read again
    again = ClipEncoder(ClipConfig(ARCHITECTURE, str(checkpoint))).guesser(
        labels, ArrayCache(tmp_path / "cache")
    )
    assert again is not None and torch.equal(again.label_probabilities(encoder.encode(frames)), found)


def test_without_a_label_table_clip_guesses_among_foleys_own_words(checkpoint: Path) -> None:
    guesser = ClipEncoder(ClipConfig(ARCHITECTURE, str(checkpoint))).guesser((), None)
    assert guesser is not None and guesser.labels == FOLEY_WORDS and len(set(FOLEY_WORDS)) == len(FOLEY_WORDS)
    assert guesser.label_probabilities(torch.randn(2, 16)).shape == (len(FOLEY_WORDS),)


def test_a_tokenizer_that_would_have_to_be_fetched_is_done_without(checkpoint: Path, tmp_path: Path) -> None:
    name = f"{ARCHITECTURE}-foreign"
    foreign = {**CONFIG, "text_cfg": {**CONFIG["text_cfg"], "hf_tokenizer_name": "nobody/nothing"}}
    (tmp_path / f"{name}.json").write_text(json.dumps(foreign), encoding="utf-8")
    open_clip.add_model_config(tmp_path / f"{name}.json")
    encoder = ClipEncoder(ClipConfig(name, str(checkpoint)))
    assert encoder.reader() is None and encoder.guesser(("rain",), None) is None


def test_a_tags_weights_are_found_where_open_clip_left_them_and_run_as_they_were_trained(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenAI's weights belong to another activation than open_clip's architectures have by default."""
    tag = {
        "url": "https://nowhere/abc/clip.safetensors",
        "quick_gelu": True,
        "mean": (0.5, 0.5, 0.5),
        "std": (1, 1, 1),
    }
    monkeypatch.setattr(
        open_clip, "get_pretrained_cfg", lambda name, weights: tag if weights == "openai" else {}
    )
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    with pytest.raises(CheckpointNotFound, match="not on this machine"):
        ClipEncoder(ClipConfig(ARCHITECTURE, "openai"))
    (tmp_path / "home" / ".cache" / "clip").mkdir(parents=True)
    checkpoint.rename(tmp_path / "home" / ".cache" / "clip" / "clip.safetensors")
    encoder = ClipEncoder(ClipConfig(ARCHITECTURE, "openai"))
    assert "QuickGELU" in str(encoder._model.visual)
    assert encoder._mean.ravel().tolist() == [0.5] * 3
    assert encoder.describe().weights_licence.startswith("MIT")
