"""Simulations: integrators, orbits, fluids, waves."""

import numpy as np

from ..case import Case

rng = np.random.default_rng(141)


def euler(f, y0, t0, t1, n):
    h = (t1 - t0) / n
    y, t = y0, t0
    for _ in range(n):
        y = y + h * f(y, t)
        t = t + h
    return y


def decay_by_euler(rate, y0):
    return euler(lambda y, t: -rate * y + np.sin(t), y0, 0.0, 1.0, 5)


def rk4_step(f, y, t, h, *args):
    k1 = f(y, t, *args)
    k2 = f(y + h / 2 * k1, t + h / 2, *args)
    k3 = f(y + h / 2 * k2, t + h / 2, *args)
    k4 = f(y + h * k3, t + h, *args)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def lorenz(state, t, sigma, rho, beta):
    x, y, z = state
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


def lorenz_trajectory(state, sigma=10.0, rho=28.0, beta=8 / 3, steps=4, dt=0.02):
    out = np.empty((steps, 3))
    for i in range(steps):
        out[i] = state
        state = rk4_step(lorenz, state, i * dt, dt, sigma, rho, beta)
    return out


def van_der_pol(mu, x0, v0, dt=0.1, steps=5):
    xs, vs = [x0], [v0]
    for i in range(steps):
        x, v = xs[i], vs[i]
        a = mu * (1 - x**2) * v - x
        xs.append(x + dt * v)
        vs.append(v + dt * a)
    return xs[-1] ** 2 + vs[-1] ** 2


def pendulum_tableau(theta, omega, length, method="heun", dt=0.1, steps=3):
    tableaus = {"euler": ([[]], [1.0]), "heun": ([[], [1.0]], [0.5, 0.5]), "midpoint": ([[], [0.5]], [0.0, 1.0])}
    A, b = tableaus[method]
    y = np.array([theta, omega])
    for _ in range(steps):
        ks = []
        for row in A:
            stage = y
            for a, k in zip(row, ks):
                stage = stage + dt * a * k
            ks.append(np.array([stage[1], -9.8 / length * np.sin(stage[0])]))
        for weight, k in zip(b, ks):
            y = y + dt * weight * k
    return y


def leapfrog(q, p, gradient, step, n):
    p = p - 0.5 * step * gradient(q)
    for i in range(n):
        q = q + step * p
        if i != n - 1:
            p = p - step * gradient(q)
    p = p - 0.5 * step * gradient(q)
    return q, -p


def hamiltonian_error(q, p, step):
    q1, p1 = leapfrog(q, p, lambda v: v + v**3, step, 4)
    return np.sum(p1**2 - p**2) / 2 + np.sum(q1**2 - q**2) / 2


def adaptive_step(rate, y, tol=1e-2):
    t, h, n = 0.0, 0.4, 0
    while t < 1.0:
        if t + h > 1.0:
            h = 1.0 - t
        full = y - h * rate * y
        half = y - h / 2 * rate * y
        half = half - h / 2 * rate * half
        if abs(full - half) > tol and n < 20:
            h *= 0.5
        else:
            y, t = half, t + h
        n += 1
    return y


def projectile(v0, angle, drag):
    """Stops where it meets the ground."""
    x, y = 0.0, 0.0
    vx, vy = v0 * np.cos(angle), v0 * np.sin(angle)
    dt = 0.1
    while y >= 0:
        speed = np.sqrt(vx**2 + vy**2)
        vx -= dt * drag * speed * vx
        vy -= dt * (9.8 + drag * speed * vy)
        x += dt * vx
        y += dt * vy
    return x


def fluid_project(vx, vy):
    """Makes a field nearly free of divergence, by a few sweeps."""
    p = np.zeros(vx.shape)
    h = 1.0 / vx.shape[0]
    div = -0.5 * h * (np.roll(vx, -1, axis=0) - np.roll(vx, 1, axis=0) + np.roll(vy, -1, axis=1) - np.roll(vy, 1, axis=1))
    for k in range(3):
        p = (div + np.roll(p, 1, axis=0) + np.roll(p, -1, axis=0) + np.roll(p, 1, axis=1) + np.roll(p, -1, axis=1)) / 4.0
    vx -= 0.5 * (np.roll(p, -1, axis=0) - np.roll(p, 1, axis=0)) / h
    vy -= 0.5 * (np.roll(p, -1, axis=1) - np.roll(p, 1, axis=1)) / h
    return vx, vy


