"""The problems that tools of this field are compared on: mixtures, bundle adjustment, hands, LSTM; in plain loops."""

import math

import numpy as np

from ..case import Case
from .helpers import sigmoid

rng = np.random.default_rng(140)


def log_sum_exp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def log_sum_exp_list(xs):
    m = max(xs)
    total = 0.0
    for x in xs:
        total += math.exp(x - m)
    return m + math.log(total)


def log_gamma_distrib(a, p):
    out = 0.25 * p * (p - 1) * math.log(math.pi)
    for j in range(1, p + 1):
        out += math.lgamma(a + 0.5 * (1 - j))
    return out


def log_wishart_prior(p, gamma, m, sum_qs, Qdiags, icf):
    n = p + m + 1
    k = icf.shape[0]
    out = 0.0
    for ik in range(k):
        frobenius = np.sum(Qdiags[ik] ** 2) + np.sum(icf[ik, p:] ** 2)
        out += 0.5 * gamma**2 * frobenius - m * sum_qs[ik]
    C = n * p * (math.log(gamma) - 0.5 * math.log(2)) - log_gamma_distrib(0.5 * n, p)
    return out - k * C


def make_L(icf, d):
    """The strictly lower triangle, column by column."""
    L = np.zeros((d, d))
    i = d
    for j in range(d):
        n = d - j - 1
        L[j + 1 :, j] = icf[i : i + n]
        i += n
    return L


def gmm_objective(alphas, means, icf, x, gamma, m):
    n, d = x.shape
    Qdiags = np.exp(icf[:, :d])
    sum_qs = np.sum(icf[:, :d], axis=1)
    Ls = [make_L(row, d) for row in icf]

    def inner(ix, ik):
        centred = x[ix] - means[ik]
        Lx = Qdiags[ik] * centred + np.dot(Ls[ik], centred)
        return alphas[ik] + sum_qs[ik] - 0.5 * np.sum(Lx**2)

    slse = 0.0
    for ix in range(n):
        lse = np.zeros(len(alphas))
        for ik in range(len(alphas)):
            lse[ik] = inner(ix, ik)
        slse += log_sum_exp(lse)
    const = -n * d * 0.5 * math.log(2 * math.pi)
    return const + slse - n * log_sum_exp(alphas) + log_wishart_prior(d, gamma, m, sum_qs, Qdiags, icf)


def gmm_comprehension(alphas, means, icf, x):
    d = x.shape[1]
    Q = [np.diag(np.exp(row[:d])) + make_L(row, d) for row in icf]
    rows = [[alphas[k] + np.sum(icf[k, :d]) - 0.5 * np.sum((Q[k] @ (xi - means[k])) ** 2) for k in range(len(Q))]
            for xi in x]
    return sum(log_sum_exp(np.stack(row)) for row in rows) - len(x) * log_sum_exp(alphas)


def cross(a, b):
    return np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def rodrigues_rotate_point(rot, X):
    sqtheta = np.sum(rot**2)
    if sqtheta != 0.0:
        theta = np.sqrt(sqtheta)
        costheta, sintheta = np.cos(theta), np.sin(theta)
        w = rot / theta
        w_cross_X = cross(w, X)
        tmp = np.dot(w, X) * (1.0 - costheta)
        return X * costheta + w_cross_X * sintheta + w * tmp
    return X + cross(rot, X)


def radial_distort(rad_params, proj):
    rsq = np.sum(proj * proj)
    L = 1.0 + rad_params[0] * rsq + rad_params[1] * rsq * rsq
    return proj * L


ROT, CENTER, FOCAL, X0, RADIAL = 0, 3, 6, 7, 9


def project(cam, X):
    Xcam = rodrigues_rotate_point(cam[ROT : ROT + 3], X - cam[CENTER : CENTER + 3])
    distorted = radial_distort(cam[RADIAL : RADIAL + 2], Xcam[0:2] / Xcam[2])
    return distorted * cam[FOCAL] + cam[X0 : X0 + 2]


def reprojection_error(cam, X, w, feat):
    return w * (project(cam, X) - feat)


def ba_objective(cams, X, w, obs, feats):
    p = obs.shape[0]
    reproj_err = np.empty((p, 2))
    for i in range(p):
        reproj_err[i] = reprojection_error(cams[obs[i, 0]], X[obs[i, 1]], w[i], feats[i])
    w_err = np.empty(p)
    for i in range(p):
        w_err[i] = 1.0 - w[i] * w[i]
    return reproj_err, w_err


