"""Losses, likelihoods, recurrent steps, solvers and kernels, each with its backward pass written by hand."""
import numpy as np


def cross_entropy(s, y):
    n = s.shape[0]
    p = np.exp(s - s.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(n), y]).sum() / n


def cross_entropy_hand(dout, y, n, p):
    ds = p * (dout / n)
    ds[np.arange(n), y] -= dout / n
    return ds


def cross_entropy_of_onehot(s, t):
    e = np.exp(s - s.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.sum(t * np.log(p))


def cross_entropy_of_onehot_hand(dout, t, p):
    return dout * (p * t.sum(axis=1, keepdims=True) - t)


def nll(logp, y):
    n = logp.shape[0]
    return -logp[np.arange(n), y].mean()


def nll_hand(dout, logp, y, n):
    dlogp = np.zeros_like(logp)
    dlogp[np.arange(n), y] = -dout / n
    return dlogp


def binary_cross_entropy(z, y):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def binary_cross_entropy_hand(dout, y, p):
    return (p - y) * dout / y.size


def logistic_regression(X, w, b, y):
    a = 1 / (1 + np.exp(-(X @ w + b)))
    return -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))


def logistic_regression_hand(dout, X, w, y, a):
    dz = (a - y) * dout / y.size
    dw = X.T @ dz
    db = dz.sum()
    return dw, db


def hinge(s, y):
    n = s.shape[0]
    m = np.maximum(0, s - s[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    return m.sum() / n


def hinge_hand(dout, y, n, m):
    ds = (m > 0) * (dout / n)
    ds[np.arange(n), y] -= ds.sum(axis=1)
    return ds


def squared_error(p, t):
    return np.mean((p - t)**2)


def squared_error_hand(dout, p, t):
    return 2 * dout / p.size * (p - t)


def absolute_error(p, t):
    return np.abs(p - t).sum()


def absolute_error_hand(dout, p, t):
    return dout * np.sign(p - t)


def huber(r, delta=1.0):
    a = np.abs(r)
    return np.where(a <= delta, 0.5 * r**2, delta * (a - 0.5 * delta)).sum()


def huber_hand(dout, r, a, delta):
    return dout * np.where(a <= delta, r, delta * np.sign(r))


def ridge(X, w, y, lam=0.1):
    r = X @ w - y
    return 0.5 * r @ r + 0.5 * lam * w @ w


def ridge_hand(dout, X, w, r, lam):
    return dout * (X.T @ r + lam * w)


def poisson_regression(X, w, y):
    eta = X @ w
    mu = np.exp(eta)
    return np.sum(mu - y * eta)


def poisson_regression_hand(dout, X, y, mu):
    return X.T @ (dout * (mu - y))


def kl_of_gaussians(mu, logvar):
    return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))


def kl_of_gaussians_hand(dout, mu, logvar):
    dmu = dout * mu
    dlogvar = 0.5 * dout * (np.exp(logvar) - 1)
    return dmu, dlogvar


def gaussian_likelihood(x, mu, sigma):
    z = (x - mu) / sigma
    return np.sum(-0.5 * z**2 - np.log(sigma))


def gaussian_likelihood_hand(dout, sigma, z):
    dmu = dout * z / sigma
    dsigma = dout * (z**2 - 1) / sigma
    return dmu.sum(), dsigma.sum()


def entropy(p):
    return -np.sum(p * np.log(p))


def entropy_hand(dout, p):
    return -dout * (np.log(p) + 1)


def log_sum_exp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def log_sum_exp_hand(dout, x, m):
    e = np.exp(x - m)
    return dout * e / e.sum()


def triplet(a, p, n, margin=1.0):
    dp = ((a - p)**2).sum(axis=1)
    dn = ((a - n)**2).sum(axis=1)
    loss = np.maximum(0, dp - dn + margin)
    return loss.sum()


def triplet_hand(dout, a, p, n, loss):
    d = 2 * dout * (loss > 0)[:, None]
    da = d * (n - p)
    d_p = d * (p - a)
    d_n = d * (a - n)
    return da, d_p, d_n


