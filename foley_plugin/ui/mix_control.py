"""What is heard: the takes and the cut's own sound, each as loud as it is listened to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from PyQt6.QtCore import QObject

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.cut_session import CutSession
from foley_plugin.qtmodels.lanes import LaneItem, LaneKind
from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.qtmodels.mix import Heard, MixedSound
from foley_plugin.qtmodels.playback import Playback
from foley_plugin.qtmodels.production_feed import ProductionFeed
from foley_plugin.qtmodels.production_sound import HeardTrack, production_tracks
from foley_plugin.qtmodels.sound_output import NoSound
from foley_plugin.qtmodels.take_sounds import Spot, TakeSounds, Voice, spot_of, voice_of
from foley_plugin.timeline.records import Placement
from foley_plugin.ui.listening_control import ListeningControl


@dataclass(frozen=True)
class Comparison:
    """A take that is heard instead of the one on the timeline; `gain` brings it to that one's level.

    Where `gain` is None it is heard as it would be exported.
    """

    placed: str
    other: str
    gain: float | None = None


class MixControl(QObject):
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
        self._comparison: Comparison | None = None
        self._beside: Mapping[str, LaneItem] = {}
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

    def also_load(self, items: Mapping[str, LaneItem]) -> None:
        """Takes that are not on the timeline, read ahead so that one is heard at once when it is placed.

        They are silent unless `set_comparison` says otherwise.
        """
        self._beside = dict(items)
        self._show_takes()

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Hear a take instead of another, for listening alone. All others are heard as they are exported."""
        if comparison != self._comparison:
            self._comparison = comparison
            self._hand_over()

    def _on_shown(self) -> None:
        self._beside, self._comparison = {}, None
        self.takes.show({})
        self.production.set_tracks(())
        self._hand_over()

    def _on_opened(self) -> None:
        """The media are known: what the cut itself sounds like can be heard."""
        if self._session.cut is not None:
            self.production.set_tracks(production_tracks(self._session.cut))
        self._hand_over()

    def _show_takes(self) -> None:
        voices: dict[Spot, Voice] = {}
        for item in self._beside.values():
            voices[spot_of(item)] = voice_of(self._first_track, self._planned(item), is_placed=False)
        for track, item in self._placed():
            voices[spot_of(item)] = voice_of(track, self._planned(item))
        self.takes.show(voices)

    def _placed(self) -> Iterator[tuple[str, LaneItem]]:
        """What lies on the foley lanes, with its track."""
        for placed in self._session.scene.stack.lanes:
            if placed.lane.kind is LaneKind.FOLEY:
                yield from ((placed.lane.track, item) for item in placed.lane.items)

    @property
    def _first_track(self) -> str:
        lanes = (placed.lane for placed in self._session.scene.stack.lanes)
        return next((lane.track for lane in lanes if lane.kind is LaneKind.FOLEY), "")

    def _planned(self, item: LaneItem) -> Placement | None:
        """What is written of a take beside its place: its family's track and its fades."""
        desk = self._session.desk
        if desk is None or item.take_id is None or not desk.shelf.has(item.take_id):
            return None
        return desk.shelf.take(item.take_id).planned

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
            voice = self.takes.voice(spot)
            gain = self._gain(spot.take_id, sound, is_placed=voice.is_placed)
            gain *= listening.factor(voice.track, LaneKind.FOLEY)
            if gain:
                yield replace(sound, gain=gain)
        for track in self.production.tracks:
            yield HeardTrack(track, self.production.store, listening.factor(track.track, LaneKind.AUDIO))

    def _gain(self, take_id: str, sound: MixedSound, *, is_placed: bool) -> float:
        compared = self._comparison
        if compared is None or take_id not in (compared.placed, compared.other):
            return sound.gain if is_placed else 0.0
        if take_id == compared.placed:
            return 0.0
        placed = self.sounds.get(compared.placed)
        if placed is None or compared.gain is None:
            return sound.gain
        highest = float(abs(sound.samples).max(initial=1e-6))
        return min(placed.gain * compared.gain, max(sound.gain, 1 / highest))

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
