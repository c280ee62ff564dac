"""Log densities, mixtures, and regression objectives."""

import math

import numpy as np

from .case import Case

rng = np.random.default_rng(15)
LOG_2PI = np.log(2 * np.pi)


def normal_logpdf(x, mu, sigma):
    return -0.5 * np.log(2 * np.pi) - np.log(sigma) - 0.5 * ((x - mu) / sigma) ** 2


def normal_nll(params, data):
    mu, log_sigma = params
    sigma = np.exp(log_sigma)
    n = len(data)
    return 0.5 * n * LOG_2PI + n * log_sigma + np.sum((data - mu) ** 2) / (2 * sigma**2)


def heteroscedastic_nll(y, mu, logvar):
    return 0.5 * np.mean(LOG_2PI + logvar + (y - mu) ** 2 / np.exp(logvar))


def laplace_logpdf(x, mu, b):
    return -np.log(2 * b) - np.abs(x - mu) / b


def cauchy_loglik(x, x0, gamma):
    return -np.sum(np.log(np.pi * gamma * (1 + ((x - x0) / gamma) ** 2)))


def exponential_loglik(lam, x):
    return len(x) * np.log(lam) - lam * np.sum(x)


def bernoulli_loglik(theta, y):
    return np.sum(y * np.log(theta) + (1 - y) * np.log(1 - theta))


def binomial_loglik(p, k, n):
    return k * np.log(p) + (n - k) * np.log1p(-p)


def poisson_loglik(beta, X, y):
    eta = X @ beta
    return np.sum(y * eta - np.exp(eta))


def beta_kernel(x, a, b):
    return (a - 1) * np.log(x) + (b - 1) * np.log(1 - x)


def pareto_logpdf(x, xm, alpha):
    return math.log(alpha) + alpha * math.log(xm) - (alpha + 1) * math.log(x)


def weibull_loglik(x, k, lam):
    n = x.size
    return n * np.log(k) - n * k * np.log(lam) + (k - 1) * np.log(x).sum() - ((x / lam) ** k).sum()


def student_t_kernel(x, nu, mu, sigma):
    z = (x - mu) / sigma
    return -np.log(sigma) - (nu + 1) / 2 * np.log(1 + z**2 / nu)


def von_mises_kernel(theta, mu, kappa):
    return np.sum(kappa * np.cos(theta - mu))


def mvn_logpdf(x, mean, cov):
    d = x.shape[0]
    diff = x - mean
    sign, logdet = 1, np.log(np.linalg.det(cov))
    return -0.5 * (d * np.log(2 * np.pi) + logdet + diff @ np.linalg.solve(cov, diff)) * sign


def mvn_logpdf_inv(x, mu, Sigma):
    k = len(mu)
    dev = x - mu
    maha = np.sum(dev.dot(np.linalg.inv(Sigma)) * dev, axis=1)
    return np.sum(-0.5 * (k * LOG_2PI + np.log(np.linalg.det(Sigma)) + maha))


def diag_gaussian_logpdf(x, mean, log_std):
    return np.sum(-0.5 * LOG_2PI - log_std - 0.5 * ((x - mean) / np.exp(log_std)) ** 2, axis=-1)


def logsumexp(x):
    c = x.max()
    return c + np.log(np.sum(np.exp(x - c)))


def logsumexp_axis(a, axis=1):
    a_max = np.max(a, axis=axis, keepdims=True)
    s = np.sum(np.exp(a - a_max), axis=axis, keepdims=True)
    out = np.log(s) + a_max
    return np.squeeze(out, axis=axis)


def logmeanexp(x):
    m = np.amax(x)
    return m + np.log(np.mean(np.exp(x - m)))


def mixture_1d(data, logits, means, log_scales):
    log_weights = logits - np.log(np.sum(np.exp(logits)))
    z = (data[:, None] - means[None, :]) / np.exp(log_scales)
    log_probs = log_weights - log_scales - 0.5 * z**2 - 0.5 * np.log(2 * np.pi)
    m = log_probs.max(axis=1, keepdims=True)
    return np.sum(m[:, 0] + np.log(np.exp(log_probs - m).sum(axis=1)))


def mixture_two(x, pi, mu1, mu2, sigma1, sigma2):
    p1 = pi * np.exp(-((x - mu1) ** 2) / (2 * sigma1**2)) / sigma1
    p2 = (1 - pi) * np.exp(-((x - mu2) ** 2) / (2 * sigma2**2)) / sigma2
    return -np.sum(np.log(p1 + p2))


