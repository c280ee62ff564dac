"""The reference page is what the compiler's own tables say."""
import os
import pathlib
import sys

import numpy as np
import pytest

from revad import reference
from revad.__main__ import main
from revad.frontend.syntax_check import EXPRESSIONS, REFUSED, STATEMENTS

pytestmark = pytest.mark.quick

README = pathlib.Path(__file__).resolve().parents[1] / "README.md"
PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs" / "reference.md"


@pytest.mark.skipif(sys.version_info < (3, 11) or np.__version__ < "2.4",
                    reason="the page names functions that older versions of Python and NumPy do not have")
def test_the_page_is_current(capsys):
    assert main(["reference"]) == 0
    assert capsys.readouterr().out == PAGE.read_text(), "run: python -m revad reference > docs/reference.md"


def test_the_table_of_the_readme_is_current(capsys):
    """REVAD_GOLDEN=write writes it anew, as it does the golden texts."""
    assert main(["reference", "--syntax"]) == 0
    first, last = "<!-- python -m revad reference --syntax -->\n", "<!-- end -->\n"
    before, _, rest = README.read_text().partition(first)
    table, _, after = rest.partition(last)
    current = capsys.readouterr().out
    if os.environ.get("REVAD_GOLDEN") == "write":
        README.write_text(before + first + current + last + after)
        table = current
    assert table == current


def test_every_accepted_syntax_is_in_the_table():
    assert set(reference.WRITTEN) == STATEMENTS | EXPRESSIONS
    assert all(f"`{text}`" in reference.syntax() for text in reference.WRITTEN.values())


def test_every_refusal_is_in_the_table():
    assert all(f"| {refusal.what} | " in reference.reference() and refusal.what in reference.syntax() for refusal in REFUSED.values())


def test_every_kink_has_a_row():
    assert all(where and what for where, what in reference.KINKS)
    assert len(reference.KINKS) == len({where for where, _ in reference.KINKS})


def test_spelling():
    assert reference.spelling(np.exp) == "np.exp"
    assert reference.spelling(np.linalg.inv) == "np.linalg.inv"
    assert reference.spelling(max) == "max"
    assert reference.spelling(lambda x: x) is None
