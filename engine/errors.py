"""One tree of errors; each leaf has a wire code and a sentence for the user.

The sentence says what is wrong and what to do; it is complete in itself, so that the panel and the
command line can print it as it is.
"""

from __future__ import annotations

from typing import ClassVar


class FoleyError(Exception):
    """Anything that the user can be told in one sentence.

    Attributes:
        code: the wire code, stable over versions of the protocol.
    """

    code: ClassVar[str] = "internal"

    @property
    def sentence(self) -> str:
        return str(self)


class MediaError(FoleyError):
    """A media file that cannot be used."""

    code = "media"


class MediaNotFound(MediaError):
    code = "media_not_found"


class MediaUnreadable(MediaError):
    code = "media_unreadable"


class MediaTruncated(MediaError):
    """Fewer frames came out than the container promised."""

    code = "media_truncated"


class CheckpointError(FoleyError):
    code = "checkpoint"


class CheckpointNotFound(CheckpointError):
    code = "checkpoint_not_found"


class CheckpointCorrupt(CheckpointError):
    code = "checkpoint_corrupt"


class RequestError(FoleyError):
    """A request that the engine cannot carry out as it stands."""

    code = "request"


class UnknownLabel(RequestError):
    code = "unknown_label"


class PromptNotRead(RequestError):
    """A sound asked for in words, of a model that knows labels alone."""

    code = "prompt_not_read"


class UnknownEncoder(RequestError):
    """A visual encoder named on a command line that is none."""

    code = "unknown_encoder"


class OutputError(FoleyError):
    """A result that could not be written (full disk, missing folder, no permission)."""

    code = "output"


class OutOfMemory(FoleyError):
    code = "out_of_memory"


class ClusterError(FoleyError):
    """A Ray cluster that cannot be used, or that failed over a clip."""

    code = "cluster"


class Cancelled(FoleyError):
    """Raised inside the engine when the user cancels; never shown as a failure."""

    code = "cancelled"


class TrainingDiverged(FoleyError):
    code = "training_diverged"


class TrainingFailed(FoleyError):
    """One of several stages that train side by side did not end well."""

    code = "training_failed"


OUT_OF_MEMORY_WORDS = (
    "not enough memory",
    "can't allocate memory",
    "out of memory",
    "bad_alloc",
    "could not create a memory",
    "alloc_failed",
)
"""What PyTorch's CPU allocator, its other devices, C++, oneDNN and cuBLAS say, each in a RuntimeError."""


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether less work at once might have succeeded. What went wrong on the way out of such an error counts too."""
    while error is not None:
        told = str(error).lower()
        is_told = isinstance(error, RuntimeError) and any(words in told for words in OUT_OF_MEMORY_WORDS)
        if is_told or isinstance(error, MemoryError):
            return True
        error = error.__context__
    return False
