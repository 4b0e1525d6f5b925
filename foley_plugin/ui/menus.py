"""The menu bar, from the list of commands."""

from __future__ import annotations

from PyQt6.QtWidgets import QMainWindow

from foley_plugin.ui.actions import Actions

RULE = "-"
MENUS = (
    ("&File", "open demo - find_media - export - quit"),
    ("&Edit", "undo redo - select_all select_at_playhead - take_off"),
    (
        "&Clip",
        "generate spot show_reason - tap previous_hit next_hit hits_earlier hits_later hits_far_earlier hits_far_later"
        " hits_stronger hits_weaker select_hits delete_hits revert_hits - draw_curve revert_curve"
        " - regenerate_after_edits - cancel",
    ),
    (
        "&Playback",
        "play play_backwards stop play_forwards - frame_back frame_forward second_back second_forward"
        " previous_edit next_edit to_start to_end - mark_in mark_out clear_range",
    ),
    ("&View", "zoom_in zoom_out fit"),
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