def responsibilities(x, pi, mu, sigma):
    weighted = pi * np.exp(-0.5 * ((x[:, np.newaxis] - mu) / sigma) ** 2) / sigma
    return weighted / weighted.sum(axis=1)[:, np.newaxis]


def soft_kmeans(X, centers, beta=2.0):
    d2 = np.sum((X[:, None, :] - centers[None, :, :]) ** 2, axis=2)
    return -np.sum(np.log(np.sum(np.exp(-beta * d2), axis=1))) / beta


def ridge_loss(w, X, y, lam):
    r = X @ w - y
    return r @ r + lam * w @ w


def ridge_intercept(X, y, w, b, alpha=0.1):
    n_samples = X.shape[0]
    y_hat = np.dot(X, w) + b
    return np.sum((y - y_hat) ** 2) / (2 * n_samples) + alpha * np.linalg.norm(w) ** 2


def lasso_loss(w, X, y, lam=0.1):
    return 0.5 * np.mean((X.dot(w) - y) ** 2) + lam * np.sum(np.abs(w))


def elastic_net(beta, X, y, alpha, l1_ratio):
    n = X.shape[0]
    fit = ((y - X.dot(beta)) ** 2).sum() / (2 * n)
    return fit + alpha * l1_ratio * np.linalg.norm(beta, 1) + 0.5 * alpha * (1 - l1_ratio) * np.linalg.norm(beta) ** 2


def group_lasso(W, lam=0.2):
    return lam * np.sum(np.sqrt(np.sum(W**2, axis=1)))


def logistic_regression_cost(theta, X, y, lambda_):
    m = len(y)
    hyp = 1 / (1 + np.exp(-X.dot(theta)))
    J = -1 / m * (y.T.dot(np.log(hyp)) + (1 - y).T.dot(np.log(1 - hyp)))
    reg = lambda_ / (2 * m) * np.sum(theta[1:] ** 2)
    return J + reg


def logistic_margin(w, X, y):
    return np.sum(np.log(1 + np.exp(-y * X.dot(w))))


def softmax_regression(W, X, Y):
    XW = X @ W
    return -np.mean(np.sum(Y * XW, axis=1) - np.log(np.sum(np.exp(XW), axis=1)))


def linear_normal_equation(theta, X, y):
    m = y.size
    h = X.dot(theta)
    return (h - y).T.dot(h - y) / (2 * m)


def matrix_factorisation(U, V, R, mask, lam):
    error = mask * (R - U @ V.T)
    return np.sum(error**2) + lam * (np.sum(U**2) + np.sum(V**2))


def bradley_terry(skill, winners, losers):
    return np.sum(np.log1p(np.exp(skill[losers] - skill[winners])))


def irt_2pl(theta, a, b, responses):
    p = 1 / (1 + np.exp(-a * (theta[:, None] - b)))
    return np.sum(np.where(responses == 1, np.log(p), np.log(1 - p)))


def cox_partial(beta, X, order):
    risk = X[order] @ beta
    return np.sum(risk - np.log(np.cumsum(np.exp(risk))))


def ar1_loglik(phi, sigma, y):
    e = y[1:] - phi * y[:-1]
    return -0.5 * np.sum(e**2) / sigma**2 - (len(y) - 1) * np.log(sigma)


def gp_nll(log_length, log_noise, X, y):
    d2 = (X[:, None] - X[None, :]) ** 2
    K = np.exp(-0.5 * d2 / np.exp(2 * log_length)) + np.exp(log_noise) * np.eye(len(X))
    return 0.5 * y @ np.linalg.solve(K, y) + 0.5 * np.log(np.linalg.det(K))


def rbf_kernel(X1, X2, l=1.0, sigma_f=1.0):
    sqdist = np.sum(X1**2, 1).reshape(-1, 1) + np.sum(X2**2, 1) - 2 * np.dot(X1, X2.T)
    return sigma_f**2 * np.exp(-0.5 / l**2 * sqdist)


def reinforce_loss(logits, actions, rewards):
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    chosen = logp[np.arange(len(actions)), actions]
    advantage = rewards - rewards.mean()
    return -np.mean(chosen * advantage)


def ppo_clip(logp, old_logp, adv, clip=0.2):
    ratio = np.exp(logp - old_logp)
    return -np.mean(np.minimum(ratio * adv, np.clip(ratio, 1 - clip, 1 + clip) * adv))


