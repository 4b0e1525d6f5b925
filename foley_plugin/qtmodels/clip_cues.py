"""The cue of a clip before any sound is asked for: what was spotted in its picture is kept there. Pure: no Qt."""

from __future__ import annotations

from foley_plugin.jobs.places import source_of
from foley_plugin.takes.records import Cue
from foley_plugin.takes.store import Store
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.placement import key_of, pieces_of
from foley_plugin.timeline.selection import Selected


class ClipCues:
    """Finds cues by clip. Media files are read once each, since a key holds a digest of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._identities: dict[str, str] = {}

    def find(self, selected: Selected) -> Cue | None:
        """None where nothing was spotted and nothing noted."""
        return self._store.cue(self.key(selected))

    def find_or_add(self, selected: Selected) -> Cue:
        """
        Raises:
            ProjectError: the project cannot be written.
        """
        cue = self._store.add_cue(self.key(selected), media=selected.clip.media or "")
        self._store.cue_sources.keep(cue.id, source_of(selected))
        return cue

    def key(self, selected: Selected) -> str:
        media = selected.clip.media or ""
        if media not in self._identities:
            self._identities[media] = media_identity(media) if media else ""
        return key_of(self._identities[media], pieces_of(selected), label=None, layer=0)
