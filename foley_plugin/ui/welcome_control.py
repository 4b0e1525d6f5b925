"""The first start: shows the page once, tells it what was found, and lets the demo be heard."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer

from engine.errors import FoleyError
from foley_plugin.qtmodels.lanes import seconds
from foley_plugin.qtmodels.sound_device import default_device_name
from foley_plugin.services.model_facts import DEFAULT_MODEL, model_facts
from foley_plugin.services.settings import change_settings, read_settings
from foley_plugin.ui.first_run import FirstRun
from foley_plugin.ui.reveal import reveal

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow

SOUND_LOADS_MS = 400


class WelcomeControl(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._path = window.surroundings.settings_path
        self._engine = window.surroundings.engine
        self._to_be_heard: Path | None = None
        """The demo's cut, from the button until its first take plays, or something comes between."""
        self.page: FirstRun | None = None
        window.actions_["welcome"].triggered.connect(self.show)
        window.session.shown.connect(self._on_shown)
        window.session.opened.connect(self._on_opened)
        window.session.choice_asked.connect(lambda _: self._end_hearing())
        window.session.open_failed.connect(self._on_failed)
        window.session.failed.connect(self._on_failed)
        window.session.take_landed.connect(self._on_take)
        window.session.work_changed.connect(self._on_work)

    def show_if_new(self) -> None:
        """At the very first start, and never again unasked."""
        if read_settings(self._path).has_been_welcomed:
            return
        with suppress(FoleyError):
            change_settings(self._path, has_been_welcomed=True)
        self.show()

    def show(self) -> None:
        page = self.page if self.page is not None else self._make_page()
        page.show_model(model_facts(self._ready_field("model", DEFAULT_MODEL)))
        self._tell_engine()
        self._window.surroundings.background.run(default_device_name, self._on_device, self._on_no_device)
        self._window.pages.setCurrentWidget(page)
        page.hear_button.setFocus()

    def hear(self) -> None:
        """The demo cut, foley for its first clip, and play: the whole way in one go."""
        assert self.page is not None
        self._to_be_heard = self._window.file_control.open_demo()
        self.page.show_working(self._to_be_heard is not None)

    def _make_page(self) -> FirstRun:
        self.page = page = FirstRun()
        self._window.pages.addWidget(page)
        page.hear_asked.connect(self.hear)
        page.open_asked.connect(self._window.file_control.ask_to_open)
        page.skipped.connect(self._on_skipped)
        page.card_asked.connect(self._on_card)
        self._engine.became_ready.connect(self._tell_engine)
        self._engine.was_lost.connect(lambda words: page.show_engine(words, is_ready=False, is_lost=True))
        return page

    def _tell_engine(self) -> None:
        if self.page is None:
            return
        if not self._engine.is_ready:
            self.page.show_engine(self.tr("The model is loading…"), is_ready=False)
            return
        device, threads = self._ready_field("device", ""), self._ready_field("num_threads", "")
        words = self.tr("this machine's processor, threads: {}").format(threads)
        if device != "cpu":
            words = self.tr("the graphics card ({})").format(device)
        self.page.show_engine(words, is_ready=True)

    def _ready_field(self, name: str, otherwise: str) -> str:
        """Of the engine's hello."""
        return str(getattr(self._engine.ready, name, otherwise))

    def _on_device(self, name: object) -> None:
        if self.page is not None:
            self.page.show_sound(name if isinstance(name, str) else None)

    def _on_no_device(self, sentence: str) -> None:
        self._on_device(None)

    def _on_card(self) -> None:
        card = model_facts(self._ready_field("model", DEFAULT_MODEL)).card
        if card is not None:
            reveal(card, self)

    def _on_skipped(self) -> None:
        window = self._window
        window.pages.setCurrentWidget(window.empty_state if window.session.cut is None else window.workspace)

    # From the demo cut to its sound

    def _is_of(self, demo: Path | None) -> bool:
        """Whether the cut that is shown is this one."""
        cut = self._window.session.cut
        return demo is not None and cut is not None and Path(cut.path) == demo

    def _on_shown(self) -> None:
        """Another cut was opened before the demo was heard: nothing was asked for in it."""
        if not self._is_of(self._to_be_heard):
            self._end_hearing()

    def _on_opened(self) -> None:
        if not self._is_of(self._to_be_heard):
            return
        scene = self._window.session.scene
        first = next(
            (
                item
                for placed in scene.stack.lanes
                for item in placed.lane.items
                if any(scene.clips[key].eligible for key in item.clip_keys if key in scene.clips)
            ),
            None,
        )
        if first is None:
            self._on_failed("")
            return
        self._window.view.select([first])
        self._window.playback.seek(first.record_in_s)
        self._window.actions_["generate"].trigger()
        self._on_work()

    def _on_take(self, take_id: str) -> None:
        demo = self._to_be_heard
        if demo is None or not self._is_of(demo):
            return
        self._end_hearing()
        window = self._window
        clip = next(iter(window.session.selected_clips), None)
        if clip is not None:
            window.playback.seek(seconds(clip.record_in))
        QTimer.singleShot(SOUND_LOADS_MS, lambda: self._play(demo))

    def _play(self, demo: Path) -> None:
        if self._is_of(demo) and not self._window.playback.is_playing:
            self._window.actions_["play"].trigger()

    def _on_work(self) -> None:
        """Cancelled, or not begun at all: a take that comes later was asked for by somebody else."""
        desk = self._window.session.desk
        if self._is_of(self._to_be_heard) and (desk is None or desk.is_idle):
            self._end_hearing()

    def _on_failed(self, sentence: str) -> None:
        """The notice tells what; the button may be tried again."""
        self._end_hearing()

    def _end_hearing(self) -> None:
        self._to_be_heard = None
        if self.page is not None:
            self.page.show_working(False)
