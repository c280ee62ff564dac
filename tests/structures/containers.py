"""Programs of containers: stacks, linked lists, sorted insertion, generators, itertools."""
import bisect
import functools
import math
from itertools import chain, product

import numpy as np

# --- a calculator in reverse Polish notation


def program_output(tokens, registers, sharpness):
    """Evolved programs of a stack machine: tokens are names of operations, of registers, or numbers."""
    stack = []
    for token in tokens:
        if isinstance(token, float):
            stack.append(token)
        elif token in registers:
            stack.append(registers[token])
        elif token == "dup":
            stack.append(stack[-1])
        elif token == "swap":
            stack[-1], stack[-2] = stack[-2], stack[-1]
        elif token == "relu":
            x = stack.pop()
            stack.append(math.log1p(math.exp(sharpness * x)) / sharpness)
        else:
            b = stack.pop()
            a = stack.pop()
            if token == "+":
                stack.append(a + b)
            elif token == "*":
                stack.append(a * b)
            elif token == "-":
                stack.append(a - b)
            else:
                raise ValueError(token)
    result = stack.pop()
    return result + 0.1 * sum(x**2 for x in stack)


def program_output_args(size):
    tokens = ["x", "y", "*", 1.7, "+", "dup", "relu"]
    for k in range(size):
        tokens += [0.5 + 0.2 * k, "swap", "-", "y", "*"] + (["relu"] if k % 2 else ["dup", "x", "+"])
    return tokens, {"x": 0.8, "y": -0.6}, 2.0


# --- a wall as a linked list


class Layer:
    def __init__(self, thickness, conductivity, next=None):
        self.thickness = thickness
        self.conductivity = conductivity
        self.next = next

    def resistance(self):
        return self.thickness / self.conductivity


def insert_after(layer, new):
    new.next = layer.next
    layer.next = new


def wall_heat_flow(wall, insulation, warm, cold, dew_point):
    """Heat through a wall with insulation put behind its first layer.

    A price on layers below the dew point.
    """
    total = 0.17 + insulation / 0.04
    layer = wall
    while layer is not None:
        total += layer.resistance()
        layer = layer.next
    flow = (warm - cold) / total
    temperature = warm - 0.13 * flow
    dampness = 0.0
    layer = wall
    first = True
    while layer is not None:
        temperature -= flow * layer.resistance()
        if first:
            temperature -= flow * insulation / 0.04
            first = False
        if temperature < dew_point:
            dampness += (dew_point - temperature)**2 * layer.thickness
        layer = layer.next
    return flow + 0.05 * dampness


def wall_heat_flow_args(size):
    wall = None
    for k in range(size):
        wall = Layer(0.1 + 0.05 * k, 0.6 + 0.2 * k, wall)
    return wall, 0.08, 20.0, -5.0, 9.3


def recombined_spectrum(masses, intensities, tolerance, calibration):
    """Peaks in a linked list.

    Neighbours nearer than a tolerance are merged, and the nodes between are cut out.
    """
    head = None
    for mass, intensity in sorted(zip(masses, intensities), reverse=True):
        head = Layer(mass * calibration, intensity, head)
    node = head
    merged = 0
    while node is not None and node.next is not None:
        other = node.next
        if other.thickness - node.thickness < tolerance:
            total = node.conductivity + other.conductivity
            node.thickness = (node.thickness * node.conductivity
                              + other.thickness * other.conductivity) / total
            node.conductivity = total
            node.next = other.next
            merged += 1
        else:
            node = other
    insert_after(head, Layer(head.thickness + tolerance, 0.1))
    entropy = 0.0
    centre = 0.0
    node = head
    while node is not None:
        entropy -= node.conductivity * math.log(node.conductivity)
        centre += node.thickness * node.conductivity
        node = node.next
    return entropy + 0.01 * centre / (1 + merged)


def recombined_spectrum_args(size):
    rng = np.random.default_rng(103)
    return ([float(m) for m in rng.uniform(1, 1.5 * size, size)],
            [float(i) for i in rng.uniform(0.2, 1.0, size)], 0.8, 1.02)


# --- bids are inserted where they belong


