"""Programs of engineering: systems that helpers allocate and fill, records in lists, chains of transforms."""
import functools
import math
from collections import namedtuple
from dataclasses import dataclass

import numpy as np

# --- finite elements: allocated here, filled there


def new_system(nodes):
    return np.zeros((nodes, nodes)), np.zeros(nodes)


def add_bar(stiffness, load, a, b, value, weight):
    stiffness[a, a] += value
    stiffness[b, b] += value
    stiffness[a, b] -= value
    stiffness[b, a] -= value
    load[a] += weight / 2
    load[b] += weight / 2


def fix_node(stiffness, load, node, displacement):
    """A prescribed displacement: its column goes to the right side, its row becomes that of the identity."""
    load -= stiffness[:, node] * displacement
    stiffness[node, :] = 0.0
    stiffness[:, node] = 0.0
    stiffness[node, node] = 1.0
    load[node] = displacement


def rod_compliance(areas, modulus, length, density, settlement):
    """A hanging rod of bars with their own weight; its foot settles. Work of the loads, and the volume."""
    nodes = len(areas) + 1
    size = length / len(areas)
    stiffness, load = new_system(nodes)
    for element, area in enumerate(areas):
        add_bar(stiffness, load, element, element + 1, modulus * area / size, density * area * size)
    applied = load.copy()
    fix_node(stiffness, load, 0, 0.0)
    fix_node(stiffness, load, nodes - 1, settlement)
    u = np.linalg.solve(stiffness, load)
    stress = []
    for element in range(len(areas)):
        stress.append(modulus * (u[element + 1] - u[element]) / size)
    worst = sum(s**8 for s in stress)**(1.0 / 8.0)
    return applied @ u + 0.1 * worst + 0.01 * size * sum(areas)


def rod_compliance_args(size):
    return [1.0 + 0.2 * k for k in range(size)], 5.0, 2.0, 1.3, 0.2


# --- a log of a reactor, allocated by one helper and written by another


def new_log(steps, species):
    return {"time": np.zeros(steps), "concentration": np.zeros((steps, species)), "heat": np.zeros(steps)}


def record(log, step, time, concentration, heat):
    log["time"][step] = time
    log["concentration"][step] = concentration
    log["heat"][step] = heat


def reactor_yield(feed, rate_constants, activation, cooling, dt, steps):
    """A batch reactor A -> B -> C that heats itself; rewards B and punishes hot spots."""
    log = new_log(steps, 3)
    c = np.array([feed, 0.0, 0.0])
    temperature = 1.0
    for step in range(steps):
        k1 = rate_constants[0] * math.exp(-activation[0] / temperature)
        k2 = rate_constants[1] * math.exp(-activation[1] / temperature)
        r1, r2 = k1 * c[0], k2 * c[1]
        c = c + dt * np.array([-r1, r1 - r2, r2])
        heat = 1.5 * r1 + 0.8 * r2
        temperature = temperature + dt * (heat - cooling * (temperature - 0.8))
        record(log, step, step * dt, c, heat)
    product = log["concentration"][:, 1]
    average = np.sum(product * (1.0 + log["time"])) / steps
    return average - 0.05 * np.max(log["heat"]) - 0.01 * log["concentration"][-1, 2]


def reactor_yield_args(size):
    return 2.0, [3.0, 1.0], (0.9, 1.4), 0.3, 0.1, size


# --- lenses as named tuples


Surface = namedtuple("Surface", "curvature thickness index")


def focus_spread(surfaces, heights, aperture_weight):
    """Paraxial rays with a term of third order through a list of surfaces; how far they miss the axis."""
    crossings = []
    for height in heights:
        y, angle, index = height, 0.0, 1.0
        for surface in surfaces:
            sag = 0.5 * surface.curvature * y**2
            power = (surface.index - index) * surface.curvature
            bend = power * y * (1.0 + 0.1 * (surface.curvature * y)**2)
            angle = (index * angle - bend) / surface.index
            index = surface.index
            y = y + (surface.thickness - sag) * angle
        crossings.append(y)
    centre = sum(crossings) / len(crossings)
    spread = sum((y - centre)**2 for y in crossings) / len(crossings)
    glass = 0.0
    for number, surface in enumerate(surfaces):
        glass += surface.thickness * (surface.index - 1.0) / (number + 1)
    return math.sqrt(spread) + aperture_weight * glass


def focus_spread_args(size):
    surfaces = [Surface(0.3 - 0.15 * k, 0.5 + 0.1 * k, 1.5 if k % 2 == 0 else 1.0) for k in range(size)]
    return surfaces, [0.1 * (k + 1) for k in range(size)], 0.02


# --- a truss of dataclasses


