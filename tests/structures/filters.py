"""Programs of filters: particles, windows in deques, delay lines."""
import math
from collections import deque
from dataclasses import dataclass

import numpy as np

# --- a bootstrap particle filter


def systematic_resampling(weights, offset):
    """Indices of the particles that live on; they are taken at equal steps of the cumulative weight."""
    cumulative = np.cumsum(weights)
    n = len(weights)
    picks = (np.arange(n) + offset) / n
    return np.minimum(np.searchsorted(cumulative, picks), n - 1)


def filter_log_likelihood(initial, noise, offsets, observations, persistence, volatility):
    """Stochastic volatility: log likelihood of returns, with all random numbers drawn beforehand."""
    particles = initial
    log_likelihood = 0.0
    estimates = []
    for t, observed in enumerate(observations):
        particles = persistence * particles + volatility * noise[t]
        scale = np.exp(particles / 2)
        log_w = -0.5 * (observed / scale)**2 - np.log(scale) - 0.5 * math.log(2 * math.pi)
        top = np.max(log_w)
        w = np.exp(log_w - top)
        log_likelihood += top + np.log(np.mean(w))
        w = w / np.sum(w)
        estimates.append(np.sum(w * particles))
        effective = 1.0 / np.sum(w**2)
        if effective < 0.9 * len(particles):
            particles = particles[systematic_resampling(w, offsets[t])]
    roughness = sum((b - a)**2 for a, b in zip(estimates, estimates[1:]))
    return log_likelihood - 0.1 * roughness


def filter_log_likelihood_args(size):
    rng = np.random.default_rng(51)
    return (rng.normal(size=6), rng.normal(size=(size, 6)), rng.uniform(size=size),
            [float(o) for o in rng.normal(size=size)], 0.9, 0.4)


# --- particles as objects


@dataclass
class Particle:
    x: float
    heading: float
    weight: float

    def moved(self, speed, turn, jitter):
        heading = self.heading + turn
        return Particle(self.x + speed * math.cos(heading) + 0.05 * jitter, heading, self.weight)


def robot_position_error(particles, controls, ranges, jitters, beacon, sensor_sigma):
    """Localisation with a list of particles; those of little weight are replaced by copies of the best."""
    for (speed, turn), measured, jitter in zip(controls, ranges, jitters):
        particles = [p.moved(speed, turn, j) for p, j in zip(particles, jitter)]
        for p in particles:
            gap = abs(beacon - p.x) - measured
            p.weight = p.weight * math.exp(-0.5 * (gap / sensor_sigma)**2) + 1e-6
        total = sum(p.weight for p in particles)
        for p in particles:
            p.weight = p.weight / total
        particles = sorted(particles, key=lambda p: p.weight, reverse=True)
        keep = (len(particles) + 1) // 2
        copies = [Particle(p.x, p.heading, p.weight / 2) for p in particles[:len(particles) - keep]]
        for p in particles[:len(copies)]:
            p.weight = p.weight / 2
        particles = particles[:keep] + copies
    mean = sum(p.weight * p.x for p in particles)
    spread = sum(p.weight * (p.x - mean)**2 for p in particles)
    return mean + 0.5 * spread


def robot_position_error_args(size):
    rng = np.random.default_rng(52)
    particles = [Particle(float(rng.normal()), 0.3 * k, 1.0 / size) for k in range(size)]
    steps = size // 2 + 1
    controls = [(float(rng.uniform(0.5, 1.0)), float(rng.normal() / 5)) for _ in range(steps)]
    jitters = [[float(j) for j in rng.normal(size=size)] for _ in range(steps)]
    return particles, controls, [3.0 - 0.4 * k for k in range(steps)], jitters, 4.0, 0.8


# --- two moving averages that cross


def crossover_profit(prices, fast, slow, fee, sharpness):
    """A smoothed trading rule: the position follows the gap of a short and of a long mean, both in deques."""
    short, long = deque(maxlen=fast), deque(maxlen=slow)
    position = 0.0
    wealth = 0.0
    previous = None
    for price in prices:
        if previous is not None:
            wealth += position * (price - previous)
        short.append(price)
        long.append(price)
        if len(long) == slow:
            gap = sum(short) / len(short) - sum(long) / len(long)
            wanted = math.tanh(sharpness * gap)
            wealth -= fee * (wanted - position)**2
            position = wanted
        previous = price
    return wealth - 0.01 * position**2


def crossover_profit_args(size):
    rng = np.random.default_rng(53)
    prices = 10.0 + np.cumsum(rng.normal(size=2 * size + 2))
    return [float(p) for p in prices], 2, size, 0.05, 1.5


# --- an echo from delay lines


class DelayLine:
    def __init__(self, length):
        self.line = deque([0.0] * length)

    def process(self, sample, feedback):
        delayed = self.line.popleft()
        self.line.append(sample + feedback * delayed)
        return delayed


def reverberation_energy(signal, feedbacks, damping, delays, dry):
    """Parallel comb filters as Schroeder had them, then a low pass.

    Energy of the tail and its last sample.
    """
    combs = [DelayLine(delay) for delay in delays]
    low = 0.0
    out = []
    for sample in signal:
        wet = 0.0
        for comb, feedback in zip(combs, feedbacks):
            wet += comb.process(sample, feedback)
        wet = wet / len(combs)
        low = (1.0 - damping) * wet + damping * low
        out.append(dry * sample + (1.0 - dry) * low)
    tail = out[len(out) // 2:]
    energy = 0.0
    for value in tail:
        energy += value * value
    return energy + out[-1]


def reverberation_energy_args(size):
    rng = np.random.default_rng(54)
    delays = [1, 2, 3, 5][:size]
    return rng.normal(size=3 * size + 2), [0.7 - 0.1 * k for k in range(len(delays))], 0.3, delays, 0.6


# --- the least of a sliding window


def drawdown_index(levels, width, weights):
    """Weighted rises above the least level of the last `width` days.

    A deque holds candidates for the least.
    """
    candidates = deque()
    rises = []
    for day, level in enumerate(levels):
        while candidates and levels[candidates[-1]] >= level:
            candidates.pop()
        candidates.append(day)
        if candidates[0] <= day - width:
            candidates.popleft()
        if day >= width - 1:
            lowest = levels[candidates[0]]
            rises.append((level - lowest) / lowest)
    index = 0.0
    for rise, weight in zip(reversed(rises), weights):
        index += weight * rise**2
    worst = max(rises)
    return index + 0.2 * worst


def drawdown_index_args(size):
    rng = np.random.default_rng(55)
    levels = [float(v) for v in 5.0 + np.abs(np.cumsum(rng.normal(size=size + 3)))]
    return levels, 3, [0.5**k for k in range(size)]