def cosine(a, b):
    na, nb = np.sqrt(a @ a), np.sqrt(b @ b)
    cos = a @ b / (na * nb)
    return cos


def cosine_hand(dout, a, b, na, nb, cos):
    da = dout * (b / (na * nb) - cos * a / na**2)
    db = dout * (a / (na * nb) - cos * b / nb**2)
    return da, db


def rnn_step(x, h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + h @ Wh + b)
    return next_h


def rnn_step_hand(dout, x, h, Wx, Wh, next_h):
    da = (1 - next_h**2) * dout
    dx = da @ Wx.T
    dh = da @ Wh.T
    dWx = x.T @ da
    dWh = h.T @ da
    db = da.sum(axis=0)
    return dx, dh, dWx, dWh, db


def rnn(x, h, Wx, Wh, b):
    out = np.zeros((len(x), *h.shape))
    for t in range(len(x)):
        h = np.tanh(x[t] @ Wx + h @ Wh + b)
        out[t] = h
    return out


def rnn_hand(dout, x, h, Wx, Wh, out):
    h0 = h
    dx, dWx, dWh, dh = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(h)
    db = np.zeros(Wh.shape[1])
    for t in reversed(range(len(x))):
        da = (1 - out[t]**2) * (dout[t] + dh)
        prev = out[t - 1] if t > 0 else h0
        dx[t] = da @ Wx.T
        dWx += x[t].T @ da
        dh = da @ Wh.T
        dWh += prev.T @ da
        db += da.sum(axis=0)
    return dx, dh, dWx, dWh, db


def lstm_step(x, h, c, W, U, b):
    H = h.shape[1]
    a = x @ W + h @ U + b
    i = 1 / (1 + np.exp(-a[:, :H]))
    f = 1 / (1 + np.exp(-a[:, H:2 * H]))
    o = 1 / (1 + np.exp(-a[:, 2 * H:3 * H]))
    g = np.tanh(a[:, 3 * H:])
    next_c = f * c + i * g
    tc = np.tanh(next_c)
    return o * tc


def lstm_step_hand(dout, x, h, c, W, U, i, f, o, g, tc):
    do = tc * dout
    dnext_c = o * (1 - tc**2) * dout
    df = c * dnext_c
    dc = f * dnext_c
    di = g * dnext_c
    dg = i * dnext_c
    da = np.hstack((i * (1 - i) * di, f * (1 - f) * df, o * (1 - o) * do, (1 - g**2) * dg))
    dx = da @ W.T
    dh = da @ U.T
    dW = x.T @ da
    dU = h.T @ da
    db = da.sum(axis=0)
    return dx, dh, dc, dW, dU, db


def gru_step(x, h, Wz, Uz, Wr, Ur, Wn, Un):
    z = 1 / (1 + np.exp(-(x @ Wz + h @ Uz)))
    r = 1 / (1 + np.exp(-(x @ Wr + h @ Ur)))
    n = np.tanh(x @ Wn + (r * h) @ Un)
    return (1 - z) * n + z * h


def gru_step_hand(dout, x, h, Wz, Uz, Wr, Ur, Wn, Un, z, r, n):
    dz = (h - n) * dout
    dn = (1 - z) * dout
    da_n = (1 - n**2) * dn
    drh = da_n @ Un.T
    dr = h * drh
    da_r = r * (1 - r) * dr
    da_z = z * (1 - z) * dz
    dx = da_z @ Wz.T + da_r @ Wr.T + da_n @ Wn.T
    dh = z * dout + r * drh + da_z @ Uz.T + da_r @ Ur.T
    dWz = x.T @ da_z
    dUz = h.T @ da_z
    dWr = x.T @ da_r
    dUr = h.T @ da_r
    dWn = x.T @ da_n
    dUn = (r * h).T @ da_n
    return dx, dh, dWz, dUz, dWr, dUr, dWn, dUn


def euler(y, k, dt=0.1):
    for _ in range(10):
        y = y - dt * k * y
    return y


