"""What is heard: the takes and the cut's own sound, each as loud as it is listened to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

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
        self._take_gains: Mapping[str, float] = {}
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

    @property
    def placed_takes(self) -> set[str]:
        """What lies on the timeline."""
        return {item.take_id for _, item in self._placed() if item.take_id is not None}

    def also_load(self, items: Mapping[str, LaneItem]) -> None:
        """Takes that are not on the timeline, read ahead so that one is heard at once when it is placed.

        They are silent unless `set_take_gains` says otherwise.
        """
        self._beside = dict(items)
        self._show_takes()

    def set_take_gains(self, gains: Mapping[str, float]) -> None:
        """Factors by take, for listening alone, such as takes compared at one level.

        They keep their ratio, and as a whole lie where their family does; 0 silences a take. Others are heard as
        they are exported.
        """
        self._take_gains = gains
        self._hand_over()

    def _on_shown(self) -> None:
        self._beside, self._take_gains = {}, {}
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
        listening, factors = self._listening.listening, self._factors()
        for spot, sound in self.takes.loaded.items():
            voice = self.takes.voice(spot)
            gain = factors.get(spot.take_id, sound.gain if voice.is_placed else 0.0)
            gain *= listening.factor(voice.track, LaneKind.FOLEY)
            if gain:
                yield replace(sound, gain=gain)
        for track in self.production.tracks:
            yield HeardTrack(track, self.production.store, listening.factor(track.track, LaneKind.AUDIO))

    def _factors(self) -> dict[str, float]:
        """The given gains, as a whole at the level of the family."""
        level_of = {take_id: sound.gain for take_id, sound in self.sounds.items()}
        given = {take_id: gain for take_id, gain in self._take_gains.items() if gain and take_id in level_of}
        base = min((level_of[take_id] / gain for take_id, gain in given.items()), default=1.0)
        return {take_id: base * gain for take_id, gain in self._take_gains.items()}

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
