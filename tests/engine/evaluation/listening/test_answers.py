"""Answers outlive a killed server, and the last word on a trial counts."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.errors import OutputError
from engine.evaluation.listening.answers import Answer, AnswerFile, Choices
from engine.evaluation.listening.trials import Trial


def answer(film: str, ovr: str, listener: str = "Ann") -> Answer:
    return Answer(listener, Trial(film, "a", "b"), Choices(ovr=ovr), (1, 2), 5.0)  # type: ignore[arg-type]


def test_what_was_appended_is_read_and_the_last_word_counts(tmp_path: Path) -> None:
    file = AnswerFile(tmp_path / "answers.jsonl")
    assert file.read() == []
    for each in (answer("one", "left"), answer("two", "none"), answer("one", "right")):
        file.append(each)
    assert file.read() == [answer("one", "right"), answer("two", "none")]
    assert len((tmp_path / "answers.jsonl").read_bytes().splitlines()) == 3, "nothing is rewritten"


def test_a_line_torn_by_a_kill_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    file = AnswerFile(path)
    file.append(answer("one", "left"))
    file.append(answer("two", "left"))
    path.write_bytes(path.read_bytes()[:-20])
    file.append(answer("three", "right"))
    assert [each.trial.film for each in AnswerFile(path).read()] == ["one", "three"]


def test_answers_that_come_at_once_do_not_mix(tmp_path: Path) -> None:
    file = AnswerFile(tmp_path / "answers.jsonl")

    def say(name: str) -> None:
        for number in range(10):
            file.append(answer(f"film{number}", "left", name))

    threads = [threading.Thread(target=say, args=(name,)) for name in ("Ann", "Ben", "Cleo")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(file.read()) == 30


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="could not be written"):
        AnswerFile(tmp_path / "no folder" / "answers.jsonl").append(answer("one", "left"))
