"""A panel that works until it is killed: `python -m tests.panel.killed_panel CUT ENGINE_SCRIPT FOLDER`.

It makes a take for the first clip, takes a note, has the second clip half made, says so, and waits.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PyQt6.QtWidgets import QApplication

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.engine_process import EngineProcess
from foley_plugin.qtmodels.lanes import LaneItem
from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.qtmodels.sound_output import NoDevice
from foley_plugin.ui.main_window import MainWindow, Surroundings

IN_THE_MIDDLE = "in the middle"
WORKER = Path(__file__).resolve().parents[1] / "fakes" / "worker.py"


def main(cut: Path, script: Path, folder: Path) -> int:
    application = QApplication([])
    engine = EngineProcess(command=[sys.executable, str(WORKER), str(script)], log_path=folder / "engine.log")
    surroundings = Surroundings(
        engine, MediaProcess(), Background(), open_output=NoDevice, settings_path=folder / "settings.json"
    )
    window = MainWindow(surroundings)
    session = window.session

    def clips() -> list[LaneItem]:
        return [item for item in session.scene.stack.lanes[0].lane.items if item.clip_keys]

    def generate(number: int) -> None:
        window.view.select([clips()[number]])
        window.actions_["generate"].trigger()

    def on_take(take_id: str) -> None:
        generate(1)
        desk = session.desk
        assert desk is not None
        desk.work_changed.connect(on_work)

    def on_work() -> None:
        desk = session.desk
        second = clips()[1].name
        if desk is not None and second in desk.running_words and desk.running_fraction > 0.2:
            print(IN_THE_MIDDLE, flush=True)

    session.opened.connect(lambda: generate(0))
    session.take_landed.connect(on_take)
    window.show()
    window.file_control.open(cut)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:4])))
