"""Every command of the window with its words, icon and keys, in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QWidget

from foley_plugin.qtmodels.key_map import PORTABLE, KeyMap, shown
from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.ui import theme


@dataclass(frozen=True)
class Command:
    name: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str | None = None
    needs_cut: bool = True
    is_checkable: bool = False
    repeats: bool = False
    """Again and again while its key is held: for small steps alone, so that a resting finger queues no jobs."""


COMMANDS = (
    Command("open", "&Open timeline…", ("Ctrl+O",), "open", needs_cut=False),
    Command("find_media", "&Find media…"),
    Command("demo", "Open the &demo cut", (), None, needs_cut=False),
    Command("export", "&Export timeline…", ("Ctrl+E",), "export"),
    Command("clear_recent", "&Forget recent timelines", needs_cut=False),
    Command("edl_rate", "Frame r&ate of the EDL…"),
    Command("show_project", "Show the &project's folder"),
    Command("choose_model", "Choose &model…", needs_cut=False),
    Command("default_model", "Use the defa&ult model", needs_cut=False),
    Command("quit", "&Quit", ("Ctrl+Q",), None, needs_cut=False),
    Command("undo", "&Undo", ("Ctrl+Z",), repeats=True),
    Command("redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), repeats=True),
    Command("generate", "&Generate foley", ("G", "Ctrl+G"), "generate"),
    Command("spot", "&Spot hits", ("H",)),
    Command("spot_with_sound", "Spot hits with production soun&d", ("Shift+H",)),
    Command("tap", "&Tap a hit", ("T",)),
    Command("previous_hit", "Previous hit", ("[",), repeats=True),
    Command("next_hit", "Next hit", ("]",), repeats=True),
    Command("hits_earlier", "Hits a frame earlier", ("Alt+Left",), repeats=True),
    Command("hits_later", "Hits a frame later", ("Alt+Right",), repeats=True),
    Command("hits_far_earlier", "Hits five frames earlier", ("Alt+Shift+Left",), repeats=True),
    Command("hits_far_later", "Hits five frames later", ("Alt+Shift+Right",), repeats=True),
    Command("hits_stronger", "Hits stronger", ("Ctrl+Up",), repeats=True),
    Command("hits_weaker", "Hits weaker", ("Ctrl+Down",), repeats=True),
    Command("select_hits", "Select all hits", ("Ctrl+Shift+A",)),
    Command("delete_hits", "&Delete hits"),
    Command("revert_hits", "Revert hits t&o detected"),
    Command("draw_curve", "Draw &intensity curve", ("C",), "draw-curve", is_checkable=True),
    Command("revert_curve", "&Erase drawn curve"),
    Command(
        "regenerate_after_edits", "Regenerate &after edits", ("Shift+G",), "regenerate", is_checkable=True
    ),
    Command("show_reason", "Show &reason"),
    Command("take_off", "&Take off the timeline", ("Backspace", "Del")),
    Command("save_cast", "Save take as &cast…"),
    Command("pause_jobs", "&Pause or go on with jobs", ("Ctrl+Shift+P",)),
    Command("cancel", "Cance&l jobs", ("Shift+Esc",)),
    Command("take_1", "Take 1", ("1",)),
    Command("take_2", "Take 2", ("2",)),
    Command("take_3", "Take 3", ("3",)),
    Command("take_4", "Take 4", ("4",)),
    Command("take_5", "Take 5", ("5",)),
    Command("take_6", "Take 6", ("6",)),
    Command("take_7", "Take 7", ("7",)),
    Command("take_8", "Take 8", ("8",)),
    Command("take_9", "Take 9", ("9",)),
    Command("compare_takes", "&Compare with the take before (hold)", ("B",)),
    Command("match_levels", "&Match levels of the takes", (), "match-levels"),
    Command("best_first", "&Best in sync first", (), "best-first"),
    Command("show_trash", "Show takes in the &trash", (), "trash"),
    Command("favourite_take", "&Favourite", ("F",)),
    Command("rename_take", "Re&name…", ("F2",)),
    Command("trash_take", "Move to the t&rash"),
    Command("restore_take", "Re&store from the trash"),
    Command("slip_earlier", "Slip a frame &earlier", ("Ctrl+Alt+Left",), repeats=True),
    Command("slip_later", "Slip a frame &later", ("Ctrl+Alt+Right",), repeats=True),
    Command("slip_earlier_ms", "Slip a millisecond earlier", ("Ctrl+Alt+Shift+Left",), repeats=True),
    Command("slip_later_ms", "Slip a millisecond later", ("Ctrl+Alt+Shift+Right",), repeats=True),
    Command("reset_slip", "&Put back where it was made"),
    Command("redo_part", "Regenerate the mar&ked part"),
    Command("vary_take", "&Vary this take"),
    Command("extend_take", "E&xtend to the clip"),
    Command("copy_recipe", "Copy rec&ipe"),
    Command("repeat_take", "Repeat with the s&ame recipe"),
    Command("use_settings", "&Use its settings"),
    Command("select_all", "Select &all clips", ("Ctrl+A",)),
    Command("select_at_playhead", "Select clip at &playhead", ("Shift+V",)),
    Command("play", "&Play or stop", ("Space",), "play"),
    # Not again and again either, but how long they are held tells `ShuttleKeys` to play slowly.
    Command("play_backwards", "Play &backwards", ("J",), repeats=True),
    Command("stop", "&Stop", ("K",), repeats=True),
    Command("play_forwards", "Play &forwards", ("L",), repeats=True),
    Command("loop", "Play in a &loop", ("/", "Ctrl+L"), "loop", is_checkable=True),
    Command("enter_timecode", "&Go to timecode…", ("=",)),
    Command("solo_foley", "Foley &alone", ("Shift+F",), is_checkable=True),
    Command("dim_production", "&Dim production sound", ("Shift+D",), is_checkable=True),
    Command("clear_listening", "&Hear all tracks", ("Shift+Alt+F",)),
    Command("frame_back", "One frame back", ("Left",), "frame-back", repeats=True),
    Command("frame_forward", "One frame forward", ("Right",), "frame-forward", repeats=True),
    Command("second_back", "One second back", ("Shift+Left",), repeats=True),
    Command("second_forward", "One second forward", ("Shift+Right",), repeats=True),
    Command("previous_edit", "Previous edit", ("Up",), "previous-edit", repeats=True),
    Command("next_edit", "Next edit", ("Down",), "next-edit", repeats=True),
    Command("to_start", "To the start", ("Home",)),
    Command("to_end", "To the end", ("End",)),
    Command("mark_in", "Mark &in", ("I",), "mark-in"),
    Command("mark_out", "Mark &out", ("O",), "mark-out"),
    Command("clear_range", "Clear in and o&ut", ("Alt+X",)),
    Command("zoom_in", "Zoom in", ("+", "Ctrl+="), "zoom-in", repeats=True),
    Command("zoom_out", "Zoom out", ("-",), "zoom-out", repeats=True),
    Command("snap", "&Snap to edits and hits", ("N",), "snap"),
    Command("zoom_selection", "&Zoom to the selection", ("Z",)),
    Command("fit", "&Fit the whole cut", ("Shift+Z",), "fit"),
    Command("clip_page", "&Clip page", ("Ctrl+1",)),
    Command("queue_page", "&Queue page", ("Ctrl+2",)),
    Command("timeline_page", "&Timeline page", ("Ctrl+3",)),
    Command("spot_page", "Sp&ot list page", ("Ctrl+4",)),
    Command("look_dark", "&Dark", needs_cut=False),
    Command("look_light", "&Light", needs_cut=False),
    Command("look_system", "As the &system", needs_cut=False),
    Command("shortcuts", "&Keyboard shortcuts…", ("F1", "?"), None, needs_cut=False),
    Command("welcome", "&Welcome", needs_cut=False),
)


class Actions(QObject):
    """The commands as `QAction`s by name; the window connects them."""

    keys_changed = pyqtSignal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._by_name: dict[str, QAction] = {}
        self.key_map = KeyMap({command.name: command.keys for command in COMMANDS})
        for command in COMMANDS:
            action = QAction(QCoreApplication.translate("Actions", command.text), window)
            action.setObjectName(command.name)
            action.setCheckable(command.is_checkable)
            action.setAutoRepeat(command.repeats)
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            if command.icon is not None:
                action.setIcon(theme.icon(command.icon))
            window.addAction(action)
            self._by_name[command.name] = action
            self._show_keys(command.name)

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def words(self, name: str) -> str:
        """What a command is called, without the marks of a menu."""
        text = next(command.text for command in COMMANDS if command.name == name)
        return plain_words(QCoreApplication.translate("Actions", text))

    def set_has_cut(self, has_cut: bool) -> None:
        for command in COMMANDS:
            if command.needs_cut:
                self._by_name[command.name].setEnabled(has_cut)

    def use_keys(self, key_map: KeyMap) -> None:
        """From now on these keys ask for the commands."""
        self.key_map = key_map
        for name in self._by_name:
            self._show_keys(name)
        self.keys_changed.emit()

    def _show_keys(self, name: str) -> None:
        action, keys = self._by_name[name], self.key_map.keys(name)
        action.setShortcuts([QKeySequence(each, PORTABLE) for each in keys])
        action.setToolTip(f"{self.words(name)} ({shown(keys[0])})" if keys else self.words(name))


def plain_words(text: str) -> str:
    """A menu's words without the mark of its letter, which in Korean stands in brackets behind them."""
    return re.sub(r"\(&.\)", "", text).replace("&", "").removesuffix("…").strip()


def plain_question(words: str) -> str:
    """Words with names that somebody gave, for what an input dialog asks: neither markup nor the mark of a letter."""
    plain = plain_tip(words)
    return name_in_menu(words) if plain == words else plain


def name_in_menu(name: str) -> str:
    """A name that somebody gave, such as a clip's: an & in it is no mark of a letter."""
    return name.replace("&", "&&")
