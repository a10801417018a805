"""What a result was computed with."""

import os
import platform
import re
from pathlib import Path

import pytorch_lightning as pl
import torch

CPUINFO = Path("/proc/cpuinfo")  # of Linux; Python itself knows the name on other systems alone


def describe_machine(device: torch.device) -> dict[str, str]:
    """The device by its name, the threads and GPUs that there were, and the versions that shape results."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else processor_name()
    return {
        "device": f"{device.type}: {name}",
        "threads": str(torch.get_num_threads()),
        "visible_devices": os.environ.get("CUDA_VISIBLE_DEVICES", "all") or "none",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "pytorch_lightning": pl.__version__,
    }


def processor_name() -> str:
    """The processor by its maker's name, as `AMD EPYC 7763 64-Core Processor`; or else its kind, as `x86_64`."""
    try:
        found = re.search(r"^model name\s*:\s*(\S.*)$", CPUINFO.read_text(errors="replace"), re.MULTILINE)
    except OSError:
        found = None
    return (found[1].strip() if found else platform.processor()) or platform.machine()
