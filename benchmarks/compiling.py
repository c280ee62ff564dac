"""Time what has to be done once: the first gradient of a function, and the import."""
from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import count

import numpy as np

from revad import grad

from .scalars import chain_lines, function_source
from .workload import define

# Milliseconds that the first gradient of so many statements may take. Time must grow linearly.
GOALS = {10: 30, 200: 200, 1000: 1000, 5000: 5000}

names = (f"fresh_{number}" for number in count())


def first_gradient(length: int, tries: int = 3) -> tuple[float, float]:
    """Milliseconds until the first gradient is there: on numbers, and on arrays."""
    vector = np.linspace(0.1, 0.9, 4)
    return (min(first_call(length, "math", "", 0.3, 0.9) for _ in range(tries)),
            min(first_call(length, "np", ".sum()", vector, vector) for _ in range(tries)))


def first_call(length: int, module: str, reduction: str, x, y) -> float:
    name = next(names)
    forward, _ = chain_lines(length - 1)
    lines = [*forward, f"return v{length - 1}{reduction}"]
    source = function_source(name, lines).replace("math.", f"{module}.")
    function = define(source, name, {module: np if module == "np" else __import__("math")})
    start = time.perf_counter()
    grad(function)(x, y)
    return (time.perf_counter() - start) * 1000


def import_time(tries: int = 7) -> float:
    """Milliseconds that `import revad` adds to `import numpy`, with compiled files in place."""
    code = ("import time, numpy; start = time.perf_counter(); import revad; "
            "print(time.perf_counter() - start)")
    environment = {name: value for name, value in os.environ.items()
                   if name != "PYTHONDONTWRITEBYTECODE"}
    return min(
        float(subprocess.run([sys.executable, "-c", code], env=environment, check=True,
                             capture_output=True, text=True).stdout)
        for _ in range(tries)) * 1000
