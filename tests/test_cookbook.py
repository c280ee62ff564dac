"""Each recipe of docs/cookbook.md runs as it stands, with the library itself."""
import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import pytest

import revad

ROOT = pathlib.Path(revad.__file__).parents[1]
PAGE = pathlib.Path(__file__).parents[1] / "docs/cookbook.md"
RECIPES = [(title, number, code) for section in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]
           for title, _, text in [section.partition("\n")]
           for number, code in enumerate(re.findall(r"```python\n(.*?)```", text, re.DOTALL))]


@pytest.mark.parametrize("title, number, code", RECIPES, ids=[f"{row[0]}-{row[1]}" for row in RECIPES])
def test_recipe(title, number, code, tmp_path):
    for library in re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE):
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    (tmp_path / "recipe.py").write_text(code)
    run = subprocess.run([sys.executable, "recipe.py"], capture_output=True, text=True, cwd=tmp_path,
                         env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert run.returncode == 0, run.stderr
