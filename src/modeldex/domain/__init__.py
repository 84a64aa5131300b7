"""Values and rules of the field: no I/O, no clock, no configuration.

The small base of all values is here, because every value needs it at once.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

set_slot = object.__setattr__


class Value:
    """A frozen value; a subclass names its parts in `__slots__`.

    Parts are set once with `set_slot` in `__init__`. Two values are equal when
    they are of one class and all their parts are.
    """

    __slots__: "tuple[str, ...]" = ()

    def _parts(self) -> "tuple[object, ...]":
        return tuple(getattr(self, name) for name in self.__slots__)

    def __setattr__(self, name: str, value: object) -> "NoReturn":
        message = f"{type(self).__name__} is frozen: {name} cannot be set"
        raise AttributeError(message)

    def __delattr__(self, name: str) -> "NoReturn":
        message = f"{type(self).__name__} is frozen: {name} cannot be deleted"
        raise AttributeError(message)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        parts = ", ".join(f"{n}={getattr(self, n)!r}" for n in self.__slots__)
        return f"{type(self).__name__}({parts})"

    def __reduce__(self) -> "tuple[object, ...]":
        return _restore, (type(self), self._parts())

    def __copy__(self) -> "Value":
        return self

    def __deepcopy__(self, memo: object) -> "Value":
        return self


def _restore(kind: "type[Value]", parts: "tuple[object, ...]") -> Value:
    """Make a value of its parts, for pickle."""
    value = kind.__new__(kind)
    for name, part in zip(kind.__slots__, parts, strict=True):
        set_slot(value, name, part)
    return value
