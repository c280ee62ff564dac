"""A wide statement is broken inside its brackets and stays the same; a short pass is one expression."""
import ast

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, written

from revad.codegen.wrap import wrapped, wrapped_text

WIDE = ["dx = " + " + ".join(f"factor_{i} * term_{i}" for i in range(9)),
        "dx = " + " - ".join(f"np.outer(factor_{i}, term_{i})" for i in range(9)),
        "dx[i, j] += function(" + ", ".join(f"argument_{i}" for i in range(20)) + ")[0, 1].sum(axis=-1)",
        "return " + ", ".join(f"dgradient_of_{i}" for i in range(15)),
        "a, b = " + ", ".join(["x[-1, 2]"] * 20),
        "x = -" + "a_rather_long_name**-2 + -" * 5 + "b",
        "x = 1e-5 * a" + " + 1e-5 * a_long_name[i + 1:j - 1]" * 5,
        "assert " + "x.shape == y.shape and " * 6 + "True",
        "x = " + "'a text with (brackets, and commas)' + " * 4 + "y",
        "del " + ", ".join(f"name_{i}" for i in range(20)), "x = lambda a: " + "a + " * 40 + "a",
        "x = [" + ", ".join("(1, 2)" for _ in range(30)) + "]", "x = f" + "(y)" * 50, "x = " + "y" * 200]


@pytest.mark.parametrize("line", WIDE)
@pytest.mark.parametrize("indent", ["", "        "])
@pytest.mark.parametrize("widest", [40, 60, 100])
def test_it_is_the_same_statement(line, indent, widest):
    lines = wrapped(indent + line, widest)
    assert ast.dump(ast.parse("\n".join(lines).strip())) == ast.dump(ast.parse(line))
    assert all(part.startswith(indent) for part in lines)


def test_most_become_narrow():
    narrow = [line for line in WIDE if max(map(len, wrapped(line))) <= 100]
    assert len(narrow) >= len(WIDE) - 5


def test_what_is_no_statement_stays():
    for line in ("# " + "x" * 200, "text that ends '" * 20, "else:" + " " * 120, "if " + "x and " * 40 + "y:"):
        assert wrapped(line) == [line]


HEADS = ["for " + ", ".join(f"name_{i}" for i in range(16)) + " in t:",
         "for i, a_kept, b_kept in zip(reversed(range(1, n + 1)), " + ", ".join(f"reversed(kept_{i})"
                                                                           for i in range(9)) + "):",
         "def f_grad(" + ", ".join(f"parameter_{i}=None" for i in range(12)) + "):",
         "if function(" + ", ".join(f"argument_{i}" for i in range(20)) + ") > 0:",
         "elif not all(len(part) == len(other_part) and part.shape == other_part.shape for part in the_first_parts):",
         "while norm(" + " + ".join(f"factor_{i} * term_{i}" for i in range(9)) + ") > tolerance:",
         "with np.errstate(" + ", ".join(f"{name}='ignore'" for name in ("over", "under", "divide", "invalid", "all")
                                         ) + "), another(" + "x, " * 20 + "y):"]


@pytest.mark.parametrize("line", HEADS)
@pytest.mark.parametrize("indent", ["", "        "])
def test_the_head_of_a_block_is_broken(line, indent):
    lines = wrapped(indent + line)
    assert 1 < len(lines) and max(map(len, lines)) <= 100
    assert all(part.startswith(indent) for part in lines)

    def tree(text):
        return ast.dump(ast.parse(("if a: pass\n" if line.startswith("elif") else "") + text.strip() + " pass"))
    assert tree("\n".join(lines)) == tree(line)


SUMS = ["A[i, j] = (" + " + ".join(f"A[i + {i}, j + {i}]" for i in range(12)) + ") / 9.0",
        "dx = (first[0][:, None] * np.maximum(1 - np.absolute(order - 0.1 * (x.shape[1] - 1)), 0) + "
        "second[1][:, None] * np.maximum(1 - np.absolute(order - 0.5 * (x.shape[1] - 1)), 0))",
        "B[1:-1] = 0.125 * (" + " + ".join(f"A[{i}:, 1:-1, 1:-1]" for i in range(9)) + ") + 0.125 * (A[2:] - A[:-2])",
        "x = function(a, key=" + " - ".join(f"term_{i} * np.exp(-term_{i})" for i in range(9)) + ", other=1)"]


@pytest.mark.parametrize("line", SUMS)
def test_a_sum_inside_of_brackets_is_broken_before_its_terms(line):
    lines = wrapped("    " + line)
    assert max(map(len, lines)) <= 100
    assert ast.dump(ast.parse("\n".join(lines).strip())) == ast.dump(ast.parse(line))


def test_the_places_of_lines_move_along():
    text, places = wrapped_text("x = 1\n" + WIDE[0] + "\ny = 2", {1: "a", 2: "b", 3: "c"})
    lines = text.split("\n")
    assert [places[i + 1] for i in range(len(lines))] == ["a", *["b"] * (len(lines) - 2), "c"]


X = np.random.default_rng(0).uniform(0.2, 0.8, size=(4, 3))


@pytest.mark.parametrize("body, lines", [
    ("s = 1 / (1 + np.exp(-x))\nreturn x * s", 1), ("s = np.tanh(x)\nt = s * x\nreturn t * x", 7),
    ("a = 1 + np.abs(x)\nreturn x / a", 4), ("y = x.copy()\ny[0] = 0\nreturn y * x", 5),
    ("y = x - x.mean(axis=0)\nreturn y * y", 3),
    ("s = np.sin(x)\nc = np.cos(s)\nt = np.tan(c)\nreturn t * s * c * x", 99)])
def test_a_short_pass_is_one_expression(body, lines):
    text = f"def f(x):\n    {body}".replace("\n", "\n    ").replace("\n        ", "\n    ")
    assert_gradient(function(text), (X,))
    source = written(text, X, want="backward")
    body = [node for node in ast.parse(source).body[-1].body if not ast.unparse(node).endswith("= cache")]
    assert len(body) <= lines, source


def test_brackets_inside_of_brackets_are_broken_as_long_as_a_line_is_too_wide():
    names = {key: {"w": f"first_gradient_of_{key}", "b": f"second_gradient_of_{key}"} for key in ("up", "down")}
    table = ", ".join(f"{key!r}: {{'w': {part['w']}, 'b': {part['b']}}}" for key, part in names.items())
    line = f"dlayers.append({{'mlp': {{{table}}}, 'attention': {{{table}}}}})"
    lines = wrapped(line, 60)
    assert max(map(len, lines)) <= 60
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(line))