def euler_hand(dout, k, dt, ys):
    dk = 0.0
    dy = dout
    for y in reversed(ys):
        dk -= dt * (y * dy).sum()
        dy = (1 - dt * k) * dy
    return dy, dk


def pendulum_step(theta, omega, dt=0.01, g=9.8):
    omega = omega - dt * g * np.sin(theta)
    return theta + dt * omega


def pendulum_step_hand(dout, theta, dt, g):
    domega = dt * dout
    dtheta = dout - dt * g * np.cos(theta) * domega
    return dtheta, domega


def heat_step(u, alpha=0.1):
    new = u.copy()
    new[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    return new


def heat_step_hand(dout, alpha):
    du = dout.copy()
    d = alpha * dout[1:-1]
    du[2:] += d
    du[1:-1] -= 2 * d
    du[:-2] += d
    return du


def laplacian(u):
    return u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]


def laplacian_hand(dout, u):
    du = np.zeros_like(u)
    du[2:, 1:-1] += dout
    du[:-2, 1:-1] += dout
    du[1:-1, 2:] += dout
    du[1:-1, :-2] += dout
    du[1:-1, 1:-1] -= 4 * dout
    return du


def factorisation(U, V, R, mask, lam=0.1):
    E = mask * (R - U @ V.T)
    return np.sum(E**2) + lam * (np.sum(U**2) + np.sum(V**2))


def factorisation_hand(dout, U, V, mask, E, lam):
    dE = -2 * dout * mask * E
    dU = dE @ V + 2 * lam * dout * U
    dV = dE.T @ U + 2 * lam * dout * V
    return dU, dV


def quadratic_form(x, A):
    return x @ A @ x


def quadratic_form_hand(dout, x, A):
    dx = dout * (A + A.T) @ x
    dA = dout * np.outer(x, x)
    return dx, dA


def rbf_kernel(X, gamma=0.5):
    s = (X**2).sum(axis=1)
    K = np.exp(-gamma * (s[:, None] + s - 2 * X @ X.T))
    return K


def rbf_kernel_hand(dout, X, K, gamma):
    D = -gamma * K * dout
    ds = D.sum(axis=1) + D.sum(axis=0)
    return 2 * ds[:, None] * X - 2 * (D + D.T) @ X


def polynomial_kernel(x, y, c=1.0):
    return (x @ y + c)**3


def polynomial_kernel_hand(dout, x, y, c):
    d = 3 * (x @ y + c)**2 * dout
    return d * y, d * x


def covariance(X):
    Xc = X - X.mean(axis=0)
    return Xc.T @ Xc / (X.shape[0] - 1)


def covariance_hand(dout, X, Xc):
    dXc = Xc @ (dout + dout.T) / (X.shape[0] - 1)
    return dXc - dXc.mean(axis=0)


def decay(a, tau, t):
    e = np.exp(-t / tau)
    return a * e


def decay_hand(dout, a, tau, t, e):
    da = (e * dout).sum()
    dtau = a * (t * e * dout).sum() / tau**2
    return da, dtau


def power_law(x, c, k):
    y = c * x**k
    return y


def power_law_hand(dout, x, c, y):
    dc = (y / c * dout).sum()
    dk = (np.log(x) * y * dout).sum()
    return dc, dk


def michaelis_menten(s, vmax, km):
    v = vmax * s / (km + s)
    return v


def michaelis_menten_hand(dout, s, vmax, km, v):
    dvmax = (s / (km + s) * dout).sum()
    dkm = -(v / (km + s) * dout).sum()
    return dvmax, dkm


def log_odds(p):
    return np.log(p / (1 - p))


def log_odds_hand(dout, p):
    return dout / (p * (1 - p))


def weight_decay(w, reg=0.1):
    return 0.5 * reg * np.sum(w * w)


def weight_decay_hand(dout, w, reg):
    return reg * dout * w


def smoothness(x):
    d = x[1:] - x[:-1]
    return np.sum(d**2)


def smoothness_hand(dout, x, d):
    dd = 2 * dout * d
    dx = np.zeros_like(x)
    dx[1:] += dd
    dx[:-1] -= dd
    return dx
