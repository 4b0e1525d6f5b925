"""What the style sheet gives every control: headers that hold their letters, handles that are seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication, QDialog, QHeaderView, QTableView
from pytestqt.qtbot import QtBot

from foley_plugin.ui import theme
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.palette import PALETTES, Palette, Scheme

OpenPanel = Callable[..., MainWindow]
SEEN = 3.0
"""WCAG 2.2, 1.4.11: contrast of a part of a control to what it lies on."""


def contrast(one: str, other: str) -> float:
    low, high = sorted(luminance(QColor(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def background(selector: str, worn: Palette) -> str:
    found = re.search(
        rf"^{re.escape(selector)} {{ background: (#\w+);", theme._style_sheet(worn), re.MULTILINE
    )
    assert found is not None
    return found[1]


@pytest.mark.parametrize("worn", PALETTES.values(), ids=lambda worn: worn.scheme.value)
def test_the_handles_of_scroll_bars_and_sliders_stand_out(worn: Palette) -> None:
    track = background("QScrollBar", worn)
    for handle in ("QScrollBar::handle", "QScrollBar::handle:hover"):
        assert contrast(background(handle, worn), track) >= SEEN
    for lies_on in (worn.panel, worn.window):
        assert contrast(background("QSlider::handle:horizontal", worn), lies_on) >= SEEN


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[None]:
    worn = (qapp.styleSheet(), qapp.font(), qapp.palette())
    theme.apply_theme(qapp, Scheme.DARK)
    yield
    qapp.setStyleSheet(worn[0])
    qapp.setFont(worn[1])
    qapp.setPalette(worn[2])


@pytest.mark.usefixtures("dressed")
def test_headers_of_tables_hold_their_letters_whole(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    window.workspace.lower_pages.show_page("spots")
    window.actions_["shortcuts"].trigger()
    dialog = window.manners.keyboard.dialog
    assert isinstance(dialog, QDialog)
    tables = [table for root in (window, dialog) for table in root.findChildren(QTableView)]
    assert len(tables) >= 2
    for table in tables:
        header = table.horizontalHeader()
        assert isinstance(header, QHeaderView)
        viewport = header.viewport()
        assert viewport is not None and table.isVisible()
        assert viewport.height() >= header.sizeHint().height() >= header.fontMetrics().height() + 8
    dialog.close()
