"""Programs of queues: events in a heap, jobs by priority; what is ordered is never differentiated."""
import heapq
import math

import numpy as np

# --- doses of a drug as events


def concentration_misfit(doses, absorption, elimination, volume, samples, infusion):
    """One compartment with first-order absorption.

    Doses, samples and the ends of infusions are events in a heap.
    """
    events = []
    counter = 0
    for time, amount in doses:
        heapq.heappush(events, (time, counter, "dose", amount))
        counter += 1
    for time, measured in samples:
        heapq.heappush(events, (time, counter, "sample", measured))
        counter += 1
    gut = blood = 0.0
    now = 0
    misfit = 0.0
    while events:
        time, _, kind, value = heapq.heappop(events)
        waited = time - now
        emptied = gut * (1.0 - math.exp(-absorption * waited))
        blood = blood * math.exp(-elimination * waited) + emptied * math.exp(-elimination * waited / 2.0)
        gut -= emptied
        now = time
        if kind == "dose":
            gut += value * (1.0 - infusion)
            if infusion > 0.0 and value > 0.4:
                # The rest comes half a dose later, as an event of its own.
                heapq.heappush(events, (time + 2, counter, "dose", value * infusion))
                counter += 1
        else:
            misfit += (math.log(blood / volume + 1e-3) - value)**2
    return misfit


def concentration_misfit_args(size):
    doses = [(6 * k, 1.0 + 0.2 * k) for k in range(size)]
    samples = [(6 * k + 3, -0.5 - 0.1 * k) for k in range(size)]
    return doses, 0.4, 0.15, 1.8, samples, 0.3


# --- a workshop with events that make events


class Machine:
    def __init__(self, wear, repair):
        self.wear = wear
        self.repair = repair
        self.health = 1.0
        self.output = 0.0

    def work(self, hours):
        self.output += hours * self.health
        self.health *= math.exp(-self.wear * hours)

    def mend(self):
        self.health += self.repair * (1.0 - self.health)


def workshop_profit(wears, repairs, shifts, service_every, price, service_cost):
    """Shifts and services of machines on an agenda ordered by the hour; services plan the next ones."""
    machines = [Machine(wear, repair) for wear, repair in zip(wears, repairs)]
    agenda = [(start, number, "shift") for start, number in shifts]
    for number in range(len(machines)):
        agenda.append((service_every, number, "service"))
    heapq.heapify(agenda)
    horizon = max(start for start, _ in shifts)
    costs = 0.0
    while agenda:
        hour, number, what = heapq.heappop(agenda)
        machine = machines[number]
        if what == "shift":
            machine.work(4.0)
        else:
            costs += service_cost * (1.5 - machine.health)
            machine.mend()
            if hour + service_every <= horizon:
                heapq.heappush(agenda, (hour + service_every, number, "service"))
    income = price * sum(machine.output for machine in machines)
    return income - costs


def workshop_profit_args(size):
    shifts = [(4 * k, k % size) for k in range(3 * size)]
    return [0.02 + 0.01 * k for k in range(size)], [0.5 + 0.1 * k for k in range(size)], shifts, 10, 1.3, 2.0


# --- jobs by priority on a few servers


def weighted_waiting(jobs, speeds, holding_cost):
    """Jobs are started in order of priority, each on the server that is free first.

    Mean weighted completion.
    """
    queue = []
    for number, (priority, work, weight) in enumerate(jobs):
        heapq.heappush(queue, (priority, number))
    free_at = [0.0] * len(speeds)
    completion = {}
    while queue:
        _, number = heapq.heappop(queue)
        _, work, weight = jobs[number]
        server = 0
        for k in range(1, len(free_at)):
            if free_at[k] < free_at[server]:
                server = k
        free_at[server] += work / speeds[server]
        completion[number] = free_at[server]
    cost = 0.0
    for number, (priority, work, weight) in enumerate(jobs):
        cost += weight * completion[number]
    return cost / len(jobs) + holding_cost * max(free_at)


def weighted_waiting_args(size):
    rng = np.random.default_rng(93)
    jobs = [((7 * k) % size, float(rng.uniform(1, 4)), float(rng.uniform(0.5, 2))) for k in range(size)]
    return jobs, [1.0, 1.3, 0.7], 0.2


# --- merging clusters of a code


def merge_cost(counts, energies, gain, loss):
    """Huffman's merging by counts.

    A merged symbol has an energy of its own, and pairs that differ cost more.
    """
    heap = [(count, symbol) for symbol, count in counts.items()]
    heapq.heapify(heap)
    energy = dict(energies)
    depth = {symbol: 0.0 for symbol in counts}
    members = {symbol: [symbol] for symbol in counts}
    cost = 0.0
    while len(heap) > 1:
        n1, a = heapq.heappop(heap)
        n2, b = heapq.heappop(heap)
        name = a + b
        share = n1 / (n1 + n2)
        energy[name] = gain * (share * energy[a] + (1.0 - share) * energy[b])
        cost += (n1 + n2) * (energy[a] - energy[b])**2 * loss
        members[name] = members.pop(a) + members.pop(b)
        for symbol in members[name]:
            depth[symbol] += energy[name]**2
        heapq.heappush(heap, (n1 + n2, name))
    total = sum(counts.values())
    mean_depth = sum(counts[symbol] * depth[symbol] for symbol in counts) / total
    return cost / total + mean_depth


def merge_cost_args(size):
    rng = np.random.default_rng(94)
    symbols = "abcdefgh"[:size]
    counts = {symbol: 3 + (5 * k) % 11 for k, symbol in enumerate(symbols)}
    return counts, {symbol: float(e) for symbol, e in zip(symbols, rng.normal(size=size))}, 0.9, 0.3


# --- the least effort on a grid of heights, by the number of steps


def hiking_effort(heights, start, goal, uphill, tiredness):
    """A breadth-first priority queue by hops (integers).

    The effort of the way that is found is differentiated.
    """
    rows, columns = heights.shape
    queue = [(0, start)]
    came_from = {start: None}
    while queue:
        hops, (i, j) = heapq.heappop(queue)
        if (i, j) == goal:
            break
        for di, dj in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            cell = (i + di, j + dj)
            if 0 <= cell[0] < rows and 0 <= cell[1] < columns and cell not in came_from:
                came_from[cell] = (i, j)
                heapq.heappush(queue, (hops + 1, cell))
    way = [goal]
    while came_from[way[-1]] is not None:
        way.append(came_from[way[-1]])
    way.reverse()
    effort = 0.0
    for step, (a, b) in enumerate(zip(way, way[1:])):
        climb = heights[b] - heights[a]
        cost = math.sqrt(1.0 + climb**2)
        if climb > 0:
            cost += uphill * climb
        effort += cost * (1.0 + tiredness * step)
    return effort


def hiking_effort_args(size):
    rng = np.random.default_rng(95)
    return rng.normal(size=(size, size)), (0, 0), (size - 1, size - 1), 1.5, 0.1
