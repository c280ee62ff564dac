"""Programs of curves: splines with their knots, polygons that are cut and wrapped."""
import math
from bisect import bisect_right

import numpy as np

# --- a natural cubic spline


def second_derivatives(knots, values):
    """The tridiagonal system of a natural spline, by Thomas's algorithm on lists."""
    n = len(knots)
    lower, diagonal, upper, right = [], [], [], []
    for k in range(1, n - 1):
        before, after = knots[k] - knots[k - 1], knots[k + 1] - knots[k]
        lower.append(before)
        diagonal.append(2.0 * (before + after))
        upper.append(after)
        right.append(6.0 * ((values[k + 1] - values[k]) / after - (values[k] - values[k - 1]) / before))
    for k in range(1, len(diagonal)):
        factor = lower[k] / diagonal[k - 1]
        diagonal[k] = diagonal[k] - factor * upper[k - 1]
        right[k] = right[k] - factor * right[k - 1]
    inner = [0.0] * len(diagonal)
    for k in reversed(range(len(diagonal))):
        later = upper[k] * inner[k + 1] if k + 1 < len(diagonal) else 0.0
        inner[k] = (right[k] - later) / diagonal[k]
    return [0.0] + inner + [0.0]


def spline_misfit(knots, values, times, measured, smoothing):
    """Squared misfit of a spline to measurements, and its bending energy."""
    curvature = second_derivatives(knots, values)
    misfit = 0.0
    for t, y in zip(times, measured):
        k = min(max(bisect_right(knots, t) - 1, 0), len(knots) - 2)
        h = knots[k + 1] - knots[k]
        a, b = (knots[k + 1] - t) / h, (t - knots[k]) / h
        fitted = (a * values[k] + b * values[k + 1]
                  + ((a**3 - a) * curvature[k] + (b**3 - b) * curvature[k + 1]) * h**2 / 6.0)
        misfit += (fitted - y)**2
    bending = 0.0
    for k in range(len(knots) - 1):
        m0, m1 = curvature[k], curvature[k + 1]
        bending += (knots[k + 1] - knots[k]) * (m0**2 + m0 * m1 + m1**2) / 3.0
    return misfit / len(times) + smoothing * bending


def spline_misfit_args(size):
    rng = np.random.default_rng(61)
    knots = [float(k) for k in np.cumsum(rng.uniform(0.5, 1.5, size))]
    times = [float(t) for t in rng.uniform(knots[0], knots[-1], size + 2)]
    return (knots, [float(v) for v in rng.normal(size=size)], times,
            [float(v) for v in rng.normal(size=size + 2)], 0.1)


# --- a B-spline by de Boor's algorithm


def de_boor(t, knots, points, degree):
    span = degree
    while span < len(points) - 1 and t >= knots[span + 1]:
        span += 1
    d = [points[j + span - degree] for j in range(degree + 1)]
    for r in range(1, degree + 1):
        for j in range(degree, r - 1, -1):
            left = knots[j + span - degree]
            right = knots[j + 1 + span - r]
            alpha = (t - left) / (right - left)
            d[j] = (1.0 - alpha) * d[j - 1] + alpha * d[j]
    return d[degree]


def racing_line_time(points, knots, samples, grip):
    """Time to drive along a planar B-spline: its length, slowed down by its bends."""
    path = [de_boor(t, knots, points, 3) for t in samples]
    time = 0.0
    for a, b, c in zip(path, path[1:], path[2:]):
        first, second = b - a, c - b
        length = np.sqrt(np.sum(first**2))
        cross = first[0] * second[1] - first[1] * second[0]
        turn = np.arctan2(cross, first @ second)
        bend = turn / length
        speed = grip / np.sqrt(1.0 + bend**2)
        time += length / speed
    closing = path[-1] - path[0]
    return time + 0.01 * (closing @ closing)


def racing_line_time_args(size):
    rng = np.random.default_rng(62)
    points = np.stack([np.arange(size + 3.0), rng.normal(size=size + 3)], axis=1)
    knots = [0.0] * 3 + [float(k) for k in range(size + 1)] + [float(size)] * 3
    return points, knots, [float(t) for t in np.linspace(0.1, size - 0.1, 2 * size)], 1.7


# --- knots are inserted


