"""Pictures of a film's own size brought to encoders as open_clip and timm bring them, on PIL's antialiased bicubic."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import open_clip
import pytest
import timm
import torch
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from numpy.typing import NDArray
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from engine.config import ClipConfig, VitConfig
from engine.media.scaling import Fit, FrameScaler
from engine.visual.clip import FITS, ClipEncoder
from engine.visual.encoder import VisualEncoder
from engine.visual.vit import VitEncoder

Pixels = NDArray[np.uint8]

MOST_RMS = 2.0
"""Of 255. A picture that is shifted by a pixel, or scaled without antialiasing, is off by more."""
LEAST_COSINE = 0.99
SIZES = ((1920, 1080), (1280, 720), (640, 272), (1080, 1920))
"""Also pictures whose centre lies between two pixels."""


def natural(width: int, height: int) -> VideoFrame:
    """A picture as films keep it: 1/f in each colour as natural ones have it, and a fine grid in a corner."""
    rng = np.random.default_rng(0)
    across, down = np.fft.rfftfreq(width), np.fft.fftfreq(height)[:, None]
    falloff = 1 / np.maximum(np.hypot(across, down), 1 / width)

    def noise() -> NDArray[np.float64]:
        made = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((height, width))) * falloff, (height, width))
        return np.asarray(made / made.std())

    grey = noise()
    picture = np.stack([128 + 45 * (0.9 * grey + 0.4 * noise()) for _ in range(3)], axis=-1)
    y, x = np.mgrid[: height // 4, : width // 4]
    picture[: height // 4, : width // 4] = np.where((x // 4 + y // 4) % 2, 210, 40)[..., None]
    shown = np.clip(picture, 0, 255).astype(np.uint8)
    return VideoFrame.from_ndarray(shown, "rgb24").reformat(format="yuv420p")


def real(path: Path) -> VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


def as_image(frame: VideoFrame) -> Image.Image:
    """All of the picture in RGB, at its own size."""
    return Image.fromarray(frame.to_ndarray(format="rgb24"))


def rms(ours: Pixels, theirs: Pixels) -> float:
    assert ours.shape == theirs.shape
    return float(np.sqrt(np.mean((ours.astype(float) - theirs) ** 2)))


def unlit(picture: Tensor, mean: tuple[float, ...], deviation: tuple[float, ...]) -> Pixels:
    """The pixels [H, W, 3] of a picture [3, H, W] that was normalised."""
    levels = picture * torch.tensor(deviation).view(3, 1, 1) + torch.tensor(mean).view(3, 1, 1)
    return np.asarray((levels * 255).round().clamp(0, 255).byte().permute(1, 2, 0).numpy())


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> ClipEncoder:
    """Small, and of a name of its own, at the public models' 224 pixels."""
    folder, name = tmp_path_factory.mktemp("clip"), "foley-test-clip-224"
    shape = {
        "embed_dim": 64,
        "vision_cfg": {"image_size": 224, "layers": 2, "width": 64, "head_width": 32, "patch_size": 16},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
    }
    (folder / f"{name}.json").write_text(json.dumps(shape), encoding="utf-8")
    open_clip.add_model_config(folder / f"{name}.json")
    torch.manual_seed(0)
    save_file(open_clip.create_model(name).state_dict(), folder / "clip.safetensors")
    return ClipEncoder(ClipConfig(name, str(folder / "clip.safetensors")))


@pytest.fixture(scope="module")
def vit(tmp_path_factory: pytest.TempPathFactory) -> VitEncoder:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("vit") / "vit.safetensors"
    save_file(timm.create_model("test_vit", num_classes=0).state_dict(), path)
    return VitEncoder(VitConfig("test_vit", str(path)))


def seen_by(encoder: VisualEncoder, frame: VideoFrame) -> Pixels:
    info = encoder.describe()
    return FrameScaler(info.image_size, info.image_size, "rgb24", info.fit).pixels(frame)


def alike(encoder: VisualEncoder, ours: Pixels, expected: Tensor) -> float:
    """The cosine of the features, what any picture would give (a grey one, say) taken off: else all are alike."""
    pair = encoder.encode(np.stack([ours, np.full_like(ours, 128)])[:, None])
    return float(torch.cosine_similarity(pair[0] - pair[1], expected - pair[1], dim=0))


def assert_as_open_clip(clip: ClipEncoder, frame: VideoFrame) -> None:
    look = image_transform_v2(PreprocessCfg(size=224), is_train=False)
    picture = look(as_image(frame))
    mean, deviation = PreprocessCfg().mean, PreprocessCfg().std
    ours = seen_by(clip, frame)
    assert rms(ours, unlit(picture, mean, deviation)) < MOST_RMS
    with torch.inference_mode():
        expected = torch.nn.functional.normalize(clip._model.visual(picture[None]), dim=-1)[0]
    assert alike(clip, ours, expected) > LEAST_COSINE


