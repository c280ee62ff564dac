"""Model functions for curve fitting, and the sums of squares made of them."""

import math

import numpy as np

from .case import Case

rng = np.random.default_rng(14)

h = 6.62607015e-34
c = 2.99792458e8
k_B = 1.380649e-23
R_GAS = 8.314
LN2 = np.log(2)


def gaussian(x, amplitude, mean, stddev):
    return amplitude * np.exp(-((x - mean) ** 2) / (2 * stddev**2))


def gaussian_normalised(x, mu, sigma):
    return 1 / (sigma * np.sqrt(2 * np.pi)) * np.exp(-0.5 * ((x - mu) / sigma) ** 2)


def gaussian_fwhm(x, height, center, fwhm):
    return height * np.exp(-4 * LN2 * np.square((x - center) / fwhm))


def gaussian_2d(x, y, amp, x0, y0, sx, sy, theta):
    a = np.cos(theta) ** 2 / (2 * sx**2) + np.sin(theta) ** 2 / (2 * sy**2)
    b = -np.sin(2 * theta) / (4 * sx**2) + np.sin(2 * theta) / (4 * sy**2)
    d = np.sin(theta) ** 2 / (2 * sx**2) + np.cos(theta) ** 2 / (2 * sy**2)
    return amp * np.exp(-(a * (x - x0) ** 2 + 2 * b * (x - x0) * (y - y0) + d * (y - y0) ** 2))


def two_gaussians(x, *, a1=1.0, m1=0.0, s1=1.0, a2=0.5, m2=1.0, s2=0.5):
    g1 = a1 * np.exp(-((x - m1) ** 2) / (2 * s1**2))
    g2 = a2 * np.exp(-((x - m2) ** 2) / (2 * s2**2))
    return g1 + g2


def lorentzian(x, x0, gamma):
    return gamma / np.pi / ((x - x0) ** 2 + gamma**2)


def lorentzian_amplitude(x, p):
    return p[0] * p[2] ** 2 / ((x - p[1]) ** 2 + p[2] ** 2)


def pseudo_voigt(x, a, mu, sigma, eta):
    lorentz = sigma**2 / ((x - mu) ** 2 + sigma**2)
    gauss = np.exp(-LN2 * (x - mu) ** 2 / sigma**2)
    return a * (eta * lorentz + (1 - eta) * gauss)


def fano(x, q, e0, width):
    eps = 2 * (x - e0) / width
    return (q + eps) ** 2 / (1 + eps**2)


def exponential_decay(t, N0, tau, offset=0.0):
    return N0 * np.exp(-t / tau) + offset


def double_exponential(t, params):
    a1, k1, a2, k2 = params
    return a1 * np.exp(-k1 * t) + a2 * np.exp(-k2 * t)


def stretched_exponential(t, a, tau, beta):
    return a * np.exp(-((t / tau) ** beta))


def half_life(t, n0, t_half):
    return n0 * 0.5 ** (t / t_half)


def logistic(x, L, k, x0):
    return L / (1 + np.exp(-k * (x - x0)))


def logistic_growth(t, P0, K, r):
    return K / (1 + (K - P0) / P0 * np.exp(-r * t))


def gompertz(t, a, b, c):
    return a * np.exp(-b * np.exp(-c * t))


def weibull_growth(x, alpha, beta, k, d):
    return alpha - (alpha - beta) * np.exp(-((k * x) ** d))


def power_law(x, a, b):
    return a * np.power(x, b)


def broken_power_law(x, amp, xb, alpha1, alpha2):
    return np.where(x < xb, amp * (x / xb) ** -alpha1, amp * (x / xb) ** -alpha2)


def arrhenius(T, A, Ea):
    return A * np.exp(-Ea / (R_GAS * T))


def michaelis_menten(S, Vmax, Km):
    return (Vmax * S) / (Km + S)


def competitive_inhibition(s, i, vmax, km, ki):
    return vmax * s / (km * (1 + i / ki) + s)


def hill(x, Vmax, K, n):
    return Vmax * x**n / (K**n + x**n)


def four_parameter_logistic(x, A, B, C, D):
    return D + (A - D) / (1.0 + (x / C) ** B)


def monod(S, mu_max, Ks):
    return mu_max * S / (Ks + S)


def langmuir(p, q_max, K):
    return q_max * K * p / (1 + K * p)


def freundlich(C, K, n):
    return K * C ** (1 / n)


def planck(wavelength, T):
    a = 2.0 * h * c**2
    b = h * c / (wavelength * k_B * T)
    return a / (wavelength**5 * (np.exp(b) - 1.0)) * 1e-13


def bragg(d, theta, n=1):
    return 2 * d * np.sin(theta) / n


def damped_oscillation(t, A, gamma, omega, phi):
    return A * np.exp(-gamma * t) * np.cos(omega * t + phi)


def sine(x, amp, freq, phase, offset):
    return amp * np.sin(2 * np.pi * freq * x + phase) + offset


def fourier_three(x, a0, a1, b1, a2, b2, w):
    return a0 + a1 * np.cos(x * w) + b1 * np.sin(x * w) + a2 * np.cos(2 * x * w) + b2 * np.sin(2 * x * w)


def linear(x, m, b):
    return m * x + b


def quadratic(x, a, b, c):
    return a * x**2 + b * x + c


def polynomial(x, coeffs):
    return coeffs[0] + coeffs[1] * x + coeffs[2] * x**2 + coeffs[3] * x**3


