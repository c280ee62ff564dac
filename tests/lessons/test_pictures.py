"""The pictures of the tutorial are what `circuit` draws; REVAD_GOLDEN=write draws them anew."""
import os
import pathlib

import pytest

from revad import circuit
from tests.lessons.test_circuit import FIGURES

pytestmark = pytest.mark.quick

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "docs" / "pictures"


@pytest.mark.parametrize("name", FIGURES)
def test_the_picture_is_current(name):
    f, args, places, *_ = FIGURES[name]
    path = FOLDER / f"{name.replace(' ', '-')}.svg"
    picture = circuit(f, *args, places=places)
    if os.environ.get("REVAD_GOLDEN") == "write":
        FOLDER.mkdir(exist_ok=True)
        picture.save(path)
    assert path.read_text() == picture.svg(), "run: REVAD_GOLDEN=write pytest tests/lessons/test_pictures.py"
    assert f"(pictures/{path.name})" in (FOLDER.parent / "tutorial.md").read_text()
