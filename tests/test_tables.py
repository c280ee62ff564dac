"""The reference page is what the compiler's own tables say."""
import pathlib
import sys

import numpy as np
import pytest

from revad import tables
from revad.__main__ import main

PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs" / "reference.md"


@pytest.mark.skipif(sys.version_info < (3, 11) or np.__version__ < "2.4",
                    reason="the page names functions that older versions of Python and NumPy do not have")
def test_the_page_is_current(capsys):
    assert main(["reference"]) == 0
    assert capsys.readouterr().out == PAGE.read_text(), "run: python -m revad reference > docs/reference.md"


def test_every_kink_has_a_row():
    assert all(where and what for where, what in tables.KINKS)
    assert len(tables.KINKS) == len({where for where, _ in tables.KINKS})


def test_spelling():
    assert tables.spelling(np.exp) == "np.exp"
    assert tables.spelling(np.linalg.inv) == "np.linalg.inv"
    assert tables.spelling(max) == "max"
    assert tables.spelling(lambda x: x) is None
