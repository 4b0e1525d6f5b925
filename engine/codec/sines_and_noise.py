"""Sound as sines and noise in bands, 5 ms a row, and back: what the default codec keeps of a sound.

Spectral modelling after Serra and Smith (Computer Music Journal 14(4), 1990), cut down to what can be kept in few
tokens: of every band its level, which share of that is one sine, and where in the band the sine lies. Phases are not
kept: foley is mostly noise, noise has none worth a bit, and a language model that need not draw them has less to learn.

    wav [B, N] -> rows [B, T, 3, bands]: level in dB, share of the sine 0..1, its place in the band 0..1
        -> white noise under the levels' envelope + sines of fixed frequencies under theirs -> wav
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.codec.erb_bands import band_edges, emphasis_db, erb, rectangles
from engine.codec.settling import GROUP, settled

LOWEST_DB = -100.0
"""Of a band's density; white noise of full scale has 0 dB."""
WINDOWS = (480, 960, 2048)
"""Samples: a band is read with the shortest that can tell it from its neighbours, so that attacks stay sharp."""
BINS_A_BAND = 1.25
"""Of a window's, at least, in a band that is read with it."""
SURELY_ELSEWHERE_DB = 6.0
"""How much less the shortest window must see of a group than the others until they are not believed: that one tells
when, they tell what, and noise scatters by less."""
LOW_HZ, HIGH_HZ = 40.0, 22_000.0
SINES_UNDER_HZ = 14_000.0
SURELY_NOISE, SURELY_SINE = 10.0, 25.0
"""How far a peak's power stands over what lies around it."""
LOG_MEAN_UNDER_MEAN = 0.5772
"""Euler's constant: so far the mean logarithm of a noise's power lies under the logarithm of its mean."""
SILENT_POWER = 1e-20
"""Added to what is divided by, so that silence is no division by nothing."""
LOBE_BINS = 2
"""To both sides of a peak: what Hann's window makes of a sine."""
AROUND_BINS, AROUND_LOBE_BINS = 12, 3
PLACES = 8
"""Frequencies a band whose sines may sound: about 20 cents apart."""
ROWS_AT_ONCE = 128
"""Whatever these need stays in a processor's cache."""
CROSSOVER_HZ = 1_000.0
"""Noise under it is shaped by the longest window, noise over it by the shortest."""
LEAST_SHARE = 0.12
"""A sine with less of its band is not heard beside the noise, and is noise."""


