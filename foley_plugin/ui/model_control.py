"""Which model makes the sounds: chosen by its folder, remembered, and the engine started again with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QFileDialog

from engine.errors import FoleyError
from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.services.model_choice import model_folder, model_name
from foley_plugin.services.settings import change_settings, read_settings
from foley_plugin.ui.notice_bar import Severity

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow


class ModelControl(QObject):
    """A model that was named as the panel was started is this session's, and is not remembered.

    One that is remembered and not there is told, and stays chosen: no other makes sounds in its place unasked.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._engine = window.surroundings.engine
        self._path = window.surroundings.settings_path
        remembered = read_settings(self._path).model_folder
        if remembered and self._engine.place.model is None:
            self._engine.move(self._place_with(Path(remembered)))
        actions = window.actions_
        actions["choose_model"].triggered.connect(self.ask)
        actions["default_model"].triggered.connect(lambda: self.choose(None))
        window.shown_first.connect(self._look)
        self._show()

    def ask(self) -> None:
        """For the folder of a model."""
        held = self._engine.place.model
        title = self.tr("Choose the folder of a model")
        folder = QFileDialog.getExistingDirectory(
            self._window, title, "" if held is None else str(held.parent)
        )
        if folder:
            self.choose(Path(folder))

    def choose(self, folder: Path | None) -> None:
        """From now on, and the next time, sounds are made by the model in this folder; None is the default one."""
        desk, notice_bar = self._window.session.desk, self._window.notice_bar
        if desk is not None and not desk.is_idle:
            words = self.tr("Jobs are still running or waiting; choose another model when they are done.")
            notice_bar.show_notice(words, Severity.INFO)
            return
        words = self.tr("Sounds are made by the default model again.")
        try:
            if folder is not None:
                folder = model_folder(str(folder))
                words = self.tr("Sounds are made by the model {} from now on.").format(model_name(folder))
            change_settings(self._path, model_folder="" if folder is None else str(folder))
        except FoleyError as error:
            notice_bar.show_notice(error.sentence, Severity.ERROR)
            return
        self._engine.move(self._place_with(folder), anew=True)
        self._show()
        notice_bar.show_notice(words, Severity.DONE)

    def _look(self) -> None:
        """The engine is not started with a model that is not there; why, and what can be done, is said here."""
        held = self._engine.place.model
        if held is None:
            return
        try:
            model_folder(str(held))
        except FoleyError as error:
            remedy = self.tr("Choose a model…"), self.ask
            self._window.notice_bar.show_notice(error.sentence, Severity.ERROR, remedy)

    def _place_with(self, folder: Path | None) -> EnginePlace:
        return msgspec.structs.replace(self._engine.place, model=folder)

    def _show(self) -> None:
        self._window.actions_["default_model"].setEnabled(self._engine.place.model is not None)
