"""Reading a stranger's checkpoint in bounded memory: nothing in it may take more than the file itself holds."""

import pickle
import re
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from huesweep.colorizer.format import DESCRIPTION
from huesweep.colorizer.plain_description import check_description
from huesweep.colorizer.tensor_pickle import check_tensor_pickle
from huesweep.errors import UsageError, shortened

START = b"PK\x03\x04"  # of a zip file whose first member is at its start
PICKLE = "data.pkl"
SMALL = (PICKLE, "version", "byteorder", ".format_version", ".storage_alignment", ".data/serialization_id")
LARGEST = {PICKLE: 2**23}  # bytes; the other small members have a few
MEMBERS = 100_000
TENSORS = re.compile(r"data/[0-9]{1,9}")


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint's content, on the CPU: tensors and plain values, of which `state_dict` and the description are sure.

    Raises UsageError for a file that torch.save did not write as a zip file of uncompressed tensors, for one that names
    anything but tensors and containers, for tensors that are larger than the file, and for descriptions that hold more
    than plain values.
    """
    try:
        with path.open("rb") as file:
            _check_archive(file, path.stat().st_size)
            file.seek(0)
            checkpoint = torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist") from None
    except Exception as error:  # a file may hold anything, and zipfile and torch raise many kinds
        raise UsageError(f"{path} is not a checkpoint that can be read ({_first_sentence(error)})") from error
    parts = [checkpoint.get(key) for key in (DESCRIPTION, "state_dict")] if isinstance(checkpoint, dict) else []
    if not parts or not all(isinstance(part, dict) for part in parts):
        raise UsageError(f"{path} is a checkpoint, but not one of this suite")
    try:
        check_description(checkpoint[DESCRIPTION])
        _check_tensors(checkpoint["state_dict"], path.stat().st_size)
    except ValueError as error:
        raise UsageError(f"{path}: its description is damaged ({error})") from None
    return checkpoint


def _check_archive(file: BinaryIO, size: int) -> None:
    """Raise an error unless the file is laid out as torch.save does it, and its pickle makes no more than is there."""
    if file.read(len(START)) != START:
        raise ValueError("it is no zip file, as PyTorch writes since version 1.6")
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        root, _, _ = names[0].partition("/")
        inner = [name.removeprefix(f"{root}/") for name in names]
        if len(members) > MEMBERS or len(set(inner)) < len(members) or archive.comment or members[0].header_offset:
            raise ValueError("it is no zip file as PyTorch writes them")
        for member, name in zip(members, inner, strict=True):
            if name == member.filename or not (name in SMALL or TENSORS.fullmatch(name)):
                raise ValueError(f"it holds {shortened(member.filename)}")
            is_stored = member.compress_type == zipfile.ZIP_STORED and member.file_size == member.compress_size
            if not is_stored or member.flag_bits & 1:
                raise ValueError(f"its {name} is compressed")
            if name in SMALL and member.file_size > LARGEST.get(name, 256):
                raise ValueError(f"its {name} has {member.file_size} bytes")
        if sum(member.file_size for member in members) > size:
            raise ValueError("it tells of more bytes than it has")
        records = {name.removeprefix("data/"): m.file_size for m, name in zip(members, inner, strict=True)}
        try:
            check_tensor_pickle(archive.read(f"{root}/{PICKLE}"), records)
        except pickle.UnpicklingError as error:
            raise ValueError(f"its pickle {error}") from None
        _check_same_to_torch(file, archive, f"{root}/{PICKLE}", inner)
        if archive.testzip() is not None:  # torch.load doesn't compare checksums
            raise ValueError("its bytes are not those that were written: it is damaged")


def _check_same_to_torch(file: BinaryIO, archive: zipfile.ZipFile, pickled: str, names: list[str]) -> None:
    """Two readers of zip files may be led to different members: what is checked must be what torch.load reads."""
    file.seek(0)
    reader = torch._C.PyTorchFileReader(file)
    if sorted(reader.get_all_records()) != sorted(names) or reader.get_record(PICKLE) != archive.read(pickled):
        raise ValueError("it is no zip file as PyTorch writes them")


def _check_tensors(weights: dict[Any, Any], size: int) -> None:
    for name, weight in weights.items():
        if not isinstance(name, str) or type(weight) is not Tensor or weight.layout != torch.strided:
            raise ValueError(f"its state_dict has {shortened(name)}, which is no tensor by its name")
    if sum(weight.numel() * weight.element_size() for weight in weights.values()) > size:
        raise ValueError("its tensors share memory")


def _first_sentence(error: Exception) -> str:
    return str(error).splitlines()[0].split(". ")[0] if str(error) else type(error).__name__
