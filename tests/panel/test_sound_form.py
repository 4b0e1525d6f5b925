"""What makes the sound: the list, the form, what is remembered for each clip, casts and presets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("PyQt6.QtWidgets", exc_type=ImportError)

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from engine.protocol import LabelGuess
from foley_plugin.jobs.sound_choice import (
    ModelDrawing,
    SoundChoice,
    SoundPreset,
    with_preset,
    without_preset,
)
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.sound_memory import SharedChoice, SoundMemory
from foley_plugin.qtmodels.sound_words import (
    ListWords,
    RowKind,
    likely,
    sound_rows,
    spoken,
    spoken_choice,
)
from foley_plugin.services.settings import Settings, read_settings, write_settings
from foley_plugin.timeline.families import FAMILIES
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.sound_form import SoundForm
from tests.panel.test_panel import (
    FIRST,
    GONE,
    SECOND,
    WAIT_MS,
    generate,
    item_of,
    takes_on_timeline,
    wait_until_idle,
)

OpenPanel = Callable[..., MainWindow]
WORDS = ListWords("From the picture", "Suggested", "Casts")
LABELS = ("hammer", "ball", "footstep_gravel", "footstep_grass", "cloth", "finger_snap", "rain")
A, B, C = (ClipKey("V1", number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("footstep_gravel", "Footstep, gravel"),
        ("impact_wood", "Impact, wood"),
        ("finger_snap", "Finger snap"),
        ("rain", "Rain"),
        ("two_old_doors", "Two old doors"),
    ],
)
def test_labels_are_told_in_words(label: str, words: str) -> None:
    assert spoken(label) == words


def test_every_label_has_words_of_its_own() -> None:
    labels = [label for family in FAMILIES for label in family.labels.split()]
    assert len({spoken(label) for label in labels}) == len(labels)


def test_the_list_begins_with_the_picture_and_its_suggestions_and_goes_on_by_family() -> None:
    rows = sound_rows(WORDS, LABELS, suggestions=[LabelGuess("cloth", 0.5)], casts=["Anna, boots"])
    assert [row.words for row in rows[:6]] == [
        "From the picture",
        "Suggested",
        "Cloth",
        "Casts",
        "Anna, boots",
        "Footsteps",
    ]
    headings = [row.words for row in rows if row.kind is RowKind.HEADING]
    assert headings == [
        "Suggested",
        "Casts",
        "Footsteps",
        "Cloth",
        "Handling",
        "Props",
        "Impacts",
        "Ambience",
    ]
    assert rows[2].probability == 0.5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("foot gr", ["footstep_grass", "footstep_gravel"]),
        ("grav", ["footstep_gravel"]),
        ("snap", ["finger_snap"]),
        ("ambience", ["rain"]),
        ("zzz", []),
    ],
)
def test_a_query_finds_the_beginnings_of_words(query: str, found: list[str]) -> None:
    rows = sound_rows(WORDS, LABELS, query=query)
    assert [row.name for row in rows if row.kind is RowKind.LABEL] == found


def test_only_what_the_model_knows_and_what_is_likely_is_suggested() -> None:
    guesses = [
        LabelGuess("hammer", 0.2),
        LabelGuess("trumpet", 0.5),
        LabelGuess("ball", 0.001),
        LabelGuess("rain", 0.3),
    ]
    assert [guess.label for guess in likely(guesses, LABELS)] == ["rain", "hammer"]


def test_a_choice_is_remembered_by_clip_and_how_one_works_goes_on_to_the_next() -> None:
    memory = SoundMemory()
    memory.change([A], labels=("hammer",), takes=3)
    memory.change([B], cfg_scale=6.0)
    assert memory.of(A) == SoundChoice(labels=("hammer",), takes=3)
    assert memory.of(B) == SoundChoice(takes=3, cfg_scale=6.0), "the sound of another clip is not taken on"
    assert memory.of(C) == SoundChoice(takes=3, cfg_scale=6.0)
    shared = memory.shared([A, B])
    assert shared.several == {"labels", "cfg_scale"}
    memory.change([], labels=("rain",))
    assert memory.of(C).labels == ("rain",) and memory.of(A).labels == ("hammer",)
    memory.begin_cut()
    assert memory.of(A) == SoundChoice(takes=3, cfg_scale=6.0)


def test_each_label_is_a_wish_on_a_layer_of_its_own() -> None:
    choice = SoundChoice(
        labels=("footstep_gravel", "cloth"), prompt=" wet ", takes=2, seed=7, temperature=0.7
    )
    first, second = choice.wishes(None, reads_text=True)
    assert [(wish.label, wish.layer) for wish in (first, second)] == [("footstep_gravel", 0), ("cloth", 1)]
    assert (first.prompt, first.takes, first.seed, first.sampling.temperature) == ("wet", 2, 7, 0.7)
    assert choice.wishes(None, reads_text=False)[0].prompt is None
    assert SoundChoice().wishes(None, reads_text=True)[0].label is None
    assert spoken_choice(choice) == "Footstep, gravel + Cloth"


def layers_of(choice: SoundChoice) -> list[tuple[int, str | None]]:
    return [(sound.layer, sound.label or sound.cast) for sound in choice.sounds]


def test_a_sound_keeps_its_layer_for_as_long_as_it_is_chosen() -> None:
    choice = SoundChoice().changed(labels=("hammer", "cloth", "ball"))
    assert choice.layers == () and layers_of(choice) == [(0, "hammer"), (1, "cloth"), (2, "ball")]
    choice = choice.changed(labels=("cloth", "ball"))
    assert layers_of(choice) == [(1, "cloth"), (2, "ball")]
    assert layers_of(choice.on_first_layer()) == [(0, "cloth"), (2, "ball")], "the first follows the hits"
    assert spoken_choice(choice.changed(labels=("cloth", "ball", "rain"))) == "Rain + Cloth + Ball"
    choice = choice.changed(cast="Anna")
    assert layers_of(choice) == [(0, "Anna"), (1, "cloth"), (2, "ball")]
    assert [wish.layers for wish in choice.wishes(None, reads_text=False)] == [{0, 1, 2}] * 3
    assert layers_of(choice.changed(takes=2)) == layers_of(choice)
    assert layers_of(choice.changed(labels=(), cast=None)) == [(0, None)]
    assert layers_of(choice.with_labels_on(0, ["hammer"])) == [(0, "hammer"), (1, "cloth"), (2, "ball")]
    assert layers_of(choice.with_labels_on(1, [])) == [(0, "Anna"), (2, "ball")]
    assert layers_of(choice.with_labels_on(2, ["cloth", "rain"]))[2:] == [(2, "cloth"), (3, "rain")]


def test_presets_are_kept_in_order_and_replaced_by_name(tmp_path: Path) -> None:
    presets = with_preset([], SoundPreset("steps", SoundChoice(takes=2)))
    presets = with_preset(presets, SoundPreset("Rain", SoundChoice(labels=("rain",))))
    presets = with_preset(presets, SoundPreset("Steps", SoundChoice(takes=4)))
    assert [(each.name, each.choice.takes) for each in presets] == [("Rain", 1), ("Steps", 4)]
    path = tmp_path / "settings.json"
    write_settings(Settings(sound_presets=presets), path)
    assert read_settings(path).sound_presets == presets
    assert [each.name for each in without_preset(presets, "steps")] == ["Rain"]
    json.loads(path.read_text())


@pytest.fixture
def form(qtbot: QtBot) -> SoundForm:
    form = SoundForm()
    qtbot.addWidget(form)
    form.resize(280, 400)
    form.set_model(LABELS, reads_text=False)
    form.show_shared(SharedChoice(SoundChoice()))
    form.show()
    return form


def test_typing_in_the_field_searches_and_enter_takes(form: SoundForm, qtbot: QtBot) -> None:
    changes: list[dict[str, object]] = []
    form.changed.connect(changes.append)
    form.sound.setFocus()
    qtbot.keyClick(form.sound, Qt.Key.Key_G)
    popup = form.sound.popup
    assert popup.isVisible() and popup.search.text() == "g"
    popup.search.setText("foot gr")
    qtbot.keyClick(popup.search, Qt.Key.Key_Down)
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert not popup.isVisible()
    assert changes == [{"labels": ("footstep_gravel",), "cast": None}]

    form.show_shared(SharedChoice(SoundChoice(labels=("footstep_gravel",))))
    assert form.sound.words == "Footstep, gravel"
    form.sound.open("cloth")
    qtbot.keyClick(popup.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert changes[-1] == {"labels": ("footstep_gravel", "cloth"), "cast": None}
    form.show_shared(SharedChoice(SoundChoice(labels=("footstep_gravel", "cloth"))))
    form.sound.open("gravel")
    qtbot.keyClick(popup.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert changes[-1] == {"labels": ("cloth",)}
    form.show_shared(SharedChoice(SoundChoice(labels=("cloth",))))

    form.sound.open()
    assert popup.sounds.row(popup.list.currentIndex()).name == "cloth", "it opens where the choice is"  # type: ignore[union-attr]
    qtbot.keyClick(popup.search, Qt.Key.Key_Up)
    qtbot.keyClick(popup.search, Qt.Key.Key_Up)
    qtbot.keyClick(popup.search, Qt.Key.Key_Up)
    assert popup.list.currentIndex().data() == "From the picture", "headings are passed over"
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert changes[-1] == {"labels": (), "cast": None}


def test_a_suggestion_is_taken_by_one_press_and_left_by_another(form: SoundForm) -> None:
    changes: list[dict[str, object]] = []
    form.changed.connect(changes.append)
    form.show_guesses([LabelGuess("hammer", 0.7), LabelGuess("rain", 0.2)])
    chips = form.suggestions.chips
    assert [chip.text() for chip in chips if chip.isVisible()] == ["Hammer  70%", "Rain  20%"]
    chips[0].click()
    form.show_shared(SharedChoice(SoundChoice(labels=("hammer",))))
    assert chips[0].isChecked() and not chips[1].isChecked()
    chips[0].click()
    assert changes == [{"labels": ("hammer",), "cast": None}, {"labels": (), "cast": None}]
    asked: list[bool] = []
    form.look_asked.connect(lambda: asked.append(True))
    form.show_no_guesses("", can_look=True)
    assert not any(chip.isVisible() for chip in chips)
    form.suggestions.look_button.click()
    assert asked == [True]


def test_what_differs_between_clips_is_told_and_not_changed_by_showing(form: SoundForm) -> None:
    changes: list[dict[str, object]] = []
    form.changed.connect(changes.append)
    names = frozenset(SoundChoice.__struct_fields__)
    form.show_shared(SharedChoice(SoundChoice(takes=2, seed=5), names))
    assert form.sound.words == "Several sounds"
    assert form.takes.text() == form.seed.text() == "Several"
    assert form.sampling.guide.currentIndex() == -1
    assert changes == []
    form.takes.setValue(3)
    form.seed.setValue(-1)
    assert changes == [{"takes": 3}, {"seed": None}]
    form.show_shared(SharedChoice(SoundChoice(takes=2, seed=5)))
    assert (form.takes.text(), form.seed.text()) == ("2", "5")


def type_seed(form: SoundForm, digits: str) -> None:
    form.seed.setFocus()
    form.seed.selectAll()
    QTest.keyClicks(form.seed, digits)


def test_a_number_that_is_typed_stands_until_other_clips_are_shown(form: SoundForm) -> None:
    form.activateWindow()
    type_seed(form, "4711")
    form.show_shared(SharedChoice(SoundChoice(labels=("hammer",))), keeps_typed=True)
    assert (form.seed.text(), form.sound.words) == ("4711", "Hammer")
    form.show_shared(SharedChoice(SoundChoice(seed=5)))
    assert form.seed.text() == "5"
    QTest.keyClicks(form.seed, "7")
    QTest.keyClick(form.seed, Qt.Key.Key_Return)
    form.show_shared(SharedChoice(SoundChoice(seed=9)), keeps_typed=True)
    assert form.seed.text() == "9", "what was kept can be shown otherwise"


def test_a_seed_is_typed_on_while_the_clip_is_spotted_and_made_without_return(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, step_s=0.1)
    window.activateWindow()
    window.view.select([item_of(window, FIRST)])
    form = window.side_panel.sound_form
    window.actions_["spot"].trigger()
    type_seed(form, "47")
    qtbot.waitUntil(lambda: FIRST in window.session.scene.hits_s, timeout=WAIT_MS)
    wait_until_idle(window, qtbot)
    QTest.keyClicks(form.seed, "11")
    assert form.seed.text() == "4711"
    QTest.keyClick(form.seed, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    wait_until_idle(window, qtbot)
    desk = window.session.desk
    assert desk is not None
    assert [take.take.seed for take in desk.shelf.takes_of(FIRST)] == [4711]


def test_words_are_asked_for_only_where_the_model_reads_them(form: SoundForm, qtbot: QtBot) -> None:
    assert not form.prompt.isVisible() and not form.negative_prompt.isVisible()
    form.set_model(LABELS, reads_text=True)
    assert form.prompt.isVisible() and form.negative_prompt.isVisible()
    changes: list[dict[str, object]] = []
    form.changed.connect(changes.append)
    qtbot.keyClicks(form.prompt, "wet")
    assert changes[-1] == {"prompt": "wet"}
    form.set_model([], reads_text=True)
    form.more_button.click()
    assert form.sampling.isVisible() and not form.negative.isVisible(), (
        "without labels there is none to avoid"
    )
    form.sampling.scale.setValue(4)
    form.sampling.temperature.setValue(0)
    form.sampling.guide.setCurrentIndex(1)
    form.sampling.guide.activated.emit(1)
    assert changes[-3:] == [{"cfg_scale": 6.0}, {"temperature": 0.7}, {"guide_against": "held"}]


def test_how_strictly_and_how_freely_are_told_around_the_models_own(form: SoundForm) -> None:
    sampling = form.sampling
    changes: list[dict[str, object]] = []
    form.changed.connect(changes.append)
    form.set_model(LABELS, reads_text=False, drawing=ModelDrawing(3.0, 1.0, "held"))
    form.show_shared(SharedChoice(SoundChoice()))
    assert (sampling.scale.words, sampling.temperature.words) == ("As trained", "As trained")
    assert "guidance scale 3.0" in sampling.scale.toolTip() and "1.0" in sampling.temperature.toolTip()
    assert sampling.guide.currentIndex() == 1
    sampling.scale.setValue(4)
    sampling.scale.setValue(2)
    assert changes == [{"cfg_scale": 9.0}, {"cfg_scale": None}]
    form.show_shared(SharedChoice(SoundChoice(cfg_scale=9.0, guide_against="null")))
    assert (sampling.scale.words, sampling.guide.currentIndex()) == ("Tightly", 0)


def test_what_is_left_to_the_model_is_not_asked_for_and_its_own_is_shown(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, cfg_scale=3.0)
    qtbot.waitUntil(lambda: window.surroundings.engine.is_ready, timeout=WAIT_MS)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    assert "guidance scale 3.0" in window.side_panel.sound_form.sampling.scale.toolTip()
    store = window.session.store
    assert store is not None
    [job] = store.jobs()
    assert json.loads(job.request)["sampling"] == {}


def test_the_picture_suggests_and_each_clip_is_made_as_it_was_chosen(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, less_likely=["ball"], labels=["hammer", "ball", "cloth"], reads_text=True)
    form, engine = window.side_panel.sound_form, window.surroundings.engine
    qtbot.waitUntil(lambda: engine.is_ready, timeout=WAIT_MS)
    assert form.prompt.isVisibleTo(window)
    window.view.select([item_of(window, GONE)])
    assert not form.suggestions.look_button.isVisibleTo(window), "a clip without film is not looked at"
    window.view.select([item_of(window, FIRST)])
    assert form.suggestions.look_button.isVisibleTo(window)
    form.suggestions.look_button.click()
    qtbot.waitUntil(lambda: form.suggestions.chips[0].isVisibleTo(window), timeout=WAIT_MS)
    assert [chip.text() for chip in form.suggestions.chips[:2]] == ["Hammer  90%", "Ball  45%"]
    form.suggestions.chips[1].click()
    assert form.sound.words == "Ball"
    window.view.select([item_of(window, SECOND)])
    assert form.sound.words == "From the picture"
    assert form.suggestions.look_button.isVisibleTo(window)
    window.sound_control.choose([SECOND], ("hammer", "cloth"))
    window.view.select([item_of(window, FIRST)])
    assert form.sound.words == "Ball"
    generate(window, FIRST, SECOND)
    assert form.sound.words == "Several sounds"
    assert form.suggestions.look_button.text() == "Look at the pictures", "one of the two was not looked at"
    wait_until_idle(window, qtbot)
    names = sorted((item.record_in_s, item.name.split(" ")[0]) for item in takes_on_timeline(window))
    assert names == [(0.0, "ball"), (2.0, "cloth"), (2.0, "hammer")], "layers lie beside each other"


def test_a_take_is_cast_and_other_clips_go_on_from_it(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "requests.log"
    window = open_panel(cut_path, request_log=str(log))
    control, form, history = window.sound_control, window.side_panel.sound_form, window.session.history
    window.actions_["save_cast"].trigger()
    assert "Select a take" in window.notice_bar.sentence
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("Anna, boots", True))
    window.actions_["save_cast"].trigger()
    assert history.undo_words == "Save the cast “Anna, boots”"
    history.undo()
    form.sound.open("anna")
    assert form.sound.popup.sounds.rowCount() == 0
    history.redo()
    form.sound.open("anna")
    qtbot.keyClick(form.sound.popup.search, Qt.Key.Key_Delete)
    assert history.undo_words == "Delete the cast “Anna, boots”"
    history.undo()
    window.view.select([item_of(window, SECOND)])
    form.sound.open("anna")
    qtbot.keyClick(form.sound.popup.search, Qt.Key.Key_Return)
    assert form.sound.words == "Anna, boots"
    generate(window, SECOND)
    wait_until_idle(window, qtbot)
    last = json.loads(log.read_text().splitlines()[-1])
    assert last["label"] == "hammer" and last["cast"]["tokens"]
    assert control.memory.of(FIRST).cast is None

    form.takes.setValue(4)
    control.save_preset("Boots, many")
    window.view.select([item_of(window, FIRST)])
    control.use_preset("Boots, many")
    assert (form.sound.words, form.takes.value()) == ("Anna, boots", 4)
    assert [each.name for each in read_settings(tmp_path / "settings.json").sound_presets] == ["Boots, many"]
    control.delete_preset("Boots, many")
    assert read_settings(tmp_path / "settings.json").sound_presets == []


def test_a_preset_puts_settings_aside_that_are_not_understood(open_panel: OpenPanel, tmp_path: Path) -> None:
    window = open_panel()
    path = tmp_path / "settings.json"
    path.write_text('{"takes": "as many as a later version may have", "shortcuts": {"generate": ["X"]}}')
    window.sound_control.save_preset("Boots")
    assert [each.name for each in read_settings(path).sound_presets] == ["Boots"]
    assert '"generate"' in path.with_suffix(".bad").read_text()
