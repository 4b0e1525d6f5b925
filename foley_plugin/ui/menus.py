"""The menu bar, from the list of commands."""

from __future__ import annotations

from PyQt6.QtWidgets import QMainWindow

from foley_plugin.ui.actions import Actions

RULE = "-"
MENUS = (
    ("&File", "open demo - find_media - export - quit"),
    ("&Edit", "undo redo - select_all select_at_playhead - take_off"),
    ("&Clip", "generate spot show_reason - save_cast - pause_jobs cancel"),
    (
        "&Take",
        "take_1 take_2 take_3 take_4 take_5 take_6 take_7 take_8 take_9 - compare_takes match_levels best_first"
        " - favourite_take rename_take trash_take restore_take show_trash - slip_earlier slip_later slip_earlier_ms"
        " slip_later_ms reset_slip - redo_part vary_take extend_take - repeat_take use_settings copy_recipe",
    ),
    (
        "&Playback",
        "play play_backwards stop play_forwards - frame_back frame_forward second_back second_forward"
        " previous_edit next_edit to_start to_end - mark_in mark_out clear_range",
    ),
    ("&View", "zoom_in zoom_out zoom_selection fit - snap"),
)
"""Titles, and names of commands with rules between them."""


def build_menus(window: QMainWindow, actions: Actions) -> None:
    bar = window.menuBar()
    assert bar is not None
    for title, names in MENUS:
        menu = bar.addMenu(window.tr(title))
        assert menu is not None
        for name in names.split():
            if name == RULE:
                menu.addSeparator()
            else:
                menu.addAction(actions[name])
