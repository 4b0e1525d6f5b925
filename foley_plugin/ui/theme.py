"""The application's look: which palette is worn, its type, its icons and its style sheet."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette
from PyQt6.QtWidgets import QApplication, QWidget

from foley_plugin.ui.palette import DARK, PALETTES, Palette, Scheme, Tone
from foley_plugin.ui.theme_icon import ThemeIcon

UI_FAMILIES = ("Inter", "Open Sans", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Noto Sans", "DejaVu Sans")
MONO_FAMILIES = ("SF Mono", "Cascadia Mono", "Consolas", "Menlo", "Noto Sans Mono", "DejaVu Sans Mono")
UI_SIZE_PX = 12

ICONS = Path(__file__).resolve().parents[2] / "resources" / "icons"


class _Wardrobe:
    """What the application wears. One for the process, as the application is; what paints by hand asks often."""

    worn = DARK


def palette() -> Palette:
    """What the application wears now."""
    return _Wardrobe.worn


def icon(name: str) -> QIcon:
    """An icon in the colours of whatever palette is worn when it is painted."""
    return QIcon(ThemeIcon(ICONS / f"{name}.svg", palette))


def set_tone(label: QWidget, tone: Tone) -> None:
    """Colour the words of a label by what they mean; the style sheet follows the palette."""
    label.setProperty("tone", tone.value)
    style = label.style()
    if style is not None:
        style.polish(label)


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


def apply_theme(application: QApplication, scheme: Scheme = Scheme.DARK) -> None:
    """Dress the application; may be called again while it runs."""
    worn = _Wardrobe.worn = PALETTES[scheme]
    application.setStyle("Fusion")
    application.setPalette(_qt_palette(worn))
    application.setFont(ui_font())
    application.setStyleSheet(_style_sheet(worn))


def _qt_palette(p: Palette) -> QPalette:
    roles = QPalette.ColorRole
    colours = {
        roles.Window: p.window,
        roles.WindowText: p.text,
        roles.Base: p.sunken,
        roles.AlternateBase: p.panel,
        roles.Text: p.text,
        roles.Button: p.raised,
        roles.ButtonText: p.text,
        roles.BrightText: p.bright,
        roles.ToolTipBase: p.raised,
        roles.ToolTipText: p.text,
        roles.PlaceholderText: p.text_faint,
        roles.Highlight: p.accent,
        roles.HighlightedText: p.on_accent,
        roles.Link: p.accent,
        roles.Light: p.hover,
        roles.Midlight: p.raised,
        roles.Mid: p.line_soft,
        roles.Dark: p.line,
        roles.Shadow: p.shadow,
    }
    colouring = QPalette()
    for role, colour in colours.items():
        colouring.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        colouring.setColor(QPalette.ColorGroup.Disabled, role, QColor(p.text_faint))
    return colouring


def _file(name: str) -> str:
    return (ICONS / f"{name}.svg").as_posix()


def _style_sheet(p: Palette) -> str:
    return f"""
QToolTip {{ background: {p.raised}; color: {p.text}; border: 1px solid {p.line}; padding: 4px 6px; }}
QMainWindow, QDialog {{ background: {p.window}; }}
QSplitter::handle {{ background: {p.line}; }}
QSplitter::handle:vertical {{ height: 3px; }}
QSplitter::handle:horizontal {{ width: 3px; }}
QMenuBar {{ background: {p.window}; color: {p.text_dim}; padding: 1px 4px; border-bottom: 1px solid {p.line}; }}
QMenuBar::item {{ padding: 4px 9px; background: transparent; border-radius: 3px; }}
QMenuBar::item:selected {{ background: {p.raised}; color: {p.text}; }}
QMenu {{ background: {p.panel}; border: 1px solid {p.line}; padding: 4px 0; }}
QMenu::item {{ padding: 5px 28px 5px 10px; }}
QMenu::icon {{ padding-left: 10px; }}
QMenu::item:selected {{ background: {p.accent}; color: {p.on_accent}; }}
QMenu::item:disabled {{ color: {p.text_faint}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {p.line_soft}; margin: 4px 10px; }}
QTabBar {{ background: transparent; }}
QTabBar::tab {{ background: transparent; color: {p.text_dim}; padding: 6px 12px 5px 12px;
    border-bottom: 2px solid transparent; }}
