"""Programs of training.

Layers in lists, optimisers with their state in dicts, replay buffers, minibatches.
"""
from collections import deque

import numpy as np

# --- layers in a list


def layer_norm(x, gain, shift):
    centred = x - x.mean(axis=-1, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    return gain * centred / scale + shift


def residual_network_loss(layers, head, x, labels):
    """Residual blocks of two affine maps, then a linear classifier; penalises the activity of each block."""
    h = x
    activity = []
    for depth, layer in enumerate(layers):
        normed = layer_norm(h, layer["gain"], layer["shift"])
        inner = np.maximum(normed @ layer["w_in"] + layer["b_in"], 0)
        update = inner @ layer["w_out"] + layer["b_out"]
        if depth == 0:
            h = update                      # the first block changes the width
        else:
            h = h + update
        activity.append(np.mean(update**2))
    logits = h @ head["w"] + head["b"]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    nll = -np.mean(log_p[np.arange(len(labels)), labels])
    return nll + 1e-2 * sum(activity)


def residual_network_loss_args(size):
    rng = np.random.default_rng(11)
    layers = []
    for k in range(size):
        inputs = 3 if k == 0 else 2
        layers.append({"gain": rng.normal(size=inputs), "shift": rng.normal(size=inputs),
                       "w_in": rng.normal(size=(inputs, 4)), "b_in": rng.normal(size=4),
                       "w_out": rng.normal(size=(4, 2)), "b_out": rng.normal(size=2)})
    head = {"w": rng.normal(size=(2, 3)), "b": rng.normal(size=3)}
    return layers, head, rng.normal(size=(4, 3)), rng.integers(0, 3, 4)


# --- a U-net in one dimension


def conv3(signal, kernel, bias):
    padded = np.pad(signal, ((1, 1), (0, 0)))
    out = bias
    for tap in range(3):
        out = out + padded[tap:tap + len(signal)] @ kernel[tap]
    return out


def unet_denoising_loss(down, middle, up, noisy, clean):
    """Going down keeps every level on a stack; going up pops it and concatenates."""
    skips = []
    h = noisy
    for kernel, bias in down:
        h = np.tanh(conv3(h, kernel, bias))
        skips.append(h)
        h = (h[0::2] + h[1::2]) / 2             # halve the resolution
    h = np.tanh(h @ middle)
    for kernel, bias in up:
        h = np.repeat(h, 2, axis=0)
        skip = skips.pop()
        h = np.concatenate([h, skip], axis=1)
        h = np.tanh(conv3(h, kernel, bias))
    assert not skips
    residual = h.mean(axis=1) - clean
    roughness = np.diff(h, axis=0)
    return np.mean(residual**2) + 0.05 * np.mean(roughness**2)


def unet_denoising_loss_args(size):
    rng = np.random.default_rng(12)
    down, up = [], []
    for level in range(size):
        down.append((rng.normal(size=(3, 2 if level else 1, 2)) / 2, rng.normal(size=2)))
        up.append((rng.normal(size=(3, 4, 2)) / 2, rng.normal(size=2)))
    length = 2**size * 2
    return down, rng.normal(size=(2, 2)), up, rng.normal(size=(length, 1)), rng.normal(size=length)


# --- Adam


def adam_step(params, gradients, state, learning_rate, beta1=0.9, beta2=0.99):
    state["t"] += 1
    for name in params:
        g = gradients[name]
        state["m"][name] = beta1 * state["m"][name] + (1 - beta1) * g
        state["v"][name] = beta2 * state["v"][name] + (1 - beta2) * g**2
        m_hat = state["m"][name] / (1 - beta1**state["t"])
        v_hat = state["v"][name] / (1 - beta2**state["t"])
        params[name] = params[name] - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-3)


def loss_after_adam(initial, x, y, learning_rate, decay, steps):
    """The validation loss after some steps of Adam: its gradient on the learning rate is a hypergradient."""
    params = dict(initial)
    state = {"t": 0, "m": {name: np.zeros_like(p) for name, p in params.items()},
             "v": {name: np.zeros_like(p) for name, p in params.items()}}
    half = len(x) // 2
    for step in range(steps):
        residual = x[:half] @ params["w"] + params["b"] - y[:half]
        gradients = {"w": x[:half].T @ residual / half + decay * params["w"],
                     "b": residual.mean(axis=0)}
        rate = learning_rate / (1.0 + 0.1 * step)
        adam_step(params, gradients, state, rate)
    residual = x[half:] @ params["w"] + params["b"] - y[half:]
    return np.mean(residual**2)


def loss_after_adam_args(size):
    rng = np.random.default_rng(13)
    initial = {"w": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}
    return initial, rng.normal(size=(6, 3)), rng.normal(size=(6, 2)), 0.1, 0.02, size


# --- momentum with groups of parameters


