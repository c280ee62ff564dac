"""Numerical kernels: stencils by slices, contractions, quadrature, physics and finance formulas."""

import math

import numpy as np

from .case import Case

rng = np.random.default_rng(18)
G = 9.81


def laplacian_1d(u, dx):
    return (u[2:] - 2 * u[1:-1] + u[:-2]) / dx**2


def laplacian_2d(u):
    return u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] - 4 * u[1:-1, 1:-1]


def laplacian_periodic(Z):
    top, bottom = np.roll(Z, 1, axis=0), np.roll(Z, -1, axis=0)
    left, right = np.roll(Z, 1, 1), np.roll(Z, -1, 1)
    return top + bottom + left + right - 4 * Z


def gray_scott_step(U, V, F=0.035, k=0.065, dt=0.5):
    Lu = np.roll(U, 1, 0) + np.roll(U, -1, 0) - 2 * U
    Lv = np.roll(V, 1, 0) + np.roll(V, -1, 0) - 2 * V
    uvv = U * V * V
    U = U + dt * (0.16 * Lu - uvv + F * (1 - U))
    V = V + dt * (0.08 * Lv + uvv - (F + k) * V)
    return U, V


def heat_step(u, alpha, dt=0.1, dx=0.5):
    inner = u[1:-1] + alpha * dt / dx**2 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.concatenate(([u[0]], inner, [u[-1]]))


def jacobi_1d(A):
    return np.pad(0.33333 * (A[:-2] + A[1:-1] + A[2:]), 1)


def five_point_mean(A):
    return 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])


def upwind_step(u, c, dt, dx):
    flux = c * u
    return u[1:] - dt / dx * (flux[1:] - flux[:-1])


def burgers_residual(u, nu, h=0.1):
    ux = (u[2:] - u[:-2]) / (2 * h)
    uxx = (u[2:] - 2 * u[1:-1] + u[:-2]) / h**2
    return np.sum((u[1:-1] * ux - nu * uxx) ** 2)


def divergence(fx, fy):
    return (fx[1:, :] - fx[:-1, :])[:, 1:] + (fy[:, 1:] - fy[:, :-1])[1:, :]


def gradient_magnitude(im):
    gx = im[1:-1, 2:] - im[1:-1, :-2]
    gy = im[2:, 1:-1] - im[:-2, 1:-1]
    return np.sqrt(gx**2 + gy**2 + 1e-8)


def sobel_x(im):
    left = im[:-2, :-2] + 2 * im[1:-1, :-2] + im[2:, :-2]
    right = im[:-2, 2:] + 2 * im[1:-1, 2:] + im[2:, 2:]
    return right - left


def trapezoid(y, x):
    return np.sum((y[1:] + y[:-1]) * (x[1:] - x[:-1])) / 2


def trapezoid_uniform(y, dx=0.1):
    return dx * (0.5 * y[0] + y[1:-1].sum() + 0.5 * y[-1])


def simpson(y, h):
    return h / 3 * (y[0] + 4 * np.sum(y[1:-1:2]) + 2 * np.sum(y[2:-1:2]) + y[-1])


def cumulative_integral(y, dt):
    return np.cumsum(y) * dt


def arc_length(x, y):
    return np.sum(np.hypot(x[1:] - x[:-1], y[1:] - y[:-1]))


def finite_difference_by_ends(f):
    return (f[-1] - f[0]) / (len(f) - 1)


def moving_average(x, w):
    c = np.cumsum(x)
    return (c[w:] - c[:-w]) / w


def second_order_system(t, y, m, k, b):
    return np.array([y[1], -(k / m) * y[0] - b / m * y[1]])


def lorenz(state, sigma=10.0, rho=28.0, beta=8.0 / 3.0):
    x, y, z = state
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


def lotka_volterra(z, a, b, c, d):
    x, y = z
    return [a * x - b * x * y, -c * y + d * x * y]


def pendulum_energy(theta, omega, length=1.0, m=1.0):
    kinetic = 0.5 * m * (length * omega) ** 2
    potential = m * G * length * (1 - np.cos(theta))
    return kinetic + potential


def euler_three_steps(y0, k, dt):
    y1 = y0 + dt * (-k * y0)
    y2 = y1 + dt * (-k * y1)
    y3 = y2 + dt * (-k * y2)
    return y3


def rk4_step(y, lam, h):
    k1 = lam * y
    k2 = lam * (y + 0.5 * h * k1)
    k3 = lam * (y + 0.5 * h * k2)
    k4 = lam * (y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def leapfrog_harmonic(q, p, eps):
    p = p - 0.5 * eps * q
    q = q + eps * p
    p = p - 0.5 * eps * q
    return q, p


def projectile_range(v, angle):
    theta = math.radians(angle)
    return v**2 * math.sin(2 * theta) / G


def kinematics(x0, v0, a, t):
    x = x0 + v0 * t + 0.5 * a * t**2
    v = v0 + a * t
    return x, v


def relativistic_energy(m, v, c=3.0):
    gamma = 1 / np.sqrt(1 - (v / c) ** 2)
    return gamma * m * c**2


def coulomb_energy(q, r):
    diff = r[:, None, :] - r[None, :, :]
    dist = np.sqrt(np.sum(diff**2, axis=-1) + 0.1)
    return 0.5 * np.sum(q[:, None] * q[None, :] / dist)


def nbody_acceleration(pos, mass, softening=0.1):
    x, y = pos[:, 0:1], pos[:, 1:2]
    dx, dy = x.T - x, y.T - y
    inv_r3 = (dx**2 + dy**2 + softening**2) ** (-1.5)
    ax = (dx * inv_r3) @ mass
    ay = (dy * inv_r3) @ mass
    return np.hstack((ax, ay))


def black_scholes(S, K, T, r, sigma):
    d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)
    N1 = 0.5 * (1 + math.erf(d1 / math.sqrt(2)))
    N2 = 0.5 * (1 + math.erf(d2 / math.sqrt(2)))
    return S * N1 - K * math.exp(-r * T) * N2


