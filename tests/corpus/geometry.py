"""Rotations, quaternions, distances, cameras."""

import math

import numpy as np

from .case import Case

rng = np.random.default_rng(19)
EARTH_RADIUS = 6371.0


def rotation_2d(theta):
    c, s = np.cos(theta), np.sin(theta)
    return np.array([[c, -s], [s, c]])


def rotate_point(x, y, angle):
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def rotate_points(points, theta):
    R = np.array([[np.cos(theta), -np.sin(theta)], [np.sin(theta), np.cos(theta)]])
    return points @ R.T


def rotation_x(angle):
    return np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])


def euler_to_matrix(roll, pitch, yaw):
    Rx = np.array([[1, 0, 0], [0, math.cos(roll), -math.sin(roll)], [0, math.sin(roll), math.cos(roll)]])
    Ry = np.array([[math.cos(pitch), 0, math.sin(pitch)], [0, 1, 0], [-math.sin(pitch), 0, math.cos(pitch)]])
    Rz = np.array([[math.cos(yaw), -math.sin(yaw), 0], [math.sin(yaw), math.cos(yaw), 0], [0, 0, 1]])
    return Rz @ Ry @ Rx


def rodrigues(v, axis, theta):
    k = axis / np.linalg.norm(axis)
    cross = np.array([k[1] * v[2] - k[2] * v[1], k[2] * v[0] - k[0] * v[2], k[0] * v[1] - k[1] * v[0]])
    return v * np.cos(theta) + cross * np.sin(theta) + k * np.dot(k, v) * (1 - np.cos(theta))


def skew(w):
    return np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])


def quaternion_multiply(q1, q2):
    w1, x1, y1, z1 = q1
    w2, x2, y2, z2 = q2
    w = w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2
    x = w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2
    y = w1 * y2 + y1 * w2 + z1 * x2 - x1 * z2
    z = w1 * z2 + z1 * w2 + x1 * y2 - y1 * x2
    return w, x, y, z


def quaternion_to_matrix(q):
    q = q / np.sqrt(np.sum(q**2))
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def quaternion_batch_norm(q):
    return q / np.linalg.norm(q, axis=-1, keepdims=True)


def euler_from_quaternion(x, y, z, w):
    roll = math.atan2(2.0 * (w * x + y * z), 1.0 - 2.0 * (x * x + y * y))
    pitch = math.asin(2.0 * (w * y - z * x))
    yaw = math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    return roll, pitch, yaw


def euclidean(a, b):
    return np.sqrt(np.sum((a - b) ** 2))


def distance_numbers(x1, y1, x2, y2):
    return math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2)


def distance_hypot(p, q):
    return math.hypot(p[0] - q[0], p[1] - q[1])


def manhattan(a, b):
    return sum(abs(a - b))


def minkowski(a, b, p=3):
    return np.sum(np.abs(a - b) ** p) ** (1 / p)


def mahalanobis(x, mu, cov):
    d = x - mu
    return np.sqrt(d @ np.linalg.inv(cov) @ d)


def pairwise_distances(X, Y):
    d2 = np.sum(X**2, axis=1)[:, np.newaxis] + np.sum(Y**2, axis=1) - 2 * X @ Y.T
    return np.sqrt(d2)


def haversine(lat1, lon1, lat2, lon2):
    lat1, lon1, lat2, lon2 = np.radians(lat1), np.radians(lon1), np.radians(lat2), np.radians(lon2)
    dlat, dlon = lat2 - lat1, lon2 - lon1
    a = np.sin(dlat / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin(dlon / 2) ** 2
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(a))


def spherical_law(phi1, lam1, phi2, lam2):
    return math.acos(math.sin(phi1) * math.sin(phi2) + math.cos(phi1) * math.cos(phi2) * math.cos(lam2 - lam1))


def to_polar(x, y):
    r = np.sqrt(x**2 + y**2)
    theta = np.arctan2(y, x)
    return r, theta


def from_spherical(r, theta, phi):
    x = r * np.sin(theta) * np.cos(phi)
    y = r * np.sin(theta) * np.sin(phi)
    z = r * np.cos(theta)
    return np.stack([x, y, z], axis=-1)


def angle_between(u, v):
    cosine = u @ v / np.linalg.norm(u) / np.linalg.norm(v)
    return np.arccos(np.clip(cosine, -1.0, 1.0))


def triangle_area(a, b, c):
    s = (a + b + c) / 2
    return (s * (s - a) * (s - b) * (s - c)) ** 0.5


def triangle_area_points(p):
    (x1, y1), (x2, y2), (x3, y3) = p
    return abs(x1 * (y2 - y3) + x2 * (y3 - y1) + x3 * (y1 - y2)) / 2


def shoelace(x, y):
    return 0.5 * np.abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))


def centroid(points):
    return points.mean(axis=0)


def normalise_points(P):
    centered = P - P.mean(axis=0)
    scale = np.sqrt((centered**2).sum(axis=1)).mean()
    return centered / scale


def bezier(t, p0, p1, p2, p3):
    u = 1 - t
    return u**3 * p0 + 3 * u**2 * t * p1 + 3 * u * t**2 * p2 + t**3 * p3


