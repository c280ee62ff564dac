"""Wrap: a statement, or a block's head, that is too wide is broken in its brackets, a sum before each term.

>>> line = "    dx = first_factor * second_factor + np.outer(third_factor, fourth_factor)"
>>> print("\\n".join(wrapped(line, 60)))
    dx = (first_factor * second_factor
          + np.outer(third_factor, fourth_factor))
>>> print("\\n".join(wrapped("dx = np.full((x.shape[0], x.shape[1]), value).reshape(x.shape)", 50)))
dx = np.full(
    (x.shape[0], x.shape[1]), value
).reshape(x.shape)
"""
from __future__ import annotations

import ast
import io
import tokenize

from ..syntax import tree_of

WIDEST = 100
OPEN, CLOSED = "([{", ")]}"


def wrapped_text(text, places):
    """A text and its {line: place}, with its wide lines broken."""
    lines, moved = [], {}
    for number, line in enumerate(text.split("\n"), 1):
        for part in _narrowed(line) if len(line) > WIDEST else (line,):
            lines.append(part)
            if number in places:
                moved[len(lines)] = places[number]
    return "\n".join(lines), moved


def _narrowed(line):
    """The lines for one that is too wide: a quotation in a comment is cut off."""
    if line.lstrip().startswith("# "):
        return [line[:WIDEST - 3].rstrip(" .") + "..."]
    return wrapped(line)


def wrapped(line, widest=WIDEST):
    """The lines that stand for one that is too wide: a statement, or the head of a block."""
    statement = line.strip()
    indent = line[:len(line) - len(line.lstrip())]
    try:
        before = _dumped(statement)
        tokens = [*filter(_is_written, tokenize.generate_tokens(io.StringIO(statement).readline))]
    except (SyntaxError, tokenize.TokenError):
        return [line]
    if any(token.type == tokenize.COMMENT for token in tokens):
        return [line]
    for broken in (_at_commas(statement, tokens, indent), _at_terms(statement, tokens, indent),
                   _in_brackets(statement, tokens, indent, widest), _at_targets(statement, tokens, indent)):
        lines = [part for long in broken or () for part in _narrow(long, widest)]
        if lines and max(map(len, lines)) <= widest and _is_same(lines, before):
            return lines
    below = _at_terms(statement, tokens, indent, below=True)
    for broken in (below, _in_brackets(statement, tokens, indent, widest)):
        deeper = [part for long in broken or () for part in _deeper(long, widest)]
        if deeper and _is_same(deeper, before):
            return deeper
    return broken if broken and _is_same(broken, before) else [line]


def _deeper(line, widest):
    """The lines for a part inside of brackets that is still too wide: it is broken in its own brackets."""
    part, indent = line.strip(), line[:len(line) - len(line.lstrip())]
    if len(line) <= widest:
        return [line]
    comma = "," if part.endswith(",") else ""
    try:
        tokens = [*filter(_is_written, tokenize.generate_tokens(io.StringIO(f"({part})").readline))]
    except (SyntaxError, tokenize.TokenError):
        return [line]
    body = part[:len(part) - len(comma)]
    # The tokens of the part itself, without the brackets around it, counted from its start.
    inner = [token._replace(start=(1, token.start[1] - 1), end=(1, token.end[1] - 1))
             for token in tokens if 0 < token.start[1] <= len(body)]
    signs = _signs(inner, 0)
    broken = ([f"{indent}{term}" for term in _pieces(body, [0, *signs])] if signs
              else _in_brackets(body, inner, indent, widest))
    if broken is None:
        return [line]
    broken[-1] += comma
    return [narrow for long in broken for narrow in _deeper(long, widest)]


def _dumped(statement):
    """The tree of a statement as a text; of the head of a block with an empty block."""
    if statement.endswith(":"):
        statement = statement.removeprefix("el") + " pass"
    return ast.dump(tree_of(statement))