def angle_axis_to_rotation_matrix(angle_axis):
    n = math.sqrt(np.sum(angle_axis**2))
    if n < 0.0001:
        return np.eye(3)
    x, y, z = angle_axis[0] / n, angle_axis[1] / n, angle_axis[2] / n
    s, c = math.sin(n), math.cos(n)
    R = np.zeros((3, 3))
    R[0, 0], R[0, 1], R[0, 2] = x * x + (1 - x * x) * c, x * y * (1 - c) - z * s, x * z * (1 - c) + y * s
    R[1, 0], R[1, 1], R[1, 2] = x * y * (1 - c) + z * s, y * y + (1 - y * y) * c, y * z * (1 - c) - x * s
    R[2, 0], R[2, 1], R[2, 2] = x * z * (1 - c) - y * s, z * y * (1 - c) + x * s, z * z + (1 - z * z) * c
    return R


def euler_angles_to_rotation_matrix(xzy):
    tx, ty, tz = xzy[0], xzy[2], xzy[1]
    Rx, Ry, Rz = np.eye(3), np.eye(3), np.eye(3)
    Rx[1, 1] = np.cos(tx)
    Rx[2, 1] = np.sin(tx)
    Rx[1, 2] = -Rx[2, 1]
    Rx[2, 2] = Rx[1, 1]
    Ry[0, 0] = np.cos(ty)
    Ry[0, 2] = np.sin(ty)
    Ry[2, 0] = -Ry[0, 2]
    Ry[2, 2] = Ry[0, 0]
    Rz[0, 0] = np.cos(tz)
    Rz[1, 0] = np.sin(tz)
    Rz[0, 1] = -Rz[1, 0]
    Rz[1, 1] = Rz[0, 0]
    return Rz @ Ry @ Rx


def get_posed_relatives(pose, base_relatives):
    relatives = np.zeros((len(base_relatives), 4, 4))
    for i in range(len(base_relatives)):
        tr = np.eye(4)
        tr[:3, :3] = euler_angles_to_rotation_matrix(pose[i])
        relatives[i] = base_relatives[i] @ tr
    return relatives


def relatives_to_absolutes(relatives, parents):
    absolutes = np.zeros_like(relatives)
    for i in range(len(parents)):
        if parents[i] == -1:
            absolutes[i] = relatives[i]
        else:
            absolutes[i] = absolutes[parents[i]] @ relatives[i]
    return absolutes


def hand_objective(theta, base_relatives, parents, base_positions, weights, points, correspondences):
    pose = np.zeros((3, 3))
    pose[0] = theta[:3]
    i = 6
    for bone in range(1, 3):
        pose[bone, 0] = theta[i]
        pose[bone, 1] = theta[i + 1]
        i += 2
    absolutes = relatives_to_absolutes(get_posed_relatives(pose, base_relatives), parents)
    positions = np.zeros((base_positions.shape[1], 3))
    for bone, transform in enumerate(absolutes):
        positions += (weights[bone] * (transform[:3] @ base_positions)).T
    R = angle_axis_to_rotation_matrix(theta[:3])
    positions = positions @ R.T + theta[3:6]
    err = np.empty_like(points)
    for k in range(points.shape[0]):
        err[k] = points[k] - positions[correspondences[k]]
    return err.ravel()


def kinematic_list(theta, lengths):
    """The end of an arm in a plane, with homogeneous matrices in a list."""
    transforms = [np.eye(3)]
    for angle, length in zip(theta, lengths):
        c, s = np.cos(angle), np.sin(angle)
        T = np.array([[c, -s, length * c], [s, c, length * s], [0, 0, 1]])
        transforms.append(transforms[-1] @ T)
    return transforms[-1][:2, 2]


def lstm_model(weight, bias, hidden, cell, x):
    hsize = hidden.shape[0]
    forget = sigmoid(x * weight[0:hsize] + bias[0:hsize])
    ingate = sigmoid(hidden * weight[hsize : 2 * hsize] + bias[hsize : 2 * hsize])
    outgate = sigmoid(x * weight[2 * hsize : 3 * hsize] + bias[2 * hsize : 3 * hsize])
    change = np.tanh(hidden * weight[3 * hsize :] + bias[3 * hsize :])
    cell = cell * forget + ingate * change
    hidden = outgate * np.tanh(cell)
    return hidden, cell


def lstm_predict(w, w2, s, x):
    s = [v for v in s]
    x = x * w2[0]
    for i in range(0, len(s), 2):
        s[i], s[i + 1] = lstm_model(w[i], w[i + 1], s[i], s[i + 1], x)
        x = s[i]
    return x * w2[1] + w2[2], s