def fluid_advect(f, vx, vy):
    rows, cols = f.shape
    cell_ys, cell_xs = np.meshgrid(np.arange(rows), np.arange(cols))
    center_xs = (cell_xs - vx).ravel()
    center_ys = (cell_ys - vy).ravel()
    left_ix = np.floor(center_xs).astype(int)
    top_ix = np.floor(center_ys).astype(int)
    rw = center_xs - left_ix
    bw = center_ys - top_ix
    left_ix = np.mod(left_ix, rows)
    right_ix = np.mod(left_ix + 1, rows)
    top_ix = np.mod(top_ix, cols)
    bot_ix = np.mod(top_ix + 1, cols)
    flat = (1 - rw) * ((1 - bw) * f[left_ix, top_ix] + bw * f[left_ix, bot_ix]) + rw * (
        (1 - bw) * f[right_ix, top_ix] + bw * f[right_ix, bot_ix]
    )
    return np.reshape(flat, (rows, cols))


def fluid_simulation(vx, vy, smoke, target, steps=2):
    for t in range(steps):
        vx_new = fluid_advect(vx, vx, vy)
        vy_new = fluid_advect(vy, vx, vy)
        vx, vy = fluid_project(vx_new, vy_new)
        smoke = fluid_advect(smoke, vx, vy)
    return np.mean((smoke - target) ** 2)


def wave_equation(c, u0, steps=3):
    u_prev, u = u0.copy(), u0.copy()
    for _ in range(steps):
        u_next = np.zeros_like(u)
        u_next[1:-1] = 2 * u[1:-1] - u_prev[1:-1] + c**2 * (u[2:] - 2 * u[1:-1] + u[:-2])
        u_prev, u = u, u_next
    return u


def crank_nicolson(u, kappa, steps=2):
    n = len(u)
    A = np.zeros((n, n))
    for i in range(n):
        A[i, i] = 2.0
        if i > 0:
            A[i, i - 1] = -1.0
        if i < n - 1:
            A[i, i + 1] = -1.0
    identity = np.eye(n)
    for _ in range(steps):
        u = np.linalg.solve(identity + kappa / 2 * A, (identity - kappa / 2 * A) @ u)
    return u


def upwind(u, velocity, dt=0.1):
    new = u.copy()
    for i in range(len(u)):
        if velocity[i] > 0:
            new[i] -= dt * velocity[i] * (u[i] - u[i - 1])
        else:
            new[i] -= dt * velocity[i] * (u[(i + 1) % len(u)] - u[i])
    return new


f3 = [rng.normal(size=(3, 3)) for _ in range(4)]
q, p = rng.normal(size=2), rng.normal(size=2)
pi, A, B = np.array([0.3, 0.7]), np.array([[0.8, 0.2], [0.3, 0.7]]), np.array([[0.5, 0.3, 0.2], [0.1, 0.3, 0.6]])
data, y4, X = rng.normal(size=(4, 2)), rng.normal(size=4), rng.normal(size=(4, 3))
CASES = [
    Case(decay_by_euler, (0.7, 1.5)),
    Case(lorenz_trajectory, (np.array([1.0, 0.5, 2.0]),)),
    Case(lorenz_trajectory, (np.array([1.0, 0.5, 2.0]), 9.0, 27.0), ("state", "sigma", "rho"), note="parameters"),
    Case(van_der_pol, (1.2, 0.5, 0.3)),
    *(Case(pendulum_tableau, (0.5, 0.1, 2.0, m), (0, 1, 2), note=m) for m in ("euler", "heun", "midpoint")),
    Case(hamiltonian_error, (q, p, 0.1)),
    Case(adaptive_step, (1.3, 2.0)),
    Case(projectile, (3.1, 0.8, 0.05)),
    Case(fluid_project, tuple(f3[:2])),
    Case(fluid_advect, tuple(f3[:3])),
    Case(fluid_simulation, tuple(f3), ("vx", "vy", "smoke")),
    Case(wave_equation, (0.5, rng.normal(size=6))),
    Case(crank_nicolson, (y4, 0.3)),
    Case(upwind, (y4, np.array([0.5, -0.3, 0.2, -1.0]))),
]
