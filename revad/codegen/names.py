"""Names: every value with a line gets a name, the user's own or `d<name>`, by live ranges.

Two values share a name where one is dead when the other is defined, so `x = x - x.max()` stays
as it is written; where both are live the later one becomes `x_2`.  A name of the user's text is
never taken: gradients and temporaries get trailing underscores until their names are unused.

>>> x, x2 = Value("x"), Value("x")
>>> dx = Value("dx")
>>> ranges = {x: (0, 3), x2: (1, 2), dx: (3, 9)}
>>> assign(ranges, {x}, {"x", "dx"}, {x, x2})
{x: 'x', x: 'x_2', dx: 'dx_'}
"""
from __future__ import annotations

import builtins
import heapq
import itertools
import keyword
import math

from ..ir.nodes import Branch, Loop, Stage, Value
from ..ir.traversal import walk

RESERVED = frozenset(keyword.kwlist) | frozenset(dir(builtins))


def names_by_live_ranges(sections, inside, parameters, roots, assigned):
    """(ranges, gaps, names): `assigned` gives names for ranges and gaps.

    Where one side of a branch leaves a value as it is, and the value after the branch shares its name, that
    side needs no assignment; so the other side may reuse the name.  This is assumed first, and refuted ends
    are dropped until the names agree with it.
    """
    aliased_ends = {}
    for line in _all_lines(sections):
        for target, *ends in line.results if isinstance(line, Branch) else ():
            aliased_ends.update({(target, side): end for side, end in enumerate(ends)
                                 if isinstance(end, Value) and end.name is not None
                                 and end.name == target.name})
    while True:
        spans, gaps = {}, {}
        ranges = live_ranges(sections, inside, parameters, roots, aliased_ends, spans, gaps)
        names = assigned(ranges, gaps)
        refuted = {key for key, end in aliased_ends.items() if key in spans and (
            names.get(key[0]) != names.get(end) or any(
                names[value] == names[end] and spans[key][0] < start <= spans[key][1] and value is not key[0]
                for value, (start, _) in ranges.items()))}
        if not refuted:
            return ranges, gaps, names
        aliased_ends = {key: end for key, end in aliased_ends.items() if key not in refuted}


def _all_lines(sections):
    """The lines of a function; those of the functions that it calls are not among them."""
    return [line for _, lines in sections for line in walk(lines, into_calls=False)]


def live_ranges(sections, inside, parameters, roots, aliased_ends=(), spans=None, gaps=None):
    """{value: (defined at, last used at)}, by line numbers.

    aliased_ends: the ends of branches that are not read there; the lines of their side go to `spans`.
    gaps: gets, for each value that only the second side of a branch reads last, the lines of the first side
    in which it is dead: (from, to), one for each branch around it.
    """
    ranges = {p: [0, 0] for p in parameters}
    position, unread = [0], []

    def use(operand, line_number, excluded=None):
        if not isinstance(operand, Value) or operand is excluded:
            return
        if operand in inside:
            for inner in inside[operand].operands:
                use(inner, line_number, excluded)
        elif operand in ranges:
            ranges[operand][1] = max(ranges[operand][1], line_number)

    def walk_lines(lines):
        for line in lines:
            if isinstance(line, Branch):
                position[0] += 1
                use(line.condition, position[0])
                ends, start = [], position[0]
                for block, column in ((line.then, 1), (line.orelse, 2)):
                    begin = position[0]
                    walk_lines(block)
                    position[0] += 1
                    for row in line.results:
                        end = row[column]
                        if (row[0], column - 1) in aliased_ends and end in ranges and ranges[end][0] <= start:
                            spans[row[0], column - 1] = begin, position[0]
                            use(end, start)
                        else:
                            use(end, position[0])
                    ends.append(position[0])
                    if column == 1 and gaps is not None:
                        read = [(value, max(last, start)) for value, (first, last) in ranges.items()
                                if first <= start]
                for row in line.results:
                    ranges[row[0]] = [ends[1], ends[1]]
                if gaps is not None:
                    unread.extend((value, last, *ends) for value, last in read
                                  if ranges[value][1] > ends[0] > last)
                continue
            if isinstance(line, Loop):
                loop(line)
                continue
            position[0] += 1
            for operand in line.operands:
                use(operand, position[0])
            if isinstance(line, Stage) and line.form.kind == "store":
                # It may take two lines, a copy and the store, which reads the copy instead of its base.
                for operand in line.operands[1:]:
                    use(operand, position[0] + 1, line.operands[0])
            for target in line.targets:
                ranges[target] = [position[0], position[0]]
            position[0] += isinstance(line, Stage) and line.form.kind == "store"

    def loop(line):
        """A value from before the loop that an iteration reads is live until the loop ends."""
        position[0] += 1
        before = position[0]
        for row in line.rows:
            use(row.init, before)
        position[0] += 1
        # A row that no iteration reads has its name alone, too: all rows are set at an iteration's end.
        for row in line.rows:
            ranges[row.inner] = [position[0], position[0] + 1]
        position[0] += 1
        use(line.iterable, position[0])         # it is evaluated after the rows are set
        body_start = position[0]
        for value in line.indices:
            ranges[value] = [body_start, body_start]
        if line.test is not None:
            walk_lines(line.test[0])
            position[0] += 1
            use(line.test[1], position[0])
            # The test runs after the last iteration, too: it must not change the results of the loop.
            for row in line.rows:
                use(row.inner, position[0])
        walk_lines(line.block)
        position[0] += 1
        for operand in (line.until, *(row.next for row in line.rows)):
            use(operand, position[0])
        for ends in ranges.values():
            if ends[0] <= before and body_start < ends[1]:
                ends[1] = position[0]
        for row in line.rows:
            ranges[row.out] = [position[0], position[0]]
        if line.until is not None:
            position[0] += 1
            use(line.until, position[0])

    for _, lines in sections:
        walk_lines(lines)
    position[0] += 1
    for root in roots:
        use(root, position[0])
    for value, last, first_side, second_side in unread:
        if ranges[value][1] <= second_side:
            gaps.setdefault(value, []).append((last, first_side))
    return {value: tuple(ends) for value, ends in ranges.items()}


