"""The menu bar, from the list of commands."""

from __future__ import annotations

from PyQt6.QtWidgets import QMainWindow, QMenu

from foley_plugin.ui.actions import Actions

RULE = "-"
MENUS = (
    ("&File", "open demo - find_media - export - quit"),
    ("&Edit", "undo redo - select_all select_at_playhead - take_off"),
    ("&Clip", "generate spot show_reason - cancel"),
    (
        "&Playback",
        "play play_backwards stop play_forwards loop - enter_timecode frame_back frame_forward second_back"
        " second_forward previous_edit next_edit to_start to_end - mark_in mark_out clear_range",
    ),
    ("&Tracks", "solo_foley dim_production clear_listening"),
    ("&View", "zoom_in zoom_out fit"),
)
"""Titles, and names of commands with rules between them."""


def build_menus(window: QMainWindow, actions: Actions) -> dict[str, QMenu]:
    """The menus by their titles as they stand in the source."""
    bar = window.menuBar()
    assert bar is not None
    menus: dict[str, QMenu] = {}
    for title, names in MENUS:
        menu = bar.addMenu(window.tr(title))
        assert menu is not None
        menus[title] = menu
        for name in names.split():
            if name == RULE:
                menu.addSeparator()
            else:
                menu.addAction(actions[name])
    return menus
