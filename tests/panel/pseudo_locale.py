"""A language that is 40 % longer and full of accents, and a look for words that it leaves no room for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PyQt6.QtCore import QTranslator
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTabBar,
    QWidget,
)

LONGER = 1.4
ACCENTED = str.maketrans("aceinosuyzACEINOSUYZ", "äçéíñöşûýžÄÇÉÍÑÖŞÛÝŽ")
_KEPT = re.compile(r"(\{[^}]*\}|&.|\n|<[^>]*>)")
SLACK_PX = 1
COMBO_ARROW_PX = 24
FIELD_EDGE_PX = 12


def pseudo(text: str) -> str:
    """Each word longer, what programs read in it as it was."""
    parts = _KEPT.split(text)
    longer = "".join(
        part if index % 2 else re.sub(r"[^\W\d_]+", _longer, part) for index, part in enumerate(parts)
    )
    missing = round(len(text) * LONGER) - len(longer)
    return longer + "~" * max(0, missing) if text.strip() else text


def _longer(word: re.Match[str]) -> str:
    letters = word[0]
    more = max(0, round(len(letters) * (LONGER - 1)))
    return (letters + letters[-1] * more).translate(ACCENTED)


class PseudoTranslator(QTranslator):
    def translate(
        self, context: str | None, source: str | None, disambiguation: str | None = None, n: int = -1
    ) -> str:
        return pseudo(source or "")

    def isEmpty(self) -> bool:
        return False


def cut_off(root: QWidget) -> Iterator[str]:
    """What is seen of a window and has less room than its words need."""
    for widget in [root, *root.findChildren(QWidget)]:
        if not widget.isVisible() or widget.window() is not root.window():
            continue
        missing_px = _missing_px(widget)
        if missing_px > SLACK_PX:
            yield f"{_told(widget)} lacks {missing_px} px"
        elif _missing_px(widget) >= 0 and _has_words(widget) and not _is_within(widget, root):
            yield f"{_told(widget)} lies partly outside of {type(widget.parentWidget()).__name__}"


def _has_words(widget: QWidget) -> bool:
    return isinstance(widget, (QAbstractButton, QComboBox, QLineEdit)) or (
        isinstance(widget, QLabel) and bool(widget.text())
    )


def _missing_px(widget: QWidget) -> int:
    metrics = widget.fontMetrics()
    if isinstance(widget, QLabel):
        if not widget.text() or widget.property("elides"):
            return 0
        if widget.wordWrap():
            return widget.heightForWidth(widget.width()) - widget.height()
        return widget.sizeHint().width() - widget.width()
    if isinstance(widget, QAbstractButton):
        needs = bool(widget.text()) and not widget.property("elides")
        return widget.sizeHint().width() - widget.width() if needs else 0
    if isinstance(widget, QTabBar):
        return widget.sizeHint().width() - widget.width()
    if isinstance(widget, QComboBox):
        return metrics.horizontalAdvance(widget.currentText()) + COMBO_ARROW_PX - widget.width()
    if isinstance(widget, QLineEdit) and not widget.text():
        return metrics.horizontalAdvance(widget.placeholderText()) + FIELD_EDGE_PX - widget.width()
    if isinstance(widget, QHeaderView):
        return _missing_in_header_px(widget)
    return 0


def _missing_in_header_px(header: QHeaderView) -> int:
    model = header.model()
    if model is None or header.isHidden():
        return 0
    columns = (column for column in range(header.count()) if not header.isSectionHidden(column))
    return max(
        (header.sectionSizeHint(column) - header.sectionSize(column) for column in columns),
        default=0,
    )


def _is_within(widget: QWidget, root: QWidget) -> bool:
    """Whether no ancestor cuts a part of the widget off; areas that scroll may."""
    child, parent = widget, widget.parentWidget()
    if any(isinstance(each, QAbstractScrollArea) for each in _ancestors(widget)):
        return True
    while parent is not None and child is not root:
        rect = widget.rect().translated(widget.mapTo(parent, widget.rect().topLeft()))
        if not parent.rect().adjusted(-SLACK_PX, -SLACK_PX, SLACK_PX, SLACK_PX).contains(rect):
            return False
        child, parent = parent, parent.parentWidget()
    return True


def _ancestors(widget: QWidget) -> Iterator[QWidget]:
    parent = widget.parentWidget()
    while parent is not None:
        yield parent
        parent = parent.parentWidget()


def _told(widget: QWidget) -> str:
    words = ""
    if isinstance(widget, (QLabel, QAbstractButton, QLineEdit)):
        words = widget.text()
    elif isinstance(widget, QComboBox):
        words = widget.currentText()
    return f"{type(widget).__name__} “{words}”"
