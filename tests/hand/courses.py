"""Functions as courses and repositories write them, in other spellings than `layers` and `models`.

The hand passes were written from the formulas, before revad's text was read; see `layers` for what a pair is.
Of 69 that were compared these are the ones that say most, which are those in which revad's text is longest.
"""
import numpy as np


def maxout(x, W1, W2):
    z1 = x @ W1
    z2 = x @ W2
    return np.maximum(z1, z2)


def maxout_hand(dout, x, W1, W2, z1, z2):
    dz1 = dout * (z1 >= z2)
    dz2 = dout * (z1 < z2)
    dx = dz1 @ W1.T + dz2 @ W2.T
    dW1 = x.T @ dz1
    dW2 = x.T @ dz2
    return dx, dW1, dW2


def linear_row(x, w, b):
    N = x.shape[0]
    out = np.dot(x.reshape(N, np.prod(x.shape[1:])), w) + b
    return out


def linear_row_hand(dout, x, w):
    N = x.shape[0]
    dx = np.dot(dout, w.T).reshape(x.shape)
    dw = np.dot(x.reshape(N, -1).T, dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db


def groupnorm(x, gamma, beta, G=2, eps=1e-5):
    N, C, H, W = x.shape
    xg = x.reshape(N, G, -1)
    mu = xg.mean(axis=2, keepdims=True)
    var = xg.var(axis=2, keepdims=True)
    x_hat = ((xg - mu) / np.sqrt(var + eps)).reshape(N, C, H, W)
    out = gamma[:, None, None] * x_hat + beta[:, None, None]
    return out


def groupnorm_hand(dout, x, gamma, xg, mu, var, x_hat, eps):
    dgamma = (dout * x_hat).sum(axis=(0, 2, 3))
    dbeta = dout.sum(axis=(0, 2, 3))
    dx_hat = (dout * gamma[:, None, None]).reshape(xg.shape)
    std = np.sqrt(var + eps)
    m = xg.shape[2]
    dvar = (dx_hat * (xg - mu)).sum(axis=2, keepdims=True) * -0.5 / std**3
    dmu = -dx_hat.sum(axis=2, keepdims=True) / std
    dx = (dx_hat / std + (2 * dvar * (xg - mu) + dmu) / m).reshape(x.shape)
    return dx, dgamma, dbeta


def instance_norm(x, eps=1e-5):
    mu = np.mean(x, axis=(2, 3), keepdims=True)
    sigma = np.std(x, axis=(2, 3), keepdims=True)
    x_norm = (x - mu) / (sigma + eps)
    return x_norm


def instance_norm_hand(dout, x, mu, sigma, x_norm, eps):
    dxc = dout / (sigma + eps)
    dsigma = -np.sum(dxc * x_norm, axis=(2, 3), keepdims=True)
    dxc = dxc + dsigma * (x - mu) / (sigma * x.shape[2] * x.shape[3])
    return dxc - np.mean(dxc, axis=(2, 3), keepdims=True)


def multihead(x, Wq, Wk, Wv, Wo, n_head=2):
    T, C = x.shape
    hs = C // n_head
    q = (x @ Wq).reshape(T, n_head, hs).transpose(1, 0, 2)
    k = (x @ Wk).reshape(T, n_head, hs).transpose(1, 0, 2)
    v = (x @ Wv).reshape(T, n_head, hs).transpose(1, 0, 2)
    att = q @ k.transpose(0, 2, 1) / np.sqrt(hs)
    att = np.exp(att - att.max(axis=-1, keepdims=True))
    att = att / att.sum(axis=-1, keepdims=True)
    y = (att @ v).transpose(1, 0, 2).reshape(T, C)
    return y @ Wo


def multihead_hand(dout, x, Wq, Wk, Wv, Wo, q, k, v, att, y, T, C, n_head, hs):
    dWo = y.T @ dout
    dy = (dout @ Wo.T).reshape(T, n_head, hs).transpose(1, 0, 2)
    datt = dy @ v.transpose(0, 2, 1)
    dv = (att.transpose(0, 2, 1) @ dy).transpose(1, 0, 2).reshape(T, C)
    ds = att * (datt - (datt * att).sum(axis=-1, keepdims=True)) / np.sqrt(hs)
    dq = (ds @ k).transpose(1, 0, 2).reshape(T, C)
    dk = (ds.transpose(0, 2, 1) @ q).transpose(1, 0, 2).reshape(T, C)
    dWq = x.T @ dq
    dWk = x.T @ dk
    dWv = x.T @ dv
    dx = dq @ Wq.T + dk @ Wk.T + dv @ Wv.T
    return dx, dWq, dWk, dWv, dWo


def causal_attention(q, k, v):
    T, d = q.shape
    scores = q @ k.T * d ** -0.5
    mask = np.tril(np.ones((T, T))) == 0
    scores[mask] = -1e9
    scores -= scores.max(axis=1, keepdims=True)
    w = np.exp(scores)
    w /= w.sum(axis=1, keepdims=True)
    out = w @ v
    return out


def causal_attention_hand(dout, q, k, v, w, mask, d):
    dw = dout @ v.T
    dv = w.T @ dout
    dscores = w * (dw - (w * dw).sum(axis=1, keepdims=True))
    dscores[mask] = 0
    dscores *= d ** -0.5
    dq = dscores @ k
    dk = dscores.T @ q
    return dq, dk, dv


def temperature_softmax(z, tau):
    y = z / tau
    p = np.exp(y - np.max(y, axis=-1, keepdims=True))
    p /= np.sum(p, axis=-1, keepdims=True)
    return p


def temperature_softmax_hand(dp, z, tau, p):
    dy = p * (dp - np.sum(p * dp, axis=-1, keepdims=True))
    dz = dy / tau
    dtau = -np.sum(dy * z) / tau**2
    return dz, dtau


def conv_naive(x, w, b, pad=1, stride=1):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode='constant')
    Ho = 1 + (H + 2 * pad - HH) // stride
    Wo = 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, Ho, Wo))
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    hs, ws = i * stride, j * stride
                    out[n, f, i, j] = np.sum(xp[n, :, hs:hs + HH, ws:ws + WW] * w[f]) + b[f]
    return out