def loss_after_momentum(weights, biases, x, y, settings, steps):
    """Plain lists of layers, in two groups with their own rate and decay.

    Velocities in a dict by position.
    """
    groups = [
        {"params": list(weights), "rate": settings["rate"], "decay": settings["decay"]},
        {"params": list(biases), "rate": 2.0 * settings["rate"], "decay": 0.0},
    ]
    velocity = {}
    for _ in range(steps):
        # forward, by hand, with all activations kept
        activations = [x]
        for w, b in zip(groups[0]["params"], groups[1]["params"]):
            activations.append(np.tanh(activations[-1] @ w + b))
        delta = 2.0 * (activations[-1] - y) / y.size
        gradients = [[], []]
        for k in reversed(range(len(weights))):
            delta = delta * (1.0 - activations[k + 1]**2)
            gradients[0].insert(0, activations[k].T @ delta)
            gradients[1].insert(0, delta.sum(axis=0))
            delta = delta @ groups[0]["params"][k].T
        for number, group in enumerate(groups):
            for k, (p, g) in enumerate(zip(group["params"], gradients[number])):
                g = g + group["decay"] * p
                key = (number, k)
                velocity[key] = settings["momentum"] * velocity[key] + g if key in velocity else g
                group["params"][k] = p - group["rate"] * velocity[key]
    out = x
    for w, b in zip(groups[0]["params"], groups[1]["params"]):
        out = np.tanh(out @ w + b)
    return np.mean((out - y)**2)


def loss_after_momentum_args(size):
    rng = np.random.default_rng(14)
    widths = [2] + [3] * (size - 1) + [1]
    weights = [rng.normal(size=pair) for pair in zip(widths, widths[1:])]
    biases = [rng.normal(size=width) for width in widths[1:]]
    settings = {"rate": 0.2, "decay": 0.01, "momentum": 0.8}
    return weights, biases, rng.normal(size=(4, 2)), rng.normal(size=(4, 1)), settings, size


# --- temporal differences from a replay buffer


def replayed_td_error(q_weights, features, actions, rewards, picks, discount, rate, capacity):
    """Q-learning with a linear value, a bounded buffer and a target network.

    The mean squared error at the end.
    """
    buffer = []
    weights = q_weights
    target = q_weights
    for t in range(len(actions) - 1):
        transition = (features[t], actions[t], rewards[t], features[t + 1])
        buffer.append(transition)
        if len(buffer) > capacity:
            buffer.pop(0)
        if len(buffer) < 2:
            continue
        for pick in picks[t]:
            state, action, reward, following = buffer[pick % len(buffer)]
            goal = reward + discount * np.max(following @ target)
            error = goal - state @ weights[:, action]
            step = np.zeros_like(weights)
            step[:, action] = rate * error * state
            weights = weights + step
        if t % 3 == 2:
            target = weights
    errors = []
    for state, action, reward, following in buffer:
        errors.append(reward + discount * np.max(following @ weights) - state @ weights[:, action])
    return sum(e**2 for e in errors) / len(errors)


def replayed_td_error_args(size):
    rng = np.random.default_rng(15)
    picks = [[int(p) for p in rng.integers(0, 50, 2)] for _ in range(size)]
    actions = [int(a) for a in rng.integers(0, 2, size)]
    rewards = [float(r) for r in rng.normal(size=size)]
    return rng.normal(size=(3, 2)), rng.normal(size=(size, 3)), actions, rewards, picks, 0.9, 0.1, 4


# --- a buffer with priorities


class ReplayBuffer:
    def __init__(self, capacity, exponent):
        self.items = deque(maxlen=capacity)
        self.priorities = deque(maxlen=capacity)
        self.exponent = exponent

    def add(self, item, priority):
        self.items.append(item)
        self.priorities.append(priority)

    def probabilities(self):
        powers = [p**self.exponent for p in self.priorities]
        total = sum(powers)
        return [p / total for p in powers]


def prioritised_value_loss(values, episodes, exponent, correction):
    """The loss that a prioritised buffer would give on average, with its importance weights."""
    buffer = ReplayBuffer(5, exponent)
    for episode in episodes:
        back = 0.0
        for state, reward in reversed(episode):
            back = reward + 0.9 * back
            surprise = abs(back - values[state]) + 1e-2
            buffer.add((state, back), surprise)
    chances = buffer.probabilities()
    weights = []
    for chance in chances:
        weights.append((1.0 / (len(chances) * chance))**correction)
    largest = max(weights)
    loss = 0.0
    for (state, back), chance, weight in zip(buffer.items, chances, weights):
        loss += chance * weight / largest * (back - values[state])**2
    return loss


def prioritised_value_loss_args(size):
    rng = np.random.default_rng(16)
    episodes = [[(int(rng.integers(0, 4)), float(rng.normal())) for _ in range(3)] for _ in range(size)]
    return [0.3, -0.5, 0.8, 0.1], episodes, 0.6, 0.4


# --- minibatches from a generator


def minibatches(x, y, order, batch):
    for start in range(0, len(order), batch):
        rows = order[start:start + batch]
        yield x[rows], y[rows]


def loss_after_epochs(w, x, y, orders, rate, batch):
    """Logistic regression by minibatches, with the running mean of the weights as the result."""
    average = np.zeros_like(w)
    seen = 0
    losses = []
    for order in orders:
        epoch_loss = 0.0
        for inputs, targets in minibatches(x, y, order, batch):
            scores = inputs @ w
            p = 1.0 / (1.0 + np.exp(-scores))
            w = w - rate * inputs.T @ (p - targets) / len(targets)
            seen += 1
            average = average + (w - average) / seen
            epoch_loss += np.sum(np.log1p(np.exp(-(2.0 * targets - 1.0) * scores)))
        losses.append(epoch_loss / len(order))
    final = x @ average
    return np.mean((1.0 / (1.0 + np.exp(-final)) - y)**2) + 0.1 * losses[-1]


def loss_after_epochs_args(size):
    rng = np.random.default_rng(17)
    orders = [rng.permutation(5) for _ in range(size)]
    return rng.normal(size=3), rng.normal(size=(5, 3)), rng.integers(0, 2, 5).astype(float), orders, 0.3, 2