def insert_knot(knots, heights, new):
    """Boehm's insertion into a quadratic spline: one more knot and height, and the same curve."""
    k = bisect_right(knots, new) - 1
    refined = []
    for i in range(len(heights) + 1):
        if i <= k - 2:
            refined.append(heights[i])
        elif i > k:
            refined.append(heights[i - 1])
        else:
            alpha = (new - knots[i]) / (knots[i + 2] - knots[i])
            refined.append(alpha * heights[i] + (1.0 - alpha) * heights[i - 1])
    knots.insert(k + 1, new)
    return refined


def refined_polygon_energy(heights, breaks, extra):
    """The control polygon after some insertions, as a strip of elastic: stretching and bending."""
    knots = [breaks[0]] * 2 + list(breaks) + [breaks[-1]] * 2
    polygon = list(heights)
    for new in extra:
        polygon = insert_knot(knots, polygon, new)
    stations = []
    for i in range(len(polygon)):
        stations.append((knots[i + 1] + knots[i + 2]) / 2.0)
    energy = 0.0
    slopes = []
    for (s0, s1), (h0, h1) in zip(zip(stations, stations[1:]), zip(polygon, polygon[1:])):
        slope = (h1 - h0) / (s1 - s0)
        energy += math.sqrt(1.0 + slope**2) * (s1 - s0)
        slopes.append(slope)
    for before, after in zip(slopes, slopes[1:]):
        energy += 0.1 * (after - before)**2
    return energy


def refined_polygon_energy_args(size):
    rng = np.random.default_rng(63)
    breaks = [float(b) for b in np.cumsum(rng.uniform(0.8, 1.2, size + 1))]
    extra = [0.4 * breaks[k] + 0.6 * breaks[k + 1] for k in range(0, size, 2)]
    return [float(h) for h in rng.normal(size=size + 2)], breaks, extra


# --- a rope around posts


def cross(o, a, b):
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])


def half_hull(points):
    hull = []
    for p in points:
        while len(hull) >= 2 and cross(hull[-2], hull[-1], p) <= 0:
            hull.pop()
        hull.append(p)
    return hull


def rope_length(posts, thickness):
    """Length of a rope around posts (Andrew's monotone chain), and the area that it encloses."""
    ordered = list(posts)
    ordered.sort(key=lambda p: (p[0], p[1]))
    lower = half_hull(ordered)
    upper = half_hull(ordered[::-1])
    hull = lower[:-1] + upper[:-1]
    length = 2.0 * math.pi * thickness
    area = 0.0
    for k in range(len(hull)):
        (x0, y0), (x1, y1) = hull[k], hull[(k + 1) % len(hull)]
        length += math.hypot(x1 - x0, y1 - y0)
        area += (x0 * y1 - x1 * y0) / 2.0
    return length + 0.3 * math.sqrt(area)


def rope_length_args(size):
    rng = np.random.default_rng(64)
    return [(float(x), float(y)) for x, y in rng.normal(size=(size, 2))], 0.05


# --- a polygon cut by a window


def clip_half_plane(polygon, normal, offset):
    """Sutherland and Hodgman: what of a polygon lies where normal @ p <= offset."""
    kept = []
    previous = polygon[-1]
    previous_side = normal @ previous - offset
    for point in polygon:
        side = normal @ point - offset
        if (side <= 0) != (previous_side <= 0):
            share = previous_side / (previous_side - side)
            kept.append(previous + share * (point - previous))
        if side <= 0:
            kept.append(point)
        previous, previous_side = point, side
    return kept


def window_coverage(corners, window, tilt):
    """The visible area of a polygon behind a tilted rectangular window, and how far its centre is off."""
    half_width, half_height = window
    c, s = np.cos(tilt), np.sin(tilt)
    sides = [(np.array([c, s]), half_width), (np.array([-c, -s]), half_width),
             (np.array([-s, c]), half_height), (np.array([s, -c]), half_height)]
    visible = [corner for corner in corners]
    for normal, offset in sides:
        visible = clip_half_plane(visible, normal, offset)
        if not visible:
            return 0.0
    area = 0.0
    centre = np.zeros(2)
    for p, q in zip(visible, visible[1:] + visible[:1]):
        piece = (p[0] * q[1] - q[0] * p[1]) / 2
        area = area + piece
        centre = centre + piece * (p + q) / 3
    return area + 0.1 * np.sum((centre / area)**2)


def window_coverage_args(size):
    angles = np.linspace(0, 2 * np.pi, size, endpoint=False)
    radii = 1.0 + 0.3 * np.sin(3 * angles)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1), (0.8, 0.6), 0.2