def conv_naive_hand(dout, x, w, b, xp, N, F, Ho, Wo, HH, WW, pad, stride):
    dxp = np.zeros_like(xp)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    hs, ws = i * stride, j * stride
                    dxp[n, :, hs:hs + HH, ws:ws + WW] += w[f] * dout[n, f, i, j]
                    dw[f] += xp[n, :, hs:hs + HH, ws:ws + WW] * dout[n, f, i, j]
                    db[f] += dout[n, f, i, j]
    dx = dxp[:, :, pad:-pad, pad:-pad]
    return dx, dw, db


def vanilla_rnn(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    H = h0.shape[1]
    h = np.zeros((N, T, H))
    prev_h = h0
    for t in range(T):
        prev_h = np.tanh(x[:, t, :] @ Wx + prev_h @ Wh + b)
        h[:, t, :] = prev_h
    return h


def vanilla_rnn_hand(dh, x, h0, Wx, Wh, b, h, N, T, H):
    dx = np.zeros_like(x)
    dWx = np.zeros_like(Wx)
    dWh = np.zeros_like(Wh)
    db = np.zeros_like(b)
    dprev_h = np.zeros_like(h0)
    for t in reversed(range(T)):
        dz = (1 - h[:, t]**2) * (dh[:, t] + dprev_h)
        prev_h = h[:, t - 1] if t > 0 else h0
        dx[:, t] = dz @ Wx.T
        dWx += x[:, t].T @ dz
        dprev_h = dz @ Wh.T
        dWh += prev_h.T @ dz
        db += dz.sum(axis=0)
    return dx, dprev_h, dWx, dWh, db


def skipgram(center, context, negs, V, U):
    v = V[center]
    pos = 1 / (1 + np.exp(-U[context] @ v))
    neg = 1 / (1 + np.exp(U[negs] @ v))
    return -np.log(pos) - np.sum(np.log(neg))


def skipgram_hand(dloss, center, context, negs, V, U, v, pos, neg):
    dpos = (pos - 1) * dloss
    dneg = (1 - neg) * dloss
    dV = np.zeros_like(V)
    dU = np.zeros_like(U)
    dV[center] = dpos * U[context] + dneg @ U[negs]
    dU[context] += dpos * v
    np.add.at(dU, negs, np.outer(dneg, v))
    return dV, dU


def svm_loops(W, X, y, reg=0.1):
    num_train = X.shape[0]
    loss = 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        correct = scores[y[i]]
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - correct + 1
            if margin > 0:
                loss += margin
    loss /= num_train
    loss += reg * np.sum(W * W)
    return loss


def svm_loops_hand(dloss, W, X, y, reg, num_train):
    dW = 2 * reg * dloss * W
    for i in range(num_train):
        scores = X[i].dot(W)
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                dW[:, j] += X[i] * dloss / num_train
                dW[:, y[i]] -= X[i] * dloss / num_train
    return dW


def mean_log_loss(x, y):
    p = np.exp(x - x.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(y)), y]))


def mean_log_loss_hand(dout, p, y):
    dx = p * dout / len(y)
    dx[np.arange(len(y)), y] -= dout / len(y)
    return dx


def l2_logistic(theta, X, y, lam=0.1):
    m = len(y)
    h = 1 / (1 + np.exp(-X.dot(theta)))
    J = -1 / m * np.sum(y * np.log(h) + (1 - y) * np.log(1 - h)) + lam / (2 * m) * np.sum(theta[1:] ** 2)
    return J


def l2_logistic_hand(dJ, theta, X, y, lam, m, h):
    dtheta = X.T.dot(h - y) * dJ / m
    dtheta[1:] += lam / m * dJ * theta[1:]
    return dtheta


def label_smoothing(logits, y, eps=0.1):
    N, K = logits.shape
    m = logits.max(axis=1, keepdims=True)
    logp = logits - m - np.log(np.sum(np.exp(logits - m), axis=1, keepdims=True))
    nll = -logp[np.arange(N), y]
    smooth = -logp.mean(axis=1)
    return np.mean((1 - eps) * nll + eps * smooth)


