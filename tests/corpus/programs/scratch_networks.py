"""Neural networks from scratch: dicts of parameters, caches in lists, layer classes, activations by name."""

import numpy as np

from ..case import Case

rng = np.random.default_rng(120)


def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    cache = Z
    return A, cache


def relu(Z):
    A = np.maximum(0, Z)
    assert A.shape == Z.shape
    cache = Z
    return A, cache


def linear_forward(A, W, b):
    Z = W.dot(A) + b
    assert Z.shape == (W.shape[0], A.shape[1])
    cache = (A, W, b)
    return Z, cache


def linear_activation_forward(A_prev, W, b, activation):
    if activation == "sigmoid":
        Z, linear_cache = linear_forward(A_prev, W, b)
        A, activation_cache = sigmoid(Z)
    elif activation == "relu":
        Z, linear_cache = linear_forward(A_prev, W, b)
        A, activation_cache = relu(Z)
    cache = (linear_cache, activation_cache)
    return A, cache


def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):  # noqa: E741
        A_prev = A
        A, cache = linear_activation_forward(A_prev, parameters["W" + str(l)], parameters["b" + str(l)], "relu")
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters["W" + str(L)], parameters["b" + str(L)], "sigmoid")
    caches.append(cache)
    return AL, caches


def compute_cost(AL, Y):
    m = Y.shape[1]
    cost = -1 / m * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    cost = np.squeeze(cost)
    return cost


def deep_cost(parameters, X, Y):
    AL, caches = L_model_forward(X, parameters)
    return compute_cost(AL, Y)