def present_value(cashflows, rate):
    t = np.arange(len(cashflows))
    return np.sum(cashflows / (1 + rate) ** t)


def sharpe_ratio(returns, risk_free=0.01):
    excess = returns - risk_free
    return np.mean(excess) / np.std(excess, ddof=1)


def portfolio_variance(w, cov):
    return np.dot(w.T, np.dot(cov, w))


def conv1d_three(x, k):
    return k[0] * x[:-2] + k[1] * x[1:-1] + k[2] * x[2:]


def conv2d_einsum(windows, kernel):
    return np.einsum("ijkl,kl->ij", windows, kernel)


def bilinear_form(x, A, y):
    return np.einsum("i,ij,j", x, A, y)


def batched_outer(a, b):
    return np.einsum("bi,bj->bij", a, b)


def batched_trace(a):
    return np.einsum("bii->b", a)


def tensor_contract(T, u, v):
    return np.einsum("ijk,j,k->i", T, u, v)


def go_fast(a):
    return a + np.tanh(np.diag(a)).sum()


def compute_clip(array_1, array_2, a, b, c):
    return np.clip(array_1, -0.5, 0.5) * a + array_2 * b + c


def arc_distance(theta_1, phi_1, theta_2, phi_2):
    temp = np.sin((theta_2 - theta_1) / 2) ** 2 + np.cos(theta_1) * np.cos(theta_2) * np.sin((phi_2 - phi_1) / 2) ** 2
    return 2 * np.arctan2(np.sqrt(temp), np.sqrt(1 - temp))


def log_distance_row(y):
    return np.log(np.abs(y[1:] / y[:-1])).mean()


def n(*shape):
    return rng.normal(size=shape)


def pos(*shape):
    return rng.uniform(0.3, 1.5, shape)


u2 = n(4, 5)
CASES = [
    Case(laplacian_1d, (n(6), 0.5)),
    *[Case(f, (u2,)) for f in (laplacian_2d, laplacian_periodic, five_point_mean, gradient_magnitude, sobel_x)],
    Case(gray_scott_step, (pos(4, 2), pos(4, 2))),
    Case(heat_step, (n(5), 0.3)),
    Case(jacobi_1d, (n(6),)),
    Case(jacobi_1d, (n(6).astype(np.float32),), note="float32"),
    Case(upwind_step, (n(5), 0.5, 0.1, 0.2)),
    Case(burgers_residual, (n(6), 0.1)),
    Case(divergence, (n(3, 4), n(3, 4))),
    Case(trapezoid, (n(5), np.array([0.0, 0.5, 0.7, 1.5, 2.0]))),
    Case(trapezoid_uniform, (n(5),)),
    Case(simpson, (n(7), 0.2)),
    Case(cumulative_integral, (n(5), 0.1)),
    Case(arc_length, (n(5), n(5))),
    Case(finite_difference_by_ends, (n(5),)),
    Case(moving_average, (n(6), 2), "x"),
    Case(second_order_system, (0.0, [1.0, 2.0], 1.5, 2.0, 0.3)),
    Case(second_order_system, (0.0, n(2), 1.5, 2.0, 0.3), ("y", "k"), note="array"),
    Case(lorenz, ((1.0, 2.0, 3.0),)),
    Case(lorenz, (n(3),), note="array"),
    Case(lotka_volterra, ([1.0, 2.0], 0.5, 0.2, 0.3, 0.1)),
    Case(pendulum_energy, (0.5, 1.0)),
    Case(pendulum_energy, (n(3), n(3)), note="arrays"),
    *[Case(f, (1.5, -0.7, 0.1)) for f in (euler_three_steps, rk4_step, leapfrog_harmonic)],
    *[Case(f, (n(2), -0.7, 0.1), note="array") for f in (euler_three_steps, rk4_step)],
    Case(leapfrog_harmonic, (n(2), n(2), 0.1), note="arrays"),
    Case(projectile_range, (10.0, 35)),
    Case(kinematics, (0.5, 1.0, -9.8, 2.0)),
    Case(kinematics, (0, 3, -2, pos(4)), note="times"),
    Case(relativistic_energy, (1.5, 0.9)),
    Case(coulomb_energy, (n(3), n(3, 2))),
    Case(nbody_acceleration, (n(3, 2), pos(3, 1))),
    Case(black_scholes, (100.0, 95.0, 0.5, 0.02, 0.3)),
    Case(present_value, (pos(4), 0.05)),
    Case(sharpe_ratio, (n(5),)),
    Case(portfolio_variance, (pos(3), n(3, 3))),
    Case(conv1d_three, (n(6), n(3))),
    Case(conv1d_three, (n(6), [0.2, 0.5, 0.3]), note="list"),
    Case(conv2d_einsum, (n(2, 3, 2, 2), n(2, 2))),
    Case(bilinear_form, (n(3), n(3, 4), n(4))),
    Case(batched_outer, (n(2, 3), n(2, 4))),
    Case(batched_trace, (n(2, 3, 3),)),
    Case(tensor_contract, (n(2, 3, 4), n(3), n(4))),
    Case(go_fast, (n(3, 3),)),
    Case(compute_clip, (n(4), n(4), 2, 3, 9)),
    Case(arc_distance, (pos(3), pos(3), pos(3) + 1, pos(3))),
    Case(log_distance_row, (pos(5),)),
]
