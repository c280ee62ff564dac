"""Circuits: the three figures of the course notes with their numbers, crossing-free, as a browser renders
them.
"""

import itertools
import math
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest
from from_text import function

import revad
from revad import circuit, grad
from revad.__main__ import main

SVG = "{http://www.w3.org/2000/svg}"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def sum_times(x, y, z):
    q = x + y
    f = q * z
    return f


def neuron(w0, x0, w1, x1, w2):
    return 1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + w2)))


def patterns(x, y, z, w):
    return 2 * (x * y + max(z, w))


# The numbers of the figures: values in green, gradients in red, and the symbols of the gates.
FIGURES = {
    "sum times": (sum_times, (-2, 5, -4), None, "-2 5 -4 3 -12", "-4 -4 3 -4 1", "+ *"),
    "neuron": (
        neuron,
        (2.0, -1.0, -3.0, -2.0, -3.0),
        None,
        "2.00 -1.00 -3.00 -2.00 -3.00 -2.00 6.00 4.00 1.00 -1.00 0.37 1.37 0.73",
        "-0.20 0.39 -0.39 -0.59 0.20 0.20 0.20 0.20 0.20 -0.20 -0.53 -0.53 1.00",
        "* * + + *-1 exp +1 1/x",
    ),
    "patterns": (
        patterns,
        (3.0, -4.0, 2.0, -1.0),
        2,
        "3.00 -4.00 2.00 -1.00 -12.00 2.00 -10.00 -20.00",
        "-8.00 6.00 2.00 0.00 2.00 2.00 2.00 1.00",
        "* max + *2",
    ),
}
figures = pytest.mark.parametrize("name", FIGURES)


def texts(picture, color):
    root = ET.fromstring(picture.svg())
    return [text.text for text in root.iter(f"{SVG}text") if text.get("fill") == color]


@pytest.mark.quick
@figures
def test_the_numbers_of_the_notes(name):
    f, args, places, green, red, symbols = FIGURES[name]
    picture = circuit(f, *args, places=places)
    assert texts(picture, "green") == green.split()
    assert texts(picture, "red") == red.split()
    assert [node.label for node in picture.nodes if not node.is_input] == symbols.split()
    assert picture.svg().count("<circle") == len(symbols.split())
    np.testing.assert_allclose([node.gradient for node in picture.nodes if node.is_input], grad(f)(*args))


def segments(picture):
    """(first point, last point) of all straight pieces of lines."""
    for line in ET.fromstring(picture.svg()).iter(f"{SVG}polyline"):
        points = [tuple(map(float, point.split(","))) for point in line.get("points").split()]
        yield from itertools.pairwise(points)


