"""The residual vector quantiser of EnCodec (arXiv 2210.13438, section 3.2), with a training update of our own.

The package's update revives dead codes and overwrites them in the same step, and its later quantisers
give the encoder no gradient; so sums are gathered here by index_add over detached residuals, one
straight-through estimator stands outside of all quantisers, and a revived code has its running means
reset with it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SWITCH_SHARE = 0.3
"""Of the mean squared error that a codebook leaves: what another code than the one before costs."""


class Quantized(NamedTuple):
    """`latents` [B, D, T] carries the straight-through gradient; `commitment` is a scalar.

    `codes` [B, K, T], and `residuals` [B, K, T, D] are what each codebook was to quantise.
    """

    latents: Tensor
    codes: Tensor
    commitment: Tensor
    residuals: Tensor


class ResidualVectorQuantizer(nn.Module):
    """K codebooks of V vectors; each quantises what the ones before left over.

    Args:
        given: [V, d], where the first codebook is given: it quantises the first d dimensions, alone, and stays. The
            others then hold their codes where that costs little (`encode`).
    """

    embed: Tensor
    cluster_size: Tensor
    embed_sum: Tensor
    switch_cost: Tensor

    def __init__(
        self,
        num_codebooks: int,
        codebook_size: int,
        dim: int,
        *,
        decay: float = 0.99,
        given: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.num_codebooks, self.codebook_size, self.dim = num_codebooks, codebook_size, dim
        self.decay = decay
        self.num_given, self.dims_given = (0, 0) if given is None else (1, given.shape[1])
        self.register_buffer("embed", torch.zeros(num_codebooks, codebook_size, dim))
        self.register_buffer("cluster_size", torch.ones(num_codebooks, codebook_size))
        self.register_buffer("embed_sum", torch.zeros(num_codebooks, codebook_size, dim))
        if given is not None:
            self.embed[0, :, : self.dims_given] = given
            self.register_buffer("switch_cost", torch.zeros(num_codebooks))

    def encode(self, latents: Tensor) -> Tensor:
        """[B, D, T] -> codes [B, K, T].

        Beside a given codebook, each takes the codes that cost least in all: squared distances, and `switch_cost`
        wherever a code is another than the one before. A sound that hardly changes then keeps its codes, where
        the nearest ones would flicker, and a language model learns what changes.
        """
        residual = latents.transpose(1, 2)
        codes = []
        for k in range(self.num_codebooks):
            if self.dims_given and k >= self.num_given:
                chosen = held_codes(_distances(residual, self.embed[k]), float(self.switch_cost[k]))
            else:
                chosen = self._nearest(residual, k)
            residual = residual - F.embedding(chosen, self.embed[k])
            codes.append(chosen)
        return torch.stack(codes, dim=1)

    def decode(self, codes: Tensor) -> Tensor:
        """Codes [B, K, T] -> latents [B, D, T]."""
        vectors = sum(F.embedding(codes[:, k], self.embed[k]) for k in range(codes.shape[1]))
        assert isinstance(vectors, Tensor)
        return vectors.transpose(1, 2)

    def quantize(self, latents: Tensor) -> Quantized:
        """Quantise for training; then let the codebooks `follow` what was quantised."""
        vectors = latents.transpose(1, 2)
        total = torch.zeros_like(vectors)
        commitment = vectors.new_zeros(())
        codes, residuals = [], []
        for k in range(self.num_codebooks):
            residual = vectors - total
            nearest = self._nearest(residual.detach(), k)
            chosen = F.embedding(nearest, self.embed[k]).detach()
            commitment = commitment + F.mse_loss(residual, chosen) / self.num_codebooks
            total = total + chosen
            codes.append(nearest)
            residuals.append(residual.detach())
        straight_through = vectors + (total - vectors).detach()
        return Quantized(
            straight_through.transpose(1, 2),
            torch.stack(codes, dim=1),
            commitment,
            torch.stack(residuals, dim=1),
        )

    @torch.no_grad()
    def follow(self, residuals: Tensor, codes: Tensor, *, generator: torch.Generator | None = None) -> None:
        """Move the codebooks by exponential moving averages towards what they stood for.

        Args:
            residuals: [B, K, T, D], what each codebook was to quantise, of one step or of all its parts.
            codes: [B, K, T], what it chose.
            generator: draws what dead codes are revived with.
        """
        for k in range(self.num_given, self.num_codebooks):
            rows = self._left_to_learn(residuals[:, k].reshape(-1, self.dim))
            self._follow(rows, codes[:, k].reshape(-1), k, generator)

    @torch.no_grad()
    def start_by_kmeans(
        self, pool: Tensor, *, iterations: int = 12, generator: torch.Generator | None = None
    ) -> None:
        """Start every codebook from a pool of latents [N, D], one after the other on what is left over."""
        residual = self._left_to_learn(pool)
        is_sound = residual.any(dim=1)
        for k in range(self.num_given, self.num_codebooks):
            picks = torch.randperm(len(residual), generator=generator)[: self.codebook_size].to(pool.device)
            centres = residual[picks].clone()
            if len(centres) < self.codebook_size:
                extra = torch.randint(
                    len(residual), (self.codebook_size - len(centres),), generator=generator
                )
                centres = torch.cat([centres, residual[extra.to(pool.device)]])
            for _ in range(iterations):
                nearest = _nearest_rows(residual, centres)
                sums = torch.zeros_like(centres).index_add_(0, nearest, residual)
                counts = torch.bincount(nearest, minlength=len(centres)).to(sums)
                lost = counts == 0
                centres = torch.where(lost[:, None], centres, sums / counts.clamp(min=1)[:, None])
                if lost.any():
                    again = torch.randint(len(residual), (int(lost.sum()),), generator=generator)
                    centres[lost] = residual[again.to(pool.device)]
            self.embed[k] = centres
            self.cluster_size[k].fill_(1.0)
            self.embed_sum[k] = centres
            residual = residual - centres[_nearest_rows(residual, centres)]
            if self.dims_given:
                self.switch_cost[k] = SWITCH_SHARE * residual[is_sound].square().sum(dim=1).mean()

    def _left_to_learn(self, rows: Tensor) -> Tensor:
        """Without the dimensions that a given codebook quantises: the others say nothing of them."""
        rows = rows.clone()
        rows[:, : self.dims_given] = 0
        return rows

    def _nearest(self, vectors: Tensor, k: int) -> Tensor:
        return _nearest_rows(vectors, self.embed[k])

    def _follow(self, rows: Tensor, index: Tensor, k: int, generator: torch.Generator | None) -> None:
        counts = torch.bincount(index, minlength=self.codebook_size).to(rows)
        sums = torch.zeros_like(self.embed_sum[k]).index_add_(0, index, rows)
        self.cluster_size[k].mul_(self.decay).add_(counts, alpha=1 - self.decay)
        self.embed_sum[k].mul_(self.decay).add_(sums, alpha=1 - self.decay)
        fair_share = len(rows) / self.codebook_size
        dead = self.cluster_size[k] < 0.05 * fair_share
        if dead.any():
            reborn = rows[torch.randint(len(rows), (int(dead.sum()),), generator=generator).to(rows.device)]
            self.embed_sum[k][dead] = reborn * fair_share
            self.cluster_size[k][dead] = fair_share
        self.embed[k] = self.embed_sum[k] / self.cluster_size[k].clamp(min=1e-7)[:, None]


def held_codes(distances: Tensor, switch_cost: float) -> Tensor:
    """The codes [B, T] of least cost, by dynamic programming (Viterbi, 1967), of squared distances [B, T, V]."""
    batch, count, _ = distances.shape
    total = distances[:, 0].clone()
    is_held, before = [], []
    for t in range(1, count):
        least, best = total.min(dim=1)
        switched = (least + switch_cost)[:, None]
        is_held.append(total <= switched)
        before.append(best)
        total = torch.minimum(total, switched) + distances[:, t]
    code = total.argmin(dim=1)
    codes = [code]
    rows = torch.arange(batch, device=distances.device)
    for held, best in zip(reversed(is_held), reversed(before), strict=True):
        code = torch.where(held[rows, code], code, best)
        codes.append(code)
    return torch.stack(codes[::-1], dim=1)


def _distances(rows: Tensor, centres: Tensor) -> Tensor:
    """Squared, of rows [..., D] from centres [V, D] -> [..., V]; |r|^2, the same for all centres, is left out."""
    flat = rows.reshape(-1, rows.shape[-1]).to(centres)
    apart = torch.addmm(centres.square().sum(dim=1), flat, centres.t(), beta=1.0, alpha=-2.0)
    return apart.view(*rows.shape[:-1], -1)


def _nearest_rows(rows: Tensor, centres: Tensor) -> Tensor:
    """Index [...] of the nearest centre."""
    return _distances(rows, centres).argmin(dim=-1)
