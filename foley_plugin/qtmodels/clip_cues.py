"""The cue of a clip before any sound is asked for: what was spotted in its picture is kept there. Pure: no Qt."""

from __future__ import annotations

from fractions import Fraction

from foley_plugin.jobs.places import source_of
from foley_plugin.takes.records import Cue
from foley_plugin.takes.store import Store
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.placement import key_of, pieces_of
from foley_plugin.timeline.selection import Selected


class ClipCues:
    """Finds cues by clip, in one open cut. Keys are remembered, since each holds a digest of a media file."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._identities: dict[str, str] = {}
        self._keys: dict[tuple[str, int, Fraction, Fraction], str] = {}

    def find_or_add(self, selected: Selected) -> Cue:
        """
        Raises:
            ProjectError: the project cannot be written.
        """
        cue = self._store.add_cue(self.key(selected), media=selected.clip.media or "")
        self._store.cue_sources.keep(cue.id, source_of(selected))
        return cue

    def key(self, selected: Selected) -> str:
        clip = selected.clip
        place = (clip.track, clip.index, selected.record_in, selected.record_out)
        if place not in self._keys:
            self._keys[place] = key_of(
                self._identity(clip.media or ""), pieces_of(selected), label=None, layer=0, twin=clip.twin
            )
        return self._keys[place]

    def _identity(self, media: str) -> str:
        if media not in self._identities:
            self._identities[media] = media_identity(media) if media else ""
        return self._identities[media]
