"""A film's or a file's own sound for the ear: stretches at one rate that join without a seam."""

from __future__ import annotations

from pathlib import Path

from av.container import InputContainer

from engine.media.decoding import open_container, sound_streams
from engine.media.image_sequence import media_stamp
from engine.media.mixing import Mixed
from engine.media.sound_range import clock_origin_s, decoded_range

MAX_ORIGINS = 256


class SoundReader:
    """Reads stretches of sounds. Remembers where each file's clock begins, which costs a decoder to find."""

    def __init__(self) -> None:
        self._origins_s: dict[tuple[str, int, int], float] = {}

    def read(self, path: Path, first_sample: int, num_samples: int, rate: int) -> Mixed:
        """Samples from `first_sample` on, at `rate` Hz, counted from the first picture or sample; silent outside.

        All sounds of the file together, [N, C] with one channel or two (see `engine.media.mixing`).

        Raises:
            MediaNotFound, MediaUnreadable.
        """
        with open_container(path) as container:
            streams = sound_streams(container, path)
            origin_s = self._origin_s(path, container)
            return decoded_range(container, streams, origin_s, first_sample, num_samples, rate)

    def _origin_s(self, path: Path, container: InputContainer) -> float:
        key = (str(path), *media_stamp(str(path)))
        if key not in self._origins_s:
            if len(self._origins_s) >= MAX_ORIGINS:
                self._origins_s.clear()
            self._origins_s[key] = clock_origin_s(path, container)
        return self._origins_s[key]
