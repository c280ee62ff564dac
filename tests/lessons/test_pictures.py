"""The pictures of the tutorial are what `circuit` draws; REVAD_GOLDEN=write draws them anew."""
import os
import pathlib

import numpy as np
import pytest

from revad import circuit
from tests.lessons.test_circuit import FIGURES

pytestmark = pytest.mark.quick

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "docs" / "pictures"



def rnn(x, h, W):
    total = 0.0
    for t in range(3):
        h = np.tanh(x[t] + h @ W)
        total += np.sum(h**2)
    return total * h[0]


ROUNDS = (
    np.array([[0.5, -1.0], [0.3, 0.8], [-0.2, 0.4]]), np.array([0.1, 0.2]), np.array([[1.0, -0.5], [0.3, 0.7]])
)
PICTURES = {**{name: figure[:3] for name, figure in FIGURES.items()}, "recurrence": (rnn, ROUNDS, None)}


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_current(name):
    f, args, places = PICTURES[name]
    path = FOLDER / f"{name.replace(' ', '-')}.svg"
    picture = circuit(f, *args, places=places)
    if os.environ.get("REVAD_GOLDEN") == "write":
        FOLDER.mkdir(exist_ok=True)
        picture.save(path)
    assert path.read_text() == picture.svg(), "run: REVAD_GOLDEN=write pytest tests/lessons/test_pictures.py"
    assert f"(pictures/{path.name})" in (FOLDER.parent / "tutorial.md").read_text()