class SinesAndNoise(nn.Module):
    """Analysis and synthesis of one rate; without weights."""

    whole: Tensor
    band_of: Tensor
    edges_hz: Tensor
    emphasis_db: Tensor
    sines_hz: Tensor
    bandwidth: Tensor
    groups: Tensor

    def __init__(self, sample_rate: int, row_length: int, num_bands: int) -> None:
        super().__init__()
        self.sample_rate, self.row_length, self.num_bands = sample_rate, row_length, num_bands
        edges = band_edges(num_bands, LOW_HZ, min(HIGH_HZ, 0.458 * sample_rate))
        self.num_sines = int((edges[1:] < SINES_UNDER_HZ).sum())
        """The lowest so many bands may hold a sine."""
        widths = np.diff(edges)
        chosen = [
            next((n for n in WINDOWS if n * width >= BINS_A_BAND * sample_rate), WINDOWS[-1])
            for width in widths
        ]
        for n in WINDOWS:
            bank = rectangles(edges, n, sample_rate)
            self.register_buffer(f"bank_{n}", torch.from_numpy(bank / bank.sum(0)), persistent=False)
            uses = torch.tensor([float(each == n) for each in chosen])
            self.register_buffer(f"uses_{n}", uses, persistent=False)
            self.register_buffer(f"window_{n}", torch.hann_window(n), persistent=False)
        bins_hz = np.fft.rfftfreq(WINDOWS[-1], 1 / sample_rate)
        band_of = np.clip(np.searchsorted(edges, bins_hz, side="right") - 1, 0, num_bands - 1)
        self.num_sine_bins = int((band_of < self.num_sines).sum())
        self.register_buffer("band_of", torch.from_numpy(band_of[: self.num_sine_bins]), persistent=False)
        whole = rectangles(edges, WINDOWS[-1], sample_rate)
        self.register_buffer("whole", torch.from_numpy(whole[: self.num_sine_bins]), persistent=False)
        low, high = edges[: self.num_sines, None], edges[1 : self.num_sines + 1, None]
        places = low + (high - low) * ((np.arange(PLACES) + 0.5) / PLACES)
        self.register_buffer("sines_hz", torch.from_numpy(places.flatten()), persistent=False)
        self.register_buffer("edges_hz", torch.from_numpy(edges).float(), persistent=False)
        self.register_buffer(
            "bandwidth", torch.from_numpy(widths / (sample_rate / 2)).float(), persistent=False
        )
        """Of a band, as a share of all frequencies."""
        emphasis = torch.from_numpy(emphasis_db(edges)).float()
        self.register_buffer("emphasis_db", emphasis, persistent=False)
        """What makes of a band's density how much it is heard."""
        grouped = rectangles(edges[::GROUP], WINDOWS[0], sample_rate)
        self.register_buffer("groups", torch.from_numpy(grouped), persistent=False)

    def analyse(self, wav: Tensor) -> Tensor:
        """wav [B, N], N a multiple of the row's length -> rows [B, N / row_length, 3, bands]."""
        powers = [self._power(wav, n) for n in WINDOWS]
        level = sum(
            (power @ getattr(self, f"bank_{n}")) * getattr(self, f"uses_{n}")
            for n, power in zip(WINDOWS, powers, strict=True)
        )
        assert isinstance(level, Tensor)
        level = self._where_it_is(level, powers[0])
        power = powers[-1]
        sines = [
            self._sines(part) for part in torch.split(power[..., : self.num_sine_bins], ROWS_AT_ONCE, dim=1)
        ]
        share, place = (torch.cat(each, dim=1) for each in zip(*sines, strict=True))
        in_db = 10 * torch.log10(level + 10 ** (LOWEST_DB / 10))
        return settled(torch.stack([in_db, share, place], dim=2))

    def synthesise(self, rows: Tensor, white: Tensor, first_sample: int = 0) -> Tensor:
        """rows [B, T, 3, bands] under white noise [B, T * row_length] -> wav [B, T * row_length]."""
        level, share = rows[:, :, 0], rows[:, :, 1].clamp(0, 1)
        share = torch.where(share < LEAST_SHARE, torch.zeros_like(share), share)
        power = (10 ** (level / 10) - 10 ** (LOWEST_DB / 10)).clamp(min=0)
        noise = self._noise((power * (1 - share)).clamp(min=1e-12).log() / 2, white)
        # A sine of amplitude a has the power a^2 / 2, all of it in its band.
        # What is under the clamp has no slope: a root's is endless at nothing.
        amplitude = (2 * power * self.bandwidth * share).clamp(min=1e-20).sqrt()
        return noise + self._oscillated(amplitude, rows[:, :, 2], first_sample)

    def _where_it_is(self, level: Tensor, short: Tensor) -> Tensor:
        """Levels [B, T, bands] without what long windows see before it sounds and after.

        Args:
            short: the shortest window's power, [B, T, bins].
        """
        told = (level * self.bandwidth).reshape(*level.shape[:-1], -1, GROUP).sum(dim=-1)
        seen = short @ self.groups / (WINDOWS[0] // 2)
        least_share = 10 ** (-SURELY_ELSEWHERE_DB / 10)
        share = (seen / (told * least_share + SILENT_POWER)).clamp(max=1.0)
        believed: Tensor = level * share.repeat_interleave(GROUP, dim=-1)
        return believed

    def _power(self, wav: Tensor, n: int) -> Tensor:
        """Of windows about the rows' middles: [B, T, n // 2 + 1], 1 a bin for white noise of deviation 1."""
        before = (n - self.row_length) // 2
        window: Tensor = getattr(self, f"window_{n}")
        padded = F.pad(wav, (before, n - self.row_length - before))
        spectrum = torch.fft.rfft(padded.unfold(1, n, self.row_length) * window)
        power: Tensor = (spectrum.real.square() + spectrum.imag.square()) / window.square().sum()
        return power

    def _sines(self, power: Tensor) -> tuple[Tensor, Tensor]:
        """The longest window's power [B, T, bins] -> shares and places [B, T, bands] of each band's strongest sine."""
        logs = (power + 1e-14).log()
        around = _mean_of_neighbours(logs, AROUND_BINS)
        near = _mean_of_neighbours(logs, AROUND_LOBE_BINS)
        wide, narrow = 2 * AROUND_BINS + 1, 2 * AROUND_LOBE_BINS + 1
        ground = ((wide * around - narrow * near) / (wide - narrow) + LOG_MEAN_UNDER_MEAN).exp()
        lobe = sum(power.roll(shift, -1) for shift in range(-LOBE_BINS, LOBE_BINS + 1)) / (2 * LOBE_BINS + 1)
        over = lobe / (ground + 1e-14)
        sure = (over.clamp(min=1e-6).log() - math.log(SURELY_NOISE)) / math.log(SURELY_SINE / SURELY_NOISE)
        left, right = logs.roll(1, -1), logs.roll(-1, -1)
        is_peak = (logs >= left) & (logs > right)
        sure = sure.clamp(0, 1) * is_peak
        bands = self.band_of.expand_as(power)
        weight = power * sure
        strongest = torch.zeros_like(power[..., : self.num_bands]).scatter_reduce(-1, bands, weight, "amax")
        chosen = sure * ((weight > 0) & (weight == strongest.gather(-1, bands)))
        lobes = F.max_pool1d(chosen.flatten(0, 1)[:, None], 2 * LOBE_BINS + 1, 1, LOBE_BINS)[:, 0].view_as(
            power
        )
        share = ((power * lobes) @ self.whole) / (power @ self.whole + 1e-14)
        aside = (0.5 * (left - right) / (left - 2 * logs + right - 1e-9)).clamp(-0.5, 0.5)
        bins = torch.arange(power.shape[-1], device=power.device)
        hz = (bins + aside) * (self.sample_rate / WINDOWS[-1])
        low = self.edges_hz[self.band_of]
        place = ((hz - low) / (self.edges_hz[self.band_of + 1] - low)).clamp(0, 1)
        places = torch.zeros_like(strongest).scatter_add(-1, bands, place * (chosen > 0))
        share = share.clamp(0, 1).masked_fill(strongest == 0, 0.0)
        return share, places.clamp(0, 1)

    def _noise(self, gains: Tensor, white: Tensor) -> Tensor:
        """Log amplitudes [B, T, bands] over white noise [B, N] -> [B, N]; low bands by the long window."""
        low, amplitude = self._shaped(gains, white, WINDOWS[-1], is_low=True)
        high, _ = self._shaped(gains, white, WINDOWS[0], is_low=False)
        return low * self._held_to_rows(amplitude, WINDOWS[-1]) + high

    def _shaped(self, gains: Tensor, white: Tensor, n: int, *, is_low: bool) -> tuple[Tensor, Tensor]:
        """The share of one window of n samples, [B, N], and its rows' amplitudes [B, T]."""
        window = getattr(self, f"window_{n}").sqrt()
        before = (n - self.row_length) // 2
        padded = F.pad(white, (before, n - self.row_length - before))
        bins_hz = torch.fft.rfftfreq(n, 1 / self.sample_rate, device=white.device)
        turn = ((bins_hz.clamp(min=1) / CROSSOVER_HZ).log2() + 0.5).clamp(0, 1) * (math.pi / 2)
        # Nothing is known of what lies under the lowest band: an offset least of all.
        part = (turn.cos() if is_low else turn.sin()) * (bins_hz >= self.edges_hz[0])
        upper, share = self._between_middles(bins_hz)
        frames, amplitudes = [], []
        pieces = torch.split(padded.unfold(1, n, self.row_length), ROWS_AT_ONCE, dim=1)
        for piece, given in zip(pieces, torch.split(gains, ROWS_AT_ONCE, dim=1), strict=True):
            gain = (given[..., upper - 1] * (1 - share) + given[..., upper] * share).exp() * part
            frames.append(torch.fft.irfft(torch.fft.rfft(piece * window) * gain, n=n) * window)
            amplitudes.append(gain.square().sum(dim=-1).sqrt())
        sound = _added_up(torch.cat(frames, dim=1), self.row_length) * (2 * self.row_length / n)
        return sound, torch.cat(amplitudes, dim=1)

    def _held_to_rows(self, amplitude: Tensor, n: int) -> Tensor:
        """What a window's noise is multiplied with, so that it sounds no sooner and no longer than its rows say.

        Amplitudes [B, T] of rows over what windows of `n` samples make of them, [B, T * row_length]: temporal noise
        shaping (Herre and Johnston, 1996), without which a thud's lows are heard some 15 ms before it hits.
        """
        reach = n // (2 * self.row_length)
        shift = torch.arange(-reach, reach + 1, device=amplitude.device) * (self.row_length / n)
        weights = (math.pi * shift).cos().square()
        padded = F.pad(amplitude[:, None], (reach, reach), mode="replicate")
        spread = F.conv1d(padded, (weights / weights.sum())[None, None])[:, 0]
        return self._between_rows(amplitude / (spread + SILENT_POWER))

    def _between_rows(self, values: Tensor) -> Tensor:
        """[B, T] -> [B, T * row_length], straight from a row's middle to the next one's."""
        ends = torch.cat([values[:, :1], values, values[:, -1:]], dim=1)
        ramp = torch.arange(self.row_length, device=values.device) / self.row_length
        wav = (ends[:, :-1, None] + (ends[:, 1:] - ends[:, :-1])[..., None] * ramp).flatten(1)
        half, length = self.row_length // 2, values.shape[1] * self.row_length
        return wav[:, half : half + length]

    def _between_middles(self, hz: Tensor) -> tuple[Tensor, Tensor]:
        """Of each frequency: which band's middle comes after it, and how far it is to that one from the last.

        Straight over the bands' scale.
        """
        middles = erb((self.edges_hz[1:] + self.edges_hz[:-1]) / 2)
        at = erb(hz)
        upper = torch.searchsorted(middles, at).clamp(1, len(middles) - 1)
        share = ((at - middles[upper - 1]) / (middles[upper] - middles[upper - 1])).clamp(0, 1)
        return upper, share

    def _oscillated(self, amplitude: Tensor, place: Tensor, first_sample: int) -> Tensor:
        """Amplitudes and places [B, T, bands] -> [B, T * row_length].

        The sines' frequencies are fixed and their phases follow from the time of the take, so that a part sounds as it
        does in the whole. From a row's middle to the next one's, an amplitude goes straight: so all sines of such a
        stretch are four products of matrices, of its two ends with the cosines and sines of its samples.
        """
        batch, count, _ = amplitude.shape
        length = self.row_length
        levels = self._over_frequencies(amplitude, place)
        ends = torch.cat([levels[:, :1], levels, levels[:, -1:]], dim=1)
        # Golden steps keep the phases of neighbours apart.
        steps = 0.618034 * torch.arange(len(self.sines_hz), device=amplitude.device)
        inside = torch.arange(length, device=amplitude.device, dtype=torch.float64)
        angle = 2 * math.pi * ((self.sines_hz[:, None] * inside / self.sample_rate) % 1.0)
        cosine, sine, ramp = angle.cos().float(), angle.sin().float(), (inside / length).float()
        wavs = []
        for stretches in torch.split(torch.arange(count + 1, device=amplitude.device), ROWS_AT_ONCE):
            begin_s = (first_sample + stretches.double() * length - length // 2) / self.sample_rate
            phase = (2 * math.pi * ((begin_s[:, None] * self.sines_hz + steps) % 1.0)).float()
            begun, change = ends[:, stretches], ends[:, stretches + 1] - ends[:, stretches]
            wav = (begun * phase.cos()) @ cosine - (begun * phase.sin()) @ sine
            wavs.append(wav + ramp * ((change * phase.cos()) @ cosine - (change * phase.sin()) @ sine))
        return torch.cat(wavs, dim=1).reshape(batch, -1)[:, length // 2 : length // 2 + count * length]

    def _over_frequencies(self, amplitude: Tensor, place: Tensor) -> Tensor:
        """[B, T, bands] each -> [B, T, frequencies]: a band's amplitude at the nearest of its frequencies."""
        amplitude, place = amplitude[..., : self.num_sines], place[..., : self.num_sines]
        index = (place * PLACES).long().clamp(0, PLACES - 1)
        empty = amplitude.new_zeros(*amplitude.shape, PLACES)
        return empty.scatter(-1, index[..., None], amplitude[..., None]).flatten(-2)


def _added_up(frames: Tensor, row_length: int) -> Tensor:
    """Frames [B, T, n], each about its row's middle, to [B, T * row_length]."""
    batch, count, n = frames.shape
    rows = frames.new_zeros(batch, count + (n - 1) // row_length, row_length)
    # Row by row: folding columns takes ten times as long on a CPU.
    for row, first in enumerate(range(0, n, row_length)):
        piece = frames[..., first : first + row_length]
        rows[:, row : row + count, : piece.shape[-1]] += piece
    whole = rows.flatten(1)
    before = (n - row_length) // 2
    return whole[:, before : before + count * row_length]


def _mean_of_neighbours(values: Tensor, reach: int) -> Tensor:
    """Over so many on both sides, fewer at the ends. By a running sum: pooling takes ten times as long on a CPU."""
    count = values.shape[-1]
    sums = F.pad(values.cumsum(-1), (1, 0))
    at = torch.arange(count, device=values.device)
    low, high = (at - reach).clamp(min=0), (at + reach + 1).clamp(max=count)
    return (sums[..., high] - sums[..., low]) / (high - low)
