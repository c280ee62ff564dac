"""Programs of trees: phylogenies and formulas as nested tuples, decision trees in dicts, tries."""
import math

import numpy as np

# --- the likelihood of an alignment on a phylogenetic tree (Felsenstein's pruning)


def kimura(length, kappa):
    """Probabilities of A, C, G, T becoming one another along a branch."""
    beta = 1.0 / (2.0 + kappa)
    slow = math.exp(-4.0 * beta * length)
    fast = math.exp(-2.0 * beta * (1.0 + kappa) * length)
    same = 0.25 + 0.25 * slow + 0.5 * fast
    transition = 0.25 + 0.25 * slow - 0.5 * fast
    transversion = 0.25 - 0.25 * slow
    return np.array([
        [same, transversion, transition, transversion],
        [transversion, same, transversion, transition],
        [transition, transversion, same, transversion],
        [transversion, transition, transversion, same],
    ])


def conditional_likelihood(node, alignment, kappa, rate):
    if isinstance(node, str):
        return np.eye(4)[alignment[node]]
    partial = None
    for child, length in node:
        below = conditional_likelihood(child, alignment, kappa, rate)
        message = below @ kimura(rate * length, kappa).T
        partial = message if partial is None else partial * message
    return partial


def phylogeny_log_likelihood(tree, alignment, kappa, rates):
    """`tree` is a tuple of (child, branch length); a leaf is the name of a species."""
    frequencies = np.array([0.3, 0.2, 0.2, 0.3])
    per_site = 0.0
    for rate in rates:
        root = conditional_likelihood(tree, alignment, kappa, rate)
        per_site = per_site + root @ frequencies / len(rates)
    return np.sum(np.log(per_site))


def phylogeny_log_likelihood_args(size):
    rng = np.random.default_rng(1)
    alignment = {f"taxon{k}": rng.integers(0, 4, 6) for k in range(size)}
    tree = (("taxon0", 0.11), ("taxon1", 0.23))
    for k in range(2, size):
        tree = ((tree, 0.1 + 0.03 * k), (f"taxon{k}", 0.2 + 0.02 * k))
    return tree, alignment, 2.3, [0.5, 1.5]


# --- a formula as a tree of tuples


def expression_value(tree, values):
    """The value of a formula such as ("*", ("var", "a"), ("+", 2.0, ("sin", ("var", "b"))))."""
    if isinstance(tree, float):
        return tree
    operator = tree[0]
    if operator == "var":
        return values[tree[1]]
    arguments = [expression_value(part, values) for part in tree[1:]]
    if operator == "+":
        return arguments[0] + arguments[1]
    if operator == "*":
        return arguments[0] * arguments[1]
    if operator == "/":
        return arguments[0] / (1.0 + arguments[1]**2)
    if operator == "sin":
        return math.sin(arguments[0])
    if operator == "exp":
        return math.exp(-arguments[0]**2)
    raise ValueError(f"unknown operator {operator}")


def formula_misfit(tree, samples, targets, penalty):
    """Symbolic regression: how well a candidate formula fits, with a price on its constants."""
    misfit = 0.0
    for sample, target in zip(samples, targets):
        predicted = expression_value(tree, sample)
        residual = predicted - target
        misfit += residual**2 / (1.0 + residual**2)     # bounded, as outliers are expected
    constants = []
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, float):
            constants.append(node)
        elif isinstance(node, tuple):
            pending.extend(node[1:])
    return misfit / len(samples) + penalty * sum(c**2 for c in constants)


def formula_misfit_args(size):
    rng = np.random.default_rng(2)
    tree = ("+", ("*", 1.3, ("var", "a")), ("sin", ("*", ("var", "b"), 0.7)))
    for k in range(size - 2):
        tree = ("/", ("+", tree, 0.4 + 0.1 * k), ("exp", ("*", ("var", "b"), ("var", "a"))))
    samples = [{"a": float(rng.normal()), "b": float(rng.normal())} for _ in range(size)]
    return tree, samples, [float(t) for t in rng.normal(size=size)], 0.05


# --- the delay of a signal in a tree of wires


def downstream_capacitance(branch):
    resistance, capacitance, children = branch
    total = capacitance
    for child in children:
        total += downstream_capacitance(child)
    return total


def sink_delays(branch, arrival, coupling):
    """Elmore delays of the sinks below a branch, in the order of a walk down the tree."""
    resistance, capacitance, children = branch
    arrival = arrival + resistance * downstream_capacitance(branch) * coupling
    if not children:
        return [arrival]
    delays = []
    for child in children:
        delays.extend(sink_delays(child, arrival, coupling))
    return delays


def clock_skew(net, coupling, drive):
    """Spread of the arrival times of a clock, and a price on its latency."""
    source_delay = math.log(2.0) / drive * downstream_capacitance(net)
    delays = sink_delays(net, source_delay, coupling)
    mean = sum(delays) / len(delays)
    skew = 0.0
    for delay in delays:
        skew += (delay - mean)**2
    latest = max(delays)
    return math.sqrt(skew / len(delays)) + 0.1 * latest


def clock_skew_args(size):
    rng = np.random.default_rng(3)

    def grow(depth):
        count = 0 if depth == 0 else 1 + (depth + size) % 2
        children = tuple(grow(depth - 1) for _ in range(count))
        return float(rng.uniform(0.5, 2.0)), float(rng.uniform(0.1, 0.4)), children

    trunk = tuple(grow(size) for _ in range(2))
    return (0.7, 0.3, trunk), 1.1, 2.5


