"""Programs of graphs: adjacency lists, networks of tasks, orders of matrix products."""
import math

import numpy as np

# --- messages on a graph


def message_passing_energy(features, adjacency, message_layers, readout):
    """A molecule's energy: atoms hear from their neighbours for some rounds, then each is read out."""
    hidden = {atom: np.tanh(vector) for atom, vector in features.items()}
    for layer in message_layers:
        updated = {}
        for atom, neighbours in adjacency.items():
            incoming = np.zeros(layer["w_message"].shape[1])
            for neighbour, order in neighbours:
                incoming = incoming + order * (hidden[neighbour] @ layer["w_message"])
            if neighbours:
                incoming = incoming / len(neighbours)
            updated[atom] = np.tanh(hidden[atom] @ layer["w_self"] + incoming + layer["b"])
        hidden = updated
    energy = 0.0
    for atom in adjacency:
        energy += hidden[atom] @ readout["w"]
    bonds = sum(order for neighbours in adjacency.values() for _, order in neighbours) / 2
    return energy / len(adjacency) + readout["per_bond"] * bonds


def message_passing_energy_args(size):
    rng = np.random.default_rng(31)
    atoms = ["C1", "C2", "O1", "N1", "H1", "H2", "H3"][:size]
    adjacency = {atom: [] for atom in atoms}
    for k, atom in enumerate(atoms[1:], start=1):
        other = atoms[k // 2]
        order = 1.0 + k % 2
        adjacency[atom].append((other, order))
        adjacency[other].append((atom, order))
    layers = [{"w_message": rng.normal(size=(2, 2)), "w_self": rng.normal(size=(2, 2)),
               "b": rng.normal(size=2)} for _ in range(2)]
    features = {atom: rng.normal(size=2) for atom in atoms}
    return features, adjacency, layers, {"w": rng.normal(size=2), "per_bond": 0.3}


# --- a random surfer


def citation_rank(links, damping, damping_of_selfcitations, rounds):
    """PageRank on weighted links {paper: {cited: weight}}.

    Returns the ranks in order of the papers' names.
    """
    papers = sorted(links)
    rank = {paper: 1.0 / len(papers) for paper in papers}
    for _ in range(rounds):
        following = {paper: (1.0 - damping) / len(papers) for paper in papers}
        dangling = 0.0
        for paper in papers:
            cited = links[paper]
            if not cited:
                dangling += rank[paper]
                continue
            strengths = {}
            for target, weight in cited.items():
                strengths[target] = weight * damping_of_selfcitations if target == paper else weight
            total = sum(strengths.values())
            for target, strength in strengths.items():
                following[target] += damping * rank[paper] * strength / total
        for paper in papers:
            following[paper] += damping * dangling / len(papers)
        rank = following
    return np.array([rank[paper] for paper in papers])


def citation_rank_args(size):
    rng = np.random.default_rng(32)
    papers = [f"p{k}" for k in range(size)]
    links = {}
    for k, paper in enumerate(papers):
        targets = [papers[(3 * k + 1) % size], papers[(k * k + 2) % size]] if k != 1 else []
        links[paper] = {target: float(rng.uniform(0.5, 2.0)) for target in targets}
    return links, 0.85, 0.3, 4


# --- the critical path of a project


def project_cost(durations, needs, overhead, deadline, softness):
    """Tasks start when all they need is finished (Kahn's order); late projects pay a penalty."""
    waiting = {task: len(required) for task, required in needs.items()}
    unlocks = {task: [] for task in needs}
    for task, required in needs.items():
        for other in required:
            unlocks[other].append(task)
    ready = [task for task, count in waiting.items() if count == 0]
    finish = {}
    while ready:
        task = ready.pop(0)
        start = max((finish[other] for other in needs[task]), default=0.0)
        finish[task] = start + durations[task]
        for other in unlocks[task]:
            waiting[other] -= 1
            if waiting[other] == 0:
                ready.append(other)
    end = max(finish.values())
    late = end - deadline
    penalty = softness * math.log1p(math.exp(late / softness))
    idle = sum(end - finish[task] for task in finish if not unlocks[task])
    return overhead * end + penalty + 0.1 * idle


def project_cost_args(size):
    rng = np.random.default_rng(33)
    tasks = [f"task{k}" for k in range(size)]
    needs = {task: [tasks[j] for j in range(max(0, k - 3), k) if (j + k) % 2] for k, task in enumerate(tasks)}
    return {t: float(d) for t, d in zip(tasks, rng.uniform(1, 4, size))}, needs, 1.5, 1.8 * size, 0.7


# --- the best order of a chain of matrices


def best_splits(dims):
    """Where to split each product of a chain, by the textbook's dynamic program."""
    n = len(dims) - 1
    cost = [[0] * n for _ in range(n)]
    split = [[0] * n for _ in range(n)]
    for span in range(1, n):
        for i in range(n - span):
            j = i + span
            cost[i][j] = None
            for k in range(i, j):
                price = cost[i][k] + cost[k + 1][j] + dims[i] * dims[k + 1] * dims[j + 1]
                if cost[i][j] is None or price < cost[i][j]:
                    cost[i][j] = price
                    split[i][j] = k
    return split


def chain_response(matrices, signal):
    """The product of a chain of transfer matrices in its cheapest order, applied to a signal."""
    dims = [matrices[0].shape[0]] + [m.shape[1] for m in matrices]
    split = best_splits(dims)

    def product(i, j):
        if i == j:
            return matrices[i]
        k = split[i][j]
        return product(i, k) @ product(k + 1, j)

    whole = product(0, len(matrices) - 1)
    gain = np.sqrt(np.sum(whole**2))
    response = np.tanh(whole @ signal / gain)
    return np.sum(response**2) + 0.01 * gain


def chain_response_args(size):
    rng = np.random.default_rng(34)
    dims = [3, 2, 4, 1, 3, 2, 5][:size + 1]
    return [rng.normal(size=pair) for pair in zip(dims, dims[1:])], rng.normal(size=dims[-1])


# --- the expected cost of searches in an ordered tree


def search_tree_cost(hits, misses, compare_cost, temperature):
    """The optimal binary search tree with costs that are weighed softly, so that keys may be tuned."""
    n = len(hits)
    cost = {}
    weight = {}
    for i in range(n + 1):
        cost[i, i] = misses[i]
        weight[i, i] = misses[i]
    for length in range(1, n + 1):
        for i in range(n - length + 1):
            j = i + length
            weight[i, j] = weight[i, j - 1] + hits[j - 1] + misses[j]
            options = []
            for root in range(i, j):
                options.append(cost[i, root] + cost[root + 1, j])
            cheapest = min(options)
            soft = sum(math.exp(-(option - cheapest) / temperature) for option in options)
            cost[i, j] = cheapest - temperature * math.log(soft) + compare_cost * weight[i, j]
    return cost[0, n] / weight[0, n]


def search_tree_cost_args(size):
    rng = np.random.default_rng(35)
    hits = [float(h) for h in rng.uniform(0.1, 1.0, size)]
    return hits, [float(m) for m in rng.uniform(0.05, 0.3, size + 1)], 1.2, 0.4
