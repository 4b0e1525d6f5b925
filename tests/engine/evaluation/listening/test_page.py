"""A whole small study in a real browser: what is heard, clicked and typed, and what is kept of it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.evaluation.listening.results import results_of
from engine.evaluation.listening.study import answer_file, open_study
from engine.media.audio import read_audio
from tests.engine.evaluation.listening.small_study import PITCH_HZ, pitch_hz

if TYPE_CHECKING:
    from playwright.sync_api import Page

Start = Callable[..., tuple[subprocess.Popen[str], str]]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 420, "height": 800}
PATIENCE_MS = 20_000
FULL_DISK = "507"
"""What a test plays through on purpose; the browser notes it."""


@pytest.fixture
def page() -> Iterator[Page]:
    """An empty page of headless Chromium; what a page says on its console as an error fails the test."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="install it: uv pip install playwright")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("there is no Chromium here; install it: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--autoplay-policy=user-gesture-required", "--mute-audio"],
        )
        page = browser.new_page(viewport=WIDE)
        page.set_default_timeout(PATIENCE_MS)
        troubles: list[str] = []
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        yield page
        browser.close()
    assert [each for each in troubles if FULL_DISK not in each] == []


def hear(page: Page, side: str, key: str) -> str:
    """Play one side to its end; the address of what was heard, whose picture and sound are there and move."""
    video = page.locator(f"figure[data-side={side}] video")
    before = int(video.evaluate("video => video.played.length"))
    assert before == 0
    page.keyboard.press(key)
    # A clip of a second may be over before a busy browser looks again: that it has played to its end is asked below.
    page.wait_for_function(
        "side => { const v = document.querySelector(`figure[data-side=${side}] video`);"
        " return (v.ended || !v.paused) && v.currentTime > 0.2 && v.duration > 0.7; }",
        arg=side,
    )
    page.locator(f"figure[data-side={side}] .heard").wait_for()
    facts = video.evaluate(
        "v => ({ended: v.ended, width: v.videoWidth, frames: v.getVideoPlaybackQuality().totalVideoFrames,"
        " bytes: v.webkitAudioDecodedByteCount, source: v.currentSrc})"
    )
    assert facts["ended"] and facts["width"] == 128 and facts["frames"] > 2 and facts["bytes"] > 0
    return str(facts["source"])


def system_by_ear(folder: Path, address: str) -> str:
    """Whose sound it is, told by its pitch alone."""
    heard = pitch_hz(read_audio(folder / "media" / address.rsplit("/", 1)[1], 48000))
    return min(PITCH_HZ, key=lambda system: abs(PITCH_HZ[system] - heard))


def choose(page: Page, question: str, side: str) -> None:
    page.locator(f"input[name={question}][value={side}]").check(force=True)


