"""Colours, type and the style sheet: dark neutral greys and one accent.

Neutral on purpose: a tint beside a picture changes how its colours are judged.
"""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette
from PyQt6.QtWidgets import QApplication

WINDOW = "#1f1f21"
PANEL = "#262628"
RAISED = "#303033"
HOVER = "#3a3a3e"
SUNKEN = "#161617"
LINE = "#0f0f10"
LINE_SOFT = "#38383c"
TEXT = "#d6d6d8"
TEXT_DIM = "#9b9ba1"
TEXT_FAINT = "#6b6b71"
ACCENT = "#e8954a"
ACCENT_HOVER = "#f2a660"
ACCENT_DOWN = "#cf7f36"
ON_ACCENT = "#1c1206"
ERROR = "#e0675c"
OK = "#79b27c"

UI_FAMILIES = ("Inter", "Open Sans", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Noto Sans", "DejaVu Sans")
MONO_FAMILIES = ("SF Mono", "Cascadia Mono", "Consolas", "Menlo", "Noto Sans Mono", "DejaVu Sans Mono")
UI_SIZE_PX = 12

ICONS = Path(__file__).resolve().parents[2] / "resources" / "icons"


def icon(name: str) -> QIcon:
    return QIcon(str(ICONS / f"{name}.svg"))


def _first_installed(families: tuple[str, ...]) -> list[str]:
    installed = set(QFontDatabase.families())
    return [family for family in families if family in installed]


def ui_font(size_px: int = UI_SIZE_PX, *, bold: bool = False) -> QFont:
    font = QFont()
    families = _first_installed(UI_FAMILIES)
    if families:
        font.setFamilies(families)
    font.setPixelSize(size_px)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def timecode_font(size_px: int) -> QFont:
    """Digits of equal width, so that a running timecode stands still."""
    font = ui_font(size_px)
    font.setFeature(QFont.Tag("tnum"), 1)
    families = _first_installed(UI_FAMILIES[:1]) or _first_installed(MONO_FAMILIES)
    if families:
        font.setFamilies(families)
    return font


def apply_theme(application: QApplication) -> None:
    application.setStyle("Fusion")
    application.setPalette(_palette())
    application.setFont(ui_font())
    application.setStyleSheet(STYLE_SHEET)


def _palette() -> QPalette:
    roles = QPalette.ColorRole
    colours = {
        roles.Window: WINDOW,
        roles.WindowText: TEXT,
        roles.Base: SUNKEN,
        roles.AlternateBase: PANEL,
        roles.Text: TEXT,
        roles.Button: RAISED,
        roles.ButtonText: TEXT,
        roles.BrightText: "#ffffff",
        roles.ToolTipBase: RAISED,
        roles.ToolTipText: TEXT,
        roles.PlaceholderText: TEXT_FAINT,
        roles.Highlight: ACCENT,
        roles.HighlightedText: ON_ACCENT,
        roles.Link: ACCENT,
        roles.Light: HOVER,
        roles.Midlight: RAISED,
        roles.Mid: LINE_SOFT,
        roles.Dark: LINE,
        roles.Shadow: "#000000",
    }
    palette = QPalette()
    for role, colour in colours.items():
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(TEXT_FAINT))
    return palette


