"""Computing an ONNX file's network in bounded memory; as a program, once, to see whether it comes to an end.

`python -m huesweep.colorizer.onnx_session PATH SIDE` says in one line what is wrong, or nothing.
"""

import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # it would tell its maker of every session, and keep a database at home
import onnxruntime

ARENA = 2**32  # bytes that all sessions of a process may take, beside their weights


def open_session(content: bytes, threads: int) -> Any:
    """An onnxruntime session of a file's content, on the CPU. Raises what onnxruntime does."""
    _bound_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.use_env_allocators", "1")
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    for value in (*session.get_inputs(), *session.get_outputs()):
        _ = value.name, value.shape  # which may be in no encoding
    return session


@cache
def _bound_memory() -> None:
    onnxruntime.set_default_logger_severity(4)
    place = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    # 1: take what is asked for, and not the next power of two.
    bounds = onnxruntime.OrtArenaCfg({"max_mem": ARENA, "arena_extend_strategy": 1})
    onnxruntime.create_and_register_allocator(place, bounds)


def first_line(error: Exception) -> str:
    """What is wrong, without the names and places of onnxruntime's source."""
    text = str(error).strip() or type(error).__name__
    if failed := re.search(r"while running (\w+) node", text):
        return f"its {failed[1]} {'takes too much memory' if 'BFCArena' in text or 'alloc' in text else 'fails'}"
    return text.splitlines()[0].rpartition(" : ")[2][:200]


def try_out(path: Path, side: int) -> str:
    """What is wrong with a file when it is tried on one picture; nothing if it works."""
    try:
        session = open_session(path.read_bytes(), 1)
        (given,) = session.get_inputs()
        picture = np.full((1, given.shape[1], side, side), 0.5, np.float32)
        (outputs,) = session.run(None, {given.name: picture})
    except Exception as error:  # onnxruntime's own classes, of several modules
        return first_line(error)
    is_picture = outputs.ndim == 4 and outputs.dtype == np.float32 and outputs.shape[2:] == picture.shape[2:]
    return "" if is_picture else f"it gives {outputs.dtype} {outputs.shape} for a picture of {side} x {side}"


if __name__ == "__main__":
    print(try_out(Path(sys.argv[1]), int(sys.argv[2])))
