"""Programs of sequences: beam searches, alignments, Markov chains in dicts, dynamic programs with memos."""
import math
from collections import defaultdict

import numpy as np

# --- beam search


def log_softmax(logits):
    shifted = logits - np.max(logits)
    return shifted - np.log(np.sum(np.exp(shifted)))


def beam_search_margin(embedding, recurrent, output, start, length, width):
    """The gap of the best sequence to the others of the beam, for training that looks ahead."""
    beam = [(0.0, [start], np.zeros(recurrent.shape[0]))]
    for _ in range(length):
        candidates = []
        for score, tokens, state in beam:
            hidden = np.tanh(embedding[tokens[-1]] + state @ recurrent)
            log_p = log_softmax(hidden @ output)
            for token in range(len(log_p)):
                candidates.append((score + log_p[token], tokens + [token], hidden))
        candidates.sort(key=lambda candidate: candidate[0], reverse=True)
        beam = candidates[:width]
    best = beam[0][0] / len(beam[0][1])
    others = 0.0
    for score, tokens, _ in beam[1:]:
        others += math.exp(score / len(tokens))
    return best - math.log(others)


def beam_search_margin_args(size):
    rng = np.random.default_rng(21)
    return rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), rng.normal(size=(3, 4)), 0, size, 3


# --- a pruned search for the best path of a hidden Markov model


def pruned_viterbi_score(transitions, emissions, initial, observed, width):
    """Tokens pass through the states.

    Only the best few of each frame live on. Scores are in a dict by state.
    """
    alive = {}
    for state, score in initial.items():
        alive[state] = score + emissions[state][observed[0]]
    pruned_mass = 0.0
    for symbol in observed[1:]:
        arriving = {}
        for state, score in alive.items():
            for following, step in transitions[state].items():
                candidate = score + step + emissions[following][symbol]
                if following not in arriving or candidate > arriving[following]:
                    arriving[following] = candidate
        ranked = sorted(arriving.items(), key=lambda item: item[1], reverse=True)
        alive = dict(ranked[:width])
        for _, score in ranked[width:]:
            pruned_mass += math.exp(score - ranked[0][1])
    best = max(alive.values())
    return best - 0.1 * pruned_mass


def pruned_viterbi_score_args(size):
    rng = np.random.default_rng(22)
    states = ["sil", "a", "b", "c"]
    transitions = {s: {t: float(rng.normal()) for t in states if (s, t) != ("c", "a")} for s in states}
    emissions = {s: [float(v) for v in rng.normal(size=3)] for s in states}
    initial = {"sil": -0.1, "a": -2.5}
    return transitions, emissions, initial, [int(o) for o in rng.integers(0, 3, size)], 2


# --- edit distance with learned costs


def weighted_edit_distance(source, target, insert_cost, delete_cost, substitution):
    """Levenshtein's table, row by row, with costs by letter."""
    rows = [[0.0]]
    for letter in target:
        rows[0].append(rows[0][-1] + insert_cost[letter])
    for i, a in enumerate(source, start=1):
        row = [rows[i - 1][0] + delete_cost[a]]
        for j, b in enumerate(target, start=1):
            if a == b:
                replace = rows[i - 1][j - 1]
            else:
                replace = rows[i - 1][j - 1] + substitution[a][b]
            remove = rows[i - 1][j] + delete_cost[a]
            add = row[j - 1] + insert_cost[b]
            row.append(min(replace, remove, add))
        rows.append(row)
    longest = max(len(source), len(target))
    return rows[-1][-1] / longest


def weighted_edit_distance_args(size):
    letters = "acgt"
    rng = np.random.default_rng(23)
    insert_cost = {a: float(c) for a, c in zip(letters, rng.uniform(0.8, 1.5, 4))}
    delete_cost = {a: float(c) for a, c in zip(letters, rng.uniform(0.8, 1.5, 4))}
    substitution = {a: {b: float(rng.uniform(0.3, 2.0)) for b in letters if b != a} for a in letters}
    return ("gattacagt" * 2)[:size + 1], ("gcatgcat" * 2)[:size], insert_cost, delete_cost, substitution


# --- soft alignment of two strings


def soft_alignment_score(x, y, scores, gap, temperature):
    """Needleman and Wunsch with a soft maximum; the table is a dict by position."""
    table = {(0, 0): 0.0}
    for i in range(1, len(x) + 1):
        table[i, 0] = table[i - 1, 0] - gap
    for j in range(1, len(y) + 1):
        table[0, j] = table[0, j - 1] - gap
    for i in range(1, len(x) + 1):
        for j in range(1, len(y) + 1):
            pair = x[i - 1] + y[j - 1] if x[i - 1] <= y[j - 1] else y[j - 1] + x[i - 1]
            options = [
                table[i - 1, j - 1] + scores[pair],
                table[i - 1, j] - gap,
                table[i, j - 1] - gap,
            ]
            best = max(options)
            weight = sum(math.exp((option - best) / temperature) for option in options)
            table[i, j] = best + temperature * math.log(weight)
    own = sum(scores[c + c] for c in x)
    return table[len(x), len(y)] / own


