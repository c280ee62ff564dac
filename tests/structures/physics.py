"""Programs of physics: simulations of linked objects, neighbour lists, plates as lists of lists."""
import math
from itertools import combinations

import numpy as np

# --- masses and springs


class Mass:
    def __init__(self, position, weight):
        self.position = position
        self.velocity = np.zeros_like(position)
        self.force = np.zeros_like(position)
        self.weight = weight

    def move(self, dt):
        self.velocity = self.velocity + dt * self.force / self.weight
        self.position = self.position + dt * self.velocity
        self.force = np.zeros_like(self.position)


class Spring:
    def __init__(self, a, b, stiffness, rest):
        self.a, self.b = a, b
        self.stiffness = stiffness
        self.rest = rest

    def pull(self):
        offset = self.b.position - self.a.position
        length = np.sqrt(np.sum(offset**2))
        force = self.stiffness * (length - self.rest) * offset / length
        self.a.force = self.a.force + force
        self.b.force = self.b.force - force
        return 0.5 * self.stiffness * (length - self.rest)**2


def hanging_chain_height(anchor, stiffness, weights, gravity, dt, steps):
    """Where the end of a chain is after some steps, and its mean elastic energy; the first mass is fixed."""
    masses = [Mass(anchor + np.array([0.3 * k, -0.1 * k]), w) for k, w in enumerate(weights)]
    springs = [Spring(a, b, stiffness, 0.25) for a, b in zip(masses, masses[1:])]
    energy = 0.0
    for _ in range(steps):
        for spring in springs:
            energy += spring.pull()
        for mass in masses[1:]:
            mass.force = mass.force - np.array([0.0, gravity]) * mass.weight - 0.1 * mass.velocity
            mass.move(dt)
    end = masses[-1]
    return end.position[1] + 0.2 * end.velocity[0] + energy / steps


def hanging_chain_height_args(size):
    return np.array([0.2, 1.5]), 12.0, [1.0 + 0.1 * k for k in range(size)], 9.81, 0.02, size + 1


# --- tanks that flow into one another


class Tank:
    def __init__(self, area, level, outlet):
        self.area = area
        self.level = level
        self.outlet = outlet
        self.downstream = None
        self.inflow = 0.0

    def step(self, dt):
        """Torricelli's outflow goes on to the next tank."""
        outflow = self.outlet * math.sqrt(2.0 * 9.81 * self.level)
        self.level += dt * (self.inflow - outflow) / self.area
        self.inflow = 0.0
        if self.downstream is not None:
            self.downstream.inflow += outflow
        return outflow


def cascade_discharge(areas, levels, outlets, rain, dt):
    """Water that leaves the last of a row of tanks while it rains on the first."""
    tanks = []
    for area, level, outlet in zip(areas, levels, outlets):
        tanks.append(Tank(area, level, outlet))
    for upper, lower in zip(tanks[:-1], tanks[1:]):
        upper.downstream = lower
    discharged = 0.0
    peaks = []
    for amount in rain:
        tanks[0].inflow += amount
        for tank in tanks:
            leaving = tank.step(dt)
        discharged += dt * leaving
        peaks.append(max(tank.level for tank in tanks))
    return discharged + 0.05 * sum(peaks)


def cascade_discharge_args(size):
    rng = np.random.default_rng(42)
    return ([2.0 + 0.2 * k for k in range(size)], [float(v) for v in rng.uniform(1.0, 2.0, size)],
            [0.05 + 0.01 * k for k in range(size)], [float(r) for r in rng.uniform(0.1, 0.8, size + 2)], 0.5)


# --- an epidemic in towns that exchange travellers


class Town:
    def __init__(self, name, susceptible, infected):
        self.name = name
        self.susceptible = susceptible
        self.infected = infected
        self.recovered = 0.0
        self.roads = []

    def connect(self, other, traffic):
        self.roads.append((other, traffic))
        other.roads.append((self, traffic))

    @property
    def population(self):
        return self.susceptible + self.infected + self.recovered

    def pressure(self):
        """Infected share here, and of those who come along the roads."""
        pressure = self.infected / self.population
        for other, traffic in self.roads:
            pressure = pressure + traffic * other.infected / other.population
        return pressure


def epidemic_peak(populations, seeds, traffic, infectivity, recovery, days):
    towns = {}
    for name, population in populations.items():
        towns[name] = Town(name, population - seeds[name], seeds[name])
    for (a, b), amount in traffic.items():
        towns[a].connect(towns[b], amount)
    course = []
    for _ in range(days):
        pressures = {name: town.pressure() for name, town in towns.items()}
        for name, town in towns.items():
            newly = infectivity * town.susceptible * pressures[name]
            healed = recovery * town.infected
            town.susceptible -= newly
            town.infected += newly - healed
            town.recovered += healed
        course.append(sum(town.infected for town in towns.values()))
    return max(course) + 0.01 * sum(course)


def epidemic_peak_args(size):
    names = ["Ulm", "Ravensburg", "Biberach", "Ehingen"][:size]
    populations = {name: 120.0 - 15.0 * k for k, name in enumerate(names)}
    seeds = {name: 2.0 + k for k, name in enumerate(names)}
    traffic = {(a, b): 0.1 + 0.02 * len(a) for a, b in zip(names, names[1:])}
    return populations, seeds, traffic, 0.5, 0.2, size + 2