def cross(first, second):
    """Whether two segments cross at a point that is an end of neither."""

    def side(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    (a, b), (c, d) = first, second
    return side(a, b, c) * side(a, b, d) < -1e-6 and side(c, d, a) * side(c, d, b) < -1e-6


@pytest.mark.quick
@figures
def test_no_wires_cross(name):
    f, args, *_ = FIGURES[name]
    assert not [pair for pair in itertools.combinations(segments(circuit(f, *args)), 2) if cross(*pair)]


def layer(x, w):
    a = x @ w
    return np.tanh(a)


def net(x, w, v):
    h = layer(x, w)
    return np.mean((h @ v) ** 2)


ARRAYS = tuple(np.random.default_rng(0).normal(size=shape) for shape in ((5, 4), (4, 3), (3, 2)))


@pytest.mark.quick
def test_calls_are_boxes_that_open():
    closed, opened = circuit(net, *ARRAYS), circuit(net, *ARRAYS, depth=2)
    labels = [[node.label for node in picture.nodes if not node.is_input] for picture in (closed, opened)]
    assert labels == [["layer", "@", "^2", "mean"], ["@", "tanh", "@", "^2", "mean"]]
    expected = grad(net)(*ARRAYS)
    for picture in (closed, opened):
        for node, gradient in zip(picture.nodes, expected):
            np.testing.assert_allclose(node.gradient, gradient)
    assert "(5, 4) norm" in closed.svg()


@pytest.mark.quick
def test_statements_are_merged_on_request():
    text = "def f(x, y):\n    s = 1 / (1 + math.exp(-x))\n    t = s * y\n    u = t + y * y\n    return u"
    f = function(text)
    assert len(circuit(f, 1.0, 2.0).nodes) == 2 + 4 + 1 + 2
    merged = circuit(f, 1.0, 2.0, merge=("s",))
    assert [node.label for node in merged.nodes][2] == "1 / (1 + math.exp(-x))" and len(
        merged.nodes
    ) == 2 + 1 + 1 + 2
    assert len(circuit(f, 1.0, 2.0, merge=True).nodes) == 2 + 3


@pytest.mark.quick
def test_a_gate_does_not_stand_on_another():
    def rnn(x, h, W):
        for t in range(4):
            h = np.tanh(x[t] + h @ W)
        return np.sum(h**2)

    spots = circuit(rnn, np.ones((4, 2)), np.ones(2), np.eye(2)).layout.spots
    for first, second in itertools.combinations(spots, 2):
        assert first.column != second.column or abs(first.y - second.y) >= 45


@pytest.mark.quick
def test_it_is_written_and_shown(tmp_path, capsys):
    picture = circuit(sum_times, -2, 5, -4)
    picture.save(tmp_path / "f.svg")
    assert (tmp_path / "f.svg").read_text() == picture._repr_svg_()
    path = tmp_path / "functions.py"
    path.write_text("def f(x, y, z):\n    q = x + y\n    return q * z\n")
    assert main(["circuit", f"{path}:f", "-2", "5", "-4", "-o", str(tmp_path / "g.svg")]) == 0
    assert (tmp_path / "g.svg").read_text().count("<circle") == 2
    capsys.readouterr()
    assert main(["circuit", f"{path}:f", "-2", "5", "-4", "--text"]) == 0
    assert "q, z  -12    1" in capsys.readouterr().out
    assert main(["circuit", f"{path}:f", "word", "5", "-4"]) == 1
    assert main(["circuit", f"{path}:f", "1"]) == 1


@pytest.mark.quick
def test_too_many_gates_are_refused():
    def long(x):
        for _ in range(3000):
            x = x * 1.0001
        return x

    with pytest.raises(revad.CallError, match="more than 2000 gates"):
        circuit(long, 1.0)


# ---- in a browser


def pixels(path):
    """An array (rows, columns, 3) of a PNG of eight bits per channel, as Chromium writes it."""
    data = path.read_bytes()
    at, parts = 8, []
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, _, color = struct.unpack(">IIBB", body[:10])
        parts += [body] * (kind == b"IDAT")
        at += 12 + length
    channels = {2: 3, 6: 4}[color]
    raw = np.frombuffer(zlib.decompress(b"".join(parts)), np.uint8).reshape(height, 1 + width * channels)
    rows, above = [], np.zeros(width * channels, int)
    for row in raw:
        line = row[1:].astype(int)
        if row[0] == 2:
            line = line + above
        elif row[0] in (1, 3, 4):
            for i in range(len(line)):
                left = line[i - channels] if i >= channels else 0
                corner = above[i - channels] if i >= channels else 0
                guess = left + above[i] - corner
                near = min((left, above[i], corner), key=lambda value: abs(guess - value))
                line[i] = (line[i] + {1: left, 3: (left + above[i]) // 2, 4: near}[int(row[0])]) % 256
        above = line % 256
        rows.append(above)
    return np.array(rows).reshape(height, width, channels)[:, :, :3]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@figures
def test_a_browser_renders_it(name, tmp_path):
    """The picture has green above and red below each wire, and nothing stands outside of it."""
    f, args, places, green, *_ = FIGURES[name]
    picture = circuit(f, *args, places=places)
    width, height = (
        int(float(re.search(rf'{side}="([\d.]+)"', picture.svg())[1])) for side in ("width", "height")
    )
    (tmp_path / "page.html").write_text(f"<body style='margin:0;background:blue'>{picture.svg()}</body>")
    subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--window-size={width + 60},{height + 60}",
            f"--screenshot={tmp_path / 'page.png'}",
            (tmp_path / "page.html").as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    image = pixels(tmp_path / "page.png")
    inside = image[2 : height - 2, 2 : width - 2]
    assert (inside.min(axis=2) > 250).mean() > 0.8, "the background is white"
    for node, spot in zip(picture.nodes, picture.layout.spots):
        top = int(spot.y - picture.layout.top)
        left, right = int(spot.start) + 4, int(spot.end)
        above, below = (
            image[top - 20 : top - 4, left:right].astype(int),
            image[top + 3 : top + 20, left:right].astype(int),
        )
        assert ((above[..., 1] - above[..., 0]) > 60).sum() > 5, "a green number"
        assert ((below[..., 0] - below[..., 1]) > 60).sum() > 5, "a red number"
    edge = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
    assert (edge.min(axis=1) > 200).all(), "nothing is cut off"
