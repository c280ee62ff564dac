"""A function beside its gradient: which lines belong together, the page, and the command."""
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from from_text import function

from revad import grad
from revad.__main__ import main
from revad.commands import show

pytestmark = pytest.mark.quick

TEXT = """def loss(x, w):
    a = x @ w
    h = np.tanh(a)
    return np.sum(h**2)
"""


def groups(page):
    """{group: [lines of the page that are in it]}."""
    found = {}
    root = ET.fromstring(f"<body>{page}</body>")
    for line in root.iter("div"):
        for group in re.findall(r"\bg\d+", line.get("class", "")):
            found.setdefault(group, []).append(line.text.strip())
    return found


def test_lines_that_belong_together():
    f = grad(function(TEXT), wrt="w")
    f(np.ones((2, 3)), np.ones((3, 2)))
    page = f._repr_html_()
    assert groups(page)["g2"] == ["a = x @ w", "# backprop a = x @ w", "dw = x.T @ da"] or \
        "a = x @ w" == groups(page)["g2"][0] and any("x.T @" in line for line in groups(page)["g2"])
    assert all(f":has(.{group}:hover) .{group}" in page for group in groups(page))
    assert "<script" not in page and "http" not in page


def test_the_texts_are_whole():
    f = grad(function(TEXT))
    f(np.ones((2, 3)), np.ones((3, 2)))
    lines = [line.text or "" for line in ET.fromstring(f"<body>{f._repr_html_()}</body>").iter("div")
             if line.get("class", "").startswith("revad-line")]
    assert "\n".join(lines) == TEXT + f.source


def test_nothing_is_shown_before_there_is_a_text():
    assert grad(function(TEXT))._repr_html_() is None
    assert "2 * x" in grad(function("def f(x):\n    return x * x"))._repr_html_()


def test_the_command(tmp_path, capsys):
    path = tmp_path / "shown_losses.py"
    path.write_text(f"import numpy as np\n\n\n{TEXT}")
    kinds = "x: float64[N, D], w: float64[D, K]"
    assert main(["show", f"{path}:loss", "--wrt", "w", "--kinds", kinds]) == 0
    assert capsys.readouterr().out.startswith("def loss_grad(x, w):")
    assert main(["show", f"{path}:loss", "--kinds", kinds, "--html", "-o", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text()
    assert "<title>loss</title>" in page and "g5" in page
    assert main(["show", f"{path}:lost"]) == 1
    assert main(["show", f"{path}:loss"]) == 1 and ".compile" in capsys.readouterr().out


def test_a_file_in_a_package_and_a_function_that_raises(tmp_path, capsys):
    package = tmp_path / "nets_shown"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "parts.py").write_text("def twice(x):\n    return 2 * x\n")
    (package / "losses.py").write_text(
        "from .parts import twice\n\ndef loss(x):\n    return twice(x) * x\n"
        "def wrong(x, w):\n    return (x @ w).sum()\n")
    assert main(["show", f"{package / 'losses.py'}:loss"]) == 0
    assert "dx = 4 * x" in capsys.readouterr().out
    kinds = "x: float64[N, D], w: float64[K]"
    assert main(["show", f"{package / 'losses.py'}:wrong", "--kinds", kinds]) == 1
    assert "ValueError" in capsys.readouterr().out


def test_colours(monkeypatch):
    pytest.importorskip("pygments")
    assert "\x1b[" in show.colored("def f(x): return 1", True)
    assert show.colored("def f(x): return 1", False) == "def f(x): return 1"
