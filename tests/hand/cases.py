"""The arguments of each function that has a hand pass, and the parameters whose gradients that returns."""
import numpy as np

from . import courses, layers, models

RNG = np.random.default_rng(0)


def _normal(*shape):
    return RNG.normal(size=shape)


def _positive(*shape):
    return RNG.uniform(0.5, 1.5, size=shape)


def _unit(*shape):
    return RNG.uniform(0.1, 0.9, size=shape)


X, LABELS = _normal(6, 4), np.array([0, 3, 1, 1, 2, 0])
GRU = [_normal(3, 4), _normal(3, 2), *(_normal(*shape) for shape in ((4, 2), (2, 2)) * 3)]

# name: (arguments, the parameters with gradients, None for all without a default)
CASES = {
    "sigmoid": ((X,), None), "stable_sigmoid": ((X,), None), "tanh_layer": ((X,), None), "relu": ((X,), None),
    "leaky_relu": ((X,), None), "masked_leaky_relu": ((X,), None), "elu": ((X,), None), "softplus": ((X,), None),
    "swish": ((X,), None), "gelu": ((X,), None), "hard_tanh": ((X,), None), "softsign": ((X,), None),
    "softmax": ((X,), None), "log_softmax": ((X,), None),
    "affine": ((X, _normal(4, 3), _normal(3)), None),
    "affine_of_images": ((_normal(5, 2, 3), _normal(6, 4), _normal(4)), None),
    "two_layers": ((X, _normal(4, 5), _normal(5), _normal(5, 3), _normal(3)), None),
    "batchnorm": ((X, _normal(4), _normal(4)), None), "layernorm": ((X, _normal(4), _normal(4)), None),
    "rmsnorm": ((X, _normal(4)), None), "dropout": ((X, (X > 0).astype(float)), "x"),
    "standardise": ((X,), None), "unit_rows": ((X,), None), "embedding": ((X, LABELS % 6), "E"),
    "average_pool": ((_normal(2, 3, 4, 6),), None), "convolve": ((_normal(12), _normal(3)), None),
    "max_pool": ((_normal(8),), None), "attention": ((_normal(5, 3), _normal(6, 3), _normal(6, 2)), None),
    "cross_entropy": ((X, LABELS), "s"), "cross_entropy_of_onehot": ((X, _unit(6, 4)), "s"),
    "nll": ((X, LABELS), "logp"), "binary_cross_entropy": ((_normal(6), _unit(6)), "z"),
    "logistic_regression": ((X, _normal(4), 0.3, _unit(6)), ("w", "b")), "hinge": ((X, LABELS), "s"),
    "squared_error": ((X, _normal(6, 4)), "p"), "absolute_error": ((X, _normal(6, 4)), "p"),
    "huber": ((X,), None), "ridge": ((X, _normal(4), _normal(6)), "w"),
    "poisson_regression": ((X, _normal(4), _positive(6)), "w"), "kl_of_gaussians": ((X, _normal(6, 4)), None),
    "gaussian_likelihood": ((_normal(6), 0.2, 1.3), ("mu", "sigma")), "entropy": ((_unit(5),), None),
    "log_sum_exp": ((_normal(5),), None), "triplet": ((X, _normal(6, 4), _normal(6, 4)), None),
    "cosine": ((_normal(5), _normal(5)), None),
    "rnn_step": ((X, _normal(6, 3), _normal(4, 3), _normal(3, 3), _normal(3)), None),
    "rnn": ((_normal(5, 2, 4), _normal(2, 3), _normal(4, 3), _normal(3, 3), _normal(3)), None),
    "lstm_step": ((X, _normal(6, 3), _normal(6, 3), _normal(4, 12), _normal(3, 12), _normal(12)), None),
    "gru_step": (tuple(GRU), None), "euler": ((_normal(3), 0.7), None), "pendulum_step": ((0.3, -0.2), None),
    "heat_step": ((_normal(8),), None), "laplacian": ((_normal(6, 7),), None),
    "factorisation": ((_normal(5, 2), _normal(4, 2), _normal(5, 4), (_normal(5, 4) > 0).astype(float)), ("U", "V")),
    "quadratic_form": ((_normal(4), _normal(4, 4)), None), "rbf_kernel": ((X,), None),
    "polynomial_kernel": ((_normal(4), _normal(4)), None), "covariance": ((X,), None),
    "decay": ((1.2, 0.7, _positive(6)), ("a", "tau")), "power_law": ((_positive(6), 1.2, 0.7), ("c", "k")),
    "michaelis_menten": ((_positive(6), 1.2, 0.7), ("vmax", "km")), "log_odds": ((_unit(6),), None),
    "weight_decay": ((_normal(5),), None), "smoothness": ((_normal(6),), None),
    "maxout": ((X, _normal(4, 3), _normal(4, 3)), None),
    "linear_row": ((_normal(5, 2, 3), _normal(6, 4), _normal(4)), None),
    "groupnorm": ((_normal(2, 4, 3, 3), _normal(4), _normal(4)), None),
    "instance_norm": ((_normal(2, 3, 4, 4),), None),
    "multihead": ((_normal(5, 4), *(_normal(4, 4) for _ in range(4))), None),
    "causal_attention": ((_normal(5, 3), _normal(5, 3), _normal(5, 3)), None),
    "temperature_softmax": ((X, 1.7), None),
    "conv_naive": ((_normal(2, 2, 4, 4), _normal(3, 2, 3, 3), _normal(3)), None),
    "vanilla_rnn": ((_normal(2, 5, 4), _normal(2, 3), _normal(4, 3), _normal(3, 3), _normal(3)), None),
    "skipgram": ((1, 2, np.array([0, 3, 3]), _normal(5, 4), _normal(5, 4)), ("V", "U")),
    "svm_loops": ((_normal(4, 3), X, LABELS % 3), "W"), "mean_log_loss": ((X, LABELS), "x"),
    "l2_logistic": ((_normal(4), X, (_unit(6) > 0.5).astype(float)), "theta"),
    "label_smoothing": ((X, LABELS), "logits"),
    "reinforce": ((_normal(4, 4), X, LABELS, _normal(6)), "theta"),
    "ppo_clip": ((_normal(6), _normal(6), _normal(6)), "logp"),
    "vae_loss": ((_unit(6, 5), _normal(6, 3), _normal(6, 3), _normal(6, 3), _normal(3, 5), _normal(5)),
                 ("mu", "logvar", "W", "b")),
    "fm": ((X, 0.2, _normal(4), _normal(4, 3)), ("w0", "w", "V")),
    "gaussian_kernel": ((X, _normal(5, 4), 0.7), None),
    "lotka_volterra": ((1.2, 0.7, 1.1, 0.4, 0.4, 0.1), None), "burgers": ((_normal(8),), None),
}


def _states(y, k, dt=0.1):
    """The state before each step of `models.euler`, which a forward pass would keep."""
    states = []
    for _ in range(10):
        states.append(y)
        y = y - dt * k * y
    return states


def _animals(kind):
    """The numbers of one kind before each step of `courses.lotka_volterra`, and after the last."""
    def states(x, y, alpha, beta, gamma, delta, dt=0.01, steps=20):
        kept = [(x, y)]
        for _ in range(steps):
            x, y = x + dt * (alpha * x - beta * x * y), y + dt * (delta * x * y - gamma * y)
            kept.append((x, y))
        return [pair[kind] for pair in kept]
    return states


# What a hand pass reads that is no local of the function.
KEPT = {"euler": {"ys": _states}, "lotka_volterra": {"xs": _animals(0), "ys": _animals(1)}}


def pair(name):
    """(function, its hand pass)."""
    module = next(module for module in (layers, models, courses) if hasattr(module, name))
    return getattr(module, name), getattr(module, f"{name}_hand")
