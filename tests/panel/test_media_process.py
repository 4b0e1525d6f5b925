"""Pictures from a process that may die alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.media_process import MAX_DEATHS_WITHOUT_ANSWER, MediaProcess
from foley_plugin.qtmodels.picture_time import SeenPicture
from foley_plugin.qtmodels.pictures import Thumbnails, Waveforms
from foley_plugin.qtmodels.viewer_feed import ViewerFeed
from foley_plugin.services.media_client import MediaClient, Rgb
from tests.panel.footage import write_film

WAIT_MS = 60_000


@pytest.fixture
def media(qtbot: QtBot) -> Iterator[MediaProcess]:
    media = MediaProcess()
    yield media
    media.close()


def test_a_thumbnail_is_asked_for_once_and_then_there(
    media: MediaProcess, tmp_path: Path, qtbot: QtBot
) -> None:
    picture = SeenPicture(str(write_film(tmp_path / "a.mp4")), 1.0)
    thumbnails = Thumbnails(media)
    with qtbot.waitSignal(thumbnails.arrived, timeout=WAIT_MS):
        assert thumbnails.image(picture) is None
        assert thumbnails.image(picture) is None
    image = thumbnails.image(picture)
    assert image is not None and image.pixelColor(3, 3).red() == pytest.approx(90 + 2 * 24, abs=6)


def test_a_near_thumbnail_stands_in_meanwhile(media: MediaProcess, tmp_path: Path, qtbot: QtBot) -> None:
    film = str(write_film(tmp_path / "a.mp4"))
    thumbnails = Thumbnails(media)
    with qtbot.waitSignal(thumbnails.arrived, timeout=WAIT_MS):
        thumbnails.image(SeenPicture(film, 1.0))
    assert thumbnails.image(SeenPicture(film, 1.25)) is thumbnails.image(SeenPicture(film, 1.0))


def test_a_film_that_is_gone_is_asked_for_no_more_than_twice(
    media: MediaProcess, tmp_path: Path, qtbot: QtBot
) -> None:
    thumbnails = Thumbnails(media)
    gone = SeenPicture(str(tmp_path / "gone.mp4"), 0.0)
    for _ in range(2):
        with qtbot.waitSignal(thumbnails.arrived, timeout=WAIT_MS):
            thumbnails.image(gone)
    assert thumbnails.image(gone) is None
    assert not thumbnails._wanted and not thumbnails._open


def test_the_viewer_skips_to_the_newest_wish(media: MediaProcess, tmp_path: Path, qtbot: QtBot) -> None:
    film = str(write_film(tmp_path / "a.mp4"))
    feed = ViewerFeed(media)
    arrived: list[int] = []
    feed.arrived.connect(lambda image: arrived.append(image.pixelColor(3, 3).red()))
    for frame in range(48):
        feed.want(SeenPicture(film, frame / 24), 90)
    qtbot.waitUntil(lambda: len(arrived) == 2, timeout=WAIT_MS)
    assert arrived == pytest.approx([90, 90 + 2 * 47], abs=6)


def test_a_missing_film_is_told_to_the_viewer(media: MediaProcess, tmp_path: Path, qtbot: QtBot) -> None:
    feed = ViewerFeed(media)
    with qtbot.waitSignal(feed.failed, timeout=WAIT_MS) as failed:
        feed.want(SeenPicture(str(tmp_path / "gone.mp4"), 0.0), 90)
    assert failed.args is not None and "gone.mp4" in failed.args[0]


def test_a_waveform_of_a_film_without_sound_is_given_up(
    media: MediaProcess, tmp_path: Path, qtbot: QtBot
) -> None:
    waves = Waveforms(media)
    film = str(write_film(tmp_path / "a.mp4"))
    for _ in range(2):
        with qtbot.waitSignal(waves.arrived, timeout=WAIT_MS):
            waves.wave(film)
    assert waves.wave(film) is None


def test_one_that_keeps_dying_is_given_up_with_a_sentence(qtbot: QtBot) -> None:
    media = MediaProcess(command=[sys.executable, "-c", "raise SystemExit(3)"])
    failures: list[str] = []

    def ask_again(sentence: str = "") -> None:
        if sentence:
            failures.append(sentence)
        media.ask(lambda client: _ask(client, ask_again))

    with qtbot.waitSignal(media.was_lost, timeout=WAIT_MS) as lost:
        ask_again()
    assert lost.args is not None and "foley can still be made" in lost.args[0]
    assert len(failures) == MAX_DEATHS_WITHOUT_ANSWER
    assert media.is_given_up


def _ask(client: MediaClient, on_failed: object) -> None:
    def never(picture: Rgb) -> None:
        raise AssertionError("there is no picture")

    client.thumbnail("/footage/a.mp4", 0.0, 72, never, on_failed)  # type: ignore[arg-type]
