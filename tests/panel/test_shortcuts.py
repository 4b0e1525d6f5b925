"""Keys in one place: listed, changed, told who has them, and the same in menus, tooltips and the next session."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.key_map import KeyMap
from foley_plugin.services.settings import read_settings
from foley_plugin.ui.actions import COMMANDS, plain_words
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.menus import MENUS, SUBMENUS
from foley_plugin.ui.take_commands import ROW_MENU

OpenPanel = Callable[..., MainWindow]


def keys_of(window: MainWindow, name: str) -> list[str]:
    return [keys.toString() for keys in window.actions_[name].shortcuts()]


def test_no_two_commands_have_the_same_keys() -> None:
    owners: dict[str, list[str]] = {}
    for command in COMMANDS:
        for keys in KeyMap({command.name: command.keys}).keys(command.name):
            owners.setdefault(keys, []).append(command.name)
    assert {keys: names for keys, names in owners.items() if len(names) > 1} == {}


def test_no_two_entries_of_a_menu_have_the_same_letter() -> None:
    texts = {command.name: command.text for command in COMMANDS}
    texts |= {f">{name}": title for name, (title, _) in SUBMENUS.items()}
    menus = {title: [texts[name] for name in names.split() if name != "-"] for title, names in MENUS}
    menus |= {title: [texts[name] for name in names.split()] for title, names in SUBMENUS.values()}
    menus["the menu bar"] = [title for title, _ in MENUS]
    menus["a take's menu"] = [texts[name] for names in ROW_MENU for name in names.split()]
    over_a_clip = (
        "generate spot show_reason take_off save_cast vary_take redo_part extend_take reset_slip select_hits"
        " delete_hits revert_hits revert_curve select_all clear_range"
    )
    menus["the timeline's menu"] = ["Add &hit at {}", *(texts[name] for name in over_a_clip.split())]
    doubled = {
        (title, letter): words
        for title, entries in menus.items()
        for letter, words in by_letter(entries).items()
        if len(words) > 1
    }
    assert doubled == {}


def by_letter(entries: list[str]) -> dict[str, list[str]]:
    """Entries by the letter that chooses them; those without one are left out."""
    found: dict[str, list[str]] = {}
    for words in entries:
        for letter in re.findall("&([^&])", words):
            found.setdefault(letter.lower(), []).append(words)
    return found


def test_keys_are_changed_taken_from_another_and_put_back(
    open_panel: OpenPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_panel()
    window.actions_["shortcuts"].trigger()
    dialog = window.manners.keyboard.dialog
    assert dialog is not None and not dialog.isModal()
    dialog.search.setText("generate foley")
    assert dialog.command == "generate"
    visible = [row for row in range(dialog.table.rowCount()) if not dialog.table.isRowHidden(row)]
    assert 0 < len(visible) < len(COMMANDS) // 4

    dialog.key_edit.setKeySequence(QKeySequence("I"))
    assert "“Mark in”" in dialog.words.text() and dialog.set_button.text() == "Take it from there"
    dialog.set_button.click()
    assert keys_of(window, "generate") == ["I", "Ctrl+G"] and keys_of(window, "mark_in") == []
    assert window.actions_["generate"].toolTip() == "Generate foley (I)"
    assert window.actions_["mark_in"].toolTip() == "Mark in"
    dialog.close()
    assert read_settings(tmp_path / "settings.json").shortcuts == {"generate": ["I", "Ctrl+G"], "mark_in": []}

    again = open_panel()
    assert keys_of(again, "generate") == ["I", "Ctrl+G"] and keys_of(again, "mark_in") == []
    again.actions_["shortcuts"].trigger()
    dialog = again.manners.keyboard.dialog
    assert dialog is not None
    dialog.choose("mark_in")
    dialog.reset_button.click()
    assert keys_of(again, "mark_in") == ["I"] and keys_of(again, "generate") == ["Ctrl+G"]
    dialog.choose("spot")
    dialog.clear_button.click()
    assert keys_of(again, "spot") == []
    dialog.reset_all_button.click()
    assert keys_of(again, "spot") == ["H"] and keys_of(again, "generate") == ["G", "Ctrl+G"]
    assert read_settings(tmp_path / "settings.json").shortcuts == {}


def test_keys_of_commands_that_are_gone_are_forgotten_and_one_key_is_spelled_in_one_way() -> None:
    key_map = KeyMap({"a": ("ctrl+g",), "b": ("Del",)}, {"gone": ["X"], "a": ["Ctrl+g"]})
    assert key_map.stored == {}
    assert key_map.user_of("CTRL+G") == "a"
    assert key_map.user_of("Ctrl+G", but="a") is None
    assert key_map.give("b", "ctrl+G") == "a"
    assert (key_map.keys("a"), key_map.keys("b")) == ((), ("Ctrl+G",))
    assert key_map.reset("a") == ["b"]


def test_a_menus_marks_are_not_part_of_a_commands_words() -> None:
    assert plain_words("&Open timeline…") == "Open timeline"
    assert plain_words("타임라인 열기(&O)…") == "타임라인 열기"


def test_only_small_steps_and_the_shuttle_are_repeated_while_a_key_is_held(
    open_panel: OpenPanel, qtbot: QtBot
) -> None:
    """A key that is held a moment too long must not queue a dozen jobs or flip a switch back and forth."""
    actions = open_panel().actions_
    repeated = {command.name for command in COMMANDS if actions[command.name].autoRepeat()}
    assert repeated == (
        {f"{unit}_{way}" for unit in ("frame", "second") for way in ("back", "forward")}
        | {f"hits_{way}" for way in ("earlier", "later", "far_earlier", "far_later", "stronger", "weaker")}
        | {f"slip_{way}" for way in ("earlier", "later", "earlier_ms", "later_ms")}
        | {f"{way}_{what}" for way in ("previous", "next") for what in ("hit", "edit")}
        | {"zoom_in", "zoom_out", "undo", "redo"}
        | {"play_backwards", "stop", "play_forwards"}
    )
