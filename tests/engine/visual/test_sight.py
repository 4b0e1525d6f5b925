"""A look at a picture: kept in memory and on disk, found by content, made in parts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import MotionConfig, SpotterConfig
from engine.errors import MediaNotFound, RequestError
from engine.media.array_cache import ArrayCache
from engine.pipeline import Pipeline, load_model
from engine.visual import sight as module
from engine.visual.encoder import EncoderInfo, VisualEncoder
from engine.visual.motion import MotionNets
from engine.visual.sight import Looker, Sight
from engine.visual.spotter import Spotter, SpotterSettings
from tests.conftest import REPOSITORY
from tests.engine.media.numbered_video import NUM_BITS, number_in, picture_of, write_numbered
from tests.engine.models import write_tiny_model

RATE = Fraction(32)


class Counter(VisualEncoder):
    """An encoder whose features are the numbers that it reads in the pictures."""

    def __init__(self, frames_per_feature: int, weights: str = "") -> None:
        self._info = EncoderInfo(
            "counter", frames_per_feature, NUM_BITS, 1, "", frames_per_feature, weights_sha256=weights
        )

    def describe(self) -> EncoderInfo:
        return self._info

    def encode(self, frames: NDArray[np.uint8]) -> Tensor:
        return torch.tensor([[float(number_in(each.mean(axis=-1))) for each in film] for film in frames])


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_numbered(tmp_path_factory.mktemp("film") / "numbers.mp4", 160, RATE)


def spotter(threshold: float = 0.0) -> Spotter:
    torch.manual_seed(0)
    return Spotter(
        MotionNets(SpotterConfig(nets=(MotionConfig(channels=8),))), SpotterSettings(threshold=threshold)
    )


def looker(cache: ArrayCache | None = None, frames: int = 1, **changes: Any) -> Looker:
    eyes, device = Counter(frames, changes.pop("weights", "")), changes.pop("device", "cpu")
    return Looker(eyes, spotter(**changes), cache=cache, device=device)


def silent(stage: str, share: float) -> None:
    assert 0 <= share <= 1


def refused(*_: object, **__: object) -> None:
    raise AssertionError("the video was decoded again")


def assert_same(one: Sight, other: Sight) -> None:
    assert one.hits == other.hits and one.labels == other.labels
    assert one.curve.dtype == other.curve.dtype and one.curve.tobytes() == other.curve.tobytes()
    assert torch.equal(one.features, other.features) and one.features.dtype == other.features.dtype


def test_sixteen_frames_are_those_shown_through_their_second(film: Path) -> None:
    picture = picture_of(film, (Fraction(3), Fraction(1), Fraction(1)))
    features = looker(frames=16).look(picture, silent).features
    assert features.tolist() == [[32.0 * (1 + i) + 2 * k for k in range(16)] for i in range(3)]
    assert looker().look(picture, silent).features.tolist() == [[32.0], [64.0], [96.0]]


def test_a_reversed_picture_is_seen_in_reverse(film: Path) -> None:
    picture = picture_of(film, (Fraction(2), Fraction(5), Fraction(-1)))
    features = looker(frames=4).look(picture, silent).features
    assert features.tolist() == [[159.0, 151.0, 143.0, 135.0], [127.0, 119.0, 111.0, 103.0]]


def test_a_picture_looked_at_in_parts_is_the_picture_looked_at_whole(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = picture_of(
        film, (Fraction(5, 2), Fraction(0), Fraction(2)), (Fraction(19, 7), Fraction(4), Fraction(-1))
    )
    whole = looker(frames=4).look(picture, silent)
    monkeypatch.setattr(module, "CHUNK_S", 2)
    shares: list[float] = []
    parts = looker(frames=4).look(picture, lambda stage, share: shares.append(share))
    assert_same(parts, whole)
    assert whole.features.shape == (6, 4) and whole.hits and whole.curve.size >= 261
    assert shares[:-2] == sorted(shares[:-2]) and max(shares) == pytest.approx(1.0)


def test_a_second_look_decodes_nothing_in_this_process_and_in_the_next(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tiny_model(tmp_path / "model")
    cache = ArrayCache(tmp_path / "cache")
    picture = picture_of(film, (Fraction(3), Fraction(1), Fraction(1)))
    first = Pipeline(load_model(tmp_path / "model"), cache=cache).look(picture, silent)
    assert first.labels and first.features.shape == (3, 16)
    monkeypatch.setattr(module, "sample_picture", refused)
    again = Pipeline(load_model(tmp_path / "model"), cache=ArrayCache(tmp_path / "cache"))
    assert_same(again.look(picture, silent), first)
    assert again.look(picture, silent) is again.look(picture, silent)
    program = f"""
