"""Name pages: a page for each public name, from its signature and its docstring.

`python -m revad reference --names docs/names` writes them.

>>> page = name_page("hvp")
>>> page.splitlines()[0], "hvp(function=None, *, wrt=None, argnums=None, verify=None)" in page
('# hvp', True)
>>> "import hvp" in page and ">>> hvp(lambda x: x**3)" in page
True
"""
from __future__ import annotations

import importlib
import inspect
import pathlib
import re

# The public names by what they are for, in the order in which somebody meets them.
SECTIONS = {
    "Derivatives": ("grad", "value_and_grad", "jvp", "vjp", "jacobian", "hessian", "hvp", "elementwise_grad",
                    "stop_gradient", "flatten"),
    "Looking and comparing": ("circuit", "stages", "check_grad", "check_backward", "check_finite"),
    "Shipping": ("export",),
    "Rules": ("elementwise", "adjoint", "nondifferentiable"),
    "Errors": ("RevadError", "UnsupportedError", "SourceError", "CallError", "RuleError", "ExportError",
               "VerificationError", "VerificationSkipped", "InternalError"),
}
# Where more of a name is told.
SEE = {
    **dict.fromkeys(("jvp", "vjp", "jacobian", "hessian", "hvp", "elementwise_grad"),
                    ("every derivative", "derivatives.md")),
    **dict.fromkeys(("grad", "value_and_grad", "flatten", "stop_gradient"), ("how to", "how-to.md")),
    **dict.fromkeys(("circuit", "stages", "check_finite"), ("the tutorial", "tutorial.md")),
    **dict.fromkeys(("elementwise", "adjoint", "nondifferentiable", "RuleError"),
                    ("adding a rule", "extending.md")),
    **dict.fromkeys(("VerificationError", "VerificationSkipped"), ("verified mode", "verified.md")),
    "check_backward": ("grading a backward pass", "grading.md"),
    "UnsupportedError": ("what is refused, and what to write instead", "errors.md"),
    "CallError": ("sharp bits", "sharp-bits.md"),
}
SHOWN_BY_THEIR_MODULE = SECTIONS["Looking and comparing"]


def name_page(name) -> str:
    """The page of a public name."""
    package = importlib.import_module(__package__)
    member = getattr(package, name)
    text = inspect.getdoc(member) or ""
    lines = [f"# {name}", "", "```python", _signature(name, member), "```", ""]
    if isinstance(member, type):
        lines += [f"A kind of {_bases(member)}.", ""]
    if name in SHOWN_BY_THEIR_MODULE and ">>>" not in text:
        text += "\n\n" + inspect.getdoc(inspect.getmodule(member)).partition("\n\n")[2]
    for block in re.split(r"\n\n+", text):
        pieces = _example(block, package) if block.startswith(">>>") else _prose(block)
        if block.startswith("- ") and lines[-2:-1] and lines[-2].startswith("- "):
            # A list that says more of a parameter stands below it.
            lines, pieces = lines[:-1], [piece and f"    {piece}" for piece in pieces]
        lines += pieces
    if name in SEE:
        title, page = SEE[name]
        lines += [f"More: [{title}](../{page})."]
    return "\n".join(lines).rstrip() + "\n"


def names_page() -> str:
    """The page that lists the others."""
    package = importlib.import_module(__package__)
    lines = ["# Public names", "",
             "These pages are written by `python -m revad reference --names docs/names`.", ""]
    for title, names in SECTIONS.items():
        lines += [f"## {title}", "", "| | |", "|---|---|"]
        for name in names:
            first = _first_sentence(inspect.getdoc(getattr(package, name)))
            lines.append(f"| [`{name}`]({name}.md) | {first} |")
        lines.append("")
    return "\n".join(lines)


def write_pages(folder) -> list:
    """Write all pages into a folder; returns their paths."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pages = {name: name_page(name) for names in SECTIONS.values() for name in names}
    pages["index"] = names_page()
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return [folder / f"{name}.md" for name in pages]


def _signature(name, member):
    if isinstance(member, type):
        return f"class {name}"
    parameters = inspect.signature(member)
    parameters = parameters.replace(
        parameters=[p.replace(annotation=p.empty) for p in parameters.parameters.values()],
        return_annotation=parameters.empty)
    return f"revad.{name}{parameters}"


def _bases(member):
    return " and ".join(f"[`{base.__name__}`]({base.__name__}.md)" if base.__module__.startswith("revad")
                        else f"`{base.__name__}`" for base in member.__bases__)


def _first_sentence(text):
    """
    >>> _first_sentence("The gradient of `f`,\\nof one number. More.")
    'The gradient of `f`, of one number.'
    """
    return re.split(r"(?<=\.) ", " ".join(text.split("\n\n")[0].replace("``", "`").split()))[0]


def _prose(block):
    """A paragraph, and its parameters as a list.

    >>> _prose("It is so.\\nwrt: the names. rtol: how near.\\nRaises CallError.")
    ['It is so.', '', '- `wrt`: the names.', '- `rtol`: how near.', '', 'Raises CallError.', '']
    """
    if block.startswith("- "):
        return ["- " + " ".join(part.split()) for part in re.split(r"(?:^|\n)- ", block)[1:]] + [""]
    text = " ".join(block.replace("``", "`").split())
    pieces = re.split(r"(?:^|(?<=\. )|(?<=\.  ))((?:[a-z_]\w*(?:, )?)+): ", text)
    lines = [pieces[0].strip(), ""] if pieces[0].strip() else []
    after = ""
    for names, meaning in zip(pieces[1::2], pieces[2::2]):
        if names == pieces[-2]:
            meaning, _, after = meaning.partition(" Raises ")
            meaning, returns, rest = meaning.partition(" Returns ")
            after = " ".join(filter(None, [returns.strip() + " " + rest if rest else "",
                                           f"Raises {after}" if after else ""]))
        lines.append(f"- {', '.join(f'`{name}`' for name in names.split(', '))}: {meaning.strip()}")
    return [*lines, "", *([after, ""] if after else [])] if len(pieces) > 1 else lines


def _example(block, package):
    """An example, after the imports that it needs."""
    block = re.sub(r">>> from \S+ import \w+\n", "", block)
    used = [name for name in package.__all__ if re.search(rf"(?<!revad\.)(?<!import )\b{name}\(", block)]
    imports = [">>> import numpy as np"] if "np." in block else []
    imports += [">>> import revad"] if "revad." in block else []
    if used:
        imports.append(f">>> from revad import {', '.join(used)}")
    return ["```python", *imports, block, "", "```", ""]
