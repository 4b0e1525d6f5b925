"""Generate, spot, cancel: from the keys, the button and the right mouse button to the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtWidgets import QMenu

from foley_plugin.qtmodels.clip_status import ClipState
from foley_plugin.qtmodels.foley_desk import FoleyDesk
from foley_plugin.qtmodels.queue_model import time_left_words
from foley_plugin.ui.notice_bar import Severity

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow


class WorkControl(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        actions = window.actions_
        actions["generate"].triggered.connect(self.generate)
        actions["spot"].triggered.connect(self._session.spot)
        actions["spot_with_sound"].triggered.connect(self._session.spot_with_sound)
        actions["cancel"].triggered.connect(self._session.cancel_all)
        actions["show_reason"].triggered.connect(self.show_reason)
        actions["take_off"].triggered.connect(self.take_off)
        window.status_strip.cancel_asked.connect(self._session.cancel_all)
        window.view.context_requested.connect(self._on_context)
        self._session.failed.connect(lambda words: window.notice_bar.show_notice(words, Severity.ERROR))
        self._session.noticed.connect(lambda words: window.notice_bar.show_notice(words, Severity.INFO))
        self._session.work_changed.connect(self._on_work)

    def generate(self) -> None:
        """With what is typed by now: the keys take the focus from no field, which would have kept it."""
        self._window.side_panel.sound_form.take_typed()
        self._window.spot_control.take_typed()
        self._window.notice_bar.hide()
        self._session.generate_each(self._window.sound_control.wishes_for)

    def show_reason(self) -> None:
        """Why the selected clips cannot have foley, or failed."""
        reasons = self._reasons()
        words = reasons[0] if reasons else self.tr("Nothing stands in the way of these clips.")
        self._window.notice_bar.show_notice(words, Severity.INFO)

    def take_off(self) -> None:
        """Selected hits go first: they are what was touched last."""
        if self._window.hit_control.delete_selected():
            return
        self._session.take_off(self._session.scene.selected_takes)

    def menu(self) -> QMenu:
        """What the right mouse button offers for what is selected."""
        actions, scene = self._window.actions_, self._session.scene
        menu = QMenu(self._window)
        menu.addAction(actions["generate"])
        menu.addAction(actions["spot"])
        menu.addAction(actions["spot_with_sound"])
        if self._reasons():
            menu.addAction(actions["show_reason"])
        if scene.selected_takes:
            menu.addSeparator()
            menu.addAction(actions["take_off"])
            menu.addAction(actions["save_cast"])
            for name in ("vary_take", "redo_part", "extend_take", "reset_slip"):
                if actions[name].isEnabled():
                    menu.addAction(actions[name])
        self._window.hit_control.add_to(menu)
        menu.addSeparator()
        menu.addAction(actions["select_all"])
        if scene.marked_range_s is not None:
            menu.addAction(actions["clear_range"])
        return menu

    def _reasons(self) -> list[str]:
        statuses = self._session.scene.statuses
        troubled = (ClipState.CANNOT, ClipState.FAILED)
        found = (statuses[key] for key in sorted(self._session.scene.selected_clips) if key in statuses)
        return [status.reason for status in found if status.state in troubled and status.reason]

    def _on_context(self, at: QPoint) -> None:
        self.menu().popup(at)

    def _on_work(self) -> None:
        desk = self._session.desk
        if desk is None or desk.is_idle:
            self._window.status_strip.show_idle()
        else:
            self._window.status_strip.show_job(self._work_words(desk), desk.running_fraction)

    def _work_words(self, desk: FoleyDesk) -> str:
        """What is being done, and for how long yet."""
        queue = desk.queue
        if queue.is_paused and not queue.running and queue.waiting:
            return self.tr("Paused, {} waiting").format(len(queue.waiting))
        left_s = queue.time_left_s
        if left_s is None or not queue.running:
            return desk.running_words
        return f"{desk.running_words}   ·   {time_left_words(left_s)}"
