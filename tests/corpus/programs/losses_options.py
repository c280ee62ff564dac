"""Losses with options, and models that are fitted: reductions, weights, smoothing, kernels by name, loops of terms."""

import math

import numpy as np

from ..case import Case

rng = np.random.default_rng(121)


def cross_entropy(logits, labels, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    logits = logits - logits.max(axis=-1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    keep = labels != ignore_index
    safe = np.where(keep, labels, 0)
    nll = -logp[np.arange(len(labels)), safe]
    if label_smoothing > 0:
        smooth = -logp.mean(axis=-1)
        nll = (1 - label_smoothing) * nll + label_smoothing * smooth
    w = np.ones(logits.shape[-1]) if weight is None else weight
    nll = nll * w[safe] * keep
    if reduction == "none":
        return nll
    total = nll.sum()
    if reduction == "sum":
        return total
    return total / (w[safe] * keep).sum()


def focal_loss(p, y, gamma=2.0, alpha=None):
    eps = np.finfo(p.dtype).eps
    p = np.clip(p, eps, 1 - eps)
    pt = np.where(y == 1, p, 1 - p)
    loss = -((1 - pt) ** gamma) * np.log(pt)
    if alpha is not None:
        at = np.where(y == 1, alpha, 1 - alpha)
        loss = at * loss
    return loss.mean()


def elastic_net(w, X, y, alpha=0.1, l1_ratio=0.5, fit_intercept=True):
    if fit_intercept:
        w, b = w[1:], w[0]
    else:
        b = 0.0
    residual = X @ w + b - y
    loss = 0.5 * np.mean(residual**2)
    loss += alpha * l1_ratio * np.abs(w).sum()
    loss += alpha * (1 - l1_ratio) / 2 * (w**2).sum()
    return loss


def robust_loss(r, kind="huber", delta=1.0):
    a = np.abs(r)
    if kind == "huber":
        rho = np.where(a <= delta, 0.5 * r**2, delta * (a - 0.5 * delta))
    elif kind == "cauchy":
        rho = delta**2 / 2 * np.log1p((r / delta) ** 2)
    elif kind == "tukey":
        rho = np.zeros_like(r)
        inside = a <= delta
        rho[inside] = delta**2 / 6 * (1 - (1 - (r[inside] / delta) ** 2) ** 3)
        rho[~inside] = delta**2 / 6
    else:
        raise ValueError(kind)
    return rho.sum()


def quantile_loss(pred, y, quantiles):
    losses = []
    for i, q in enumerate(quantiles):
        errors = y - pred[:, i]
        losses.append(np.maximum((q - 1) * errors, q * errors).mean())
    return sum(losses) / len(losses)


def triplet_loss(embeddings, triplets, margin=1.0):
    total, active = 0.0, 0
    for a, p, n in triplets:
        d_pos = np.sum((embeddings[a] - embeddings[p]) ** 2)
        d_neg = np.sum((embeddings[a] - embeddings[n]) ** 2)
        loss = d_pos - d_neg + margin
        if loss > 0:
            total += loss
            active += 1
    return total / max(active, 1)


def contrastive_pairs(x, labels, margin=2.0):
    loss = 0.0
    for i in range(len(x)):
        for j in range(i):
            d = np.linalg.norm(x[i] - x[j])
            if labels[i] == labels[j]:
                loss += d**2
            else:
                loss += max(0, margin - d) ** 2
    return loss


def hinge_ranking(scores, pairs):
    return sum(max(0.0, 1.0 - (scores[i] - scores[j])) for i, j in pairs)


def dice_per_class(p, t, smooth=1.0):
    scores = []
    for c in range(p.shape[1]):
        intersection = (p[:, c] * t[:, c]).sum()
        scores.append((2 * intersection + smooth) / (p[:, c].sum() + t[:, c].sum() + smooth))
    return 1 - np.mean(scores)


def weighted_total(outputs, targets, weights):
    total = 0.0
    for name in outputs:
        total += weights.get(name, 1.0) * np.mean((outputs[name] - targets[name]) ** 2)
    return total


def logistic_with_penalty(w, X, y, penalty="l2", C=1.0):
    loss = 0.0
    for xi, yi in zip(X, y):
        z = yi * np.dot(w, xi)
        loss += np.log(1 + np.exp(-z))
    if penalty == "l2":
        loss += 0.5 / C * w @ w
    elif penalty == "l1":
        loss += np.sum(np.abs(w)) / C
    return loss


def poisson_likelihood(theta, X, counts):
    ll = 0.0
    for i in range(len(counts)):
        rate = np.exp(X[i] @ theta)
        ll += counts[i] * np.log(rate) - rate - math.lgamma(counts[i] + 1)
    return ll


def polynomial_fit(coefficients, x, y):
    pred = np.zeros_like(y)
    for power, c in enumerate(coefficients):
        pred += c * x**power
    return np.sum((pred - y) ** 2)


def sum_of_gaussians(params, x, y):
    model = 0
    for i in range(0, len(params), 3):
        amplitude, centre, width = params[i : i + 3]
        model = model + amplitude * np.exp(-((x - centre) ** 2) / (2 * width**2))
    return np.sum((y - model) ** 2)


def fourier_series(a0, coefficients, t, period=2.0):
    s = a0 / 2
    for n, (a, b) in enumerate(coefficients, start=1):
        s = s + a * np.cos(2 * np.pi * n * t / period) + b * np.sin(2 * np.pi * n * t / period)
    return s


def chi_squared(params, data, model):
    chi2 = 0.0
    for t, value, error in data:
        chi2 += ((value - model(t, *params)) / error) ** 2
    return chi2


def decay(t, amplitude, rate, offset):
    return amplitude * np.exp(-rate * t) + offset


def gauss_newton_fit(p, t, y, iterations=3):
    """The parameters after some steps, through the solve."""
    for _ in range(iterations):
        e = np.exp(-p[1] * t)
        r = y - p[0] * e
        J = np.column_stack([e, -p[0] * t * e])
        p = p + np.linalg.solve(J.T @ J, J.T @ r)
    return p


def ridge_closed_form(X, y, lam, folds):
    score = 0.0
    for held_out in folds:
        train = [i for i in range(len(y)) if i not in held_out]
        A = X[train].T @ X[train] + lam * np.eye(X.shape[1])
        w = np.linalg.solve(A, X[train].T @ y[train])
        score += np.sum((X[held_out] @ w - y[held_out]) ** 2)
    return score


def gp_kernel(X1, X2, kind="rbf", lengthscale=1.0):
    K = np.zeros((len(X1), len(X2)))
    for i, a in enumerate(X1):
        for j, b in enumerate(X2):
            d = a - b
            if kind == "rbf":
                K[i, j] = np.exp(-0.5 * d @ d / lengthscale**2)
            else:
                K[i, j] = (1 + a @ b) ** 2
    return K


def gp_marginal_likelihood(log_params, X, y):
    amplitude, lengthscale, noise = np.exp(log_params)
    K = amplitude * gp_kernel(X, X, lengthscale=lengthscale)
    K[np.diag_indices(len(y))] += noise
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ alpha + np.sum(np.log(np.diag(L))) + 0.5 * len(y) * np.log(2 * np.pi)


def kmeans_distortion(centres, X):
    total = 0.0
    for x in X:
        distances = [np.sum((x - c) ** 2) for c in centres]
        total += min(distances)
    return total


def soft_kmeans_steps(centres, X, beta=2.0, steps=2):
    for _ in range(steps):
        d = ((X[:, None, :] - centres[None]) ** 2).sum(-1)
        r = np.exp(-beta * d)
        r /= r.sum(axis=1, keepdims=True)
        centres = (r.T @ X) / r.sum(axis=0)[:, None]
    return centres


def matrix_factorisation(U, V, ratings, lam=0.1, biases=None):
    loss = 0.0
    for user, item, rating in ratings:
        pred = U[user] @ V[item]
        if biases is not None:
            pred = pred + biases[0][user] + biases[1][item]
        loss += (rating - pred) ** 2
    return loss + lam * (np.sum(U**2) + np.sum(V**2))


def ar_model(phi, series, order):
    loss = 0.0
    for t in range(order, len(series)):
        pred = 0.0
        for k in range(order):
            pred += phi[k] * series[t - k - 1]
        loss += (series[t] - pred) ** 2
    return loss


def garch_likelihood(params, returns):
    omega, alpha, beta = params
    variance = np.zeros(len(returns))
    variance[0] = np.var(returns)
    for t in range(1, len(returns)):
        variance[t] = omega + alpha * returns[t - 1] ** 2 + beta * variance[t - 1]
    return 0.5 * np.sum(np.log(variance) + returns**2 / variance)


def holt_winters(y, alpha, beta):
    level, trend = y[0], y[1] - y[0]
    sse = 0.0
    for t in range(1, len(y)):
        error = y[t] - (level + trend)
        sse += error**2
        previous = level
        level = alpha * y[t] + (1 - alpha) * (level + trend)
        trend = beta * (level - previous) + (1 - beta) * trend
    return sse


def cox_partial_likelihood(beta, X, time, event):
    ll = 0.0
    for i in range(len(time)):
        if not event[i]:
            continue
        at_risk = [j for j in range(len(time)) if time[j] >= time[i]]
        ll += X[i] @ beta - np.log(sum(np.exp(X[j] @ beta) for j in at_risk))
    return -ll


def elo_log_loss(ratings, games, k=0.3):
    r = ratings.copy()
    loss = 0.0
    for a, b, result in games:
        p = 1 / (1 + np.exp(r[b] - r[a]))
        loss -= result * np.log(p) + (1 - result) * np.log(1 - p)
        r[a] += k * (result - p)
        r[b] -= k * (result - p)
    return loss


def reward_to_go(logits, rewards, gamma=0.9):
    G, loss = 0.0, 0.0
    for t in reversed(range(len(rewards))):
        G = rewards[t] + gamma * G
        loss -= np.log(1 / (1 + np.exp(-logits[t]))) * G
    return loss


def generalised_advantages(values, rewards, gamma=0.9, lam=0.8):
    advantages = np.zeros(len(rewards))
    last = 0
    for t in range(len(rewards))[::-1]:
        delta = rewards[t] + gamma * values[t + 1] - values[t]
        advantages[t] = last = delta + gamma * lam * last
    return advantages


logits, labels = rng.normal(size=(4, 3)), np.array([0, 2, 1, 1])
p4, y4, r5 = rng.uniform(0.1, 0.9, 4), np.array([1, 0, 1, 0]), np.array([0.3, -2.0, 1.5, -0.2, 0.7])
X, w3, y = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4)
t = np.linspace(0, 1, 5)
data = [(0.0, 2.1, 0.1), (0.5, 1.6, 0.2), (1.0, 1.3, 0.1)]
series = rng.normal(size=6)
ratings = [(0, 1, 3.0), (1, 0, 4.0), (0, 0, 1.5)]
CASES = [
    Case(cross_entropy, (logits, labels), "logits"),
    Case(cross_entropy, (logits, labels, np.array([1.0, 2, 3])), ("logits", "weight"),
         kwargs={"label_smoothing": 0.1, "ignore_index": 2}, note="options"),
    Case(cross_entropy, (logits, labels), "logits", kwargs={"reduction": "none"}, note="none"),
    Case(focal_loss, (p4, y4), "p"),
    Case(focal_loss, (p4, y4, 1.5, 0.25), ("p", "gamma", "alpha"), note="alpha"),
    Case(elastic_net, (np.r_[0.3, w3], X, y), "w"),
    Case(elastic_net, (w3, X, y), "w", kwargs={"fit_intercept": False}, note="without"),
    *(Case(robust_loss, (r5, kind), "r", note=kind) for kind in ("huber", "cauchy", "tukey")),
    Case(quantile_loss, (logits, y, [0.1, 0.5, 0.9]), "pred"),
    Case(triplet_loss, (X, [(0, 1, 2), (3, 2, 1), (1, 3, 0)]), "embeddings"),
    Case(contrastive_pairs, (X, labels), "x"),
    Case(hinge_ranking, (y, [(0, 1), (2, 3), (1, 3)]), "scores"),
    Case(dice_per_class, (rng.uniform(size=(4, 2)), np.eye(2)[[0, 1, 1, 0]]), "p"),
    Case(weighted_total, ({"a": w3, "b": y}, {"a": w3 * 2, "b": y + 1}, {"a": 0.5}), ("outputs", "weights")),
    Case(logistic_with_penalty, (w3, X, 2 * y4 - 1), ("w", "X")),
    Case(logistic_with_penalty, (w3, X, 2 * y4 - 1, "l1", 2.0), ("w", "C"), note="l1"),
    Case(poisson_likelihood, (w3, X, np.array([0, 2, 1, 3])), ("theta", "X")),
    Case(polynomial_fit, (w3, t, np.sin(t))),
    Case(sum_of_gaussians, (np.array([1.0, 0.3, 0.2, 0.5, 0.8, 0.3]), t, np.sin(t)), "params"),
    Case(fourier_series, (0.5, [(1.0, 0.5), (0.2, -0.3)], t)),
    Case(chi_squared, ([2.0, 0.8, 0.3], data, decay), "params"),
    Case(gauss_newton_fit, (np.array([1.8, 1.1]), t, 2 * np.exp(-t)), ("p", "y")),
    Case(ridge_closed_form, (X, y, 0.5, [[0, 1], [2, 3]]), ("X", "y", "lam")),
    Case(gp_kernel, (X, X[:2])),
    Case(gp_kernel, (X, X[:2], "poly"), note="poly"),
    Case(gp_marginal_likelihood, (np.array([0.1, 0.2, -1.0]), X, y)),
    Case(kmeans_distortion, (X[:2] * 1.3, X)),
    Case(soft_kmeans_steps, (X[:2] * 1.3, X)),
    Case(matrix_factorisation, (X, rng.normal(size=(2, 3)), ratings), ("U", "V")),
    Case(matrix_factorisation, (X, X[:2] * 2, ratings, 0.1, [y, w3]), ("U", "biases"), note="biases"),
    Case(ar_model, (w3[:2], series, 2), ("phi", "series")),
    Case(garch_likelihood, ((0.1, 0.2, 0.6), series)),
    Case(holt_winters, (series, 0.4, 0.3)),
    Case(cox_partial_likelihood, (w3, X, np.array([3, 1, 4, 2]), np.array([True, True, False, True])), ("beta", "X")),
    Case(elo_log_loss, (w3, [(0, 1, 1), (1, 2, 0), (0, 2, 1)]), "ratings"),
    Case(reward_to_go, (y, np.array([1.0, 0.0, 0.5, 2.0])), "logits"),
    Case(generalised_advantages, (series[:5], y)),
]