# --- soft decision trees in nested dicts


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def leaf_weights(node, features, reach):
    """[(probability of ending there, prediction)] of all leaves below a node."""
    if "leaf" in node:
        return [(reach, node["leaf"])]
    go_right = sigmoid(node["sharpness"] * (features @ node["direction"] - node["threshold"]))
    left = leaf_weights(node["left"], features, reach * (1.0 - go_right))
    right = leaf_weights(node["right"], features, reach * go_right)
    return left + right


def soft_tree_loss(root, rows, targets):
    loss = 0.0
    balance = 0.0
    for features, target in zip(rows, targets):
        prediction = 0.0
        entropy = 0.0
        for probability, value in leaf_weights(root, features, 1.0):
            prediction += probability * value
            entropy -= probability * np.log(probability + 1e-9)
        loss += (prediction - target)**2
        balance += entropy
    # A tree that sends every row to the same leaf has learned nothing.
    return loss / len(rows) - 0.01 * balance / len(rows)


def soft_tree_loss_args(size):
    rng = np.random.default_rng(4)

    def node(depth):
        if depth == 0:
            return {"leaf": float(rng.normal())}
        return {"direction": rng.normal(size=3), "threshold": float(rng.normal()), "sharpness": 1.5,
                "left": node(depth - 1), "right": node(max(depth - 2, 0))}

    return node(size), rng.normal(size=(size + 2, 3)), rng.normal(size=size + 2)


# --- boosted stumps


def stump_value(stump, row):
    """A tree of depth 2: where the row goes is decided by the data, what it gets there is learned."""
    node = stump
    while isinstance(node, dict):
        if row[node["feature"]] < node["split"]:
            node = node["below"]
        else:
            node = node["above"]
    return node


def boosted_log_loss(stumps, rows, labels, shrinkage, splits_at):
    """The logistic loss of a sum of small trees, with the scores after every stage."""
    scores = [0.0] * len(rows)
    history = []
    for stump in stumps:
        for i, row in enumerate(rows):
            tree = {"feature": stump["feature"], "split": splits_at[stump["feature"]],
                    "below": stump["values"][0],
                    "above": {"feature": (stump["feature"] + 1) % len(row), "split": 0.0,
                              "below": stump["values"][1], "above": stump["values"][2]}}
            scores[i] += shrinkage * stump_value(tree, row)
        stage = 0.0
        for score, label in zip(scores, labels):
            margin = score if label else -score
            stage += math.log1p(math.exp(-margin))
        history.append(stage / len(rows))
    return history[-1] + 0.1 * sum(history[:-1])


def boosted_log_loss_args(size):
    rng = np.random.default_rng(5)
    stumps = [{"feature": k % 3, "values": [float(v) for v in rng.normal(size=3)]} for k in range(size)]
    rows = [[float(v) for v in rng.normal(size=3)] for _ in range(size + 3)]
    labels = [bool(v) for v in rng.integers(0, 2, size + 3)]
    return stumps, rows, labels, 0.3, [0.1, -0.2, 0.3]


# --- a trie of words, as a language model of letters


def trie_surprise(words, weights, queries, smoothing):
    """Bits per letter of some queries under a trie that counts weighted words."""
    trie = {"total": 0.0, "next": {}}
    for word, weight in zip(words, weights):
        node = trie
        node["total"] += weight
        for letter in word + "$":
            if letter not in node["next"]:
                node["next"][letter] = {"total": 0.0, "next": {}}
            node = node["next"][letter]
            node["total"] += weight
    bits = 0.0
    letters = 0
    for query in queries:
        node = trie
        for letter in query + "$":
            letters += 1
            if node is None or letter not in node["next"]:
                bits += math.log2(27.0)             # off the trie: a uniform guess
                node = None
                continue
            child = node["next"][letter]
            probability = (child["total"] + smoothing) / (node["total"] + 27.0 * smoothing)
            bits -= math.log2(probability)
            node = child
    return bits / letters


def trie_surprise_args(size):
    words = ["tea", "ten", "to", "inn", "in", "tent", "i", "total", "note"][:size]
    rng = np.random.default_rng(6)
    return words, [float(w) for w in rng.uniform(0.5, 3.0, len(words))], ["ten", "inner", "tot"][:size], 0.4


# --- splitting a text into the pieces of a vocabulary


def vocabulary_trie(log_probabilities):
    root = {}
    for piece, log_probability in log_probabilities.items():
        node = root
        for character in piece:
            node = node.setdefault(character, {})
        node["score"] = log_probability
    return root


def segmentation_log_likelihood(log_probabilities, text, temperature):
    """Log of the summed probabilities of all ways to cut a text into pieces of a vocabulary."""
    trie = vocabulary_trie(log_probabilities)
    alpha = [None] * (len(text) + 1)
    alpha[0] = 0.0
    for start in range(len(text)):
        if alpha[start] is None:
            continue                                # no cut can lie here
        node = trie
        for end in range(start, len(text)):
            if text[end] not in node:
                break
            node = node[text[end]]
            if "score" not in node:
                continue
            arriving = alpha[start] + node["score"] / temperature
            if alpha[end + 1] is None:
                alpha[end + 1] = arriving
            else:
                alpha[end + 1] = np.logaddexp(alpha[end + 1], arriving)
    return alpha[len(text)]


def segmentation_log_likelihood_args(size):
    pieces = ["a", "b", "ab", "ba", "aba", "bb", "abb"]
    rng = np.random.default_rng(7)
    return {p: float(-v) for p, v in zip(pieces, rng.uniform(0.5, 2.0, 7))}, ("abab" * size)[:3 * size], 1.3