def label_smoothing_hand(dout, logp, y, N, K, eps):
    dlogits = (np.exp(logp) - eps / K) * dout / N
    dlogits[np.arange(N), y] -= (1 - eps) * dout / N
    return dlogits


def reinforce(theta, states, actions, returns):
    logits = states @ theta
    logits -= logits.max(axis=1, keepdims=True)
    probs = np.exp(logits)
    probs /= probs.sum(axis=1, keepdims=True)
    logp = np.log(probs[np.arange(len(actions)), actions])
    return -np.mean(logp * returns)


def reinforce_hand(dout, states, actions, returns, probs):
    n = len(actions)
    dlogp = -returns * dout / n
    dlogits = -probs * dlogp[:, None]
    dlogits[np.arange(n), actions] += dlogp
    return states.T @ dlogits


def ppo_clip(logp, old_logp, adv, eps=0.2):
    ratio = np.exp(logp - old_logp)
    surr1 = ratio * adv
    surr2 = np.clip(ratio, 1 - eps, 1 + eps) * adv
    return -np.minimum(surr1, surr2).mean()


def ppo_clip_hand(dout, ratio, surr1, surr2, adv, eps):
    inside = (ratio >= 1 - eps) & (ratio <= 1 + eps)
    dratio = -np.where(surr1 <= surr2, 1, inside) * adv * dout / len(adv)
    return ratio * dratio


def vae_loss(x, mu, logvar, eps, W, b):
    std = np.exp(0.5 * logvar)
    z = mu + eps * std
    x_hat = 1 / (1 + np.exp(-(z @ W + b)))
    bce = -np.sum(x * np.log(x_hat) + (1 - x) * np.log(1 - x_hat))
    kld = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))
    return bce + kld


def vae_loss_hand(dout, x, mu, logvar, eps, W, std, z, x_hat):
    da = (x_hat - x) * dout
    dz = da @ W.T
    dW = z.T @ da
    db = da.sum(axis=0)
    dmu = dz + mu * dout
    dlogvar = 0.5 * eps * std * dz + 0.5 * (np.exp(logvar) - 1) * dout
    return dmu, dlogvar, dW, db


def fm(x, w0, w, V):
    linear = w0 + x @ w
    xv = x @ V
    x2v2 = x**2 @ V**2
    return linear + 0.5 * np.sum(xv**2 - x2v2, axis=1)


def fm_hand(dout, x, w, V, xv):
    dxv = xv * dout[:, None]
    dw0 = dout.sum()
    dw = x.T @ dout
    dV = x.T @ dxv - V * ((x**2).T @ dout)[:, None]
    return dw0, dw, dV


def gaussian_kernel(X, Y, gamma):
    d2 = np.sum(X**2, axis=1)[:, None] + np.sum(Y**2, axis=1)[None, :] - 2 * X @ Y.T
    K = np.exp(-gamma * d2)
    return K


def gaussian_kernel_hand(dK, X, Y, gamma, d2, K):
    E = K * dK
    dd2 = -gamma * E
    dX = 2 * (dd2.sum(axis=1)[:, None] * X - dd2 @ Y)
    dY = 2 * (dd2.sum(axis=0)[:, None] * Y - dd2.T @ X)
    dgamma = -np.sum(d2 * E)
    return dX, dY, dgamma


def lotka_volterra(x, y, alpha, beta, gamma, delta, dt=0.01, steps=20):
    for _ in range(steps):
        dx = alpha * x - beta * x * y
        dy = delta * x * y - gamma * y
        x = x + dt * dx
        y = y + dt * dy
    return x**2 + y**2


def lotka_volterra_hand(dout, alpha, beta, gamma, delta, dt, xs, ys):
    gx = 2 * xs[-1] * dout
    gy = 2 * ys[-1] * dout
    ga, gb, gc, gd = 0.0, 0.0, 0.0, 0.0
    for x, y in zip(xs[-2::-1], ys[-2::-1]):
        ga += dt * x * gx
        gb -= dt * x * y * gx
        gc -= dt * y * gy
        gd += dt * x * y * gy
        ex = gx + dt * ((alpha - beta * y) * gx + delta * y * gy)
        gy = gy + dt * ((delta * x - gamma) * gy - beta * x * gx)
        gx = ex
    return gx, gy, ga, gb, gc, gd


def burgers(u, nu=0.01, dt=0.001, dx=0.1):
    un = u.copy()
    u = u.copy()
    u[1:-1] = (un[1:-1] - dt / dx * un[1:-1] * (un[1:-1] - un[:-2])
               + nu * dt / dx**2 * (un[2:] - 2 * un[1:-1] + un[:-2]))
    return u


def burgers_hand(dout, un, nu, dt, dx):
    d = dout[1:-1]
    r, s = dt / dx, nu * dt / dx**2
    du = dout.copy()
    du[1:-1] = (1 - r * (2 * un[1:-1] - un[:-2]) - 2 * s) * d
    du[:-2] += (r * un[1:-1] + s) * d
    du[2:] += s * d
    return du
