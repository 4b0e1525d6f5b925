"""A film's sounds as they come out of the decoder: pieces with their places on the container's clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from engine.media.mixing import MAX_CHANNELS, PLACELESS, Mixed, Mixer

INTERLEAVED_WITHIN_S = 1.0
"""Where one sound is so far past the end of a stretch, the others have come too."""
LONGEST_GAP_S = 86_400.0
"""A time stamp that leaps farther is wrong."""


@dataclass(frozen=True)
class SoundPiece:
    """[N, C] of one stream at that stream's rate; `at` counts its samples from the moment that was asked for.

    Pieces of a stream follow each other; what comes twice is given once.
    """

    stream: int
    at: int
    wav: Mixed


def num_channels_of(streams: Sequence[AudioStream]) -> int:
    """One where all sounds are mono."""
    return max(min(MAX_CHANNELS, stream.channels) for stream in streams)


def is_added(streams: Sequence[AudioStream]) -> bool:
    """Whether sounds are added, so that they may come to more than full scale."""
    return len(streams) > 1 or any(
        stream.channels > MAX_CHANNELS and PLACELESS in {each.name for each in stream.layout.channels}
        for stream in streams
    )


def sound_pieces(
    container: InputContainer,
    streams: Sequence[AudioStream],
    num_channels: int,
    *,
    from_s: float = 0.0,
    until_s: float | None = None,
) -> Iterator[SoundPiece]:
    """What the streams hold from where the container stands, each mixed to `num_channels`.

    A damaged packet leaves a gap and shifts nothing; a stream that cannot be decoded gives nothing.

    Args:
        from_s: on the container's clock, where pieces are counted from.
        until_s: on that clock, where enough has come; None reads from the beginning to the end of the file.
    """
    lanes = {each.index: _Lane(number, each, num_channels, from_s) for number, each in enumerate(streams)}
    pending = set(lanes)
    for packet in container.demux(list(streams)):
        lane = lanes[packet.stream.index]
        try:
            frames = lane.stream.decode(packet)
        except av.FFmpegError:
            continue
        for frame in frames:
            if frame.pts is None and lane.end is None and until_s is not None:
                continue  # after a jump nobody knows where it belongs
            yield from lane.laid(frame)
        if until_s is None:
            continue
        if lane.end is not None and from_s + lane.end / lane.rate >= until_s:
            pending.discard(packet.stream.index)
        time_s = float("-inf") if packet.pts is None else packet.pts * packet.time_base
        if not pending or time_s >= until_s + INTERLEAVED_WITHIN_S:
            return


class _Lane:
    """Where a stream's next piece lies."""

    def __init__(self, number: int, stream: AudioStream, num_channels: int, from_s: float) -> None:
        self.stream = stream
        self.end: int | None = None
        self._number, self._from_s = number, from_s
        self.rate = stream.rate  # that of the stream follows what is decoded
        self._mixer = Mixer(num_channels, self.rate)

    def laid(self, frame: AudioFrame) -> Iterator[SoundPiece]:
        at = self._place(frame)
        for wav in self._mixer.mixed(frame):
            known = 0 if self.end is None else min(max(0, self.end - at), len(wav))
            if known < len(wav):
                yield SoundPiece(self._number, at + known, wav[known:])
            at += len(wav)
            self.end = at if self.end is None else max(self.end, at)

    def _place(self, frame: AudioFrame) -> int:
        if frame.time is None or frame.pts is None:
            return self.end or 0
        stamped = round((frame.time - self._from_s) * self.rate)
        if self.end is None:
            return stamped
        gap = abs(stamped - self.end)
        # Time stamps are rounded.
        return self.end if gap <= self.rate // 200 or gap > LONGEST_GAP_S * self.rate else stamped