QTabBar::tab:hover {{ color: {p.text}; }}
QTabBar::tab:selected {{ color: {p.text}; border-bottom-color: {p.accent}; }}
QTabBar::tab:focus {{ background: {p.raised}; }}
QPushButton {{ background: {p.raised}; border: 1px solid {p.line}; border-radius: 4px; padding: 5px 12px;
    min-height: 16px; }}
QPushButton:hover {{ background: {p.hover}; }}
QPushButton:pressed {{ background: {p.sunken}; }}
QPushButton:disabled {{ color: {p.text_faint}; background: {p.panel}; }}
QPushButton:focus {{ border-color: {p.accent}; }}
QPushButton#primary {{ background: {p.accent}; color: {p.on_accent}; font-weight: 600;
    border-color: {p.accent_down}; }}
QPushButton#primary:hover {{ background: {p.accent_hover}; }}
QPushButton#primary:pressed {{ background: {p.accent_down}; }}
QPushButton#primary:disabled {{ background: {p.raised}; color: {p.text_faint}; border-color: {p.line}; }}
QPushButton#primary:focus {{ border-color: {p.text}; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 3px; }}
QToolButton:hover {{ background: {p.hover}; }}
QToolButton:pressed, QToolButton:checked {{ background: {p.sunken}; }}
QToolButton:focus {{ border-color: {p.accent}; }}
QToolButton#lit {{ color: {p.text_dim}; border-color: {p.line_soft}; padding: 2px 7px; }}
QToolButton#lit:checked {{ background: {p.accent}; color: {p.on_accent}; border-color: {p.accent_down};
    font-weight: 600; }}
QToolButton#lit:focus {{ border-color: {p.text}; }}
QLineEdit, QSpinBox, QComboBox {{ background: {p.sunken}; border: 1px solid {p.line}; border-radius: 4px;
    padding: 3px 7px; min-height: 18px; selection-background-color: {p.accent}; selection-color: {p.on_accent}; }}
QLineEdit#timecode {{ background: transparent; border-color: transparent; padding: 2px 5px; }}
QLineEdit#timecode:hover {{ border-color: {p.line_soft}; }}
QLineEdit#timecode:focus {{ background: {p.sunken}; border-color: {p.accent}; }}
QLineEdit:focus, QSpinBox:focus, QComboBox:focus {{ border-color: {p.accent}; }}
QLineEdit:disabled, QSpinBox:disabled, QComboBox:disabled {{ color: {p.text_faint}; background: {p.window}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url({_file("chevron-down")}); width: 10px; height: 10px; }}
QSpinBox::up-button, QSpinBox::down-button {{ border: none; width: 16px; background: transparent; }}
QSpinBox::up-arrow {{ image: url({_file("chevron-up")}); width: 8px; height: 8px; }}
QSpinBox::down-arrow {{ image: url({_file("chevron-down")}); width: 8px; height: 8px; }}
QAbstractItemView {{ background: {p.panel}; border: 1px solid {p.line}; outline: none; padding: 3px;
    selection-background-color: {p.accent}; selection-color: {p.on_accent}; }}
QAbstractItemView::item {{ min-height: 22px; padding: 0 6px; }}
QListView#takes {{ background: {p.panel}; padding: 0; border: 1px solid {p.line}; border-radius: 3px; }}
QListView#takes::item {{ padding: 0; }}
QListView#takes QLineEdit {{ padding: 0 3px; min-height: 14px; border-radius: 2px; }}
QHeaderView {{ background: {p.panel}; border: none; padding: 0; }}
QHeaderView::section {{ background: {p.panel}; color: {p.text_dim}; border: none;
    border-bottom: 1px solid {p.line_soft}; padding: 4px 9px; }}
QTableView {{ background: {p.sunken}; border: 1px solid {p.line}; border-radius: 4px;
    selection-background-color: {p.hover}; selection-color: {p.text}; }}
QTableView:focus {{ border-color: {p.accent}; }}
QTableView::item {{ padding: 4px 6px; border-bottom: 1px solid {p.line_soft}; }}
QTableView::item:selected {{ background: {p.raised}; color: {p.text}; }}
QCheckBox {{ spacing: 7px; }}
QCheckBox::indicator, QTableView::indicator {{ width: 13px; height: 13px; border: 1px solid {p.hover_strong};
    border-radius: 3px; background: {p.sunken}; }}
QCheckBox::indicator:checked, QTableView::indicator:checked {{ background: {p.accent};
    border-color: {p.accent_down}; image: url({_file("check-on-accent")}); }}
