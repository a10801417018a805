"""What PyTorch's pickle of tensors and plain values would make, found out without making it."""

import math
import pickle
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from huesweep.io.pickle_machine import STEPS, Name, PickleMachine

DIMENSIONS = 8
LARGEST_SIDE = 1_000_000  # of a tensor without numbers
STORAGES = {  # bytes of a number
    Name("torch", f"{kind}Storage"): size
    for size, kinds in {
        1: ("Byte", "Char", "Bool"),
        2: ("Half", "BFloat16", "Short"),
        4: ("Int", "Float"),
        8: ("Long", "Double"),
    }.items()
    for kind in kinds
}
ORDERED = Name("collections", "OrderedDict")
TENSOR, PARAMETER = (Name("torch._utils", f"_rebuild_{kind}") for kind in ("tensor_v2", "parameter"))


class _Storage(NamedTuple):
    numbers: int


class _Tensor:
    """Stands for a tensor; nothing can be put into it."""


class _Ordered(dict):
    """Stands for an OrderedDict."""


def check_tensor_pickle(pickled: bytes, records: Mapping[str, int]) -> None:
    """Raise pickle.UnpicklingError unless torch.save makes such a pickle of containers, plain values and tensors.

    records: the names of the storages in the file and their sizes in bytes. A tensor must lie within its storage and
    use each of its numbers once: one number that stands for many would take memory that no file had to hold.
    """
    _TensorMachine(pickled, records).run()


class _TensorMachine(PickleMachine):
    """Only looks at what tensors are made of."""

    protocols = (2,)  # which torch.save writes
    most_steps = most_containers = 1_000_000
    longest_text = 2**23
    longest_integer = 255
    names = frozenset({ORDERED, TENSOR, PARAMETER, *STORAGES})
    keys = frozenset({str, int, bool})

    def __init__(self, content: bytes, records: Mapping[str, int]) -> None:
        super().__init__(content)
        self.records = records

    def push_storage(self) -> None:
        kind, storage, key, _location, numbers = self.pop()
        if kind != "storage" or type(numbers) is not int or self.records.get(key) != numbers * STORAGES[storage]:
            raise pickle.UnpicklingError(f"has a storage {key} that is not of the size it tells")
        self.push(_Storage(numbers))

    def call(self) -> None:
        arguments, called = self.pop(), self.pop()
        if type(called) is not Name or type(arguments) is not tuple:
            raise ValueError("a call of nothing")
        if called == ORDERED:
            if arguments:  # a copy for a few bytes
                raise pickle.UnpicklingError("copies containers")
            self.push(_Ordered())
        elif called == PARAMETER and type(arguments[0]) is _Tensor:
            self.push(arguments[0])
        elif called == TENSOR:
            _check_tensor(*arguments)
            self.push(_Tensor())
        else:
            raise ValueError("a call of no tensor")

    def build(self) -> None:
        state = self.pop()
        if type(self.stack[-1]) is not _Ordered or set(state) - {"_metadata"}:  # of a state_dict, by PyTorch
            raise pickle.UnpicklingError("sets attributes")

    steps: ClassVar = {**STEPS, pickle.BINPERSID[0]: push_storage}


def _check_tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], wants: bool, hooks: Any
) -> None:
    numbers = (offset, *shape, *strides)
    if type(storage) is not _Storage or len(shape) != len(strides) or len(shape) > DIMENSIONS:
        raise ValueError("a tensor of something else")
    if not all(type(number) is int and 0 <= number < 2**48 for number in numbers) or hooks or type(wants) is not bool:
        raise ValueError("a tensor of something else")
    count = math.prod(shape)
    if offset + count > storage.numbers:
        raise pickle.UnpicklingError(f"has a tensor of shape {shape} that is larger than its storage")
    # Dense: ordered by stride, each dimension steps over all of the smaller ones.
    steps = sorted((stride, side) for stride, side in zip(strides, shape, strict=True) if side > 1)
    expected = [1, *(stride * side for stride, side in steps)]
    if count and any(stride != wanted for (stride, _), wanted in zip(steps, expected, strict=False)):
        raise pickle.UnpicklingError(f"has a tensor of shape {shape} that is a view, and not stored by itself")
    if count == 0 and any(side > LARGEST_SIDE for side in shape):
        raise ValueError("a tensor of something else")