def soft_alignment_score_args(size):
    rng = np.random.default_rng(24)
    letters = "hpqs"
    scores = {a + b: float(rng.normal() + 3 * (a == b)) for a in letters for b in letters if a <= b}
    return ("hpshqph" * 2)[:size], ("hspqhp" * 2)[:size + 1], scores, 0.8, 0.5


# --- a hidden Markov model in dicts, as encyclopaedias have it


def posterior_entropy(observations, states, start, transition, emission):
    """The forward and backward algorithm; the summed entropy of what is known of each state."""
    forward = []
    for i, observation in enumerate(observations):
        current = {}
        for state in states:
            if i == 0:
                arriving = start[state]
            else:
                arriving = sum(forward[i - 1][k] * transition[k][state] for k in states)
            current[state] = emission[state][observation] * arriving
        forward.append(current)
    backward = [{state: 1.0 for state in states}]
    for observation in reversed(observations[1:]):
        later = backward[0]
        current = {state: sum(transition[state][k] * emission[k][observation] * later[k] for k in states)
                   for state in states}
        backward.insert(0, current)
    likelihood = sum(forward[-1].values())
    entropy = 0.0
    for f, b in zip(forward, backward):
        for state in states:
            posterior = f[state] * b[state] / likelihood
            entropy -= posterior * math.log(posterior)
    return entropy


def posterior_entropy_args(size):
    states = ("Healthy", "Fever")
    start = {"Healthy": 0.6, "Fever": 0.4}
    transition = {"Healthy": {"Healthy": 0.7, "Fever": 0.3}, "Fever": {"Healthy": 0.4, "Fever": 0.6}}
    emission = {"Healthy": {"normal": 0.5, "cold": 0.4, "dizzy": 0.1},
                "Fever": {"normal": 0.1, "cold": 0.3, "dizzy": 0.6}}
    observations = (["normal", "cold", "dizzy", "normal", "dizzy"] * 2)[:size]
    return observations, states, start, transition, emission


# --- a Markov chain of customers, its states in dicts


def customer_value(chances, margins, discount, horizon, campaign):
    """Expected discounted profit: a distribution in a defaultdict moves along the transitions of a dict."""
    distribution = {"prospect": 1.0}
    value = 0.0
    for month in range(horizon):
        following = defaultdict(float)
        for state, mass in distribution.items():
            outgoing = chances[state]
            total = sum(outgoing.values())
            for target, weight in outgoing.items():
                if target == "active" and month in campaign:
                    weight = weight * campaign[month]       # the boost of a campaign in this month
                following[target] += mass * weight / total
        distribution = following
        profit = 0.0
        for state in sorted(distribution):
            profit += distribution[state] * margins.get(state, 0.0)
        value += profit * discount**month
    remaining = 1.0 - distribution["lost"]
    return value + 0.5 * remaining


def customer_value_args(size):
    chances = {"prospect": {"prospect": 0.7, "active": 0.2, "lost": 0.1},
               "active": {"active": 0.8, "dormant": 0.2},
               "dormant": {"active": 0.15, "dormant": 0.6, "lost": 0.25},
               "lost": {"lost": 1.0}}
    return chances, {"active": 12.0, "dormant": 1.5, "prospect": -0.5}, 0.97, size, {1: 1.4, 4: 1.2}


# --- the partition function of an RNA hairpin, by recursion with a memo


PAIRS = {"AU": "weak", "UA": "weak", "GC": "strong", "CG": "strong", "GU": "wobble", "UG": "wobble"}


def folding_free_energy(sequence, energies, temperature, minimal_loop):
    """McCaskill's recursion in its simplest form: every pair has an energy, every loop a minimal length."""
    memo = {}

    def partition(i, j):
        if j - i < 1:
            return 1.0
        if (i, j) in memo:
            return memo[i, j]
        total = partition(i + 1, j)                 # base i is unpaired
        for k in range(i + minimal_loop + 1, j + 1):
            kind = PAIRS.get(sequence[i] + sequence[k])
            if kind is None:
                continue
            weight = math.exp(-energies[kind] / temperature)
            total += weight * partition(i + 1, k - 1) * partition(k + 1, j)
        memo[i, j] = total
        return total

    z = partition(0, len(sequence) - 1)
    return -temperature * math.log(z) / len(sequence)


def folding_free_energy_args(size):
    return ("GGGAAAUCCUAGC" * 2)[:size], {"strong": -1.5, "weak": -1.0, "wobble": -0.4}, 0.6, 2
