"""Where the window stood last time, and how its room was shared out: put back, and kept when it closes."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QRect
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QSplitter

from engine.errors import FoleyError
from foley_plugin.services.settings import WindowLayout, change_settings, read_settings
from foley_plugin.ui.page_switch import PageSwitch

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow

LEAST_SEEN_PX = 80
"""So much of a window must lie on a screen for its title bar to be caught."""


class LayoutKeeper(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        self._columns = self._workspace.columns
        self._kept = read_settings(window.surroundings.settings_path).layout
        self._has_rows = bool(self._kept.rows_px)
        self._workspace.splitterMoved.connect(self._on_rows_moved)
        self._put_back()

    def share_room(self) -> None:
        """Picture and timeline as the editor had them; as the cut needs it where nobody has said."""
        if self._has_rows:
            _put_sizes(self._workspace, self._kept.rows_px)
        else:
            self._workspace.give_timeline_room(self._window.timeline_panel.wanted_height_px)

    def keep(self) -> None:
        """Write down how the window stands; a layout is not worth a notice where that fails."""
        window, normal = self._window, self._window.normalGeometry()
        had_room = window.pages.currentWidget() is self._workspace
        layout = WindowLayout(
            normal.x(),
            normal.y(),
            normal.width(),
            normal.height(),
            window.isMaximized() or window.isFullScreen(),
            self._workspace.sizes() if self._has_rows and had_room else self._kept.rows_px,
            self._columns.sizes() if had_room else self._kept.columns_px,
            self._workspace.side_pages.shown_page,
            self._workspace.lower_pages.shown_page,
        )
        with suppress(FoleyError):
            change_settings(window.surroundings.settings_path, layout=layout)

    def _put_back(self) -> None:
        kept = self._kept
        if kept.width_px > 0 and kept.height_px > 0:
            wanted = QRect(kept.x_px, kept.y_px, kept.width_px, kept.height_px)
            screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
            self._window.setGeometry(bounded(wanted, screens))
            if kept.is_maximized:
                self._window.setWindowState(self._window.windowState().WindowMaximized)
        _put_sizes(self._columns, kept.columns_px)
        _put_page(self._workspace.side_pages, kept.side_page)
        _put_page(self._workspace.lower_pages, kept.lower_page)

    def _on_rows_moved(self) -> None:
        self._has_rows = True


def bounded(wanted: QRect, screens: Iterable[QRect]) -> QRect:
    """The same place where enough of its top is seen on a screen that is there; else within the first screen."""
    screens = list(screens)
    if not screens:
        return wanted
    top = QRect(wanted.x(), wanted.y(), wanted.width(), LEAST_SEEN_PX)
    seen = [screen.intersected(top) for screen in screens]
    if any(each.width() >= LEAST_SEEN_PX and each.height() >= LEAST_SEEN_PX // 2 for each in seen):
        return wanted
    first = screens[0]
    size = wanted.size().boundedTo(first.size())
    return QRect(first.topLeft(), size).translated(
        (first.width() - size.width()) // 2, (first.height() - size.height()) // 2
    )


def _put_sizes(splitter: QSplitter, sizes_px: list[int]) -> None:
    if len(sizes_px) == splitter.count() and all(size > 0 for size in sizes_px):
        splitter.setSizes(sizes_px)


def _put_page(pages: PageSwitch, name: str) -> None:
    if name in pages.names:
        pages.show_page(name)
