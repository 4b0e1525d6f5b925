"""The window: puts the parts together and connects them; each part does its own work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QResizeEvent,
    QShowEvent,
)
from PyQt6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.cut_session import CutSession
from foley_plugin.qtmodels.engine_process import EngineProcess
from foley_plugin.qtmodels.lanes import LaneItem, clip_key
from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.qtmodels.picture_time import SeenPicture
from foley_plugin.qtmodels.pictures import Thumbnails, Waveforms
from foley_plugin.qtmodels.playback import Playback
from foley_plugin.qtmodels.sound_output import SoundOutput, open_sound_output
from foley_plugin.qtmodels.viewer_feed import ViewerFeed
from foley_plugin.qtmodels.waveform import Waveform
from foley_plugin.ui import theme
from foley_plugin.ui.actions import Actions
from foley_plugin.ui.clip_presenter import ClipPresenter
from foley_plugin.ui.empty_state import EmptyState
from foley_plugin.ui.engine_presenter import EnginePresenter
from foley_plugin.ui.file_control import FileControl
from foley_plugin.ui.header_bar import HeaderBar
from foley_plugin.ui.history_presenter import HistoryPresenter
from foley_plugin.ui.hit_control import HitControl
from foley_plugin.ui.level_meter import LevelMeter
from foley_plugin.ui.manners import Manners
from foley_plugin.ui.menus import build_menus
from foley_plugin.ui.notice_bar import NoticeBar, Severity
from foley_plugin.ui.playback_control import PlaybackControl
from foley_plugin.ui.queue_control import QueueControl
from foley_plugin.ui.side_panel import SidePanel
from foley_plugin.ui.sound_control import SoundControl
from foley_plugin.ui.spot_control import SpotControl
from foley_plugin.ui.status_strip import StatusStrip
from foley_plugin.ui.take_control import TakeControl
from foley_plugin.ui.take_lanes import TakeLanes
from foley_plugin.ui.timeline_panel import TimelinePanel
from foley_plugin.ui.timeline_view import ZOOM_STEP, TimelineView
from foley_plugin.ui.transport_bar import TransportBar
from foley_plugin.ui.viewer import Viewer
from foley_plugin.ui.work_control import WorkControl
from foley_plugin.ui.workspace import Workspace

PICTURE_SETTLES_MS = 120


@dataclass
class Surroundings:
    """What the window works with and a test may replace.

    `settings_path` of None is the user's own settings; `demo_folder` is where the demo cut is laid out.
    """

    engine: EngineProcess
    media: MediaProcess
    background: Background
    open_output: Callable[[], SoundOutput] = open_sound_output
    settings_path: Path | None = None
    demo_folder: Path | None = None


class MainWindow(QMainWindow):
    shown_first = pyqtSignal()
    """The window is on the screen; what is slow may start now."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self.surroundings = surroundings
        self.setWindowTitle("Foley")
        self.setWindowIcon(theme.icon("foley"))
        self.setAcceptDrops(True)
        self.resize(1440, 900)
        self.actions_ = Actions(self)
        self.session = CutSession(surroundings.engine, surroundings.background, self)
        self.playback = Playback(self, open_output=surroundings.open_output)
        self._make_widgets()
        self._lay_out()
        self._make_controls()
        self._connect_timeline()
        menus = build_menus(self, self.actions_)
        self.playback_control.listening.fill(menus["tracks"])
        self.manners = Manners(self, menus)
        self.actions_.set_has_cut(False)

    def _make_widgets(self) -> None:
        media = self.surroundings.media
        self._thumbnails = Thumbnails(media, self)
        self._waveforms = Waveforms(media, self)
        self._feed = ViewerFeed(media, self)
        self.notice_bar = NoticeBar()
        self.header_bar = HeaderBar(self.actions_)
        self.empty_state = EmptyState()
        self.view = TimelineView(self.session.scene, self._thumbnail, self._wave)
        names = ("draw_curve", "regenerate_after_edits", "snap", "zoom_out", "zoom_in", "fit")
        tools = [self.actions_[name] for name in names]
        self.timeline_panel = TimelinePanel(self.view, tools)
        self.viewer = Viewer()
        self.level_meter = LevelMeter(self.playback.heard_levels)
        self.transport_bar = TransportBar(self.actions_)
        take_tools = [self.actions_[name] for name in ("match_levels", "best_first", "show_trash")]
        self.take_lanes = TakeLanes(self._wave, take_tools)
        self.side_panel = SidePanel(self.actions_["generate"], self.take_lanes)
        self.status_strip = StatusStrip()

    def _lay_out(self) -> None:
        self.workspace = Workspace(
            self.viewer, self.level_meter, self.transport_bar, self.side_panel, self.timeline_panel
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty_state)
        self.pages.addWidget(self.workspace)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header_bar)
        column.addWidget(self.pages, stretch=1)
        column.addWidget(self.notice_bar)
        column.addWidget(self.status_strip)
        self.header_bar.hide()
        self.setCentralWidget(whole)

    def _make_controls(self) -> None:
        self.playback_control = PlaybackControl(self, self._feed)
        self.clip_presenter = ClipPresenter(self.session, self.side_panel, self.timeline_panel)
        self.sound_control = SoundControl(self)
        self.queue_control = QueueControl(self)
        self.hit_control = HitControl(self)
        self.spot_control = SpotControl(self)
        self.work_control = WorkControl(self)
        self.take_control = TakeControl(self, self.take_lanes)
        self.take_control.commands.settings_asked.connect(self.sound_control.use)
        self.history_presenter = HistoryPresenter(self.session.history, self.actions_, self)
        self.file_control = FileControl(self)
        self.engine_presenter = EnginePresenter(self)
        self._picture_timer = QTimer(self)
        self._picture_timer.setSingleShot(True)
        self._picture_timer.setInterval(PICTURE_SETTLES_MS)
        self._picture_timer.timeout.connect(self.playback_control.refresh_picture)

    def _connect_timeline(self) -> None:
        view, session, actions = self.view, self.session, self.actions_
        self._thumbnails.arrived.connect(view.update)
        self._waveforms.arrived.connect(view.update)
        self._waveforms.arrived.connect(self.take_lanes.repaint_waves)
        session.shown.connect(self._on_shown)
        session.opened.connect(self._on_opened)
        session.lanes_changed.connect(view.lanes_changed)
        session.take_landed.connect(self._on_take_landed)
        session.scene_changed.connect(view.update)
        for signal in (
            view.selection_changed,
            view.range_changed,
            session.scene_changed,
            session.takes_changed,
        ):
            signal.connect(self.clip_presenter.show)
        actions["zoom_in"].triggered.connect(lambda: view.zoom(ZOOM_STEP**2))
        actions["zoom_out"].triggered.connect(lambda: view.zoom(ZOOM_STEP**-2))
        actions["fit"].triggered.connect(view.fit)
        actions["zoom_selection"].triggered.connect(view.zoom_to_selection)
        pages = self.workspace
        actions["clip_page"].triggered.connect(lambda: pages.side_pages.enter_page("clip"))
        actions["timeline_page"].triggered.connect(lambda: pages.lower_pages.enter_page("timeline"))
        actions["snap"].setCheckable(True)
        actions["snap"].setChecked(view.is_snapping)
        actions["snap"].toggled.connect(view.set_snapping)
        actions["mark_in"].triggered.connect(view.mark_in)
        actions["mark_out"].triggered.connect(view.mark_out)
        actions["clear_range"].triggered.connect(view.clear_range)
        actions["select_all"].triggered.connect(view.select_all)
        actions["select_at_playhead"].triggered.connect(self._select_at_playhead)
        actions["quit"].triggered.connect(self.close)

    def tell_of_crash(self, trace: Path) -> None:
        words = self.tr(
            "The panel crashed last time; finished takes are kept. What happened is written in {}."
        )
        self.notice_bar.show_notice(words.format(trace), Severity.INFO)

    def _thumbnail(self, picture: SeenPicture) -> QImage | None:
        return self._thumbnails.image(picture)

    def _wave(self, item: LaneItem) -> Waveform | None:
        return self._waveforms.wave(item.media) if item.media is not None else None

    def _on_shown(self) -> None:
        cut = self.session.cut
        assert cut is not None
        self.setWindowTitle(f"{cut.name} – Foley")
        self.header_bar.show_cut(cut)
        self.header_bar.show()
        self.pages.setCurrentWidget(self.workspace)
        self.actions_.set_has_cut(True)
        self.history_presenter.show()
        self.view.show_scene(self.session.scene)
        QTimer.singleShot(0, self.manners.layout_keeper.share_room)
        self.view.setFocus()
        self.clip_presenter.show()

    def _on_opened(self) -> None:
        if self.session.cut is not None:
            self.header_bar.show_cut(self.session.cut)
        self.view.update()
        self.clip_presenter.show()

    def _on_take_landed(self, take_id: str) -> None:
        """Seen by who waits for it; the timeline stays where it is under a hand, and for work on other clips."""
        desk, selected = self.session.desk, {clip_key(clip) for clip in self.session.selected_clips}
        clips = set() if desk is None else {place.clip for place in desk.shelf.places_of(take_id)}
        if not self.view.is_held and (not selected or not selected.isdisjoint(clips)):
            self.view.reveal_take(take_id)

    def _select_at_playhead(self) -> None:
        clip, _ = self.session.picture_at(self.playback.position_s)
        items = (item for placed in self.session.scene.stack.lanes for item in placed.lane.items)
        self.view.select(
            item
            for item in items
            if clip is not None and any(self.session.scene.clips[key] is clip for key in item.clip_keys)
        )

    # Qt

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self.shown_first)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._picture_timer.start()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and self.file_control.dropped_file(event) is not None:
            event.acceptProposedAction()
            self.empty_state.light_up(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        super().dragLeaveEvent(event)
        self.empty_state.light_up(False)

    def dropEvent(self, event: QDropEvent | None) -> None:
        self.empty_state.light_up(False)
        path = self.file_control.dropped_file(event) if event is not None else None
        if path is not None:
            self.file_control.take_in(path)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.manners.layout_keeper.keep()
        self.manners.place_keeper.keep()
        self.hide()
        self.playback.close()
        self.session.close()
        self.surroundings.background.close()
        self.surroundings.media.close()
        self.surroundings.engine.close()
        super().closeEvent(event)