def loop_rows(sections):
    """{value at the start of an iteration: value after the loop}, which share one name."""
    return {row.inner: row.out for line in _all_lines(sections) if isinstance(line, Loop)
            for row in line.rows}


def previous_versions(sections):
    """{value: (its version before a store or a sum, whether it is a store)}: these should share a name."""
    return {line.target: (line.operands[0], line.form.kind != "binary")
            for line in _all_lines(sections) if isinstance(line, Stage) and (
                line.form.kind in ("store", "push") or line.form.kind == "binary" and line.form.name in "+-")}


def assign(ranges, parameters, taken, users, adjoints=frozenset(), rows=None, outside_names=frozenset(),
           previous_versions=None, gaps=None):
    """A name for each value; `taken` are all names of the user's text, `users` the values it named.

    `adjoints` are the names of gradients of what the user named: no temporary gets one.  `rows`: the result
    of a loop has the name of its value in the loop.  `outside_names`: names with a meaning outside.
    `previous_versions`: see there.  `gaps`: lines of one side of a branch in which a value is dead, though
    the other side needs it.
    """
    names, busy, later_ranges = {}, {}, {}      # busy: {name: last line of its value}; later: lines to come
    numbers = {}        # {base: Numbers}
    rows = rows or {}
    loop_results = set(rows.values())

    def is_busy(name, value):
        start, end = ranges[value]
        ends = [(start, end), *([ranges[rows[value]]] if value in rows else [])]
        return (busy.get(name, 0) > start
                or any(first < b and a < last for first, last in ends for a, b in later_ranges.get(name, ())))

    for value in sorted(ranges, key=lambda v: (v not in parameters, ranges[v][0])):
        if value in loop_results:
            continue
        base = value.name or temporary(value)
        while base in outside_names and value not in parameters:
            base += "_"
        if value not in users or value.name is None:
            while base in taken or base in RESERVED or value.name is None and base in adjoints:
                base += "_"
        previous, stored = (previous_versions or {}).get(value, (None, False))
        previous_name = names.get(previous, base)
        is_numbered = previous_name.removeprefix(base).removeprefix("_").isdecimal()
        pieces = _live_pieces(ranges[value], (gaps or {}).get(value, ()))
        if is_numbered and not is_busy(previous_name, value) and (stored or is_busy(base, value)):
            name = previous_name
        else:
            candidates = numbers.setdefault(base, Numbers())
            for number in candidates.free_from(ranges[value][0]):
                name = base if number == 1 else f"{base}_{number}"
                is_taken = number > 1 and name in taken
                if not is_taken and not is_busy(name, value):
                    break
                candidates.set_aside(number, math.inf if is_taken else busy.get(name, 0))
            candidates.set_aside(number, max(pieces[0][1], busy.get(name, 0)))
        names[value] = name
        busy[name] = max(pieces[0][1], busy.get(name, 0))
        later_ranges.setdefault(name, []).extend(pieces[1:])
        if value in rows:
            names[rows[value]] = name
            later_ranges.setdefault(name, []).append(ranges[rows[value]])
    return names


class Numbers:
    """The numbers of the names with one base; of those that are free from a line on, the smallest is first.

    >>> numbers = Numbers()
    >>> for number, last in ((1, 9), (2, 4)):
    ...     numbers.set_aside(number, last)
    >>> [list(itertools.islice(numbers.free_from(line), 2)) for line in (3, 5)]
    [[3, 4], [2, 3]]
    """

    def __init__(self):
        self.occupied, self.free, self.unused = [], [], 1

    def set_aside(self, number, last):
        """Occupy a number until a line."""
        heapq.heappush(self.occupied, (last, number))
        self.unused = max(self.unused, number + 1)

    def free_from(self, line):
        """The numbers that may be free from a line on, in order."""
        while self.occupied and self.occupied[0][0] <= line:
            heapq.heappush(self.free, heapq.heappop(self.occupied)[1])
        while self.free:
            yield heapq.heappop(self.free)
        yield from itertools.count(self.unused)


def _live_pieces(ends, gaps):
    """The ranges of lines in which a value is live."""
    (start, end), pieces = ends, []
    for first, last in sorted(gaps):
        pieces.append((start, first))
        start = last
    return [*pieces, (start, end)]


def temporary(value):
    """The name of a value to which the user gave none, if no other has it."""
    hint = value.hint or "t"
    return hint if hint.isidentifier() else "t"
