"""Gradient: the object that `grad` returns; it finds the compiled text for a call, or has it compiled.

>>> from ..api import grad
>>> @grad
... def f(x, y):
...     return x * y
>>> f(3.0, -4.0), f.primal(3.0, -4.0)
((-4.0, 3.0), -12.0)
"""
from __future__ import annotations

import functools
import inspect
import operator
import types

from ..errors import (
    CallError, Diagnostic, InternalError, Rejected, RevadError, Tried, UnsupportedError, note_place,
)
from ..interp.real_powers import COMPLEX, is_complex
from ..request import Request
from ..side_by_side import page_of
from ..tracebacks import boundary
from . import arguments, cache, introspection, pickles
from .arguments import MISSING
from .bound_method import Method
from .compilation import asserted_list, marked, place_of
from .forward_backward import Backward, Forward
from .guarded import guarded
from .introspection import Compiled
from .protocol import bound as protocol_arrays
from .primal import (
    is_not_finite, is_raised_by_text, is_same_error, is_singular, note_missing_key, note_not_finite,
    ran_once, refuse_empty_lists, run_primal,
)
from .variant import Bound, Call, Variant, annotated_call, call_of
from .verification.verify import verify

LONGEST_CHAIN = 8


class Gradient:
    """The gradient of a function, compiled for each kind of arguments that it is called with.

    Called with the function's arguments it returns the gradient for each parameter of
    `wrt`; with `value` set, the pair (value, gradients).  Raises UnsupportedError where the
    function cannot be differentiated, CallError for arguments that have no gradient.
    """

    def __new__(cls, *args, **keywords):
        # Each gradient has a class of its own: Python looks up __call__ in the class, so the fastest call is
        # that of generated code which is stored there itself.
        members = {"__module__": cls.__module__, "__doc__": cls.__doc__, "__qualname__": cls.__qualname__}
        return object.__new__(type(cls.__name__, (cls,), members))

    def __init__(self, function, wrt=None, value=False, receiver=None, has_aux=False, verify=None):
        introspection.wrap(self, function)
        self.primal = function
        self._options, self.has_aux, self.receiver, self.verify = (wrt, value), has_aux, receiver, verify
        self.part = "value_and_grad" if value else "grad"
        self._reset()

    def _reset(self):
        """Forget everything that is compiled."""
        self._prepare(self.primal)
        self._seen_identity = self._identity()
        self.wrt, self.bare = self._chosen(self._options[0])
        self._parameters = tuple(self.signature.parameters)
        self._spread = None if arguments.is_positional(self.signature) else self.signature
        self._chain, self._known, self._numbers, self._by_kinds, self._of_protocol = [], (), None, (), ()
        self._last = types.CellType(None)
        self.forward, self.backward = Forward(self), Backward(self)

    def _identity(self):
        """The function's code and defaults, which change where its module is reloaded."""
        function = self.function
        return function.__code__, function.__defaults__, function.__kwdefaults__

    def refresh(self, args=()):
        """Reset where the function has got other code or defaults; `args` may contain its former defaults."""
        before, now = self._seen_identity, self._identity()
        if not all(map(operator.is_, now, before)):
            type(self).__call__ = Gradient.__call__
            forward, backward = self.forward, self.backward
            self._reset()
            forward.__init__(self)      # the same objects, because users may hold them
            backward.__init__(self)
            self.forward, self.backward = forward, backward
            if any(arg is value for arg in args for value in arguments.lost_defaults(before[1:], now[1:])):
                raise CallError(f"the defaults of {self.__name__} have "
                                "changed since its last call: call it again")

    def _prepare(self, function):
        """Unwrap the function and read its source, once."""
        function, bound = cache.unwrap(function)
        if self.receiver is None:
            self.receiver = bound
        self._root = cache.root(function)
        self.signature = inspect.signature(function)

    def _chosen(self, wrt):
        names = list(self.signature.parameters)
        # A class method below or above the gradient has its class first.
        home = self.function.__qualname__.rpartition(".")[0]
        is_of_class = isinstance(self.primal, classmethod) or names[:1] == ["cls"] and len(names) > 1 \
            and bool(home) and not home.endswith("<locals>")
        return arguments.selected_parameters(self.__name__, self.signature, wrt,
                                             self.receiver is not None or is_of_class)

    def root(self, call):
        """The Root to be differentiated for a call."""
        return self._root

    # What `interp.objects.derivatives` asks of what it follows in a function that is differentiated.
    follows = "gradient"

    @property
    def gradient(self):
        return self

    @property
    def wrt_given(self):
        return self._options[0]

    @staticmethod
    def maker(function, wrt):
        return Gradient(function, wrt)

    def for_kinds(self, kinds, layouts):
        """The text for arguments of these kinds, where it is called in a function that is differentiated."""
        self.refresh()
        return self._written(kinds, layouts, self._root)

    def _written(self, kinds, layouts, root):
        key = tuple(kinds)
        known = next((bound for other, bound in self._by_kinds if other == key and bound.still_fits()), None)
        if known is None:
            with guarded(root.function):
                known = Bound(Variant(root.entry.front, self.request(self.part),
                                      Call((), kinds, None, layouts), root), root)
            self._by_kinds = ((key, known), *self._by_kinds[:LONGEST_CHAIN - 1])
        return known

    # ---- calls: generated code replaces this method once it is compiled

    @boundary
    def __call__(self, *args, **keywords):
        return self._dispatch(*self.complete(args, keywords))

    def _dispatch(self, *args):
        """A call that no text in the chain accepts, with one argument for each parameter."""
        self.refresh(args)
        if len(args) != len(self._parameters) or any(arg is MISSING for arg in args):
            args = self.complete(*arguments.split_arguments(self.signature, args))
        bound = next((known for known in self._known if known.accepts(*args)), None)
        if bound is None and protocol_arrays.classes_in(args):
            self._last.cell_contents = bound = self.bound_to_protocol(self.part, args)
            return protocol_arrays.call(bound, self._spread, args)
        if bound is None:
            args = tuple(map(arguments.to_native, args))
            bound = self.bound(self.part, self.call(args))
            self.verified(bound, args)
        self._last.cell_contents = bound
        self._link(bound)
        self._last.cell_contents, result = self.run(bound, args)
        return result

    def run(self, bound, args):
        """(bound, result) of a call; of another text where `bound` takes empty lists for filled, or a
        singular matrix for a regular one."""
        try:
            return bound, bound.call(self._spread, args)
        except Exception as error:
            if self.on_error(error, args, bound):
                raise
            if bound.variant.draws:
                raise ran_once(asserted_list(place_of_error(error))) from error
            return self.with_empty_lists(bound.variant.request.part, error, args)

    def with_empty_lists(self, part, error, args, evaluate=None):
        """(bound, result) of the text for a call in which lists are empty that a text took for filled.

        error: of the text, or one of a singular matrix; evaluate: what calls a text, if it takes more than
        the arguments.
        """
        evaluate = evaluate or (lambda bound: bound.call(self._spread, args))
        args, tried, singular = tuple(map(arguments.to_native, args)), [frozenset()], False
        while True:
            if is_singular(error):
                singular = True
            else:
                place = asserted_list(place_of_error(error))
                tried.append(tried[-1] ^ {place})
                if tried[-1] in tried[:-1]:
                    tried.append(tried[-1] | {place.of_some_rounds()})
            bound = self.bound(part, self.call(args)._replace(empty_lists=tried[-1], singular=singular))
            try:
                return bound, evaluate(bound)
            except Exception as next_error:
                refuse_empty_lists(bound, next_error)
                if self.on_error(next_error, args, bound):
                    raise
                error = next_error

    def complete(self, args, keywords):
        """One argument for each parameter, in order.  Raises CallError."""
        self.refresh()
        if self.receiver is not None:
            args = (self.receiver, *args)
        if not keywords and self._spread is None and len(args) == len(self._parameters):
            return args
        return arguments.complete(self.__name__, self.signature, args, keywords, self.receiver is not None)

    def call(self, args):
        return call_of(self._parameters, tuple(map(arguments.to_native, args)), self.wrt)

    def request(self, part) -> Request:
        """One of the four texts of this gradient: the two passes are of all that the function returns."""
        return Request(part, self.wrt, self.bare, self.has_aux and part == self.part)

    def bound(self, part, call):
        """The variant for a call, compiled on demand.  Raises what the function itself raises, if it does."""
        root, request = self.root(call), self.request(part)
        try:
            return root.entry.find(request, call, root)
        except (UnsupportedError, InternalError, CallError) as refused:
            if call.args is None or not refused.doubtful:
                raise
            ran, error = run_primal(self.function, self.signature, call.args)
            if error is not None:
                note_missing_key(error, refused)
                raise error from None
            if not ran or isinstance(refused, (InternalError, CallError)):
                raise
        return root.entry.find(request, call._replace(lenient=True), root)

    def bound_to_protocol(self, part, args):
        """The variant for arguments with protocol arrays: that for NumPy's in their place."""
        native = tuple(map(protocol_arrays.stand_in, self._parameters, args))
        # How arrays lie in memory is not known.
        bound = self.bound(part, self.call(native)._replace(layouts=()))
        classes = protocol_arrays.classes_in(args)
        for known in self._of_protocol:
            if known.variant is bound.variant and known.classes == classes.keys():
                return known
        known = protocol_arrays.bound_for(bound, classes)
        self._of_protocol = (known, *self._of_protocol[:LONGEST_CHAIN - 1])
        return known

    def verified(self, bound, args, *more):
        """Compare the text of `bound` with the function before its first call, if verification is on."""
        verify(self, bound, args, *more)

    @property
    def function(self):
        """The user's own function, with all of its parameters."""
        return self._root.function

    def _link(self, bound):
        """Put a text at the head of the chain: each text checks its conditions and passes on to the next."""
        if self.receiver is not None or arguments.has_variable(self.signature):
            # The text's signature differs from that of a call, so it cannot replace `__call__`.
            self._known = (bound, *(known for known in self._known[:LONGEST_CHAIN - 1] if known is not bound))
            return
        if any(variant is bound.variant for variant, _ in self._chain):
            return
        other = types.CellType(type(self)._dispatch.__get__(self))
        if self._chain:
            other.cell_contents = type(self).__dict__["__call__"].__func__
        entry = bound.entry(self.signature, self.function, told=self.on_error, other=other, last=self._last)
        entry.__defaults__, entry.__kwdefaults__ = arguments.defaults(self.signature)
        entry.__qualname__ = self.__qualname__
        self._chain.insert(0, (bound.variant, other))
        if len(self._chain) > LONGEST_CHAIN:
            self._chain.pop()
            self._chain[-1][1].cell_contents = type(self)._dispatch.__get__(self)
        type(self).__call__ = staticmethod(entry)

    def on_error(self, error, args=None, bound=None):
        """Add the user's line to an error of generated code, or raise what the function itself raises.

        False for an error of a condition, of an assertion about a list, and of a singular matrix that has a
        text of its own (`with_empty_lists`).
        args: one argument for each parameter; None where the function has returned already.
        bound: the text; None for that of the last call.
        """
        trace = error.__traceback__
        # The conditions have the line of `def`.
        code = trace.tb_frame.f_code
        if trace.tb_lineno == code.co_firstlineno and code.co_filename.startswith("<revad "):
            return False
        place = place_of_error(error)
        ran, own_error = (True, None) if args is None else run_primal(self.function, self.signature, args)
        rejected = marked(place, Rejected) if isinstance(error, AssertionError) else None
        if rejected is not None and rejected.reason and own_error is None:
            raise UnsupportedError([Diagnostic(rejected, *rejected.reason)]) from error
        if isinstance(error, AssertionError) and own_error is None and asserted_list(place):
            if ran:
                return False
            raise ran_once(asserted_list(place)) from error
        if own_error is not None and not is_same_error(own_error, error):
            raise own_error from error
        bound = bound or self._last.cell_contents
        if is_singular(error) and own_error is None and ran and bound is not None \
                and bound.variant.takes_no_singular:
            self.refuse_singular(error, place, bound.variant)
            return False
        if isinstance(place, Tried) and own_error is None:
            raise UnsupportedError([Diagnostic(
                place, "'try' block",
                f"{type(error).__name__} is raised in it, and the gradient follows no 'except'",
                "Put it around the call of the function, or decide with 'if'.")]) from error
        if own_error is None and place is not None and is_complex(error):
            raise UnsupportedError([Diagnostic(place, "'**'", COMPLEX,
                                               "Use np.sqrt or np.power, which give "
                                               "nan there, or abs of the number.")]) from error
        if place is not None:
            note_place(error, place)
        if (ran and own_error is None
                and not isinstance(error, (RevadError, Warning, MemoryError, RecursionError))):
            if is_not_finite(error):
                note_not_finite(error)
            elif is_raised_by_text(error):
                raise InternalError(f"{'' if place is None else f'{place}: '}the gradient of "
                                    f"{self.__name__} fails here ({type(error).__name__}: "
                                    f"{error}), and the function itself does not: please report it with "
                                    "the function's text") from error
        return True

    def refuse_singular(self, error, place, variant):
        """Raise a refusal if there is no text for singular matrices in the place of this one."""
        if variant.request.part == "backward" and variant.has_blocks:
            raise UnsupportedError([Diagnostic(
                place, "np.linalg.det of a singular matrix",
                "in a loop, a branch or a call the cache of .forward is for regular ones",
                "Call the gradient itself, or take the determinants of a stack of matrices.")]) from error

    @boundary
    def compiled(self, *args, **keywords):
        """The plain function that computes this gradient for arguments of these kinds."""
        args = self.complete(args, keywords)
        if protocol_arrays.classes_in(args):
            return self.bound_to_protocol(self.part, args).function
        args = tuple(map(arguments.to_native, args))
        bound = self.bound(self.part, self.call(args))
        self.verified(bound, args)
        return bound.function

    @boundary
    def compile(self, *args, **keywords) -> Compiled:
        """Compile for example arguments, before any call; the result has the text as `.source`."""
        args = self.complete(args, keywords)
        args = tuple(map(arguments.to_native, map(protocol_arrays.stand_in, self._parameters, args)))
        call = self.call(args)
        try:
            self._last.cell_contents = self.bound(self.part, call)
        except CallError:       # of an output that is no number there are the two passes
            if self.part != "grad":
                raise
            self.forward.last = self.bound("forward", call)
            self.backward.last = self.forward.last.backward(True)
        return Compiled(self, self.text(self.part), args)

    # ---- introspection

    @property
    @boundary
    def source(self) -> str:
        """The generated function as text: that of the last call, or one for numbers before any."""
        return self.text(self.part)

    def text(self, part):
        """One of the four texts: of the last call, else for numbers."""
        own = {"forward": self.forward.last,
               "backward": self.backward.last}.get(part, self._last.cell_contents)
        if own is not None:
            return own.variant.text
        last = self.forward.last or self._last.cell_contents
        if last is None:
            return self._before_any_call(part)
        if part == "backward":
            last = self.bound("forward", last.variant.call)
            return last.backward(True).variant.text
        try:
            return self.bound(part, last.variant.call).variant.text
        except CallError:       # an array has no gradient, but the two passes
            return f"{self.text('forward')}\n\n\n{self.text('backward')}"

    def _before_any_call(self, part):
        """The text for annotated parameters or numbers; its first line names the kinds."""
        if self._numbers is None:
            self._numbers = annotated_call(self.signature, self.wrt)
        try:
            bound = self.bound("forward" if part == "backward" else part, self._numbers)
            bound = bound.backward(True) if part == "backward" else bound
        except RevadError as error:
            # Where the compiler itself fails for numbers, arrays are meant.
            why = ("its arguments are none" if isinstance(error, InternalError)
                   else str(error).splitlines()[0])
            raise CallError(f"{self.__name__} is written for the kinds of its arguments, "
                            f"and cannot be for numbers ({why}): "
                            "call it once, or .compile(...) it for example arguments, before you read its "
                            "source") from None
        return f"# for numbers: {', '.join(self.wrt)}\n{bound.variant.text}"

    def is_like(self, other):
        """Whether another gradient is of the same function on the same parameters."""
        return (other.primal is self.primal or other.primal == self.primal) \
            and (other.wrt, other.bare) == (self.wrt, self.bare)

    __signature__ = property(introspection.signature_of_call)
    __dir__ = introspection.public("backward", "compile", "compiled", "forward", "primal", "source", "wrt")

    def __get__(self, instance, owner=None):
        if isinstance(self.primal, staticmethod):
            return self
        if isinstance(self.primal, classmethod):
            instance = owner
        return self if instance is None else Method(self, instance)

    def __repr__(self):
        return f"<{self.part}{' with aux' * self.has_aux} of {self.__qualname__} wrt {', '.join(self.wrt)}>"

    def _repr_html_(self):
        """For a notebook: the function and its text side by side; None before there is a text."""
        try:
            return page_of(self)
        except (CallError, OSError):
            return None

    def __reduce__(self):
        return pickles.reduced(self, _from_parts, self.primal, (type(self).__mro__[1], *self._options,
                                                                self.receiver, self.has_aux, self.verify))


def place_of_error(error):
    """The user's place that an exception of a text belongs to, or None."""
    place, trace = None, error.__traceback__
    while trace is not None:
        place = place_of(trace.tb_frame.f_code.co_filename, trace.tb_lineno) or place
        trace = trace.tb_next
    return place


def _from_parts(function, arguments, texts):
    cls, *options = arguments
    return cls(pickles.place(function, texts), *options)


def _rebuilt(cls, function, *options):
    return cls(function, *options)
