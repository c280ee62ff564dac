"""Reasons that no row of the table shows: why a user is not told of them, or is told seldom."""

ROLLED = "the loop is written out where it cannot stay a loop, and what is told then is why it cannot be written out"
KNOWN = "the list is taken for one of known length first, or another reason is told of it first"
ITSELF = "NumPy or Python refuses it for the usual arguments, and that error is told"
TRIED = "programs were tried, and none led there: another check was first"
FRESH = "of functions inside of which 'async def' is told first"

BEHIND = {
    "store into an array: a shallow copy of its object shares it": "of objects that are arguments, which no row has",
    "np.linalg.solve of several vectors: NumPy 2 takes them for matrices": "of NumPy 1",
    "second derivative of np.linalg.det: the matrix is singular, and revad writes its second derivative with "
    "the inverse": "of second derivatives, which no row has",
    "third derivative of np.prod or np.cumprod: it is not right where several factors are zero":
        "of third derivatives, which no row has",
    "iterator: what its items are made of changes before they are taken": TRIED,
    "attribute ....: its object is chosen in the loop": TRIED,
    "list in a branch: its gradient needs the list as it was in the branch": KNOWN,
    "array that is returned, or made, in a branch or loop: its shape is not known where it is not made": TRIED,
    "call: its function has no source and no rule": TRIED,
    "'except*': which of its parts run is known only while running": "Python 3.10 does not read it",
    "'type' statement: it computes nothing": "Python 3.11 does not read it",
    "'await': what it waits for is computed outside of the function": FRESH,
    "'async for': what it waits for is computed outside of the function": FRESH,
    "this syntax: revad does not know it": "of what a Python to come may bring",
    "comprehension: how many elements it has shows only while running": ROLLED,
    "loop: it may end before the last element of the list": ROLLED,
    "'+' of two ...s: it joins the ...s and adds nothing": TRIED,
    "subscript of a list that grows: whether it counts from the end is not known when compiling": TRIED,
    "call of ...: calls go deeper than ...": "a function that calls itself is written out, and that it "
                                             "goes too deep is told of its first call",
    "list: its elements differ in kind": KNOWN,
    "list: it is empty, so that the array of it has no axes for those of its elements":
        "the loop that fills it is written out then",
    "list: its elements are lists that differ in length": KNOWN,
    "list: its elements differ in shape": KNOWN,
    "...: revad itself fails here (...: ...)": "a fault of revad",
    "expression: it uses ..., whose operations are its own": TRIED,
    "out= of ...: it writes into an array that other names may share": "out= is taken for a store before",
    "subscript: a derivative cannot be followed through ...": ITSELF,
    "store into an array: revad does not know this argument": ITSELF,
    "np.put: how many of its values it takes is not known": TRIED,
    "np.fill_diagonal: the axes of its array are not of one length": ITSELF,
    "loop: its items differ in kind": ROLLED,
    "loop: it goes over a map": ROLLED,
    "loop: the list that it goes over grows in it": ROLLED,
    "loop: its sequences may differ in length": ROLLED,
    "loop: it counts a range that does not start at 0": ROLLED,
    "loop: how many items it has is not known when compiling": ROLLED,
    "loop: it goes over what has no end": ROLLED,
    "list: its elements differ in precision": KNOWN,
    "list: its elements are settings, and known one by one": KNOWN,
    "loop: it ends in its first round": ROLLED,
    "list: it is another list after some rounds": KNOWN,
    "list: how many elements it has shows only while running": KNOWN,
    "list in a loop: its gradient needs the list as it was in each round": KNOWN,
    "'while' loop: what it changes differs from round to round, and so does how it ends": ROLLED,
    "'for' loop: written out it is too long": "a function that shows it takes half a minute to compile",
    "np.einsum with lists of axes: revad has a rule for subscripts in a string": ITSELF,
    "...: its elements are integers, and NumPy refuses to store others in it": ITSELF,
    "store into a subscript: an element may be in it twice, and the last value wins": TRIED,
}