def cost_with_regularization(parameters, X, Y, lambd=0.7):
    m = Y.shape[1]
    A3, _ = L_model_forward(X, parameters)
    L2 = 0
    for l in range(1, len(parameters) // 2 + 1):  # noqa: E741
        L2 += np.sum(np.square(parameters["W%i" % l]))
    return compute_cost(A3, Y) + lambd / (2 * m) * L2


def forward_with_dropout(X, parameters, keep_prob=0.5):
    np.random.seed(1)
    W1, b1, W2, b2 = parameters["W1"], parameters["b1"], parameters["W2"], parameters["b2"]
    Z1 = np.dot(W1, X) + b1
    A1 = np.maximum(Z1, 0)
    D1 = np.random.rand(A1.shape[0], A1.shape[1])
    D1 = (D1 < keep_prob).astype(int)
    A1 = A1 * D1
    A1 /= keep_prob
    Z2 = np.dot(W2, A1) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    cache = (Z1, D1, A1, W1, b1, Z2, A2, W2, b2)
    return A2, cache


def predict_forward(model, X, activation_name="tanh"):
    W1, b1, W2, b2 = model["W1"], model["b1"], model["W2"], model["b2"]
    z1 = X.dot(W1) + b1
    if activation_name == "tanh":
        a1 = np.tanh(z1)
    elif activation_name == "relu":
        a1 = z1 * (z1 > 0)
    else:
        raise NotImplementedError(activation_name)
    z2 = a1.dot(W2) + b2
    exp_scores = np.exp(z2)
    return exp_scores / np.sum(exp_scores, axis=1, keepdims=True)


def loss_of_layers(layers, X, y):
    activations = []
    a = X
    for W, b, kind in layers:
        z = a @ W + b
        if kind == "relu":
            a = np.maximum(z, 0)
        elif kind == "tanh":
            a = np.tanh(z)
        else:
            a = z
        activations.append((a, W, b))
    a, _, _ = activations[-1]
    return np.mean((a - y) ** 2)


class NeuralNetwork:
    """Sizes in a list, weights and biases in two lists."""

    def __init__(self, sizes, seed=0):
        draw = np.random.default_rng(seed)
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.biases = [draw.normal(size=(y, 1)) for y in sizes[1:]]
        self.weights = [draw.normal(size=(y, x)) for x, y in zip(sizes[:-1], sizes[1:])]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = 1.0 / (1.0 + np.exp(-(np.dot(w, a) + b)))
        return a

    def cost(self, x, y):
        return 0.5 * np.linalg.norm(self.feedforward(x) - y) ** 2

    def activations(self, x):
        activation = x
        activations = [x]
        zs = []
        for b, w in zip(self.biases, self.weights):
            z = np.dot(w, activation) + b
            zs.append(z)
            activation = np.tanh(z)
            activations.append(activation)
        return activations[-1], zs


class Dense:
    def __init__(self, n_in, n_out, seed):
        draw = np.random.default_rng(seed)
        self.W = draw.normal(size=(n_in, n_out))
        self.b = np.zeros(n_out)
        self.cache = None

    def forward(self, x):
        self.cache = x
        return x @ self.W + self.b


class ReLU:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out


class BatchNorm:
    def __init__(self, size, momentum=0.9):
        self.gamma, self.beta = np.ones(size), np.zeros(size)
        self.momentum = momentum
        self.running_mean = np.zeros(size)
        self.running_var = np.ones(size)

    def forward(self, x, training=True):
        if training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / np.sqrt(var + 1e-5) + self.beta


class SoftmaxCrossEntropy:
    def forward(self, x, t):
        x = x - x.max(axis=1, keepdims=True)
        self.y = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
        self.t = t
        return -np.log(self.y[np.arange(len(t)), t] + 1e-7).mean()


class Sequential:
    def __init__(self, *layers):
        self.layers = list(layers)
        self.loss_layer = SoftmaxCrossEntropy()

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        return self.loss_layer.forward(self.forward(x), t)


class Perceptron:
    def __init__(self, weights, bias, activation="sigmoid"):
        self.weights, self.bias = weights, bias
        self.activation = getattr(self, "_" + activation)

    @staticmethod
    def _sigmoid(z):
        return 1 / (1 + np.exp(-z))

    @staticmethod
    def _linear(z):
        return z

    def output(self, x):
        return self.activation(np.dot(self.weights, x) + self.bias)


class MLP:
    """Activations looked up by name, state kept on self."""

    def __init__(self, dims, activations, seed=3):
        draw = np.random.default_rng(seed)
        self.L = len(dims) - 1
        self.W = {i + 1: draw.normal(size=(dims[i], dims[i + 1])) for i in range(self.L)}
        self.b = {i + 1: draw.normal(size=dims[i + 1]) for i in range(self.L)}
        self.f = {i + 1: name for i, name in enumerate(activations)}
        self.z, self.a = {}, {}

    def activate(self, name, z):
        if name == "relu":
            return np.where(z > 0, z, 0)
        if name == "leaky":
            return np.where(z > 0, z, 0.01 * z)
        return getattr(np, name)(z)

    def forward(self, x):
        self.a[0] = x
        for i in range(1, self.L + 1):
            self.z[i] = np.dot(self.a[i - 1], self.W[i]) + self.b[i]
            self.a[i] = self.activate(self.f[i], self.z[i])
        return self.a[self.L]

    def pure(self, x):
        for i in range(1, self.L + 1):
            x = self.activate(self.f[i], x @ self.W[i] + self.b[i])
        return x


class TinyGPTBlock:
    def __init__(self, d, heads, seed=4):
        draw = np.random.default_rng(seed)
        self.heads = heads
        self.attn = {"w": draw.normal(size=(d, 3 * d)), "proj": draw.normal(size=(d, d))}
        self.ln = {"g": np.ones(d), "b": np.zeros(d)}

    def __call__(self, x):
        return x + self.attention(self.norm(x, **self.ln), **self.attn)

    def norm(self, x, g, b, eps=1e-5):
        mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return g * (x - mean) / np.sqrt(var + eps) + b

    def attention(self, x, w, proj):
        qkv = np.split(x @ w, 3, axis=-1)
        parts = [np.split(m, self.heads, axis=-1) for m in qkv]
        mask = (1 - np.tri(x.shape[0])) * -1e10
        outs = []
        for q, k, v in zip(*parts):
            s = q @ k.T / np.sqrt(q.shape[-1]) + mask
            e = np.exp(s - s.max(axis=-1, keepdims=True))
            outs.append(e / e.sum(axis=-1, keepdims=True) @ v)
        return np.hstack(outs) @ proj


def xor_training_loss(W1, W2, X, y, rate=0.5, epochs=3):
    """The loss after some steps of gradient descent, with the backward pass by hand in the loop."""
    for _ in range(epochs):
        h = np.tanh(X @ W1)
        out = h @ W2
        delta = 2 * (out - y) / len(y)
        dW2 = h.T @ delta
        dW1 = X.T @ (delta @ W2.T * (1 - h**2))
        W1 = W1 - rate * dW1
        W2 = W2 - rate * dW2
    return np.mean((np.tanh(X @ W1) @ W2 - y) ** 2)


def autoencoder(params, X, tied=True):
    W, b, c = params
    code = np.tanh(X @ W + b)
    if tied:
        decoded = code @ W.T + c
    else:
        decoded = code
    error = decoded - X
    return np.sum(error * error) / X.shape[0]


def restricted_boltzmann_energy(v, W, a, b):
    energy = -np.dot(a, v)
    for j in range(W.shape[1]):
        energy -= np.log(1 + np.exp(b[j] + v @ W[:, j]))
    return energy


def self_organising_distance(weights, x, sigma=1.0):
    rows, cols, _ = weights.shape
    d = np.sum((weights - x) ** 2, axis=2)
    bi, bj = np.unravel_index(np.argmin(d), d.shape)
    total = 0.0
    for i in range(rows):
        for j in range(cols):
            total += np.exp(-((i - bi) ** 2 + (j - bj) ** 2) / (2 * sigma**2)) * d[i, j]
    return total


def spiking_neuron(current, tau, dt=0.1):
    v, trace = 0.0, []
    for i in current:
        v = v + dt / tau * (-v + i)
        if v > 1.0:
            trace.append(v - 1.0)
            v = v * 0.0
        else:
            trace.append(0.0)
    return v + sum(trace)


def parameters(*dims):
    found = {}
    for i, (n, m) in enumerate(zip(dims[:-1], dims[1:]), 1):
        found["W%d" % i], found["b%d" % i] = rng.normal(size=(m, n)), rng.normal(size=(m, 1))
    return found


X, Y = rng.normal(size=(3, 4)), np.array([[0, 1, 1, 0]])
deep = parameters(3, 3, 2, 1)
model = {"W1": rng.normal(size=(3, 2)), "b1": rng.normal(size=2), "W2": rng.normal(size=(2, 2)), "b2": np.zeros(2)}
layers = [(model["W1"], model["b1"], "relu"), (model["W2"], model["b2"], "tanh"), (model["W2"], 0.5, None)]
Xr, t = rng.normal(size=(4, 3)), np.array([0, 1, 1, 0])
net = NeuralNetwork([3, 2, 1])
mlp = MLP([3, 2, 2], ["relu", "tanh"])
XOR = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
sequence = Sequential(Dense(3, 4, 0), ReLU(), Dense(4, 2, 1))
normed = Sequential(Dense(3, 4, 0), BatchNorm(4), ReLU(), Dense(4, 2, 1))
CASES = [
    Case(linear_activation_forward, (X, deep["W1"], deep["b1"], "relu"), ("A_prev", "W", "b"), output=0),
    Case(L_model_forward, (X, deep), output=0),
    Case(deep_cost, (deep, X, Y), "parameters"),
    Case(cost_with_regularization, (deep, X, Y), "parameters"),
    Case(cost_with_regularization, (deep, X, Y, 0.1), ("X", "lambd"), note="others"),
    Case(forward_with_dropout, (X, parameters(3, 4, 1)), output=0),
    Case(predict_forward, (model, Xr)),
    Case(predict_forward, (model, Xr, "relu"), "model", note="relu"),
    Case(loss_of_layers, (layers, Xr, rng.normal(size=(4, 2))), ("layers", "X")),
    Case(NeuralNetwork.feedforward, (net, X)),
    Case(NeuralNetwork.cost, (net, X[:, :1], 0.3), ("self", "x")),
    Case(NeuralNetwork.activations, (net, X), "self", output=0),
    Case(net.cost, (X[:, :1], 0.3), note="bound"),
    Case(Dense.forward, (Dense(3, 2, 5), Xr), note="dense"),
    Case(ReLU().forward, (Xr,), note="relu"),
    Case(BatchNorm.forward, (BatchNorm(3), Xr), note="train"),
    Case(BatchNorm.forward, (BatchNorm(3), Xr, False), ("self", "x"), note="test"),
    Case(Sequential.loss, (sequence, Xr, t), "self"),
    Case(normed.loss, (Xr, t), "x", note="normed"),
    Case(Perceptron.output, (Perceptron(rng.normal(size=3), 0.2), Xr[0])),
    Case(Perceptron(rng.normal(size=3), 0.2, "linear").output, (Xr[0],), note="linear"),
    Case(MLP.forward, (mlp, Xr), note="stores"),
    Case(MLP.pure, (mlp, Xr)),
    Case(TinyGPTBlock.__call__, (TinyGPTBlock(4, 2), rng.normal(size=(3, 4)))),
    Case(xor_training_loss, (rng.normal(size=(3, 2)), rng.normal(size=(2, 1)), XOR, np.array([[0], [1], [1], [0]])),
         ("W1", "W2")),
    Case(autoencoder, ((rng.normal(size=(3, 2)), np.zeros(2), np.zeros(3)), Xr), "params"),
    Case(restricted_boltzmann_energy, (Xr[0], model["W1"], Xr[1], model["b1"])),
    Case(self_organising_distance, (rng.normal(size=(2, 2, 3)), Xr[0])),
    Case(spiking_neuron, ([9.0, 8.0, 2.0, 9.0], 1.0)),
]
