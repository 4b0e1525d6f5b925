"""A process that loads a language model from disk and draws a few steps; it prints its greatest memory in bytes."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec


def main(folder: str, digest: str, shape: str, dtype: str) -> int:
    import torch

    from engine.checkpoints import WeightsFile
    from engine.config import FOLEYGEN, LMConfig
    from engine.lm.decoding.narrowing import weight_type
    from engine.lm.decoding.opening import open_decoder

    config = msgspec.json.decode(shape, type=LMConfig)
    file = WeightsFile(Path(folder), "lm.safetensors", digest)
    decoder = open_decoder(config, FOLEYGEN.codec, file.read, weight_type(dtype))
    positions = 10 + 500 + config.num_codebooks - 1
    decoder.open(1, positions)
    # Reading all positions in fills the whole cache.
    decoder.prefill(0, torch.zeros(2, positions - 1, config.dim), 10, positions - 10)
    decoder.decode_step([0], torch.zeros(1, 2, config.dim))
    return peak_bytes()


def peak_bytes() -> int:
    """The greatest memory that this process ever held.

    On Linux `ru_maxrss` will not do: a child begins with what its parent held when it was forked.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        peak = next(
            line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM")
        )
        return int(peak.split()[1]) * 1024
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    print(main(*sys.argv[1:5]))
