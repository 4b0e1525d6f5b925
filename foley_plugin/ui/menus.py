"""The menu bar, from the list of commands."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QMainWindow, QMenu

from foley_plugin.ui.actions import Actions

RULE = "-"
SUBMENU = ">"
MENUS = (
    (
        "&File",
        "open >recent demo - find_media edl_rate show_project - export - choose_model default_model - quit",
    ),
    ("&Edit", "undo redo - select_all select_at_playhead - take_off"),
    (
        "&Clip",
        "generate spot spot_with_sound show_reason - save_cast - regenerate_after_edits - pause_jobs cancel",
    ),
    (
        "H&its",
        "tap previous_hit next_hit - hits_earlier hits_later hits_far_earlier hits_far_later hits_stronger hits_weaker"
        " - select_hits delete_hits revert_hits - draw_curve revert_curve",
    ),
    (
        "&Take",
        "take_1 take_2 take_3 take_4 take_5 take_6 take_7 take_8 take_9 - compare_takes match_levels best_first"
        " - favourite_take rename_take trash_take restore_take show_trash - slip_earlier slip_later slip_earlier_ms"
        " slip_later_ms reset_slip - redo_part vary_take extend_take - repeat_take use_settings copy_recipe",
    ),
    (
        "&Playback",
        "play play_backwards stop play_forwards loop - enter_timecode frame_back frame_forward second_back"
        " second_forward previous_edit next_edit to_start to_end - mark_in mark_out clear_range"
        " - solo_foley dim_production clear_listening >tracks",
    ),
    (
        "&View",
        "zoom_in zoom_out zoom_selection fit - snap - clip_page queue_page timeline_page spot_page"
        " - >appearance >language",
    ),
    ("&Help", "shortcuts welcome"),
)
"""Titles, and names of commands with rules between them; `>` is a menu of its own, found in `SUBMENUS`."""

SUBMENUS = {
    "recent": ("Open &recent", "clear_recent"),
    "tracks": ("&Tracks", ""),
    "appearance": ("&Appearance", "look_dark look_light look_system"),
    "language": ("&Language", ""),
}
"""Those without commands are filled by whoever knows what stands in them."""


def build_menus(window: QMainWindow, actions: Actions) -> dict[str, QMenu]:
    """Make the menu bar; the menus within menus by name."""
    bar = window.menuBar()
    assert bar is not None
    within: dict[str, QMenu] = {}
    for title, names in MENUS:
        menu = bar.addMenu(_translated(title))
        assert menu is not None
        _fill(menu, names, actions, within)
    return within


def menu_of(name: str) -> str:
    """The menu that a command stands in, for people; "" where in none."""
    for title, names in MENUS:
        words = names.split()
        inner = (SUBMENUS[word[1:]][1].split() for word in words if word.startswith(SUBMENU))
        if name in words or any(name in each for each in inner):
            return _translated(title)
    return ""


def _fill(menu: QMenu, names: str, actions: Actions, within: dict[str, QMenu]) -> None:
    for name in names.split():
        if name == RULE:
            menu.addSeparator()
        elif name.startswith(SUBMENU):
            title, inner = SUBMENUS[name[1:]]
            submenu = menu.addMenu(_translated(title))
            assert submenu is not None
            _fill(submenu, inner, actions, within)
            within[name[1:]] = submenu
        else:
            menu.addAction(actions[name])


def _translated(title: str) -> str:
    return QCoreApplication.translate("Menus", title)
