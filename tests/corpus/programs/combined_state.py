"""State in combination: training loops, pipelines, machines, objects made inside, messages over edges."""

import numpy as np

from ..case import Case

rng = np.random.default_rng(150)


def training_loop_with_state(w, X, y, options):
    lr = options.get("lr", 0.1)
    state = {"m": np.zeros_like(w), "steps": 0}
    history = []
    for epoch in range(options["epochs"]):
        for xi, yi in zip(X, y):
            error = xi @ w - yi
            grad = 2 * error * xi
            if options.get("clip") is not None:
                norm = np.linalg.norm(grad)
                if norm > options["clip"]:
                    grad *= options["clip"] / norm
            state["m"] = 0.9 * state["m"] + grad
            w = w - lr * state["m"]
            state["steps"] += 1
        history.append(np.mean((X @ w - y) ** 2))
    return history[-1], history


def pipeline_of_steps(x, steps):
    """Steps are pairs of a name and its options."""
    def standardise(v, eps=1e-6):
        return (v - v.mean()) / (v.std() + eps)

    def power(v, degree=2, scale=1.0):
        return scale * v**degree

    table = {"standardise": standardise, "power": power, "tanh": np.tanh}
    for name, options in steps:
        x = table[name](x, **options)
    return x


def stack_machine(x, code):
    stack = [x]
    pointer = 0
    while pointer < len(code):
        op = code[pointer]
        if op == "dup":
            stack.append(stack[-1])
        elif op == "mul":
            stack.append(stack.pop() * stack.pop())
        elif op == "push":
            pointer += 1
            stack.append(code[pointer])
        elif op == "jump_if_small":
            pointer += 1
            if abs(stack[-1]) < 10:
                pointer = code[pointer]
                continue
        pointer += 1
    return stack[-1]


class Tape:
    """An object that keeps what it was given."""

    def __init__(self, scale):
        self.scale = scale
        self.values = []

    def push(self, v):
        self.values.append(v * self.scale)
        return self

    def total(self):
        return sum(v**2 for v in self.values)


def object_made_inside(x, scale):
    tape = Tape(scale)
    for v in x:
        tape.push(v).push(2 * v)
    tape.scale = 1.0
    tape.push(x[0])
    return tape.total()


class Accumulator:
    def __init__(self, decay):
        self.decay = decay
        self.state = 0.0

    def step(self, v):
        self.state = self.decay * self.state + v
        return self.state


def stateful_object(x, decay):
    acc = Accumulator(decay)
    return [acc.step(v) ** 2 for v in x][-1] * acc.state


def try_in_a_loop(x, tables):
    total = 0.0
    for table in tables:
        try:
            k = table["index"]
        except KeyError:
            continue
        total += x[k] ** 2
        del k
    return total


def nested_closures(x):
    def outer(a):
        def inner(b):
            return a * b + x

        x_local = inner(a)
        return inner(x_local)

    return outer(x) * outer(2.0)


def loop_in_condition(x, k):
    y = x
    if k > 0:
        for _ in range(k):
            if y > 1:
                y = y / 2
            else:
                y = y * 3
                break
    elif k == 0:
        y = y**2
    else:
        while y < 10:
            y = y * 2 + x
    return y


def checks_between_stores(x):
    y = np.zeros_like(x)
    s = 0.0
    for i in range(len(x)):
        y[i] = s
        s = s + x[i] * y[i // 2]
        y[i] += x[i]
        assert np.isfinite(s), "diverged"
    return s, y


def out_argument_in_loop(x, W):
    h, buf = x.copy(), np.empty_like(x)
    for _ in range(3):
        np.dot(W, h, out=buf)
        np.tanh(buf, out=buf)
        h += buf
    return h


def add_at_in_loop(x, edges, steps):
    h = x.copy()
    src, dst = edges[:, 0], edges[:, 1]
    for _ in range(steps):
        m = np.zeros_like(h)
        np.add.at(m, dst, np.tanh(h[src]))
        h = 0.5 * h + m
    return h


def message_passing(nodes, edges, W):
    for _ in range(2):
        messages = {i: [] for i in range(len(nodes))}
        for a, b in edges:
            messages[b].append(nodes[a] @ W)
        new = []
        for i, node in enumerate(nodes):
            new.append(np.tanh(node + sum(messages[i])) if messages[i] else node)
        nodes = np.stack(new)
    return nodes


class Value:
    """A number with operators of its own."""

    def __init__(self, data):
        self.data = data

    def __add__(self, other):
        return Value(self.data + (other.data if isinstance(other, Value) else other))

    def __mul__(self, other):
        return Value(self.data * (other.data if isinstance(other, Value) else other))


def operators_of_a_class(x):
    v = Value(x)
    return ((v * v + 1.0) * v).data


A, x4, x3 = rng.normal(size=(3, 3)), rng.normal(size=4), rng.uniform(0.5, 1.5, 3)
X, y4, edges = rng.normal(size=(4, 3)), rng.normal(size=4), np.array([[0, 1], [1, 2], [0, 2], [2, 0]])
steps = [("standardise", {}), ("power", {"degree": 3, "scale": 0.5}), ("tanh", {})]
code = ["dup", "mul", "push", 1.5, "mul", "jump_if_small", 0]
CASES = [
    Case(training_loop_with_state, (x3, X, y4, {"epochs": 2, "lr": 0.05}), ("w", "X", "y"), output=0),
    Case(training_loop_with_state, (x3, X, y4, {"epochs": 2, "lr": 0.05, "clip": 0.5}), "w", output=0, note="clipped"),
    Case(pipeline_of_steps, (x4, steps), "x"),
    Case(stack_machine, (1.3, code), "x"),
    Case(object_made_inside, (x3, 0.7)),
    Case(stateful_object, (x3, 0.7)),
    Case(try_in_a_loop, (x3, [{"index": 1}, {}, {"index": 2}]), "x"),
    Case(nested_closures, (1.3,)),
    *(Case(loop_in_condition, (1.3, k), "x", note=str(k)) for k in (3, 0, -1)),
    Case(checks_between_stores, (x4,)),
    Case(out_argument_in_loop, (x3, A)),
    Case(add_at_in_loop, (x3, edges, 2), "x"),
    Case(message_passing, (A, [(0, 1), (1, 2)], A.T), ("nodes", "W")),
    Case(operators_of_a_class, (1.3,)),
]
