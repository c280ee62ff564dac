"""Losses between distributions, embeddings, boxes and images."""

import numpy as np

from .case import Case

rng = np.random.default_rng(23)


def kl_divergence(p, q):
    return np.sum(p * np.log(p / q))


def kl_where(p, q, eps=1e-9):
    return np.sum(np.where(p > eps, p * np.log((p + eps) / (q + eps)), 0))


def js_divergence(p, q):
    m = 0.5 * (p + q)
    left = np.sum(p * np.log2(p / m))
    right = np.sum(q * np.log2(q / m))
    return np.sqrt((left + right) / 2)


def entropy(p):
    return -(p * np.log(p)).sum()


def kl_gaussian(mu0, logvar0, mu1, logvar1):
    diff = mu1 - mu0
    return 0.5 * np.sum(logvar1 - logvar0 + (np.exp(logvar0) + diff**2) / np.exp(logvar1) - 1)


def focal_loss(p, y, gamma=2.0, alpha=0.25):
    p_t = np.where(y == 1, p, 1 - p)
    alpha_t = np.where(y == 1, alpha, 1 - alpha)
    return np.mean(-alpha_t * (1 - p_t) ** gamma * np.log(p_t))


def triplet_loss(anchor, positive, negative, margin=0.2):
    pos_dist = np.sum((anchor - positive) ** 2, axis=-1)
    neg_dist = np.sum((anchor - negative) ** 2, axis=-1)
    return np.sum(np.maximum(pos_dist - neg_dist + margin, 0.0))


def contrastive_loss(a, b, same, margin=1.5):
    d = np.sqrt(np.sum((a - b) ** 2, axis=1))
    return np.mean(same * d**2 + (1 - same) * np.maximum(0, margin - d) ** 2)


def info_nce(queries, keys, temperature=0.5):
    q = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    k = keys / np.linalg.norm(keys, axis=1, keepdims=True)
    logits = q @ k.T / temperature
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -np.mean(np.diag(logits))


def cosine_similarity(a, b):
    return np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))


def cosine_proximity(y, p):
    return -np.sum(y * p) / np.sqrt(np.sum(y**2)) / np.sqrt(np.sum(p**2))


def dice_loss(pred, target, smooth=1.0):
    intersection = (pred * target).sum()
    return 1 - (2.0 * intersection + smooth) / (pred.sum() + target.sum() + smooth)


def iou_loss(p, t):
    inter = np.sum(p * t)
    union = np.sum(p + t - p * t)
    return 1 - inter / union


def tversky(p, g, alpha=0.3, beta=0.7):
    tp, fp, fn = np.sum(p * g), np.sum(p * (1 - g)), np.sum((1 - p) * g)
    return tp / (tp + alpha * fp + beta * fn)


def box_iou(box_a, box_b):
    xa, ya = max(box_a[0], box_b[0]), max(box_a[1], box_b[1])
    xb, yb = min(box_a[2], box_b[2]), min(box_a[3], box_b[3])
    inter = max(0, xb - xa) * max(0, yb - ya)
    area_a = (box_a[2] - box_a[0]) * (box_a[3] - box_a[1])
    area_b = (box_b[2] - box_b[0]) * (box_b[3] - box_b[1])
    return inter / (area_a + area_b - inter)


def poisson_nll(rate, counts):
    return np.mean(rate - counts * np.log(rate))


def total_variation(img):
    dx = img[:, 1:] - img[:, :-1]
    dy = img[1:, :] - img[:-1, :]
    return np.sum(np.abs(dx)) + np.sum(np.abs(dy))


def gram_style_loss(F, G):
    C, M = F.shape
    A, B = F @ F.T, G @ G.T
    return np.sum((A - B) ** 2) / (4.0 * C**2 * M**2)


def pearson_loss(x, y):
    vx, vy = x - x.mean(), y - y.mean()
    return 1 - np.sum(vx * vy) / (np.sqrt(np.sum(vx**2)) * np.sqrt(np.sum(vy**2)))


def n(*shape):
    return rng.normal(size=shape)


def probabilities(*shape):
    p = rng.uniform(0.2, 1, shape)
    return p / p.sum(axis=-1, keepdims=True)


a, b, u, v = n(5), n(5), rng.uniform(0.1, 0.9, (3, 2)), rng.uniform(0.1, 0.9, (3, 2))
p, q, bits = probabilities(4, 3), probabilities(4, 3), np.array([[1, 0], [0, 0], [1, 1]])
CASES = [
    *[Case(f, (p[0], q[0])) for f in (kl_divergence, kl_where, js_divergence)],
    Case(kl_divergence, (p, q), note="2-d"),
    Case(entropy, (p,)),
    Case(kl_gaussian, (n(3), n(3), n(3), n(3))),
    Case(kl_gaussian, (0.1, 0.2, 0.3, -0.4), note="numbers"),
    Case(focal_loss, (u, bits), "p"),
    Case(triplet_loss, (n(3, 4), n(3, 4), n(3, 4))),
    Case(triplet_loss, (n(4), n(4), n(4)), note="one"),
    Case(contrastive_loss, (n(3, 2), n(3, 2), np.array([1, 0, 1])), ("a", "b")),
    Case(info_nce, (n(3, 4), n(3, 4))),
    *[Case(f, (a, b)) for f in (cosine_similarity, cosine_proximity, pearson_loss)],
    Case(cosine_similarity, (a.astype(np.float32), b.astype(np.float32)), note="float32"),
    Case(dice_loss, (u, bits), "pred"),
    *[Case(f, (u, v)) for f in (iou_loss, tversky)],
    Case(box_iou, ([0.1, 0.2, 2.0, 3.0], [1.0, 1.5, 3.0, 4.0])),
    Case(box_iou, (np.array([0.1, 0.2, 2.0, 3.0]), np.array([1, 1, 3, 4])), note="arrays"),
    Case(poisson_nll, (np.exp(a), np.array([0, 1, 2, 3, 4])), "rate"),
    Case(total_variation, (n(4, 3),)),
    Case(gram_style_loss, (n(3, 4), n(3, 4))),
]
