"""The reference page is what the compiler's own tables say."""
import os
import pathlib
import sys

import numpy as np
import pytest

import revad
from revad import layers, name_pages, reference
from revad.__main__ import main
from revad.frontend.syntax_check import EXPRESSIONS, REFUSED, STATEMENTS
from tests import errors_page

pytestmark = pytest.mark.quick

README = pathlib.Path(__file__).resolve().parents[1] / "README.md"
HOW = pathlib.Path(__file__).resolve().parents[1] / "docs" / "how-it-works.md"
PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs" / "reference.md"


@pytest.mark.skipif(sys.version_info < (3, 11) or np.__version__ < "2.4",
                    reason="the page names functions that older versions of Python and NumPy do not have")
def test_the_page_is_current(capsys):
    assert main(["reference"]) == 0
    assert capsys.readouterr().out == PAGE.read_text(), "run: python -m revad reference > docs/reference.md"


@pytest.mark.parametrize("page, option", [(README, "--syntax"), (HOW, "--layers")],
                         ids=["README", "how-it-works"])
def test_the_block_of_the_page_is_current(page, option, capsys):
    """REVAD_GOLDEN=write writes it anew, as it does the golden texts."""
    assert main(["reference", option]) == 0
    first, last = f"<!-- python -m revad reference {option} -->\n", "<!-- end -->\n"
    before, _, rest = page.read_text().partition(first)
    block, _, after = rest.partition(last)
    current = capsys.readouterr().out
    if os.environ.get("REVAD_GOLDEN") == "write":
        page.write_text(before + first + current + last + after)
        block = current
    assert block == current, "run: REVAD_GOLDEN=write pytest tests/test_tables.py"


@pytest.mark.skipif(np.__version__ < "2", reason="some rows call what NumPy 1 does not have")
def test_the_page_of_errors_is_current():
    page = PAGE.with_name("errors.md")
    if os.environ.get("REVAD_GOLDEN") == "write":
        page.write_text(errors_page.page())
    assert page.read_text() == errors_page.page(), "run: python -m tests.errors_page > docs/errors.md"
    titles = [title for title, _ in errors_page.sections()]
    assert len(titles) == len(set(titles)) > 8


def test_the_pages_of_public_names_are_current(tmp_path, capsys):
    """REVAD_GOLDEN=write writes them anew."""
    folder = PAGE.with_name("names")
    if os.environ.get("REVAD_GOLDEN") == "write":
        name_pages.write_pages(folder)
    assert main(["reference", "--names", str(tmp_path)]) == 0
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        path.name: path.read_text() for path in tmp_path.iterdir()}, \
        "run: python -m revad reference --names docs/names"
    listed = [name for names in name_pages.SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(name for name in revad.__all__ if not name.startswith("_"))


def test_the_arrows_of_the_layers_go_down():
    graph = layers.package_imports()
    rows = layers.levels(graph)
    assert graph["pipeline"] >= {"frontend", "interp", "reverse", "codegen", "rules"} and not graph["ir"]
    assert all(rows[other] < rows[package] for package, others in graph.items() for other in others)


def test_every_accepted_syntax_is_in_the_table():
    assert set(reference.WRITTEN) == STATEMENTS | EXPRESSIONS
    assert all(f"`{text}`" in reference.syntax() for text in reference.WRITTEN.values())


def test_every_refusal_is_in_the_table():
    assert all(f"| {refusal.what} | " in reference.reference() and refusal.what in reference.syntax()
               for refusal in REFUSED.values())


def test_every_kink_has_a_row():
    assert all(where and what for where, what in reference.KINKS)
    assert len(reference.KINKS) == len({where for where, _ in reference.KINKS})


def test_spelling():
    assert reference.spelling(np.exp) == "np.exp"
    assert reference.spelling(np.linalg.inv) == "np.linalg.inv"
    assert reference.spelling(max) == "max"
    assert reference.spelling(lambda x: x) is None