def lstm_objective(main_params, extra_params, state, sequence):
    total = 0.0
    count = 0
    inp = sequence[0]
    all_states = state
    for t in range(0, len(sequence) - 1):
        ypred, all_states = lstm_predict(main_params, extra_params, all_states, inp)
        ynorm = ypred - math.log(2 + sum(np.exp(ypred)))
        ygold = sequence[t + 1]
        total += np.sum(ygold * ynorm)
        count += ygold.shape[0]
        inp = ygold
    return -total / count


def brusselator_step(x, y, dt=0.01, a=3.4, alpha=1.0):
    n = x.shape[0]
    out = np.zeros_like(x)
    for i in range(n):
        for j in range(n):
            up, down, left, right = (i - 1) % n, (i + 1) % n, (j - 1) % n, (j + 1) % n
            laplacian = x[up, j] + x[down, j] + x[i, left] + x[i, right] - 4 * x[i, j]
            out[i, j] = x[i, j] + dt * (1 + x[i, j] ** 2 * y[i, j] - (a + 1) * x[i, j] + alpha * laplacian)
    return out


def particle_potential(x, charges):
    energy = 0.0
    for i, (xi, qi) in enumerate(zip(x, charges)):
        for xj, qj in zip(x[i + 1 :], charges[i + 1 :]):
            d = [a - b for a, b in zip(xi, xj)]
            energy += qi * qj / math.sqrt(sum(v * v for v in d))
    return energy


def saddle_inner(x, y, steps=5):
    """An inner descent whose result is used outside."""
    for _ in range(steps):
        gradient = 2 * (y - x)
        if np.sqrt(np.sum(gradient**2)) < 1e-9:
            break
        y = y - 0.3 * gradient
    return np.sum(x**2) - np.sum((x - y) ** 2)


icf = rng.normal(size=(2, 3)) * 0.5
means, points = rng.normal(size=(2, 2)), rng.normal(size=(3, 2))
alphas, cam = rng.normal(size=2), rng.normal(size=11) * 0.3
X3 = rng.normal(size=(2, 3)) + np.array([0.0, 0.0, 4.0])
obs = np.array([[0, 0], [1, 1], [0, 1]])
cams, feats, w3 = np.stack([cam, cam * 0.7]), rng.normal(size=(3, 2)), rng.uniform(0.5, 1.5, 3)
base = np.stack([np.eye(4) + 0.1 * rng.normal(size=(4, 4)) for _ in range(3)])
positions = np.vstack([rng.normal(size=(3, 4)), np.ones((1, 4))])
bones = np.abs(rng.normal(size=(3, 4)))
hand = (base, np.array([-1, 0, 1]), positions, bones, rng.normal(size=(2, 3)), np.array([2, 0]))
main, extra = rng.normal(size=(4, 8)), rng.normal(size=(3, 2))
state, sequence = rng.normal(size=(4, 2)), rng.normal(size=(3, 2))
charges = [1.0, -0.5, 2.0]
CASES = [
    Case(log_sum_exp_list, ([0.3, 1.2, -0.4],)),
    Case(log_gamma_distrib, (3.3, 2), "a"),
    Case(make_L, (rng.normal(size=6), 3), "icf"),
    Case(gmm_objective, (alphas, means, icf, points, 0.7, 1), ("alphas", "means", "icf"), atol=1e-7),
    Case(gmm_objective, (alphas, means, icf, points, 0.7, 1), "gamma", atol=1e-7, note="gamma"),
    Case(gmm_comprehension, (alphas, means, icf, points)),
    Case(rodrigues_rotate_point, (np.array([0.3, -0.2, 0.5]), X3[0])),
    Case(rodrigues_rotate_point, (np.zeros(3), X3[0]), "X", note="zero"),
    Case(reprojection_error, (cam, X3[0], 0.8, feats[0])),
    Case(ba_objective, (cams, X3, w3, obs, feats), ("cams", "X", "w")),
    Case(angle_axis_to_rotation_matrix, (np.array([0.3, -0.2, 0.5]),)),
    Case(euler_angles_to_rotation_matrix, (np.array([0.3, -0.2, 0.5]),)),
    Case(relatives_to_absolutes, (base, np.array([-1, 0, 1])), "relatives"),
    Case(hand_objective, (rng.normal(size=10) * 0.5, *hand), "theta"),
    Case(hand_objective, (rng.normal(size=10) * 0.5, *hand), ("base_relatives", "weights"), note="others"),
    Case(kinematic_list, (np.array([0.3, 0.5, -0.2]), [1.0, 0.7, 0.4])),
    Case(lstm_objective, (main, extra, state, sequence)),
    Case(brusselator_step, (rng.normal(size=(3, 3)), rng.normal(size=(3, 3)))),
    Case(particle_potential, ([[0.0, 0.1], [1.0, 0.3], [0.4, 1.2]], charges)),
    Case(saddle_inner, (means[0], means[1])),
]
