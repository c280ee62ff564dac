"""The site is built from the pages, without a network and without warnings; it needs the extra `docs`."""
import importlib.util
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not all(map(importlib.util.find_spec, ("mkdocs", "material"))),
                    reason="mkdocs-material is not installed: pip install 'revad[docs]'")
def test_the_site_is_built(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True)
    page = (tmp_path / "tutorial" / "index.html").read_text()
    assert page.count("<img") == 4 and (tmp_path / "pictures" / "neuron.svg").exists()
    assert not re.search(r'<(script|link)[^>]*(src|href)="https?:', page), "nothing is loaded from elsewhere"


@pytest.mark.quick
def test_each_page_is_in_the_navigation():
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert set(re.findall(r"(\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)) == pages
