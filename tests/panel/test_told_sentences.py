"""Sentences of the layers below are found again clause by clause, and said in the window's language or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from engine.errors import CheckpointNotFound
from foley_plugin.services.model_choice import model_folder
from foley_plugin.ui import told_sentences
from foley_plugin.ui.language import wear_language
from foley_plugin.ui.panel_words import in_the_panel
from foley_plugin.ui.told_sentences import CLAUSES, said_here


@pytest.fixture
def korean(qapp: QApplication) -> Iterator[None]:
    worn = wear_language(qapp, "ko")
    said_here.cache_clear()
    yield
    for translator in worn:
        qapp.removeTranslator(translator)
    said_here.cache_clear()


def test_in_english_nothing_changes(qapp: QApplication) -> None:
    said_here.cache_clear()
    for clause in CLAUSES:
        assert said_here(f"{clause}.") == f"{clause}."


def test_a_reason_is_said_in_korean_with_its_clip_and_its_remedy(korean: None) -> None:
    reason = (
        "Clip “shot_a” (V1:3) is offline: there is no file /a/b.mov; bring it back, or relink it in your editor, "
        "or look for its media in a folder (“Find media…”, or --media)."
    )
    said = in_the_panel(reason)
    assert said.startswith("클립 “shot_a” (V1:3)이(가) 오프라인입니다: /a/b.mov 파일이 없습니다. ")
    assert said.endswith("폴더에서 미디어를 찾으세요(“미디어 찾기…”).")
    assert "(--" not in said


def test_a_model_that_is_not_there_is_said_in_korean(korean: None, tmp_path: Path) -> None:
    with pytest.raises(CheckpointNotFound) as missing:
        model_folder(str(tmp_path / "gone"))
    said = in_the_panel(missing.value.sentence)
    assert f"{tmp_path / 'gone'} 모델이 없습니다. " in said and "foley-tiny" in said
    assert "There is" not in said and "give a folder" not in said


def test_a_finding_takes_the_closest_of_two_shapes(korean: None) -> None:
    short = said_here("Clip “a” (V1:1) is offline: there is no /x.mov.")
    full = said_here(
        "Clip “a” (V1:1) is offline: there is no /x.mov, and one missing file makes the whole import fail."
    )
    assert "가져오기 전체가 실패" in full and "가져오기 전체가 실패" not in short


@pytest.mark.parametrize(
    "sentence", ["Nobody has written this one.", "Clip “a” (V1:1) has no media; sing a song.", ""]
)
def test_what_is_not_known_as_a_whole_stays_english(korean: None, sentence: str) -> None:
    assert said_here(sentence) == sentence


def test_every_clause_is_found_by_its_own_shape() -> None:
    for clause in CLAUSES:
        found = told_sentences._known(clause)
        assert found is not None and found[0] == clause
