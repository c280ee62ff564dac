"""Inference: hidden Markov models, filters, mixtures, Bayesian networks, packed weights, transport."""

import numpy as np

from ..case import Case

rng = np.random.default_rng(141)


def logsumexp(x, axis=None, keepdims=False):
    m = np.max(x, axis=axis, keepdims=True)
    out = np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True)) + m
    return out if keepdims else np.squeeze(out, axis=axis)


def hmm_forward(log_pi, log_A, log_B, observations):
    alpha = log_pi + log_B[:, observations[0]]
    for y in observations[1:]:
        alpha = logsumexp(alpha[:, None] + log_A, axis=0) + log_B[:, y]
    return logsumexp(alpha, axis=0)


def hmm_forward_table(pi, A, B, observations):
    T, K = len(observations), len(pi)
    alpha = np.zeros((T, K))
    alpha[0] = pi * B[:, observations[0]]
    for t in range(1, T):
        for j in range(K):
            for i in range(K):
                alpha[t, j] += alpha[t - 1, i] * A[i, j]
            alpha[t, j] *= B[j, observations[t]]
    return np.log(alpha[-1].sum())


def hmm_scaled(pi, A, B, observations):
    likelihood = 0.0
    state = pi
    for t, y in enumerate(observations):
        if t > 0:
            state = state @ A
        state = state * B[:, y]
        c = state.sum()
        likelihood += np.log(c)
        state /= c
    return likelihood


def viterbi_score(log_pi, log_A, log_B, observations):
    delta = log_pi + log_B[:, observations[0]]
    back = []
    for y in observations[1:]:
        candidates = delta[:, None] + log_A
        back.append(np.argmax(candidates, axis=0))
        delta = candidates.max(axis=0) + log_B[:, y]
    return np.max(delta)


def kalman_filter(observations, A, C, Q, R, mu, V):
    likelihood = 0.0
    for y in observations:
        S = C @ V @ C.T + R
        innovation = y - C @ mu
        gain = V @ C.T @ np.linalg.inv(S)
        likelihood -= 0.5 * (innovation @ np.linalg.solve(S, innovation) + np.linalg.slogdet(S)[1])
        mu = A @ (mu + gain @ innovation)
        V = A @ (V - gain @ C @ V) @ A.T + Q
    return likelihood


def mixture_log_likelihood(params, data):
    weights, means, log_stds = params["weights"], params["means"], params["log_stds"]
    log_weights = weights - logsumexp(weights)
    cluster_lls = []
    for log_w, mean, log_std in zip(log_weights, means, log_stds):
        z = (data - mean) / np.exp(log_std)
        cluster_lls.append(log_w + np.sum(-0.5 * z**2 - log_std - 0.5 * np.log(2 * np.pi), axis=1))
    cluster_lls = np.vstack(cluster_lls)
    return np.sum(logsumexp(cluster_lls, axis=0))


def unpack_layers(weights, layer_sizes):
    """Weight matrices and biases from one flat vector."""
    at = 0
    for m, n in zip(layer_sizes[:-1], layer_sizes[1:]):
        W = weights[at : at + m * n].reshape((m, n))
        at += m * n
        b = weights[at : at + n].reshape((1, n))
        at += n
        yield W, b


def flat_network_loss(weights, layer_sizes, X, y):
    h = X
    at = 0
    for m, n in zip(layer_sizes[:-1], layer_sizes[1:]):
        W = weights[at : at + m * n].reshape((m, n))
        b = weights[at + m * n : at + m * n + n]
        at += (m + 1) * n
        outputs = h @ W + b
        h = np.tanh(outputs)
    return np.sum((outputs - y) ** 2)


def generator_of_layers(weights, layer_sizes, X):
    h = X
    for W, b in unpack_layers(weights, layer_sizes):
        h = np.tanh(h @ W + b)
    return h.sum()


class WeightsParser:
    """Keeps the places of named weights in one vector."""

    def __init__(self):
        self.idxs_and_shapes = {}
        self.num_weights = 0

    def add_weights(self, name, shape):
        start = self.num_weights
        self.num_weights += int(np.prod(shape))
        self.idxs_and_shapes[name] = (slice(start, self.num_weights), shape)

    def get(self, vect, name):
        idxs, shape = self.idxs_and_shapes[name]
        return np.reshape(vect[idxs], shape)


def parsed_network(vect, parser, X):
    h = np.tanh(X @ parser.get(vect, "W1") + parser.get(vect, "b1"))
    return np.sum(h @ parser.get(vect, "W2"))


def flatten_and_unflatten(params):
    flat = np.concatenate([params[k].ravel() for k in sorted(params)])
    flat = flat / np.linalg.norm(flat)
    at, new = 0, {}
    for k in sorted(params):
        n = params[k].size
        new[k] = flat[at : at + n].reshape(params[k].shape)
        at += n
    return new