QCheckBox:focus {{ color: {p.accent}; }}
QTableView#spots {{ alternate-background-color: {p.panel}; border: none; border-radius: 0; padding: 0; }}
QTableView#spots::item {{ padding: 0 6px; border: none; }}
QTableView#spots::item:selected {{ background: {p.line_soft}; }}
QTableView#spots QHeaderView::section {{ border-right: 1px solid {p.line_soft}; }}
QHeaderView::up-arrow {{ image: url({_file("chevron-up")}); width: 9px; height: 9px; }}
QHeaderView::down-arrow {{ image: url({_file("chevron-down")}); width: 9px; height: 9px; }}
QListView#jobs {{ background: {p.panel}; padding: 0; border: 1px solid {p.line}; border-radius: 3px; }}
QScrollBar {{ background: {p.window}; border: none; }}
QScrollBar:horizontal {{ height: 11px; }}
QScrollBar:vertical {{ width: 11px; }}
QScrollBar::handle {{ background: {p.text_faint}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:hover {{ background: {p.text_dim}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 3px; background: {p.line}; border-radius: 1px; }}
QSlider::handle:horizontal {{ background: {p.text_dim}; width: 11px; height: 11px; margin: -4px 0;
    border-radius: 5px; }}
QSlider::handle:horizontal:hover {{ background: {p.text}; }}
QSlider::handle:horizontal:focus {{ background: {p.accent}; }}
QProgressBar {{ background: {p.sunken}; border: 1px solid {p.line}; border-radius: 3px; max-height: 6px;
    min-height: 6px; }}
QProgressBar::chunk {{ background: {p.accent}; border-radius: 2px; }}
QLabel[tone="dim"] {{ color: {p.text_dim}; }}
QLabel[tone="faint"] {{ color: {p.text_faint}; }}
QLabel[tone="accent"] {{ color: {p.accent}; }}
QLabel[tone="ok"] {{ color: {p.ok}; }}
QLabel[tone="error"] {{ color: {p.error}; }}
QLabel#lamp {{ font-size: 9px; }}
QLabel#dim {{ color: {p.text_dim}; }}
QLabel#faint {{ color: {p.text_faint}; }}
QLabel#heading {{ color: {p.text_dim}; font-weight: 600; }}
QScrollArea#tight, QScrollArea#tight > QWidget > QWidget {{ background: transparent; }}
QFrame#popup {{ background: {p.panel}; border: 1px solid {p.line}; }}
QFrame#popup QListView {{ border: none; padding: 0; background: {p.panel}; }}
QPushButton#field {{ background: {p.sunken}; text-align: left; padding: 3px 7px; }}
QPushButton#field:hover {{ background: {p.sunken}; border-color: {p.hover_strong}; }}
QPushButton#field:focus {{ border-color: {p.accent}; }}
QPushButton#field:disabled {{ background: {p.window}; }}
QPushButton#chip {{ padding: 1px 8px; border-radius: 9px; border-color: {p.line_soft}; }}
QPushButton#chip:checked {{ border-color: {p.accent}; color: {p.text}; }}
QToolButton#fold {{ padding: 1px 3px; color: {p.text_dim}; }}
QToolButton#fold:checked {{ background: transparent; }}
QToolButton#presets {{ padding: 1px 15px 1px 4px; color: {p.text_dim}; }}
QToolButton#presets::menu-indicator {{ image: url({_file("chevron-down")}); width: 9px; height: 9px;
    subcontrol-origin: padding; subcontrol-position: center right; right: 3px; }}
QFrame#panel {{ background: {p.panel}; }}
QFrame#bar {{ background: {p.panel}; border-top: 1px solid {p.line}; border-bottom: 1px solid {p.line}; }}
QFrame#notice {{ background: {p.notice}; border-top: 1px solid {p.line}; border-bottom: 1px solid {p.line}; }}
QFrame#notice[severity="error"] {{ background: {p.notice_error}; }}
QFrame#drop {{ background: {p.panel}; border: 2px dashed {p.line_soft}; border-radius: 10px; }}
QFrame#drop[plain="true"] {{ border: 1px solid {p.line_soft}; }}
QFrame#drop[lit="true"] {{ border: 2px solid {p.accent}; background: {p.raised}; }}
QToolButton#row {{ text-align: left; padding: 3px 8px; }}
QLabel#rule {{ background: {p.line_soft}; }}
QFrame#rule {{ background: {p.line_soft}; max-height: 1px; min-height: 1px; border: none; }}
"""