# --- a liquid with a neighbour list


def neighbour_list(positions, cutoff):
    pairs = []
    for i, j in combinations(range(len(positions)), 2):
        offset = positions[i] - positions[j]
        if offset @ offset < cutoff**2:
            pairs.append((i, j))
    return pairs


def liquid_kinetic_energy(positions, velocities, epsilon, sigma, dt, steps):
    """Velocity Verlet with Lennard-Jones forces between listed neighbours.

    The list is renewed now and then.
    """
    x, v = positions.copy(), velocities.copy()

    def forces(x, pairs):
        f = np.zeros_like(x)
        for i, j in pairs:
            offset = x[i] - x[j]
            r2 = offset @ offset
            s6 = (sigma**2 / r2)**3
            push = 24.0 * epsilon * (2.0 * s6**2 - s6) / r2 * offset
            f[i] += push
            f[j] -= push
        return f

    pairs = neighbour_list(x, 2.2)
    f = forces(x, pairs)
    for step in range(steps):
        v = v + 0.5 * dt * f
        x = x + dt * v
        if step % 2 == 1:
            pairs = neighbour_list(x, 2.2)
        f = forces(x, pairs)
        v = v + 0.5 * dt * f
    return 0.5 * np.sum(v**2) / len(x)


def liquid_kinetic_energy_args(size):
    rng = np.random.default_rng(44)
    grid = np.array([[1.2 * (k % 3), 1.2 * (k // 3)] for k in range(size)])
    return grid + 0.1 * rng.normal(size=grid.shape), rng.normal(size=grid.shape), 0.8, 1.0, 0.01, 3


# --- grains in cells


def grain_pressure(positions, radii, stiffness, cell):
    """Overlap energy of grains: they are sorted into square cells, and only adjacent cells are searched."""
    cells = {}
    for k in range(len(positions)):
        key = (int(positions[k][0] // cell), int(positions[k][1] // cell))
        cells.setdefault(key, []).append(k)
    contacts = []
    for (cx, cy), members in cells.items():
        nearby = []
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                nearby.extend(cells.get((cx + dx, cy + dy), []))
        for i in members:
            for j in nearby:
                if i < j:
                    contacts.append((i, j))
    energy = 0.0
    touching = 0
    for i, j in contacts:
        dx = positions[i][0] - positions[j][0]
        dy = positions[i][1] - positions[j][1]
        overlap = radii[i] + radii[j] - math.sqrt(dx**2 + dy**2)
        if overlap > 0:
            energy += stiffness * overlap**2.5
            touching += 1
    return energy / max(touching, 1)


def grain_pressure_args(size):
    rng = np.random.default_rng(45)
    positions = [[float(v) for v in rng.uniform(0, 2.5, 2)] for _ in range(size)]
    return positions, [float(r) for r in rng.uniform(0.3, 0.6, size)], 5.0, 1.25


# --- a heated plate as a list of lists


def plate_temperature(hot, cold, conductivity, duration, dt, width):
    """Explicit steps of the heat equation on a square plate with two hot edges.

    Mean and corner temperature.
    """
    plate = [[cold for _ in range(width)] for _ in range(width)]
    for k in range(width):
        plate[0][k] = hot
        plate[k][0] = hot - 0.3 * k
    for _ in range(int(duration / dt)):
        following = [row[:] for row in plate]
        for i in range(1, width - 1):
            for j in range(1, width - 1):
                flow = (plate[i - 1][j] + plate[i + 1][j] + plate[i][j - 1] + plate[i][j + 1]
                        - 4.0 * plate[i][j])
                following[i][j] = plate[i][j] + dt * conductivity(plate[i][j]) * flow
        plate = following
    total = 0.0
    for row in plate:
        total += sum(row)
    return total / width**2 + plate[width - 2][width - 2]


def plate_temperature_args(size):
    return 3.0, 0.5, lambda t: 0.8 / (1.0 + 0.1 * t), 0.05 * size, 0.05, size + 2


# --- a thrown ball, all its states in rows


def throw_distance(speed, angle, drag, wind, dt, duration):
    """Rows of [time, x, y, vx, vy]; where it lands is interpolated between the last two rows above ground."""
    rows = [[0.0, 0.0, 1.5, speed * math.cos(angle), speed * math.sin(angle)]]
    for _ in range(int(duration / dt)):
        t, x, y, vx, vy = rows[-1]
        relative = vx - wind
        fast = math.sqrt(relative**2 + vy**2)
        ax = -drag * fast * relative
        ay = -9.81 - drag * fast * vy
        rows.append([t + dt, x + dt * vx, y + dt * vy, vx + dt * ax, vy + dt * ay])
        if rows[-1][2] < 0.0:
            break
    before, after = rows[-2], rows[-1]
    share = before[2] / (before[2] - after[2])
    distance = before[1] + share * (after[1] - before[1])
    highest = max(row[2] for row in rows)
    return distance + 0.1 * highest


def throw_distance_args(size):
    return 6.0 + size, 0.7, 0.02, -1.0, 0.15, 0.4 * size
