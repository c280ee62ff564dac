"""What an index shows: the links of README.md are absolute or plain text, and lead to files that are there."""
import importlib.util
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

import revad

ROOT = pathlib.Path(__file__).parents[1]
pytest.importorskip("setuptools", reason="setuptools is not installed")


def settings(root):
    spec = importlib.util.spec_from_file_location("setup_of_revad", ROOT / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.settings(root)


def links(text):
    return re.findall(r"\]\(([^)\s]+)\)", text)


def test_no_link_of_the_page_leads_nowhere():
    shown = settings(ROOT)
    assert all(link.startswith(("http", "#")) for link in links(shown["long_description"]))
    assert "a tutorial of backpropagation with pictures" in shown["long_description"]
    assert all((ROOT / link.partition("#")[0]).exists() for link in links((ROOT / "README.md").read_text())
               if not link.startswith(("http", "#")))


def test_links_are_absolute_where_the_project_has_a_home(tmp_path):
    shutil.copy(ROOT / "README.md", tmp_path)
    (tmp_path / "setup.cfg").write_text("[metadata]\nurl = https://example.org/us/revad/\n")
    shown = settings(tmp_path)
    assert "[examples](https://example.org/us/revad/blob/main/examples)" in shown["long_description"]
    assert "(https://example.org/us/revad/raw/main/docs/pictures/neuron.svg)" in shown["long_description"]
    assert shown["project_urls"]["Changelog"] == "https://example.org/us/revad/blob/main/CHANGELOG.md"


def test_the_version_is_the_same_everywhere():
    done = subprocess.run([sys.executable, "-m", "revad", "--version"], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == f"revad {revad.__version__}"
    assert f"version = {revad.__version__}\n" in (ROOT / "setup.cfg").read_text()


def test_the_extras_that_are_named_exist():
    config = (ROOT / "setup.cfg").read_text()
    extras = set(re.findall(r"^(\w+) =$", config.partition("[options.extras_require]")[2].partition("[tool")[0],
                            re.MULTILINE))
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "mkdocs.yml", *(ROOT / "docs").glob("*.md"),
             *(ROOT / "revad").rglob("*.py"), *(ROOT / "examples").rglob("*.py")]
    named = {extra for page in pages for names in re.findall(r"install[^\n]*(?:revad|\.)\[([\w,]+)\]",
                                                             page.read_text())
             for extra in names.split(",")}
    assert named and named <= extras, named - extras
