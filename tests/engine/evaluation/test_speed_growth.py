"""Takes that get longer: what is measured of them, and the film that they are made for."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import torch

from engine.evaluation import speed_growth
from engine.evaluation.speed_growth import (
    Growth,
    GrowthReport,
    aims_of,
    as_table,
    growth_bytes_per_s,
    measure_growth,
)
from engine.evaluation.speed_long_film import FRAME_RATE, LOOP_S, write_long_film
from tests.engine.evaluation.idle import LOAD, an_idle_machine
from tests.engine.models import write_tiny_model


def test_takes_in_processes_of_their_own_tell_their_work_and_their_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shortened by their warming up; each decodes a real film."""
    an_idle_machine(monkeypatch)
    write_tiny_model(tmp_path)
    found = measure_growth(tmp_path, dtype="float32", threads=1, durations_s=(1, 2))
    assert [take.duration_s for take in found.takes] == [1, 2] and found.load == LOAD
    assert all(take.work_s > 0 and take.peak_bytes >= take.before_bytes > 0 for take in found.takes)


def test_a_take_looks_at_the_film_and_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.pipeline import Pipeline

    monkeypatch.setattr(speed_growth, "WARM_UP_S", 1)
    monkeypatch.setattr(speed_growth, "WARM_UP_LOOK_S", 2)
    write_tiny_model(tmp_path)
    film, looked, drafts = write_long_film(tmp_path / "film.mp4", 2), [], []
    look, unit = Pipeline.look, Pipeline.unit

    def seen(self: Pipeline, picture, on_progress):  # type: ignore[no-untyped-def]
        looked.append((picture.media, float(picture.duration)))
        return look(self, picture, on_progress)

    def asked(self: Pipeline, request, *given):  # type: ignore[no-untyped-def]
        drafts.append(request.sampling.drafts)
        return unit(self, request, *given)

    monkeypatch.setattr(Pipeline, "look", seen)
    monkeypatch.setattr(Pipeline, "unit", asked)
    threads = torch.get_num_threads()
    assert speed_growth.make_take(str(tmp_path), "float32", threads, 2, film).work_s > 0
    assert looked == [(str(film), 2.0), (str(film), 1.0), (str(film), 2.0)]
    assert drafts == [1, 1]


def test_the_long_film_shows_the_same_scene_again_and_again(tmp_path: Path) -> None:
    film = write_long_film(tmp_path / "film.mp4", LOOP_S + 3)
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]
    with av.open(str(film)) as container:
        frames = [(frame.time, frame.to_ndarray(format="gray8")) for frame in container.decode(video=0)]
    assert [time_s for time_s, _ in frames] == pytest.approx(
        np.arange((LOOP_S + 3) * FRAME_RATE) / FRAME_RATE
    )
    pictures = np.stack([picture for _, picture in frames])
    np.testing.assert_array_equal(pictures[: 3 * FRAME_RATE], pictures[LOOP_S * FRAME_RATE :])
    assert (np.abs(np.diff(pictures.astype(float), axis=0)).mean((1, 2)) > 0).mean() > 0.5, "it moves"


@pytest.mark.parametrize(
    ("longest", "met"),
    [(Growth(600, 66.0, 1_040_000, 0), [True, True]), (Growth(600, 72.0, 1_060_000, 0), [False, False])],
)
def test_growth_is_met_or_missed_by_the_longest_take_against_the_shortest(
    longest: Growth, met: list[bool]
) -> None:
    takes = [Growth(10, 1.0, 1_000_000, 0), Growth(60, 60.0, 9_000_000, 0), longest]
    assert [aim.is_met for aim in aims_of(takes)] == met
    told = as_table(GrowthReport(takes, aims_of(takes), growth_bytes_per_s(takes), LOAD)).splitlines()
    aims = [line for line in told if "target" in line]
    assert [line.endswith(": met") for line in aims] == met
    assert "from 10 to 600 s" in aims[0]


def test_what_a_second_more_adds_is_told_in_bytes() -> None:
    takes = [Growth(10, 1.0, 10_000_000, 0), Growth(60, 6.0, 10_000_000, 0), Growth(600, 60.0, 64_000_000, 0)]
    assert growth_bytes_per_s(takes) == 100_000
    told = as_table(GrowthReport(takes, aims_of(takes), 100_000, LOAD))
    assert "from 60 to 600 s every second adds 100 kB to the greatest memory" in told
