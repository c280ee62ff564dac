"""The pages name what the code has: each node class and each form of the IR, and each word of the glossary."""
import ast
import pathlib
import re

import pytest

import revad
from revad.ir import nodes, untyped
from revad.types import inference

pytestmark = pytest.mark.quick

ROOT = pathlib.Path(revad.__file__).parent
DOCS = ROOT.parent / "docs"
IR = (DOCS / "ir.md").read_text()


def rows(title):
    """The first cells of the tables below a title of the page of the IR."""
    section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", IR, re.MULTILINE | re.DOTALL)[1]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def form_kinds():
    """The kinds of forms that the code makes, or asks for."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", ""))
                    in ("Form", "_append_statement")):
                asked = node.args[:1]
            elif isinstance(node, ast.Compare) and ast.unparse(node.left).endswith("form.kind"):
                asked = ast.walk(node.comparators[0])
            else:
                continue
            yield from (part.value for part in asked
                        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value)


def test_each_class_of_the_ir_has_a_row():
    classes = {name for module in (nodes, untyped) for name, thing in vars(module).items()
               if isinstance(thing, type) and thing.__module__ == module.__name__}
    assert sorted(rows("Operands") + rows("Nodes")) == sorted(classes)


def test_each_kind_of_form_has_a_row():
    kinds = {*form_kinds(), *inference._INFER}
    assert len(kinds) > 30 and sorted(rows("Forms")) == sorted(kinds)


WORDS = [row for row in re.findall(r"^\| (.+) \|$", (DOCS / "glossary.md").read_text(), re.MULTILINE)
         if "---" not in row and "in the code" not in row]


@pytest.mark.parametrize("row", WORDS, ids=lambda row: row.split(" | ")[0])
def test_a_word_of_the_glossary_is_where_it_says(row):
    homes = re.findall(r"((?:`\w+`(?:, )?)+) in `(\S+\.py)`", row.split(" | ")[1])
    assert homes
    for names, path in homes:
        text = (ROOT / path).read_text()
        assert all(re.search(rf"\b{name}\b", text) for name in re.findall(r"\w+", names)), (names, path)


@pytest.mark.parametrize("page", [*DOCS.glob("*.md"), *DOCS.parent.glob("*.md")], ids=lambda page: page.name)
def test_each_link_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_says_of_each_public_name_whether_it_is_stable():
    section = (DOCS.parent
               / "README.md").read_text().partition("## What is stable\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)", section))
    assert named >= {name for name in revad.__all__ if not name.startswith("_")}