def horner(x, p):
    return ((p[3] * x + p[2]) * x + p[1]) * x + p[0]


def antoine(T, A, B, C):
    return 10 ** (A - B / (C + T))


def van_der_waals(V, T, a, b):
    return R_GAS * T / (V - b) - a / V**2


def lennard_jones(r, epsilon, sigma):
    sr6 = (sigma / r) ** 6
    return 4 * epsilon * (sr6**2 - sr6)


def morse(r, De, a, re):
    return De * (1 - np.exp(-a * (r - re))) ** 2


def birch_murnaghan(V, E0, B0, BP, V0):
    eta = (V0 / V) ** (2.0 / 3.0)
    return E0 + 9.0 * B0 * V0 / 16.0 * (eta - 1) ** 2 * (6 + BP * (eta - 1) - 4 * eta)


def diode(V, Is, n):
    Vt = 0.02585
    return Is * (np.exp(V / (n * Vt)) - 1)


def magnus(T):
    return 6.1094 * math.exp(17.625 * T / (T + 243.04))


def residuals(params, t, y):
    A, lam, C = params
    return A * np.exp(-lam * t) + C - y


def chi_square(params, x, y, sigma):
    model = params[0] * np.exp(-0.5 * ((x - params[1]) / params[2]) ** 2)
    return np.sum(((y - model) / sigma) ** 2)


def sum_of_squares(theta, x, y):
    slope, intercept = theta[0], theta[1]
    return ((y - (slope * x + intercept)) ** 2).sum()


x, t, data = rng.uniform(0.5, 2, 5), rng.uniform(0.2, 1.5, 4), rng.normal(size=5)
u = rng.uniform
on_x = [
    (gaussian, (1.5, 0.8, 0.6)), (gaussian_normalised, (0.8, 0.7)), (gaussian_fwhm, (2.0, 1.1, 0.9)),
    (lorentzian, (1.0, 0.4)), (lorentzian_amplitude, (np.array([2.0, 1.1, 0.4]),)),
    (pseudo_voigt, (1.2, 1.0, 0.5, 0.3)), (fano, (1.5, 1.0, 0.6)),
    (exponential_decay, (2.0, 1.3)), (double_exponential, ([1.0, 0.5, 2.0, 1.5],)),
    (stretched_exponential, (1.5, 1.2, 0.8)), (half_life, (3.0, 0.7)), (logistic, (2.0, 1.5, 0.9)),
    (logistic_growth, (0.3, 2.0, 1.1)), (gompertz, (1.0, 2.0, 1.5)), (weibull_growth, (2.0, 0.5, 0.9, 1.4)),
    (power_law, (1.5, -0.7)), (broken_power_law, (1.2, 1.05, 0.5, 2.0)), (michaelis_menten, (2.5, 0.6)),
    (hill, (1.4, 0.9, 2.3)), (four_parameter_logistic, (0.2, 1.5, 1.1, 2.0)), (monod, (0.8, 0.5)),
    (langmuir, (2.0, 0.7)), (freundlich, (1.3, 2.2)), (bragg, (0.4,)), (damped_oscillation, (1.0, 0.3, 2.0, 0.5)),
    (sine, (1.5, 0.4, 0.2, 0.1)), (fourier_three, (0.5, 1.0, -0.5, 0.3, 0.2, 1.3)), (linear, (2, -1)),
    (quadratic, (1, -2, 0.5)), (polynomial, ([1.0, -2.0, 0.5, 0.25],)), (horner, (np.array([1.0, -2.0, 0.5, 0.25]),)),
    (lennard_jones, (0.8, 0.9)), (morse, (2.0, 1.1, 0.9)), (birch_murnaghan, (-1.0, 0.6, 4.0, 1.2)),
]  # fmt: skip
CASES = [
    *[Case(f, (x, *p)) for f, p in on_x],
    *[Case(f, (0.7, *p), note="numbers") for f, p in on_x[::2]],
    Case(gaussian, (x.astype(np.float32), 1.5, 0.8, 0.6), "x", note="float32"),
    Case(gaussian, (x[:, None], u(1, 2, 3), u(0, 1, 3), u(1, 2, 3)), note="broadcast"),
    Case(power_law, (np.array([1, 2, 3]), 2, 3), note="ints"),
    Case(exponential_decay, (t, 2.0, 1.3, 0.1), ("offset", "tau"), note="offset"),
    Case(gaussian_2d, (x, x[::-1].copy(), 1.0, 1.0, 0.8, 0.5, 0.9, 0.3)),
    Case(two_gaussians, (x,), kwargs={"a1": 2.0}),
    Case(arrhenius, (u(280, 320, 3), 5.0, 4000.0)),
    Case(competitive_inhibition, (x, 0.5, 2.0, 0.6, 1.5)),
    Case(planck, (u(5e-7, 1e-6, 3), 5000.0), "T"),
    Case(antoine, (80.0, 8.07, 1730.6, 233.4)),
    Case(van_der_waals, (u(0.5, 1, 3), 300.0, 3.6, 0.04)),
    Case(diode, (u(0.1, 0.2, 3), 0.01, 1.5)),
    Case(magnus, (20.0,)),
    Case(residuals, ((2.0, 1.0, 0.3), t, t**2), "params"),
    Case(residuals, (np.array([2.0, 1.0, 0.3]), t, t**2), note="array"),
    Case(chi_square, (np.array([2.0, 1.1, 0.6]), x, data, 0.2 + x), "params"),
    Case(sum_of_squares, ([1.0, -0.5], x, data), "theta"),
]