from engine.media.array_cache import ArrayCache
from engine.pipeline import Pipeline, load_model
from engine.protocol import Picture
from engine.visual import sight
from pathlib import Path
import msgspec, sys
def refused(*_, **__): raise AssertionError("decoded again")
sight.sample_picture = refused
picture = msgspec.json.decode(sys.stdin.buffer.read(), type=Picture)
pipeline = Pipeline(load_model(Path({str(tmp_path / "model")!r})), cache=ArrayCache.of_user())
seen = pipeline.look(picture, lambda stage, share: None)
print(seen.features.numpy().tobytes().hex(), seen.curve.tobytes().hex(), [h.time_s for h in seen.hits])
"""
    import msgspec

    (tmp_path / "user").mkdir()
    (tmp_path / "cache").rename(tmp_path / "user" / "arrays")
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=msgspec.json.encode(picture),
        capture_output=True,
        cwd=REPOSITORY,
        env={**os.environ, "FOLEY_CACHE": str(tmp_path / "user")},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    told = f"{first.features.numpy().tobytes().hex()} {first.curve.tobytes().hex()} {[h.time_s for h in first.hits]}"
    assert done.stdout.decode().strip() == told


def test_a_copy_of_the_film_is_the_same_film_and_a_changed_one_is_another(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = ArrayCache(tmp_path / "cache")
    span = (Fraction(2), Fraction(0), Fraction(1))
    own = tmp_path / "own.mp4"
    shutil.copy(film, own)
    here = looker(cache)
    first = here.look(picture_of(own, span), silent)
    assert first.hits
    write_numbered(own, 200, RATE)
    changed = here.look(picture_of(own, span), silent)
    assert changed is not first
    monkeypatch.setattr(module, "sample_picture", refused)
    assert_same(looker(cache).look(picture_of(film, span), silent), first)
    own.write_bytes(own.read_bytes() + b"\0")
    with pytest.raises(AssertionError, match="decoded again"):
        here.look(picture_of(own, span), silent)


@pytest.mark.parametrize(
    "change",
    [
        {"span": (Fraction(2), Fraction(1, 32), Fraction(1))},
        {"span": (Fraction(2), Fraction(0), Fraction(-1))},
        {"frames": 2},
        {"weights": "others"},
        {"threshold": 0.5},
        {"device": "cuda"},
    ],
)
def test_another_range_encoder_spotter_or_device_is_another_look(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    cache = ArrayCache(tmp_path)
    span = (Fraction(2), Fraction(0), Fraction(1))
    looker(cache).look(picture_of(film, span), silent)
    monkeypatch.setattr(module, "sample_picture", refused)
    looker(cache).look(picture_of(film, span), silent)
    other = change.pop("span", span)
    with pytest.raises(AssertionError, match="decoded again"):
        looker(cache, **change).look(picture_of(film, other), silent)


def test_what_cannot_be_looked_at_is_said_and_not_kept(film: Path, tmp_path: Path) -> None:
    here = looker(ArrayCache(tmp_path))
    with pytest.raises(RequestError, match="between a frame and an hour"):
        here.look(picture_of(film), silent)
    with pytest.raises(RequestError, match=r"3601\.0 s"):
        here.look(picture_of(film, (Fraction(3601), Fraction(0), Fraction(1))), silent)
    with pytest.raises(MediaNotFound):
        here.look(picture_of(tmp_path / "none.mp4", (Fraction(1), Fraction(0), Fraction(1))), silent)
    assert list(tmp_path.iterdir()) == []