STYLE_SHEET = f"""
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px 6px; }}
QMainWindow, QDialog {{ background: {WINDOW}; }}
QSplitter::handle {{ background: {LINE}; }}
QSplitter::handle:vertical {{ height: 3px; }}
QSplitter::handle:horizontal {{ width: 3px; }}
QMenuBar {{ background: {WINDOW}; color: {TEXT_DIM}; padding: 1px 4px; border-bottom: 1px solid {LINE}; }}
QMenuBar::item {{ padding: 4px 9px; background: transparent; border-radius: 3px; }}
QMenuBar::item:selected {{ background: {RAISED}; color: {TEXT}; }}
QMenu {{ background: {PANEL}; border: 1px solid {LINE}; padding: 4px 0; }}
QMenu::item {{ padding: 5px 28px 5px 10px; }}
QMenu::icon {{ padding-left: 10px; }}
QMenu::item:selected {{ background: {ACCENT}; color: {ON_ACCENT}; }}
QMenu::item:disabled {{ color: {TEXT_FAINT}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {LINE_SOFT}; margin: 4px 10px; }}
QPushButton {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 4px; padding: 5px 12px;
    min-height: 16px; }}
QPushButton:hover {{ background: {HOVER}; }}
QPushButton:pressed {{ background: {SUNKEN}; }}
QPushButton:disabled {{ color: {TEXT_FAINT}; background: {PANEL}; }}
QPushButton:focus {{ border-color: {ACCENT}; }}
QPushButton#primary {{ background: {ACCENT}; color: {ON_ACCENT}; font-weight: 600;
    border-color: {ACCENT_DOWN}; }}
QPushButton#primary:hover {{ background: {ACCENT_HOVER}; }}
QPushButton#primary:pressed {{ background: {ACCENT_DOWN}; }}
QPushButton#primary:disabled {{ background: {RAISED}; color: {TEXT_FAINT}; border-color: {LINE}; }}
QPushButton#primary:focus {{ border-color: {TEXT}; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 3px; }}
QToolButton:hover {{ background: {HOVER}; }}
QToolButton:pressed, QToolButton:checked {{ background: {SUNKEN}; }}
QToolButton:focus {{ border-color: {ACCENT}; }}
QLineEdit, QSpinBox, QComboBox {{ background: {SUNKEN}; border: 1px solid {LINE}; border-radius: 4px;
    padding: 3px 7px; min-height: 18px; selection-background-color: {ACCENT}; selection-color: {ON_ACCENT}; }}
QLineEdit:focus, QSpinBox:focus, QComboBox:focus {{ border-color: {ACCENT}; }}
QLineEdit:disabled, QSpinBox:disabled, QComboBox:disabled {{ color: {TEXT_FAINT}; background: {WINDOW}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url({(ICONS / "chevron-down.svg").as_posix()}); width: 10px; height: 10px; }}
QSpinBox::up-button, QSpinBox::down-button {{ border: none; width: 16px; background: transparent; }}
QSpinBox::up-arrow {{ image: url({(ICONS / "chevron-up.svg").as_posix()}); width: 8px; height: 8px; }}
QSpinBox::down-arrow {{ image: url({(ICONS / "chevron-down.svg").as_posix()}); width: 8px; height: 8px; }}
QAbstractItemView {{ background: {PANEL}; border: 1px solid {LINE}; outline: none; padding: 3px;
    selection-background-color: {ACCENT}; selection-color: {ON_ACCENT}; }}
QAbstractItemView::item {{ min-height: 22px; padding: 0 6px; }}
QListWidget#takes {{ background: {SUNKEN}; border-radius: 4px; selection-background-color: {HOVER};
    selection-color: {TEXT}; }}
QScrollBar {{ background: {WINDOW}; border: none; }}
QScrollBar:horizontal {{ height: 11px; }}
QScrollBar:vertical {{ width: 11px; }}
QScrollBar::handle {{ background: {HOVER}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:hover {{ background: #4a4a4f; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 3px; background: {LINE}; border-radius: 1px; }}
QSlider::handle:horizontal {{ background: {TEXT_DIM}; width: 11px; height: 11px; margin: -4px 0;
    border-radius: 5px; }}
QSlider::handle:horizontal:hover {{ background: {TEXT}; }}
QSlider::handle:horizontal:focus {{ background: {ACCENT}; }}
QProgressBar {{ background: {SUNKEN}; border: 1px solid {LINE}; border-radius: 3px; max-height: 6px;
    min-height: 6px; }}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 2px; }}
QLabel#dim {{ color: {TEXT_DIM}; }}
QLabel#faint {{ color: {TEXT_FAINT}; }}
QLabel#heading {{ color: {TEXT_DIM}; font-weight: 600; }}
QFrame#panel {{ background: {PANEL}; }}
QFrame#bar {{ background: {PANEL}; border-top: 1px solid {LINE}; border-bottom: 1px solid {LINE}; }}
QFrame#notice {{ background: #33291f; border-top: 1px solid {LINE}; border-bottom: 1px solid {LINE}; }}
QFrame#notice[severity="error"] {{ background: #3a2423; }}
QFrame#rule {{ background: {LINE_SOFT}; max-height: 1px; min-height: 1px; border: none; }}
"""