def test_a_listener_hears_answers_leaves_comes_back_and_is_counted_rightly(
    tmp_path: Path, study_words: list[str], start_listening: Start, page: Page
) -> None:
    folder = tmp_path / "study"
    process, url = start_listening(*study_words, "--out", str(folder))
    page.goto(url)
    page.get_by_label("Your name or initials").fill("Ann Ö.")
    page.keyboard.press("Enter")
    page.get_by_text("Trial 1 of 2").wait_for()

    # Nothing can be answered before both were heard, and nothing tells whose sound it is.
    assert page.locator("#questions input:disabled").count() == 9
    assert page.get_by_role("button", name="Next").is_disabled()
    assert "ours" not in page.content() and "theirs" not in page.content()
    heard = {"left": system_by_ear(folder, hear(page, "left", "1"))}
    assert page.locator("#questions input:disabled").count() == 9
    heard["right"] = system_by_ear(folder, hear(page, "right", "2"))
    assert set(heard.values()) == {"ours", "theirs"}
    side_of_ours = next(side for side, system in heard.items() if system == "ours")

    # Two of three answers are given when the server dies and the page is closed.
    choose(page, "ovr", side_of_ours)
    page.get_by_text("Answer all three").wait_for()
    page.locator("input[name=ovr]:checked").press("Tab")
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('input[name=rel]:checked')")
    page.keyboard.press("ArrowRight")
    rel = page.locator("input[name=rel]:checked").input_value()
    page.evaluate("saving")
    process.kill()
    process.wait()
    _, url = start_listening("--out", str(folder), "--no-browser")
    page.goto(f"{url}?listener=Ann%20%C3%96.")
    page.get_by_text("Trial 1 of 2").wait_for()
    assert page.locator("input[name=ovr]:checked").input_value() == side_of_ours
    assert page.locator("input[name=rel]:checked").input_value() == rel
    choose(page, "ali", "none")
    page.get_by_role("button", name="Next").click()

    page.get_by_text("Trial 2 of 2").wait_for()
    second = {
        side: system_by_ear(folder, hear(page, side, key)) for side, key in (("left", "1"), ("right", "2"))
    }
    for question in ("ovr", "rel", "ali"):
        choose(page, question, next(side for side, system in second.items() if system == "ours"))
    page.get_by_role("button", name="Finish").click()
    page.get_by_role("heading", name="Thank you").wait_for()

    answers = answer_file(folder).read()
    assert [answer.listener for answer in answers] == ["Ann Ö."] * 2
    assert {"left": answers[0].trial.left, "right": answers[0].trial.right} == heard
    assert {"left": answers[1].trial.left, "right": answers[1].trial.right} == second
    assert all(min(answer.played) >= 1 for answer in answers)
    rates = {rate.question: rate for rate in results_of(answers, open_study(folder).plan.systems).pairs}
    assert (rates["ovr"].system, rates["ovr"].rate, rates["ovr"].count) == ("ours", 1.0, 2)
    assert rates["ali"].rate == 0.75
    assert rates["rel"].rate == {side_of_ours: 1.0, "none": 0.75}.get(rel, 0.5)

    page.reload()
    page.get_by_role("heading", name="Thank you").wait_for()


def test_an_answer_that_could_not_be_saved_is_told_and_said_again(
    tmp_path: Path, study_words: list[str], start_listening: Start, page: Page
) -> None:
    folder = tmp_path / "study"
    _, url = start_listening(*study_words, "--out", str(folder), "--pairs", "1")
    page.goto(f"{url}?listener=Ben")
    hear(page, "left", "1")
    hear(page, "right", "2")
    is_down = [True]
    page.route(
        "**/answer", lambda route: route.fulfill(status=507, body="full") if is_down[0] else route.fallback()
    )
    for question in ("ovr", "rel", "ali"):
        choose(page, question, "left")
    page.get_by_role("alert").get_by_text("not saved (full)").wait_for()
    page.get_by_role("button", name="Finish").click()
    page.get_by_text("Trial 1 of 1").wait_for()
    assert page.locator("#trial").is_visible() and answer_file(folder).read() == []
    is_down[0] = False
    page.get_by_role("button", name="Finish").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    [answer] = answer_file(folder).read()
    assert answer.choices.is_complete


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_hangs_over_the_window_and_every_control_is_named(
    tmp_path: Path, study_words: list[str], start_listening: Start, page: Page, viewport: dict[str, int]
) -> None:
    _, url = start_listening(*study_words, "--out", str(tmp_path / "study"))
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    for address in (url, f"{url}?listener=Cleo"):
        page.goto(address)
        page.locator("#start:visible, #trial:visible").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        for control in page.locator("button:visible, input:visible").all():
            assert control.evaluate("c => c.textContent.trim() || c.labels?.[0]?.textContent.trim()"), (
                "a control without a name"
            )
    if viewport == WIDE:
        assert page.evaluate("document.documentElement.scrollHeight") <= viewport["height"], (
            "one trial, one window"
        )
