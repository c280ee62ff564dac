"""Every script of `examples/` runs, and what it asserts holds."""
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def test_there_are_examples():
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(path):
    if "sklearn" in path.read_text() and importlib.util.find_spec("sklearn") is None:
        pytest.skip("the extra 'demo' is not installed")
    run = subprocess.run(
        [sys.executable, "-W", "error", str(path)], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr
    assert "# backprop" in run.stdout or "def " in run.stdout
