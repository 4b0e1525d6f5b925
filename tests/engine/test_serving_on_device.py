"""A service whose model draws on a device with little memory. The device here is this processor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import engine.opening
import engine.serving
from engine.batching import bytes_of_unit
from engine.lm.decoding.graphed import GraphedDecoder
from engine.lm.on_device import OnDevice
from engine.pipeline import Model, load_model
from engine.protocol import Failed, Finished, Take
from tests.engine.models import TINY, write_tiny_model
from tests.engine.test_serving import Bench, ends, knocks, threads
from tests.engine.worker_process import write_moving_film

__all__ = ["threads"]

WINDOW_BYTES = bytes_of_unit(TINY, TINY.windows.window_frames)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_tiny_model(folder)
    return folder


@pytest.fixture(scope="module")
def whole(folder: Path) -> Model:
    return load_model(folder)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_moving_film(tmp_path_factory.mktemp("media") / "moving.mp4")


@pytest.fixture
def on_device(monkeypatch: pytest.MonkeyPatch, whole: Model) -> Iterator[OnDevice]:
    """What the next service draws with."""
    read = whole.lm.state_dict().__getitem__
    device = OnDevice.open(whole.config.lm, whole.config.codec, read, "cpu", "float32")
    monkeypatch.setattr(engine.opening, "load_model", lambda *_, **__: replace(whole, on_device=device))
    yield device


@pytest.mark.parametrize(("free", "places"), [(1 << 40, 16), (9 * WINDOW_BYTES, 8), (-5, 1)])
def test_places_are_planned_from_the_memory_that_is_free(
    monkeypatch: pytest.MonkeyPatch, on_device: OnDevice, folder: Path, free: int, places: int
) -> None:
    monkeypatch.setattr(engine.opening, "free_bytes", lambda device: free)
    ready = Bench(folder, is_first_alone=False).service.ready()
    assert on_device.num_places == places and ready.parallel == min(8, places)
    assert ready.backend == f"device step, {places} place{'s' if places > 1 else ''}"


def test_out_of_memory_while_drawing_halves_the_places_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, on_device: OnDevice, folder: Path, media: str, tmp_path: Path
) -> None:
    """Beside more than four places a third window cannot be read in; what had landed by then is not drawn again."""
    begin, tried = GraphedDecoder.begin, []

    def tight(decoder: GraphedDecoder, place: int, *window: Any) -> None:
        places = len(decoder._places.step)
        tried.append(places)
        if places > 4 and tried.count(places) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        begin(decoder, place, *window)

    monkeypatch.setattr(GraphedDecoder, "begin", tight)
    bench = Bench(folder, is_first_alone=False, batch=2)
    wavs = [tmp_path / f"{take}.wav" for take in range(5)]
    events = bench.serve(knocks(1, media, wavs[:4]), knocks(2, media, wavs[4:]))
    assert ends(events) == {1: Finished, 2: Finished}
    takes = [event for event in events if isinstance(event, Take)]
    assert sorted(take.wav for take in takes) == [str(wav) for wav in wavs]
    assert tried == [16, 16, 16, 8, 8, 8, 4]
    assert [take.recipe["backend"] for take in takes] == [
        f"device step, {places} places" for places in (16, 16, 8, 8, 4)
    ]


def test_a_take_that_one_place_has_no_memory_for_fails_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, on_device: OnDevice, folder: Path, media: str, tmp_path: Path
) -> None:
    def none(*args: Any, **shape: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(engine.lm.on_device, "GraphedDecoder", none)
    (failed,) = Bench(folder).serve(knocks(1, media, [tmp_path / "1.wav"]))
    assert isinstance(failed, Failed) and failed.code == "out_of_memory"
    assert on_device.num_places == 1
