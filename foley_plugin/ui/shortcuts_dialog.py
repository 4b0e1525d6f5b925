"""All commands with their keys: to look up, and to change."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from foley_plugin.qtmodels.key_map import PORTABLE, KeyMap, shown
from foley_plugin.ui import theme
from foley_plugin.ui.actions import COMMANDS, Actions
from foley_plugin.ui.menus import menu_of
from foley_plugin.ui.palette import Tone

COMMAND, KEYS, MENU = range(3)
NAME_ROLE = Qt.ItemDataRole.UserRole


class ShortcutsDialog(QDialog):
    """What is changed holds at once; the window goes on."""

    changed = pyqtSignal(object)
    """A `KeyMap`."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        stored = actions.key_map.stored
        self._map = KeyMap({command.name: command.keys for command in COMMANDS}, stored)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.resize(700, 640)
        self._make_widgets()
        self._lay_out()
        self._fill()
        self.search.textChanged.connect(self._on_search)
        self.table.currentItemChanged.connect(self._on_row)
        self.key_edit.keySequenceChanged.connect(self._on_keys)
        self.set_button.clicked.connect(self._on_set)
        self.clear_button.clicked.connect(self._on_clear)
        self.reset_button.clicked.connect(self._on_reset)
        self.reset_all_button.clicked.connect(self._on_reset_all)
        self.table.selectRow(0)

    @property
    def command(self) -> str:
        """The command of the row that is chosen; "" where none is."""
        item = self.table.item(self.table.currentRow(), COMMAND)
        return "" if item is None else str(item.data(NAME_ROLE))

    def choose(self, name: str) -> None:
        for row in range(self.table.rowCount()):
            item = self.table.item(row, COMMAND)
            if item is not None and item.data(NAME_ROLE) == name:
                self.table.selectRow(row)

    def _make_widgets(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search for a command or a key"))
        self.search.setAccessibleName(self.tr("Search for a command or a key"))
        self.search.setClearButtonEnabled(True)
        self.table = QTableWidget(len(COMMANDS), 3)
        self.table.setAccessibleName(self.tr("Commands and their keys"))
        self.table.setHorizontalHeaderLabels([self.tr("Command"), self.tr("Keys"), self.tr("Menu")])
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        rows, columns = self.table.verticalHeader(), self.table.horizontalHeader()
        assert rows is not None and columns is not None
        rows.hide()
        rows.setDefaultSectionSize(26)
        columns.setHighlightSections(False)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setSectionResizeMode(COMMAND, QHeaderView.ResizeMode.Stretch)
        for column, width_px in ((KEYS, 170), (MENU, 110)):
            self.table.setColumnWidth(column, width_px)
        self._name = QLabel()
        self.key_edit = QKeySequenceEdit()
        self.key_edit.setMaximumSequenceLength(1)
        self.key_edit.setClearButtonEnabled(True)
        self.key_edit.setAccessibleName(self.tr("Press the new keys"))
        self.set_button = QPushButton(self.tr("Set"))
        self.clear_button = QPushButton(self.tr("Without keys"))
        self.reset_button = QPushButton(self.tr("As it was"))
        self.reset_all_button = QPushButton(self.tr("All as they were"))
        self.close_button = QPushButton(self.tr("Close"))
        self.close_button.clicked.connect(self.accept)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAccessibleName(self.tr("Who has these keys"))
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        edit = QHBoxLayout()
        edit.setSpacing(8)
        for widget in (self._name, self.key_edit, self.set_button, self.clear_button, self.reset_button):
            edit.addWidget(widget, stretch=1 if widget is self._name else 0)
        self.key_edit.setFixedWidth(180)
        ends = QHBoxLayout()
        ends.addWidget(self.reset_all_button)
        ends.addStretch()
        ends.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(self.search)
        column.addWidget(self.table, stretch=1)
        column.addLayout(edit)
        column.addWidget(self.words)
        column.addLayout(ends)

    # The table

    def _fill(self) -> None:
        for row, command in enumerate(COMMANDS):
            name = QTableWidgetItem(self._actions.words(command.name))
            name.setData(NAME_ROLE, command.name)
            self.table.setItem(row, COMMAND, name)
            self.table.setItem(row, KEYS, QTableWidgetItem())
            self.table.setItem(row, MENU, QTableWidgetItem(menu_of(command.name).replace("&", "")))
        self._show_keys()

    def _show_keys(self) -> None:
        for row, command in enumerate(COMMANDS):
            item = self.table.item(row, KEYS)
            assert item is not None
            keys = "   ".join(map(shown, self._map.keys(command.name)))
            is_changed = self._map.is_changed(command.name)
            item.setText(self.tr("{} (changed)").format(keys).strip() if is_changed else keys)
        self._show_command()

    def _on_search(self, words: str) -> None:
        wanted = words.casefold().split()
        first = None
        for row in range(self.table.rowCount()):
            texts = (self.table.item(row, column) for column in (COMMAND, KEYS, MENU))
            text = " ".join(item.text() for item in texts if item is not None).casefold()
            is_found = all(word in text for word in wanted)
            self.table.setRowHidden(row, not is_found)
            first = row if is_found and first is None else first
        if first is not None:
            self.table.selectRow(first)

    # The command that is chosen

    def _on_row(self) -> None:
        self.key_edit.clear()
        self._show_command()

    def _show_command(self) -> None:
        name = self.command
        self._name.setText(self._actions.words(name) if name else "")
        self.reset_button.setEnabled(bool(name) and self._map.is_changed(name))
        self.clear_button.setEnabled(bool(name) and bool(self._map.keys(name)))
        self.reset_all_button.setEnabled(bool(self._map.stored))
        self._on_keys()

    @property
    def _typed(self) -> str:
        return self.key_edit.keySequence().toString(PORTABLE)

    def _on_keys(self) -> None:
        typed = self._typed
        user = self._map.user_of(typed, but=self.command) if typed else None
        self.set_button.setEnabled(bool(typed) and bool(self.command))
        self.set_button.setText(self.tr("Take it from there") if user is not None else self.tr("Set"))
        theme.set_tone(self.words, Tone.ACCENT if user is not None else Tone.FAINT)
        if user is None:
            self.words.setText(self.tr("Click the field, then press the keys."))
        else:
            words = self.tr("{keys} is used by “{command}”, which would lose it.")
            self.words.setText(words.format(keys=shown(typed), command=self._actions.words(user)))

    def _on_set(self) -> None:
        self._map.give(self.command, self._typed)
        self._tell()

    def _on_clear(self) -> None:
        self._map.set_keys(self.command, [])
        self._tell()

    def _on_reset(self) -> None:
        self._map.reset(self.command)
        self._tell()

    def _on_reset_all(self) -> None:
        self._map.reset_all()
        self._tell()

    def _tell(self) -> None:
        self.key_edit.setKeySequence(QKeySequence())
        self._show_keys()
        self.changed.emit(self._map)