def lerp(a, b, t):
    return (1 - t) * a + t * b


def slerp(a, b, t):
    omega = np.arccos(np.dot(a, b))
    so = np.sin(omega)
    return np.sin((1.0 - t) * omega) / so * a + np.sin(t * omega) / so * b


def project_points(X, R, t, f, cx, cy):
    Y = X @ R.T + t
    x, y = Y[:, 0] / Y[:, 2], Y[:, 1] / Y[:, 2]
    return np.stack((f * x + cx, f * y + cy), axis=1)


def radial_distortion(xy, k1, k2):
    r2 = xy[0] ** 2 + xy[1] ** 2
    factor = 1 + k1 * r2 + k2 * r2**2
    return [xy[0] * factor, xy[1] * factor]


def reprojection_error(cam, X, w, feat):
    Xo = X - cam[:3]
    proj = Xo[:2] / Xo[2] * cam[3]
    return w * (proj - feat)


def homogeneous(T, p):
    ph = np.append(p, 1.0) if p.ndim > 1 else np.concatenate([p, np.ones(1)])
    q = T @ ph
    return q[:-1] / q[-1]


def two_link_arm(q, l1=1.0, l2=0.8):
    x = l1 * np.cos(q[0]) + l2 * np.cos(q[0] + q[1])
    y = l1 * np.sin(q[0]) + l2 * np.sin(q[0] + q[1])
    return np.array([x, y])


def sphere_sdf(p, center, radius):
    return np.linalg.norm(p - center, axis=-1) - radius


def box_sdf(p, b):
    q = np.abs(p) - b
    return np.linalg.norm(np.maximum(q, 0.0)) + min(max(q[0], q[1]), 0.0)


def n(*shape):
    return rng.normal(size=shape)


A = n(3, 3)
cov = A @ A.T + np.eye(3)
unit = np.array([0.6, 0.8, 0.0]), np.array([0.0, 0.28, 0.96])
CASES = [
    *[Case(f, (0.6,)) for f in (rotation_2d, rotation_x)],
    Case(rotate_point, (1.0, 2.0, 0.5)),
    Case(rotate_points, (n(4, 2), 0.5)),
    Case(euler_to_matrix, (0.1, 0.5, -0.7)),
    Case(rodrigues, (n(3), n(3), 0.8)),
    Case(skew, (n(3),)),
    Case(skew, ([1.0, 2.0, 3.0],), note="list"),
    Case(quaternion_multiply, ((1.0, 0.2, 0.3, 0.4), (0.5, -0.1, 0.7, 0.2))),
    Case(quaternion_multiply, (n(4), n(4)), note="arrays"),
    Case(quaternion_to_matrix, (n(4),)),
    Case(quaternion_batch_norm, (n(3, 4),)),
    Case(euler_from_quaternion, (0.1, 0.2, 0.3, 0.9)),
    *[Case(f, (n(3), n(3))) for f in (euclidean, manhattan, minkowski, angle_between)],
    Case(distance_numbers, (1, 2, 4, 6)),
    Case(distance_hypot, ((1.0, 2.0), [4.0, 6.0])),
    Case(mahalanobis, (n(3), n(3), cov)),
    Case(pairwise_distances, (n(3, 2), n(4, 2))),
    Case(haversine, (52.5, 13.4, 48.1, 11.6)),
    Case(haversine, (n(3) + 50, n(3), 48.1, 11.6), note="arrays"),
    Case(spherical_law, (0.9, 0.2, 0.8, 0.4)),
    Case(to_polar, (1.0, -2.0)),
    Case(to_polar, (n(3), n(3)), note="arrays"),
    Case(from_spherical, (1.5 + n(2) ** 2, n(2), n(2))),
    Case(triangle_area, (3.0, 4.0, 6.0)),
    Case(triangle_area_points, ([(0.0, 0.1), (2.0, 0.5), (1.0, 2.0)],)),
    Case(triangle_area_points, (n(3, 2),), note="array"),
    Case(shoelace, (n(4), n(4))),
    Case(centroid, (n(4, 2),)),
    Case(normalise_points, (n(4, 2),)),
    Case(bezier, (0.3, n(2), n(2), n(2), n(2))),
    Case(lerp, (1, 5, 0.25)),
    Case(lerp, (n(3), n(3), 0.25), note="arrays"),
    Case(slerp, (*unit, 0.3)),
    Case(project_points, (n(4, 3) + [0, 0, 6], np.eye(3) + 0.1 * n(3, 3), n(3), 2.0, 0.5, 0.4)),
    Case(radial_distortion, ([0.3, -0.4], 0.1, 0.02)),
    Case(reprojection_error, (n(4), n(3) + 5, 0.7, n(2))),
    Case(homogeneous, (np.eye(3) + 0.1 * n(3, 3), n(2))),
    Case(two_link_arm, ([0.4, 0.9],)),
    Case(two_link_arm, (n(2), 1.1, 0.7), ("q", "l2"), note="link"),
    Case(sphere_sdf, (n(4, 3), n(3), 0.5)),
    Case(sphere_sdf, (n(3), n(3), 0.5), note="one point"),
    Case(box_sdf, (np.array([1.5, -2.0]), np.array([1.0, 1.2]))),
]