@dataclass
class Joint:
    x: float
    y: float
    fixed: bool = False


@dataclass
class Member:
    start: int
    end: int
    area: float


def truss_mass_and_sag(joints, members, load, modulus):
    """Linear truss: mass, and the sag under a load at the last joint."""
    free = [k for k, joint in enumerate(joints) if not joint.fixed]
    number = {joint: 2 * position for position, joint in enumerate(free)}
    k_global = np.zeros((2 * len(free), 2 * len(free)))
    mass = 0.0
    for member in members:
        a, b = joints[member.start], joints[member.end]
        dx, dy = b.x - a.x, b.y - a.y
        length = math.hypot(dx, dy)
        mass += member.area * length
        direction = np.array([dx, dy]) / length
        block = modulus * member.area / length * np.outer(direction, direction)
        for p, q, sign in [(member.start, member.start, 1), (member.end, member.end, 1),
                           (member.start, member.end, -1), (member.end, member.start, -1)]:
            if p in number and q in number:
                i, j = number[p], number[q]
                k_global[i:i + 2, j:j + 2] += sign * block
    f = np.zeros(2 * len(free))
    f[-1] = -load
    u = np.linalg.solve(k_global, f)
    return np.array([mass, -u[-1]])


def truss_mass_and_sag_args(size):
    joints = [Joint(0.0, 0.0, True), Joint(0.0, 1.0, True)]
    members = []
    for k in range(1, size + 1):
        joints += [Joint(1.0 * k, 0.05 * k), Joint(1.1 * k, 1.0 - 0.1 * k)]
        n = 2 * k
        for a, b in [(n - 2, n), (n - 1, n + 1), (n - 2, n + 1), (n, n + 1)]:
            members.append(Member(a, b, 0.5 + 0.1 * len(members)))
    return joints, members, 2.0, 30.0


# --- a robot arm as a product of transforms


Link = namedtuple("Link", ["length", "twist"])


def joint_transform(angle, link):
    c, s = np.cos(angle), np.sin(angle)
    ct, st = np.cos(link.twist), np.sin(link.twist)
    return np.array([
        [c, -s * ct, s * st, link.length * c],
        [s, c * ct, -c * st, link.length * s],
        [0.0, st, ct, 0.1],
        [0.0, 0.0, 0.0, 1.0],
    ])


def reach_error(angles, links, goal, comfort):
    """How far the hand is from a goal, with all transforms chained by reduce; bent joints cost comfort."""
    transforms = [joint_transform(angle, link) for angle, link in zip(angles, links)]
    hand = functools.reduce(np.matmul, transforms)
    miss = hand[:3, 3] - goal
    elbows = []
    for k in range(1, len(transforms)):
        partial = functools.reduce(lambda left, right: left @ right, transforms[:k])
        elbows.append(partial[:3, 3])
    low = functools.reduce(min, (elbow[2] for elbow in elbows), hand[2, 3])
    bending = functools.reduce(lambda total, angle: total + angle**2, angles, 0.0)
    return miss @ miss + comfort * bending - 0.05 * low


def reach_error_args(size):
    rng = np.random.default_rng(75)
    links = [Link(0.5 + 0.1 * k, 0.4 - 0.2 * k) for k in range(size)]
    return [float(a) for a in rng.normal(size=size)], links, np.array([0.6, 0.5, 0.4]), 0.02


# --- a feeder of cables that branch


@dataclass
class Section:
    length: float
    resistance: float
    branches: list


def voltage_drop(feeder, loads, source, power_factor):
    """Backward and forward sweep over a feeder: currents are summed up, then voltages go down.

    Both sweeps keep their results in dicts by the path of the section.
    """
    voltages = {}
    currents = {}

    def gather(section, path):
        current = loads.get(path, 0.0) / (voltages.get(path, source) * power_factor)
        for k, branch in enumerate(section.branches):
            current += gather(branch, path + (k,))
        currents[path] = current
        return current

    def spread(section, path, voltage):
        voltages[path] = voltage - currents[path] * section.resistance * section.length
        for k, branch in enumerate(section.branches):
            spread(branch, path + (k,), voltages[path])
        return voltages[path]

    for _ in range(2):
        gather(feeder, ())
        spread(feeder, (), source)
    lowest = min(voltages.values())
    losses = sum(current**2 for current in currents.values())
    return source - lowest + 0.1 * losses


def voltage_drop_args(size):
    def section(depth):
        branches = [section(depth - 1 - k) for k in range(2) if depth - 1 - k > 0]
        return Section(0.5 + 0.1 * depth, 0.2, branches)

    loads = {(): 0.3, (0,): 0.5, (1,): 0.4, (0, 0): 0.7, (1, 0): 0.6}
    return section(size), loads, 2.0, 0.9
