"""How fast the panel is on this machine: `foley bench panel`. Needs Qt's libraries, and no screen.

start      from the start of a process to a window on the screen, a fresh process each time
opening    a cut of so many clips: from the click to a timeline that is drawn, media probed afterwards
memory     of the panel's process with that cut open, the engine's and the media's processes not counted
painting   see `ui.painting_speed`, beside a graphics scene and one batched call of Qt's own
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

START_TARGET_S = 1.5
OPENING_TARGET_S = 2.0
MEMORY_TARGET_MB = 400
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "*=false"}
LONGEST_WAIT_S = 60.0


class PanelStart(Struct, frozen=True):
    """One process. `shown_s` and `opened_s` are None where no cut was opened."""

    window_s: float
    shown_s: float | None = None
    opened_s: float | None = None
    memory_mb: float | None = None


class PanelReport(Struct, frozen=True):
    runs: list[PanelStart]
    num_clips: int

    def median(self, name: str) -> float:
        import statistics

        return float(statistics.median(getattr(run, name) for run in self.runs))


def measure_panel(*, num_clips: int = 2000, runs: int = 5) -> PanelReport:
    """Start the panel so many times, each time opening a cut of `num_clips` clips whose media are gone."""
    with tempfile.TemporaryDirectory() as folder:
        cut = Path(folder) / "feature.otio"
        cut.write_bytes(cut_of_many(num_clips))
        command = [sys.executable, "-m", "foley_plugin.panel_speed", "--once", str(cut)]
        told = [_run(command, folder) for _ in range(runs)]
    return PanelReport([msgspec.json.decode(text, type=PanelStart) for text in told], num_clips)


def cut_of_many(num_clips: int) -> bytes:
    """An OpenTimelineIO timeline: two seconds a clip, on three video tracks and one of production sound."""
    tracks = [
        _track(f"Video {number}", "Video", num_clips // 4, f"/rushes/roll_{number}") for number in (1, 2, 3)
    ]
    tracks.append(_track("Production", "Audio", num_clips // 4, "/rushes/sound"))
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": tracks}
    return msgspec.json.encode({"OTIO_SCHEMA": "Timeline.1", "name": "Feature", "tracks": stack})


def _track(name: str, kind: str, count: int, folder: str) -> dict[str, object]:
    clips = [
        {
            "OTIO_SCHEMA": "Clip.2",
            "name": f"shot {number}",
            "source_range": _time_range(24 * (number % 7), 48),
            "media_references": {
                "DEFAULT_MEDIA": {
                    "OTIO_SCHEMA": "ExternalReference.1",
                    "target_url": f"{folder}/{number // 20:04d}.mov",
                    "available_range": _time_range(0, 480),
                }
            },
            "active_media_reference_key": "DEFAULT_MEDIA",
        }
        for number in range(count)
    ]
    return {"OTIO_SCHEMA": "Track.1", "name": name, "kind": kind, "children": clips}


def _time_range(start: int, duration: int) -> dict[str, object]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start), "duration": _time(duration)}


def _time(value: int) -> dict[str, object]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": float(value)}


def _run(command: Sequence[str], folder: str) -> bytes:
    environment = {**os.environ, **OFFSCREEN, "XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, check=True, timeout=2 * LONGEST_WAIT_S
    )
    return done.stdout.splitlines()[-1]


def once(cut: Path | None) -> PanelStart:
    """In this process: show the window, open a cut, and say when. Ends no process but its own children."""
    from PyQt6.QtCore import QEventLoop, QTimer
    from PyQt6.QtWidgets import QApplication

    from foley_plugin.qtmodels.background import Background
    from foley_plugin.qtmodels.engine_process import EngineProcess
    from foley_plugin.qtmodels.media_process import MediaProcess
    from foley_plugin.qtmodels.sound_output import NoDevice
    from foley_plugin.ui.main_window import MainWindow, Surroundings
    from foley_plugin.ui.theme import apply_theme

    application = QApplication(["foley"])
    apply_theme(application)
    idle_engine = EngineProcess(command=[sys.executable, "-c", "input()"])
    own_settings = None if cut is None else cut.with_name("settings.json")
    window = MainWindow(
        Surroundings(
            idle_engine, MediaProcess(), Background(), open_output=NoDevice, settings_path=own_settings
        )
    )

    def wait_for(signal: object) -> float:
        loop = QEventLoop()
        signal.connect(loop.quit)  # type: ignore[attr-defined]
        QTimer.singleShot(round(1000 * LONGEST_WAIT_S), loop.quit)
        loop.exec()
        window.repaint()
        return time.time()

    window.show()
    window_at_s = wait_for(window.shown_first)
    import psutil  # now: the panel itself starts without it

    process = psutil.Process()
    window_s = window_at_s - process.create_time()
    if cut is None:
        window.close()
        return PanelStart(window_s)
    clicked_s = time.time()
    window.file_control.open(cut)
    shown_s = wait_for(window.session.shown) - clicked_s
    opened_s = wait_for(window.session.opened) - clicked_s
    memory_mb = process.memory_info().rss / 1e6
    window.close()
    return PanelStart(window_s, shown_s, opened_s, memory_mb)


def as_lines(report: PanelReport) -> list[str]:
    return [
        f"start to window: {report.median('window_s'):.2f} s (median of {len(report.runs)}; target {START_TARGET_S} s)",
        f"a cut of {report.num_clips} clips: drawn after {report.median('shown_s'):.2f} s (target "
        f"{OPENING_TARGET_S} s), its media looked for after {report.median('opened_s'):.2f} s",
        f"memory of the panel with it: {report.median('memory_mb'):.0f} MB (target {MEMORY_TARGET_MB} MB)",
    ]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="foley bench panel", description="How fast the panel is here.")
    parser.add_argument("--clips", type=int, default=2000, help="of the cut that is opened")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.once is not None:
        print(msgspec.json.encode(once(arguments.once)).decode())
        return 0
    for line in as_lines(measure_panel(num_clips=arguments.clips, runs=arguments.runs)):
        print(line)
    os.environ.update(OFFSCREEN)
    from PyQt6.QtWidgets import QApplication

    from foley_plugin.ui.painting_speed import as_lines as painting_lines
    from foley_plugin.ui.painting_speed import measure_painting

    application = QApplication(["foley"])
    for line in painting_lines(measure_painting()):
        print(line)
    application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