def assert_as_timm(vit: VitEncoder, frame: VideoFrame) -> None:
    config = timm.data.resolve_model_data_config(vit._network)
    picture = timm.data.create_transform(**config, is_training=False)(as_image(frame))
    ours = seen_by(vit, frame)
    edge = (ours.shape[0] - picture.shape[-1]) // 2
    centre = ours[edge:-edge, edge:-edge]
    assert rms(centre, unlit(picture, config["mean"], config["std"])) < MOST_RMS
    with torch.inference_mode():
        expected = vit._network(picture[None])[0]
    assert alike(vit, ours, expected) > LEAST_COSINE


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_clip_sees_a_film_as_open_clip_would_show_it(clip: ClipEncoder, width: int, height: int) -> None:
    assert_as_open_clip(clip, natural(width, height))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_vit_sees_a_film_as_timm_would_show_it(vit: VitEncoder, width: int, height: int) -> None:
    assert_as_timm(vit, natural(width, height))


def test_both_see_real_films_so(clip: ClipEncoder, vit: VitEncoder, shared: Path) -> None:
    films = sorted((shared / "video").glob("*.mp4"))
    if not films:
        pytest.skip(f"there are no films in {shared / 'video'}")
    for film in films:
        frame = real(film)
        assert_as_open_clip(clip, frame)
        assert_as_timm(vit, frame)


def test_a_picture_of_another_scaling_would_be_told(clip: ClipEncoder) -> None:
    """The bounds can be missed: by what is not antialiased, and by a single pixel."""
    frame = natural(1920, 1080)
    expected = unlit(
        image_transform_v2(PreprocessCfg(size=224), is_train=False)(as_image(frame)),
        PreprocessCfg().mean,
        PreprocessCfg().std,
    )
    coarse = frame.reformat(398, 224, "rgb24", interpolation=Interpolation.POINT).to_ndarray()
    assert rms(coarse[:, 87 : 87 + 224], expected) > 3 * MOST_RMS
    assert rms(np.roll(seen_by(clip, frame), 1, axis=1), expected) > 3 * MOST_RMS


@pytest.mark.parametrize("mode", ["shortest", "longest", "squash"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_each_way_to_a_square_is_open_clips(mode: str, width: int, height: int) -> None:
    frame = natural(width, height)
    wanted = PreprocessCfg(size=224, resize_mode=mode, mean=(0, 0, 0), std=(1, 1, 1))
    expected = unlit(image_transform_v2(wanted, is_train=False)(as_image(frame)), wanted.mean, wanted.std)
    ours = FrameScaler(224, 224, "rgb24", FITS[mode]).pixels(frame)
    assert rms(ours, expected) < MOST_RMS
    bars = (expected == 0).all(axis=(1, 2)).sum() + (expected == 0).all(axis=(0, 2)).sum()
    assert (mode == "longest") == (bars > 90)
    assert ((ours == 0).all(axis=2) == (expected == 0).all(axis=2)).mean() > 0.999


@pytest.mark.parametrize("fit", ["stretch", "squash", "crop", "pad"])
def test_small_and_odd_pictures_come_at_the_size_that_was_asked_for(fit: Fit) -> None:
    for width, height in ((2, 200), (201, 3), (31, 31), (64, 48)):
        frame = VideoFrame.from_ndarray(np.full((height, width, 3), 90, np.uint8), "rgb24")
        assert FrameScaler(33, 33, "rgb24", fit).pixels(frame).shape == (33, 33, 3)


def test_the_default_models_pictures_are_those_that_it_was_trained_on() -> None:
    """Byte for byte: swscale's bicubic without any flag."""
    frame = natural(1920, 1080)
    plain = frame.reformat(64, 64, "rgb24", interpolation=Interpolation.BICUBIC).to_ndarray()
    assert np.array_equal(FrameScaler(64, 64, "rgb24", "stretch").pixels(frame), plain)
    grey = frame.reformat(64, 36, "gray8", interpolation=Interpolation.AREA).to_ndarray()
    assert np.array_equal(FrameScaler(64, 36, "gray8").pixels(frame), grey)


def test_an_architecture_that_is_shown_pictures_with_coloured_bars_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.errors import UnknownEncoder
    from engine.visual import vit

    path = tmp_path / "vit.safetensors"
    save_file(timm.create_model("test_vit", num_classes=0).state_dict(), path)
    usual = vit._look
    monkeypatch.setattr(vit, "_look", lambda network: {**usual(network), "crop_mode": "border"})
    with pytest.raises(UnknownEncoder, match="does not offer"):
        VitEncoder(VitConfig("test_vit", str(path)))
