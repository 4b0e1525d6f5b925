"""Looks at an export and writes it, away from the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from engine.errors import FoleyError
from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.cut_session import CutSession
from foley_plugin.qtmodels.export_plan import DeliveryOrder, ExportOrder
from foley_plugin.services.exporting import look_at_export
from foley_plugin.services.writing import refusal, write_foley
from foley_plugin.timeline.out.records import Exported
from foley_plugin.timeline.preflight.findings import Finding
from foley_plugin.timeline.records import CutRecord, Placement

if TYPE_CHECKING:
    from foley_plugin.services.delivery.deliver import Delivery

OnFailed = Callable[[str], None]


class Exporter(QObject):
    """Of the cut that is open. Answers come in the window's thread; an answer to an older question is dropped."""

    takes_changed = pyqtSignal()
    """`placements` may be others now."""
    progressed = pyqtSignal(int, int)
    """Of a delivery: so many files of so many are written."""

    def __init__(self, session: CutSession, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._background = session, background
        self._num_looks = 0
        session.takes_changed.connect(self.takes_changed)

    @property
    def cut(self) -> CutRecord | None:
        return self._session.cut

    @property
    def project(self) -> Path | None:
        return self._session.project_folder

    @property
    def placements(self) -> list[Placement]:
        """The takes that lie on the timeline."""
        return self._session.placements

    def look(self, target_name: str, on_found: Callable[[list[Finding]], None], on_failed: OnFailed) -> None:
        """What the import of a target would stumble over."""
        cut, placements = self.cut, self.placements
        if cut is None:
            return
        self._num_looks += 1
        number = self._num_looks

        def deliver(answer: Callable[[], None]) -> None:
            if number == self._num_looks:
                answer()

        self._background.run(
            lambda: look_at_export(cut, placements, target_name),
            lambda looked: deliver(lambda: on_found(_exported(looked).findings)),
            lambda words: deliver(lambda: on_failed(words)),
        )

    def drop_looks(self) -> None:
        """Nobody waits for the answer to a `look` any more."""
        self._num_looks += 1

    def export(self, order: ExportOrder, on_done: Callable[[Exported], None], on_failed: OnFailed) -> None:
        """Write a timeline with what is placed."""
        cut, project = self.cut, self.project
        if cut is None or project is None:
            return
        try:
            placements = self._session.placed_files()
        except FoleyError as error:
            on_failed(error.sentence)
            return

        def on_written(written: object) -> None:
            exported = _exported(written)
            if exported.path is None:
                on_failed(refusal(exported))
            else:
                on_done(exported)

        def write() -> Exported:
            return write_foley(
                cut,
                order.path,
                placements,
                project,
                target_name=order.target_name,
                options=order.options,
            )

        self._background.run(write, on_written, on_failed)

    def deliver(self, order: DeliveryOrder, on_done: Callable[[Path], None], on_failed: OnFailed) -> None:
        """Write a folder of WAVs, as `foley deliver` does."""
        cut, project = self.cut, self.project
        if cut is None or project is None:
            return

        def write() -> Delivery:
            # Here, since numpy is not needed to start.
            from foley_plugin.services.delivery.cues import read_cues
            from foley_plugin.services.delivery.deliver import Wanted, deliver

            wanted = Wanted(stems=order.stems, width=order.width)
            return deliver(read_cues(cut, project), order.folder, wanted, self.progressed.emit)

        self._background.run(write, lambda _delivery: on_done(order.folder), on_failed)


def _exported(answer: object) -> Exported:
    assert isinstance(answer, Exported)
    return answer
