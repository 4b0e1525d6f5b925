"""The page in a real browser, opened from the disk: every image and every film is there and plays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.evaluation.metrics import MetricSettings
from engine.evaluation.metrics.registry import metrics_of
from engine.evaluation.reporting import PAGE_FILE, make_report
from engine.evaluation.samples import System, reference
from tests.engine.evaluation.films import write_films

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_MS = 30_000


def test_all_images_and_films_load_and_a_click_on_a_spectrogram_goes_there(tmp_path: Path) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="install it: uv pip install playwright")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("there is no Chromium here; install it: apt-get install chromium")
    films = write_films(tmp_path / "clips")[:2]
    own = System("own", "samples", tmp_path / "clips", {film.stem: film for film in films})
    make_report(films, [reference(), own], metrics_of(["onset-f1"], MetricSettings()), tmp_path / "out")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--mute-audio"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        troubles: list[str] = []
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto((tmp_path / "out" / PAGE_FILE).as_uri())
        page.wait_for_function("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
        page.wait_for_function(
            "[...document.querySelectorAll('video')].every(v => v.readyState >= 1 && v.videoWidth > 0"
            " && Math.abs(v.duration - 2) < 0.1)"
        )
        assert page.locator("video").count() == page.locator("img").count() == 4
        sight = page.locator(".sight").first
        box = sight.bounding_box()
        assert box is not None
        sight.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
        page.wait_for_function("Math.abs(document.querySelector('video').currentTime - 1) < 0.05")
        assert not page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        page.set_viewport_size({"width": 380, "height": 800})
        assert not page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        browser.close()
    assert troubles == []