def n(*shape):
    return rng.normal(size=shape)


x, pos, p01 = n(5), rng.uniform(0.5, 2, 5), rng.uniform(0.2, 0.8, 5)
X, y, w, bits = n(4, 3), n(4), n(3), np.array([0, 1, 1, 0])
A = n(3, 3)
cov = A @ A.T + 2 * np.eye(3)
CASES = [
    *[Case(f, (x, 0.3, 1.2)) for f in (normal_logpdf, laplace_logpdf, cauchy_loglik, von_mises_kernel)],
    *[Case(f, (0.9, 0.3, 2), note="numbers") for f in (normal_logpdf, laplace_logpdf)],
    Case(normal_nll, ((0.2, 0.1), x)),
    Case(normal_nll, (np.array([0.2, 0.1]), [1.0, 2.0, 0.5]), "params", note="list"),
    Case(heteroscedastic_nll, (n(4), n(4), n(4))),
    Case(exponential_loglik, (1.3, pos)),
    Case(bernoulli_loglik, (p01, np.array([0, 1, 1, 0, 1])), "theta"),
    Case(bernoulli_loglik, (0.3, np.array([0, 1, 1, 0, 1])), "theta", note="number"),
    Case(binomial_loglik, (0.3, 4, 10)),
    Case(poisson_loglik, (w * 0.3, X, np.array([1, 0, 2, 3])), "beta"),
    Case(beta_kernel, (p01, 2.5, 1.5)),
    Case(pareto_logpdf, (2.0, 1.0, 3.0)),
    Case(weibull_loglik, (pos, 1.5, 1.2)),
    Case(student_t_kernel, (x, 4, 0.1, 1.5)),
    Case(mvn_logpdf, (n(3), n(3), cov)),
    Case(mvn_logpdf_inv, (X, n(3), cov)),
    Case(diag_gaussian_logpdf, (X, n(3), 0.3 * n(3))),
    Case(logsumexp, (x,)),
    Case(logsumexp, (X,), note="2-d"),
    Case(logsumexp_axis, (X,)),
    Case(logsumexp_axis, (X, 0), "a", note="axis 0"),
    Case(logmeanexp, (x,)),
    Case(mixture_1d, (x, n(3), n(3), 0.3 * n(3))),
    Case(mixture_two, (x, 0.4, -0.5, 1.0, 0.7, 1.3)),
    Case(responsibilities, (x, np.array([0.3, 0.7]), np.array([-0.5, 0.5]), np.array([0.8, 1.1]))),
    Case(soft_kmeans, (X * 0.5, 0.5 * n(2, 3))),
    Case(ridge_loss, (w, X, y, 0.3)),
    Case(ridge_intercept, (X, y, w, 0.2)),
    Case(lasso_loss, (w, X, y), "w"),
    Case(elastic_net, (w, X, y, 0.5, 0.3), "beta"),
    Case(group_lasso, (X,)),
    Case(logistic_regression_cost, (w, X, bits, 1), "theta"),
    Case(logistic_margin, (w, X, 2 * bits - 1), "w"),
    Case(softmax_regression, (n(3, 2), X, np.eye(2)[bits]), ("W", "X")),
    Case(linear_normal_equation, (w, X, y)),
    Case(linear_normal_equation, (w.astype(np.float32), X.astype(np.float32), y.astype(np.float32)), note="float32"),
    Case(matrix_factorisation, (n(3, 2), n(4, 2), n(3, 4), n(3, 4) > 0, 0.1), ("U", "V")),
    Case(bradley_terry, (n(4), np.array([0, 1, 1, 3]), np.array([2, 0, 3, 2])), "skill"),
    Case(irt_2pl, (n(3), rng.uniform(0.5, 1.5, 4), n(4), (n(3, 4) > 0).astype(int)), ("theta", "a", "b")),
    Case(cox_partial, (w, X, np.array([2, 0, 3, 1])), "beta"),
    Case(ar1_loglik, (0.6, 1.1, x)),
    Case(gp_nll, (0.1, -1.0, np.linspace(0, 2, 4), y)),
    Case(rbf_kernel, (X, n(2, 3))),
    Case(reinforce_loss, (n(4, 3), np.array([0, 2, 1, 0]), n(4)), "logits"),
    Case(ppo_clip, (0.3 * n(4), 0.3 * n(4), n(4)), "logp"),
]
