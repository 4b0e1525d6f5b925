"""How the room is laid out: picture and what sound to make above, the timeline below."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from foley_plugin.ui.level_meter import LevelMeter
from foley_plugin.ui.page_switch import TAB_ROW_PX, PageSwitch
from foley_plugin.ui.side_panel import SidePanel
from foley_plugin.ui.timeline_panel import TimelinePanel
from foley_plugin.ui.transport_bar import TransportBar
from foley_plugin.ui.viewer import Viewer

HANDLE_PX = 3


class Workspace(QSplitter):
    """Two rows with a handle between them; the timeline gets what the picture does not take.

    Beside the picture and below it stand pages with tabs: `side_pages` and `lower_pages`.
    """

    def __init__(
        self,
        viewer: Viewer,
        meter: LevelMeter,
        transport: TransportBar,
        side: SidePanel,
        timeline: TimelinePanel,
    ) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setHandleWidth(HANDLE_PX)
        self.setChildrenCollapsible(False)
        picture = QWidget()
        column = QVBoxLayout(picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        seen_and_heard = QHBoxLayout()
        seen_and_heard.setSpacing(1)
        seen_and_heard.addWidget(viewer, stretch=1)
        seen_and_heard.addWidget(meter)
        column.addLayout(seen_and_heard, stretch=1)
        column.addWidget(transport)
        upper = QSplitter(Qt.Orientation.Horizontal)
        upper.setHandleWidth(HANDLE_PX)
        upper.setChildrenCollapsible(False)
        upper.addWidget(picture)
        self.side_pages = PageSwitch(self.tr("Beside the picture"))
        self.side_pages.add_page("clip", self.tr("Clip"), side)
        upper.addWidget(self.side_pages)
        upper.setStretchFactor(0, 1)
        upper.setStretchFactor(1, 0)
        upper.setSizes([1100, 300])
        self.columns = upper
        self.addWidget(upper)
        self.lower_pages = PageSwitch(self.tr("Below the picture"))
        self.lower_pages.add_page("timeline", self.tr("Timeline"), timeline, timeline.tools)
        self.addWidget(self.lower_pages)
        self.setStretchFactor(0, 0)  # a notice takes its room from the timeline's end, and the picture stands
        self.setStretchFactor(1, 1)
        self.setSizes([520, 360])

    def give_timeline_room(self, wanted_px: int) -> None:
        """Show all lanes where they take no more than about half of the window."""
        whole = self.height() - HANDLE_PX
        timeline = min(max(wanted_px + TAB_ROW_PX, whole // 3), whole * 11 // 20)
        self.setSizes([whole - timeline, timeline])
