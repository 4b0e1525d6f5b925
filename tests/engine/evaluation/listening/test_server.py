"""The server as a process: who is served, what is told, what is kept."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from engine.evaluation.listening.server import byte_range
from engine.evaluation.listening.study import Study, answer_file, media_path, open_study
from tests.engine.evaluation.listening.conftest import LISTEN, listening

Start = Callable[..., tuple[subprocess.Popen[str], str]]


class Browser:
    """Says what a browser would, or what it should not."""

    def __init__(self, url: str) -> None:
        self.parts = urlsplit(url)

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """The answer to one request, already read: see `content`."""
        connection = http.client.HTTPConnection(self.parts.netloc, timeout=30)
        said = (
            {"Content-Type": "application/json", "Origin": f"http://{self.parts.netloc}"}
            if body is not None
            else {}
        )
        absolute = path if path.startswith("/") else self.parts.path + path
        content = None if body is None else json.dumps(body)
        connection.request(method, absolute, content, {**said, **(headers or {})})
        answer = connection.getresponse()
        self.content = answer.read()
        connection.close()
        return answer


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, study_words: list[str]
) -> Iterator[tuple[Browser, Study, Path]]:
    """One server for the tests that only ask."""
    folder = tmp_path_factory.mktemp("served") / "study"
    with listening(*study_words, "--out", str(folder)) as (_, url):
        yield Browser(url), open_study(folder), folder


def test_the_page_asks_for_nothing_from_elsewhere_and_says_no_names(
    made: tuple[Browser, Study, Path],
) -> None:
    browser, study, _ = made
    told = b""
    for path in ("", "page.css", "page.js", "?listener=Ann"):
        answer = browser.ask("GET", path)
        assert answer.status == 200 and "default-src 'none'" in answer.headers["Content-Security-Policy"]
        told += browser.content
    assert b"http://" not in told and b"https://" not in told
    assert browser.ask("POST", "trials", "Ann").status == 200
    told += browser.content
    for name in (*study.plan.systems, *study.films):
        assert f'"{name}' not in told.decode()
    assert b"theirs" not in told


def test_only_this_machine_with_the_token_is_served(made: tuple[Browser, Study, Path]) -> None:
    browser, study, folder = made
    port = browser.parts.port
    assert browser.ask("GET", "", headers={"Host": f"localhost:{port}"}).status == 200
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", ""):
        assert browser.ask("GET", "", headers={"Host": host}).status == 403
    for path in ("/", "/wrong/", f"/{study.token}", f"/{study.token[:-1]}x/", "study.json", "../study.json"):
        assert browser.ask("GET", path).status == 404
    assert browser.ask("GET", f"media/../{folder.name}.webm").status == 404
    assert browser.ask("DELETE", "").status == 501


def test_only_the_page_itself_may_answer(made: tuple[Browser, Study, Path]) -> None:
    browser, _, folder = made
    answer = {"listener": "Ann", "number": 0, "choices": {"ovr": "left"}, "played": [1, 1]}
    foreign = [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ]
    for headers in foreign:
        assert browser.ask("POST", "answer", answer, headers).status == 403
    wrong = [
        {**answer, "number": 99},
        {**answer, "number": -1},
        {**answer, "listener": ""},
        {**answer, "listener": "x" * 61},
        {**answer, "listener": "a\nb"},
        {**answer, "choices": {"ovr": "ours"}},
        {**answer, "choices": {"other": "left"}},
        "text",
    ]
    for each in wrong:
        assert browser.ask("POST", "answer", each).status == 400
    assert browser.ask("POST", "answer", {**answer, "listener": "x" * 20_000}).status == 413
    assert answer_file(folder).read() == []
    assert browser.ask("POST", "answer", answer).status == 200
    assert len(answer_file(folder).read()) == 1


def test_films_come_in_ranges(made: tuple[Browser, Study, Path]) -> None:
    browser, study, folder = made
    medium = study.media[0].id
    whole = media_path(folder, medium).read_bytes()
    answer = browser.ask("GET", f"media/{medium}.webm")
    assert (answer.status, browser.content) == (200, whole)
    assert answer.headers["Accept-Ranges"] == "bytes" and answer.headers["Content-Type"] == "video/webm"
    for asked, start, stop in (
        ("bytes=0-", 0, len(whole)),
        ("bytes=5-9", 5, 10),
        ("bytes=-7", len(whole) - 7, len(whole)),
    ):
        answer = browser.ask("GET", f"media/{medium}.webm", headers={"Range": asked})
        assert (answer.status, browser.content) == (206, whole[start:stop])
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    answer = browser.ask("GET", f"media/{medium}.webm", headers={"Range": f"bytes={len(whole)}-"})
    assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, (0, 100)),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-500", (90, 100)),
        ("bytes=-500", (0, 100)),
        ("bytes=-0", None),
        ("bytes=100-", None),
        ("bytes=20-10", None),
        ("bytes=-", (0, 100)),
        ("lines=1-2", (0, 100)),
    ],
)
def test_ranges_are_read_as_rfc_9110_says(header: str | None, expected: tuple[int, int] | None) -> None:
    assert byte_range(header, 100) == expected


def test_answers_survive_kill_9_and_listeners_do_not_see_each_others(
    tmp_path: Path, study_words: list[str], start_listening: Start
) -> None:
    folder = tmp_path / "study"
    process, url = start_listening(*study_words, "--out", str(folder))
    said = {"ovr": "left", "rel": "none", "ali": "right"}
    assert (
        Browser(url)
        .ask("POST", "answer", {"listener": "Ann", "number": 1, "choices": said, "played": [2, 1]})
        .status
        == 200
    )
    process.kill()
    process.wait()
    _, again = start_listening("--out", str(folder), "--no-browser")
    browser = Browser(again)
    assert browser.parts.path == urlsplit(url).path
    browser.ask("POST", "trials", "Ann")
    trials = json.loads(browser.content)
    assert [trial["choices"] for trial in trials] == [{}, said]
    assert trials[1]["played"] == [2, 1]
    browser.ask("POST", "trials", "Ben")
    assert [trial["choices"] for trial in json.loads(browser.content)] == [{}, {}]


def test_ctrl_c_ends_in_order_and_results_are_told_and_written(
    tmp_path: Path, study_words: list[str], start_listening: Start
) -> None:
    folder, figures = tmp_path / "study", tmp_path / "figures.json"
    process, url = start_listening(*study_words, "--out", str(folder))
    study = open_study(folder)
    for number, trial in enumerate(study.trials("Ann")):
        ours = "left" if trial.left == "ours" else "right"
        said = {"ovr": ours, "rel": ours, "ali": "none"}
        Browser(url).ask(
            "POST", "answer", {"listener": "Ann", "number": number, "choices": said, "played": [1, 1]}
        )
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    done = subprocess.run(
        [*LISTEN, "--out", str(folder), "--results", "--json", str(figures)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "ours over theirs" in done.stdout
    pairs = msgspec.json.decode(figures.read_bytes())["pairs"]
    assert [(rate["question"], rate["rate"], rate["count"]) for rate in pairs] == [
        ("ovr", 1.0, 2),
        ("rel", 1.0, 2),
        ("ali", 0.5, 2),
    ]


def test_a_study_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run([*LISTEN, "--out", str(tmp_path), "--results"], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("There is no listening study")
    assert len(done.stderr.splitlines()) == 1
