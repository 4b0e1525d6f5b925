"""What is heard: the takes and the cut's own sound, each as loud as it is listened to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from PyQt6.QtCore import QObject

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.cut_session import CutSession
from foley_plugin.qtmodels.lanes import LaneKind
from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.qtmodels.mix import Heard, MixedSound
from foley_plugin.qtmodels.playback import Playback
from foley_plugin.qtmodels.production_feed import ProductionFeed
from foley_plugin.qtmodels.production_sound import HeardTrack, production_tracks
from foley_plugin.qtmodels.sound_output import NoSound
from foley_plugin.qtmodels.take_sounds import TakeSounds
from foley_plugin.timeline.records import Placement
from foley_plugin.ui.listening_control import ListeningControl


class SoundControl(QObject):
    def __init__(
        self,
        session: CutSession,
        playback: Playback,
        media: MediaProcess,
        background: Background,
        listening: ListeningControl,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._playback, self._listening = session, playback, listening
        self.takes = TakeSounds(background, self)
        self.production = ProductionFeed(media, self)
        self._take_gains: Mapping[str, float] = {}
        self.takes.changed.connect(self._hand_over)
        self.takes.failed.connect(session.failed)
        self.production.arrived.connect(playback.mix_again)
        listening.changed.connect(self._on_listening)
        session.shown.connect(self._on_shown)
        session.opened.connect(self._on_opened)
        session.takes_changed.connect(self._show_takes)
        playback.position_changed.connect(self._on_position)
        playback.sound_stalled.connect(self._on_sound_stalled)
        playback.sound_missing.connect(self._on_sound_missing)

    @property
    def sounds(self) -> dict[str, MixedSound]:
        """What is loaded, by take."""
        return {spot.take_id: sound for spot, sound in self.takes.loaded.items()}

    def set_take_gains(self, gains: Mapping[str, float]) -> None:
        """Factors by take, for listening alone, such as takes compared at one level.

        They stand in the place of the family's level; the other takes are heard as they are exported.
        """
        self._take_gains = gains
        self._hand_over()

    def _on_shown(self) -> None:
        self.takes.clear()
        self.production.set_tracks(())
        self._hand_over()

    def _on_opened(self) -> None:
        """The media are known: what the cut itself sounds like can be heard."""
        if self._session.cut is not None:
            self.production.set_tracks(production_tracks(self._session.cut))
        self._hand_over()

    def _show_takes(self) -> None:
        cut = self._session.cut
        if cut is not None:
            self.takes.show(cut, list(self._placed()))

    def _placed(self) -> Iterator[tuple[str, str, Placement]]:
        """Take, track and placement of what lies on the foley lanes."""
        desk = self._session.desk
        if desk is None:
            return
        placements = {
            (take.take_id, take.placement.record_frame): take.placement for take in desk.shelf.placed()
        }
        rate = float(self._session.scene.ruler.rate)
        for placed in self._session.scene.stack.lanes:
            for item in placed.lane.items:
                key = (item.take_id or "", round(item.record_in_s * rate))
                if key in placements:
                    yield key[0], placed.lane.track, placements[key]

    def _on_listening(self) -> None:
        self.production.set_silent_tracks(self._listening.silent_tracks)
        self._hand_over()

    def _on_position(self, position_s: float) -> None:
        self.takes.follow(position_s)
        self.production.follow(position_s, self._playback.speed)

    def _hand_over(self) -> None:
        self._playback.set_sounds(self._heard())

    def _heard(self) -> Iterator[Heard]:
        listening = self._listening.listening
        for spot, sound in self.takes.loaded.items():
            factor = listening.factor(spot.track, LaneKind.FOLEY)
            yield replace(sound, gain=factor * self._take_gains.get(spot.take_id, sound.gain))
        for track in self.production.tracks:
            yield HeardTrack(track, self.production.store, listening.factor(track.track, LaneKind.AUDIO))

    def _on_sound_stalled(self) -> None:
        self._session.noticed.emit(
            self.tr("The audio device takes no sound; the picture plays on in silence. Check the device.")
        )

    def _on_sound_missing(self, why: NoSound) -> None:
        words = {
            NoSound.NO_LIBRARY: self.tr(
                "There is no sound, because PortAudio is not installed; install it (Debian and Ubuntu: "
                "apt install libportaudio2) and start foley again."
            ),
            NoSound.NO_DEVICE: self.tr(
                "There is no sound, because the system has no audio device; connect one and play again."
            ),
            NoSound.REFUSED: self.tr(
                "There is no sound, because the audio device does not open; close what else uses it and play "
                "again."
            ),
        }
        self._session.noticed.emit(words[why])