def auction_revenue(bids, reserve, seats, bonus):
    """Bids come one by one into a sorted list.

    The lowest leave when it is too long. Each pays the next lower bid.
    """
    standing = []
    dropped = []
    for bid in bids:
        if bid < reserve:
            continue
        place = bisect.bisect_left(standing, bid)
        standing.insert(place, bid)
        if len(standing) > seats + 1:
            dropped.append(standing[0])
            del standing[0]
    winners = standing[1:][::-1]
    prices = standing[-2::-1]
    revenue = 0.0
    for rank, (bid, price) in enumerate(zip(winners, prices)):
        revenue += price + bonus * (bid - price) / (rank + 1)
    if dropped:
        revenue += 0.01 * sum(dropped) / len(dropped)
    return revenue


def auction_revenue_args(size):
    rng = np.random.default_rng(104)
    return [float(b) for b in rng.uniform(1, 10, size)], 2.0, size // 2, 0.1


# --- quadrature panels from a generator


def panels(a, b, depth):
    """Panels that get narrower towards a, where the integrand is steep."""
    right = b
    for _ in range(depth):
        middle = a + (right - a) / 3.0
        yield middle, right
        right = middle
    yield a, right


def lens_integral(a, b, exponent, curvature, depth):
    """Gauss's rule of three points on graded panels."""
    nodes = [(-math.sqrt(0.6), 5.0 / 9.0), (0.0, 8.0 / 9.0), (math.sqrt(0.6), 5.0 / 9.0)]
    total = 0.0
    widest = None
    for left, right in panels(a, b, depth):
        centre, half = (left + right) / 2.0, (right - left) / 2.0
        part = 0.0
        for node, weight in nodes:
            x = centre + half * node
            part += weight * x**exponent * math.exp(-curvature * x**2)
        total += half * part
        if widest is None or half > widest:
            widest = half
    return total + 0.01 * widest**2


def lens_integral_args(size):
    return 0.1, 2.0 + 0.1 * size, 0.4, 0.7, size


# --- all combinations of settings


def expected_yield(dials, effects, interactions, noise):
    """A factorial experiment: the mean and spread of a yield over all settings of the dials."""
    names = list(dials)
    outcomes = []
    for setting in product(*dials.values()):
        level = dict(zip(names, setting))
        value = 1.0
        for name, x in level.items():
            value += effects[name] * x
        for (a, b), strength in interactions.items():
            value += strength * level[a] * level[b]
        outcomes.append(value)
    extremes = list(chain(sorted(outcomes)[:2], sorted(outcomes)[-2:]))
    mean = sum(outcomes) / len(outcomes)
    spread = math.sqrt(sum((o - mean)**2 for o in outcomes) / len(outcomes) + noise**2)
    reach = functools.reduce(lambda far, value: far + abs(value - mean), extremes, 0.0)
    return mean - 0.5 * spread + 0.05 * reach


def expected_yield_args(size):
    names = ["heat", "time", "acid", "salt"][:size]
    dials = {name: [-0.7 - 0.1 * k, 0.9 + 0.05 * k] for k, name in enumerate(names)}
    effects = {name: 0.3 - 0.2 * k for k, name in enumerate(names)}
    return dials, effects, {("heat", "time"): 0.25}, 0.1


# --- stages of a signal, composed


def smooth(width):
    def stage(signal, params):
        kernel = np.exp(-np.arange(-1.0, 2.0)**2 / params[width]**2)
        return np.convolve(signal, kernel / kernel.sum(), "same")
    return stage


def squash(gain):
    def stage(signal, params):
        return np.tanh(params[gain] * signal)
    return stage


def trend(rate):
    def stage(signal, params):
        level, out = signal[0], []
        for value in signal:
            level = level + params[rate] * (value - level)
            out.append(value - level)
        return np.array(out)
    return stage


STAGES = {"smooth": smooth("width"), "squash": squash("gain"), "trend": trend("rate")}


def pipeline_power(signal, params, names):
    """A signal goes through stages named in a list, as a configuration would name them.

    Power of each stage.
    """
    stages = [STAGES[name] for name in names]
    powers = []

    def apply(current, stage):
        out = stage(current, params)
        powers.append(np.mean(out**2))
        return out

    final = functools.reduce(apply, stages, signal)
    power = 0.0
    for number, (before, after) in enumerate(zip(powers[:-1], powers[1:])):
        power += (after / before - 1.0)**2 / (number + 1)
    power += np.abs(final[-1])
    return power


def pipeline_power_args(size):
    rng = np.random.default_rng(107)
    names = (["smooth", "squash", "trend", "smooth"] * 2)[:size]
    return rng.normal(size=size + 4), {"width": 0.8, "gain": 1.2, "rate": 0.3}, names
