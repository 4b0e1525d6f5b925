"""Several pages in one place, with a row of tabs above them."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from foley_plugin.ui.field_keys import ROW_KEYS, FieldKeys

TAB_ROW_PX = 30


class PageSwitch(QWidget):
    """Pages are known by name; what stands beside the tabs belongs to the page that is shown."""

    page_changed = pyqtSignal(str)

    def __init__(self, accessible_name: str) -> None:
        super().__init__()
        self._names: list[str] = []
        self._tabs = QTabBar()
        self._tabs.setAccessibleName(accessible_name)
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tabs.installEventFilter(FieldKeys(self, ROW_KEYS))
        self._pages = QStackedWidget()
        self._tools = QStackedWidget()
        self._tabs.currentChanged.connect(self._on_tab)
        row = QFrame()
        row.setObjectName("bar")
        row.setFixedHeight(TAB_ROW_PX)
        inside = QHBoxLayout(row)
        inside.setContentsMargins(8, 0, 8, 0)
        inside.setSpacing(8)
        inside.addWidget(self._tabs, alignment=Qt.AlignmentFlag.AlignBottom)
        inside.addWidget(self._tools, stretch=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(row)
        column.addWidget(self._pages, stretch=1)

    def add_page(self, name: str, title: str, page: QWidget, tools: QWidget | None = None) -> None:
        self._names.append(name)
        self._pages.addWidget(page)
        self._tools.addWidget(tools if tools is not None else QWidget())
        self._tabs.addTab(title)

    def set_title(self, name: str, title: str) -> None:
        self._tabs.setTabText(self._names.index(name), title)

    def show_page(self, name: str) -> None:
        self._tabs.setCurrentIndex(self._names.index(name))

    def enter_page(self, name: str) -> None:
        """Show a page and go on with the keys in it."""
        self.show_page(name)
        page = self._pages.currentWidget()
        assert page is not None
        fields = (
            each for each in (page, *page.findChildren(QWidget)) if each.isVisible() and each.isEnabled()
        )
        first = next((each for each in fields if each.focusPolicy() & Qt.FocusPolicy.TabFocus), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def names(self) -> list[str]:
        return list(self._names)

    @property
    def shown_page(self) -> str:
        return self._names[self._tabs.currentIndex()]

    def _on_tab(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        self._tools.setCurrentIndex(index)
        if 0 <= index < len(self._names):
            self.page_changed.emit(self._names[index])
