"""`import revad` costs next to nothing: the compiler comes with the first function, and a user's rules come after revad's own."""
import subprocess
import sys

import pytest

import revad

pytestmark = pytest.mark.quick


def in_a_new_process(text):
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.strip()


def test_what_an_import_brings():
    brought = in_a_new_process("import sys, revad\nfrom revad import grad, value_and_grad, UnsupportedError\n"
                               "print(*sorted(name for name in sys.modules if name.startswith('revad')))")
    assert brought == "revad revad.api revad.errors revad.tracebacks"


@pytest.mark.parametrize("name", [name for name in revad.__all__ if name != "__version__"])
def test_every_public_name_can_be_imported_first(name):
    assert in_a_new_process(f"from revad import {name}\nimport revad\n"
                            f"print({name} is revad.{name}, {name!r} in dir(revad))") == "True True"


def test_what_it_has_not():
    with pytest.raises(AttributeError, match=r"^module 'revad' has no attribute 'vmap'$"):
        revad.vmap


@pytest.mark.parametrize("by", ["revad.elementwise", "from revad import elementwise"])
def test_a_rule_that_is_declared_before_any_gradient_takes_the_place_of_revads_own(by):
    declare = "import revad\n" if by == "revad.elementwise" else f"{by}\n"
    assert in_a_new_process(f"import numpy as np\n{declare}"
                            f"@{by.removeprefix('from revad import ')}(np.sin)\ndef sine(y, x):\n"
                            "    return 7 * x\n"
                            "import revad, inspect, linecache\n"
                            "text = 'def f(x):\\n    return np.sin(x)\\n'\n"
                            "linecache.cache['<f>'] = (len(text), None, text.splitlines(True), '<f>')\n"
                            "exec(compile(text, '<f>', 'exec'))\n"
                            "print(revad.grad(f, verify=False)(2.0))") == "14.0"


def test_two_threads_that_give_the_first_functions():
    assert in_a_new_process(
        "import linecache, threading, revad\n"
        "text = 'def f(x):\\n    return x * x\\n'\n"
        "linecache.cache['<f>'] = (len(text), None, text.splitlines(True), '<f>')\n"
        "exec(compile(text, '<f>', 'exec'))\n"
        "results = []\n"
        "threads = [threading.Thread(target=lambda: results.append(revad.grad(f)(3.0))) for _ in range(8)]\n"
        "[thread.start() for thread in threads]\n[thread.join() for thread in threads]\n"
        "print(results == [6.0] * 8)") == "True"