def variational_objective(params, X, y, n_samples=2):
    mean, log_std = params
    draw = np.random.RandomState(0)
    samples = draw.randn(n_samples, len(mean)) * np.exp(log_std) + mean
    total = 0.0
    for w in samples:
        residual = y - X @ w
        total += -0.5 * np.sum(residual**2) - 0.5 * np.sum(w**2)
    entropy = 0.5 * len(mean) * (1.0 + np.log(2 * np.pi)) + np.sum(log_std)
    return -(entropy + total / n_samples)


def hyperparameter_loss(log_rates, w, data):
    """The loss after a training run with one rate for each step."""
    velocity = np.zeros_like(w)
    for log_rate, (x, y) in zip(log_rates, data):
        g = 2 * x * (w @ x - y)
        velocity = 0.9 * velocity - (1.0 - 0.9) * g
        w = w + np.exp(log_rate) * velocity
    return sum((w @ x - y) ** 2 for x, y in data)


def deep_gaussian_chain(x, layers):
    for i, (mean, scale) in enumerate(layers):
        new = mean + scale * np.tanh(x)
        x = x + new if i > 0 else new
    return x


def convnet_layers(weights, X, layer_specs):
    """Layers from a list of specifications, as strings and sizes."""
    out, at = X, 0
    for spec in layer_specs:
        kind = spec[0]
        if kind == "conv":
            k = spec[1]
            w = weights[at : at + k]
            at += k
            out = np.array([np.convolve(row, w, mode="valid") for row in out])
        elif kind == "pool":
            s = spec[1]
            n = out.shape[1] // s
            out = out[:, : n * s].reshape(out.shape[0], n, s).max(axis=2)
        elif kind == "full":
            n_in, n_out = out.shape[1], spec[1]
            out = np.tanh(out @ weights[at : at + n_in * n_out].reshape(n_in, n_out))
            at += n_in * n_out
    return out


def sinkhorn(C, a, b, eps=0.5, iterations=4):
    K = np.exp(-C / eps)
    u, v = np.ones_like(a), np.ones_like(b)
    for _ in range(iterations):
        u = a / (K @ v)
        v = b / (K.T @ u)
    return np.sum(u[:, None] * K * v[None, :] * C)


def beam_bending(loads, stiffness):
    shear, moment, angle, deflection = 0.0, 0.0, 0.0, []
    for load, k in zip(loads, stiffness):
        shear += load
        moment += shear
        angle += moment / k
        deflection.append(angle + (deflection[-1] if deflection else 0.0))
    return max(deflection), sum(d**2 for d in deflection)


f3 = [rng.normal(size=(3, 3)) for _ in range(4)]
q, p = rng.normal(size=2), rng.normal(size=2)
pi, A, B = np.array([0.3, 0.7]), np.array([[0.8, 0.2], [0.3, 0.7]]), np.array([[0.5, 0.3, 0.2], [0.1, 0.3, 0.6]])
seen = [0, 2, 1, 1]
logs = (np.log(pi), np.log(A), np.log(B), seen)
data, y4, X = rng.normal(size=(4, 2)), rng.normal(size=4), rng.normal(size=(4, 3))
mixture = {"weights": np.array([0.2, -0.3]), "means": rng.normal(size=(2, 2)), "log_stds": rng.normal(size=(2, 2)) * 0.3}
kalman = (data, A, np.array([[1.0, 0.3], [0.0, 1.0]]), np.eye(2) * 0.3, np.eye(2) * 0.5, pi, np.eye(2))
parser = WeightsParser()
for name, shape in [("W1", (3, 2)), ("b1", (2,)), ("W2", (2, 1))]:
    parser.add_weights(name, shape)
probability = ("pi", "A", "B")
CASES = [
    Case(hmm_forward, logs, ("log_pi", "log_A", "log_B")),
    Case(hmm_forward_table, (pi, A, B, seen), probability),
    Case(hmm_scaled, (pi, A, B, seen), probability),
    Case(viterbi_score, logs, ("log_pi", "log_A", "log_B")),
    Case(kalman_filter, kalman),
    Case(mixture_log_likelihood, (mixture, data)),
    Case(flat_network_loss, (rng.normal(size=11), [3, 2, 1], X, y4[:, None]), "weights"),
    Case(generator_of_layers, (rng.normal(size=11), [3, 2, 1], X), "weights"),
    Case(parsed_network, (rng.normal(size=10), parser, X), ("vect", "X")),
    Case(flatten_and_unflatten, ({"b": q, "W": A},)),
    Case(variational_objective, ((X[0], X[1] * 0.2), X, y4), "params"),
    Case(hyperparameter_loss, (np.array([-1.0, -0.5, -2.0]), X[0], list(zip(X, y4))), ("log_rates", "w")),
    Case(deep_gaussian_chain, (0.4, [(0.1, 1.2), (0.3, 0.8), (-0.2, 0.5)])),
    Case(convnet_layers, (rng.normal(size=9), rng.normal(size=(2, 8)), [("conv", 3), ("pool", 2), ("full", 2)]), (0, 1)),
    Case(sinkhorn, (rng.uniform(size=(2, 3)), pi, np.array([0.2, 0.3, 0.5]))),
    Case(beam_bending, ([1.0, 2.0, 0.5], [3.0, 2.0, 4.0])),
]
