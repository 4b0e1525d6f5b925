"""The rows of the paper's three tables, as configurations of one language model and its eyes.

A row says the same at every size: `lm_config` puts it onto the paper's shape or onto a small one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from engine.config import LMConfig, SyncConfig, VisualAttention


@dataclass(frozen=True)
class Row:
    """One system of this project.

    Attributes:
        encoder: a kind of `engine.visual.encoders`.
        has_sync: with hits and a label beside the picture, which the paper's system has not.
        is_papers: whether the paper has this row.
    """

    name: str
    encoder: str = "clip"
    visual_attention: VisualAttention = "all-frame"
    has_sync: bool = False
    is_papers: bool = True

    def lm_config(self, shape: LMConfig, *, visual_dim: int, labels: tuple[str, ...]) -> LMConfig:
        """The row's language model, of the layers, heads and width of `shape`."""
        return replace(
            shape,
            visual_dim=visual_dim,
            visual_attention=self.visual_attention,
            labels=labels if self.has_sync else (),
            sync=SyncConfig() if self.has_sync else None,
        )


@dataclass(frozen=True)
class PaperTable:
    """One table: rows of ours, and the names of the systems whose samples somebody else must bring."""

    name: str
    title: str
    rows: tuple[Row, ...]
    others: tuple[str, ...] = ()


CLIP = Row("FoleyGen (CLIP)")

SYSTEMS = PaperTable(
    "systems",
    "Systems",
    (CLIP, Row("FoleyGen with hits (this project)", has_sync=True, is_papers=False)),
    others=("SpecVQGAN", "IM2WAV"),
)
ENCODERS = PaperTable(
    "encoders",
    "Visual encoders, all-frame attention",
    (
        CLIP,
        Row("FoleyGen (ImageBind)", "imagebind"),
        Row("FoleyGen (ViT)", "vit"),
        Row("FoleyGen (VideoMAE)", "videomae"),
        Row("FoleyGen (foley-tower, this project)", "tower", is_papers=False),
    ),
)
ATTENTION = PaperTable(
    "attention",
    "Visual attention mechanisms, CLIP",
    (
        CLIP,
        Row("causal", visual_attention="causal"),
        Row("frame-wise", visual_attention="frame-wise"),
    ),
)
TABLES = (SYSTEMS, ENCODERS, ATTENTION)


def all_rows(tables: Iterable[PaperTable] = TABLES) -> list[Row]:
    """Each row once: all three tables share the first."""
    return list(dict.fromkeys(row for table in tables for row in table.rows))