def _is_same(lines, before):
    try:
        return _dumped("\n".join(lines).strip()) == before
    except SyntaxError:
        return False


def _narrow(line, widest):
    return [line] if len(line) <= widest else _filled(line, widest)


def _filled(line, widest):
    """The lines of a part that is still too wide, broken between its operands."""
    parts, indent = _split(line.strip(), ","), line[:len(line) - len(line.lstrip())]
    lines = []
    for number, part in enumerate(parts):
        part = part.strip() + ("," if number < len(parts) - 1 else "")
        if lines and len(lines[-1]) + 1 + len(part) <= widest:
            lines[-1] += " " + part
        else:
            lines.append(indent + part)
    return lines


def _right_side(statement, tokens):
    """Where the value of an assignment or a return begins; None for other statements."""
    if tokens[0].string == "return":
        return len("return ")
    depth = 0
    for token in tokens:
        depth += (token.string in OPEN) - (token.string in CLOSED)
        if not depth and token.string in ("=", "+=", "-=", "*=", "/="):
            return token.end[1] + 1
    return None


def _is_written(token):
    return bool(token.string)


def _at_commas(statement, tokens, indent):
    """A tuple in brackets, on a line of its own."""
    start = _right_side(statement, tokens)
    if start is None or len(_split(statement[start:], ",")) < 2:
        return None
    return [f"{indent}{statement[:start]}(", f"{indent}    {statement[start:]}", indent + ")"]


def _at_targets(statement, tokens, indent):
    """The names of a loop in brackets, on a line of their own."""
    end = next((token.start[1] for token in tokens if token.string == "in"), None)
    if tokens[0].string != "for" or end is None:
        return None
    names = statement[len("for "):end].rstrip()
    return [f"{indent}for (", f"{indent}    {names}", f"{indent}) {statement[end:]}"]


def _at_terms(statement, tokens, indent, below=False):
    """A sum in brackets, broken before the sign of each term; below: the terms begin on the next line."""
    start = _right_side(statement, tokens)
    if start is None:
        return None
    signs = _signs(tokens, start)
    if not signs or len(_split(statement[start:], ",")) > 1:
        return None
    terms = _pieces(statement, [start, *signs])
    if below:
        return [f"{indent}{statement[:start]}(", *(f"{indent}    {term}" for term in terms), indent + ")"]
    align = indent + " " * (start + 1)
    lines = [f"{indent}{statement[:start]}({terms[0]}", *(align + term for term in terms[1:])]
    lines[-1] += ")"
    return lines


def _signs(tokens, start):
    """Where the terms of a sum begin, but the first, with their signs; start: where the sum does."""
    signs, depth, previous = [], 0, None
    for token in tokens:
        depth += (token.string in OPEN) - (token.string in CLOSED)
        if not depth and token.start[1] > start and token.string in "+-" and previous.string not in "+-*/@,(":
            signs.append(token.start[1])
        previous = token
    return signs


def _pieces(text, starts):
    return [text[a:b].rstrip() for a, b in zip(starts, [*starts[1:], len(text)])]


def _in_brackets(statement, tokens, indent, widest):
    """The widest bracket on the outside is broken after its opening and before its closing."""
    depth, start, widths = 0, None, []
    for token in tokens:
        if token.string in OPEN:
            if not depth:
                start = token.end[1]
            depth += 1
        elif token.string in CLOSED:
            depth -= 1
            if not depth and token.start[1] > start:
                widths.append((token.start[1] - start, start, token.start[1]))
    if not widths:
        return None
    _, start, end = max(widths)
    inner = f"{indent}    {statement[start:end]}"
    lines = [inner] if len(inner) <= widest else _filled(inner, widest)
    return [indent + statement[:start], *lines, indent + statement[end:]]


def _split(text, separator):
    """The parts of a text between separators that stand in no brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in OPEN) - (character in CLOSED)
        if character == separator and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts
