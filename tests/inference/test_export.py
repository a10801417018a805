"""Exported networks: the same outputs, any size, and photos colored alike."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hydra import compose, initialize_config_dir
from PIL import Image
from timm.layers import Conv2dSame

from huesweep.colorizer.colorizer import Colorizer
from huesweep.commands.export import main
from huesweep.configuration import describe_model
from huesweep.errors import UsageError
from huesweep.inference.exporting import _with_fixed_padding, export_onnx
from huesweep.models.assembly import build_network
from huesweep.resources import BUNDLED, CONF
from tests.conftest import compose_trial
from tests.inference.photographs import photograph, save
from tests.inference.test_predict import predict
from tests.models.composed import model_description


def export(ckpt: Path, out: Path, *overrides: str) -> Path:
    with initialize_config_dir(str(CONF)):
        return main(compose("export", list(overrides)), ckpt=str(ckpt), out=str(out))


@pytest.mark.slow
def test_an_onnx_file_computes_the_same_at_any_size(trial: Path, tmp_path: Path) -> None:
    path = export(trial, tmp_path / "network.onnx")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    network = Colorizer.load(trial / "checkpoints" / "best.ckpt").network
    for size in ((1, 1, 32, 32), (2, 1, 33, 47), (1, 1, 7, 130)):
        pictures = torch.rand(size)
        (outputs,) = session.run(None, {"input": pictures.numpy()})
        np.testing.assert_allclose(outputs, network(pictures).detach().numpy(), atol=1e-4)
    told = json.loads(session.get_modelmeta().custom_metadata_map["huesweep"])
    assert "L* / 100" in told["export"]["preprocessing"]


@pytest.mark.slow
def test_a_photo_is_colored_by_onnx_as_by_the_checkpoint(trial: Path, tmp_path: Path) -> None:
    photo = save(tmp_path / "photo.png", photograph(200, 90), "rgb", 8)
    onnx_path = export(trial, tmp_path / "network.onnx")
    pictures = [
        np.asarray(Image.open(predict(ckpt, photo, tmp_path / f"{name}.png")[0])).astype(int)
        for name, ckpt in (("a", trial), ("b", onnx_path))
    ]
    assert np.abs(pictures[0] - pictures[1]).max() <= 1


def test_torch_loads_what_torch_export_wrote(trial: Path, tmp_path: Path) -> None:
    path = export(trial, tmp_path / "network.pt2", "format=torch_export")
    extra = {"huesweep.json": ""}
    loaded = torch.export.load(path, extra_files=extra).module()
    network = Colorizer.load(trial / "checkpoints" / "best.ckpt").network
    pictures = torch.rand(2, 1, 40, 56)
    torch.testing.assert_close(loaded(pictures), network(pictures))
    assert json.loads(extra["huesweep.json"])["task"]["kind"] == "colorize"


def test_what_a_killed_export_left_is_removed(trial: Path, tmp_path: Path) -> None:
    path = tmp_path / "network.pt2"
    seen: list[list[str]] = []

    def end(*_: object) -> float:
        seen.append([file.name for file in tmp_path.iterdir()])
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huesweep.inference.exporting._difference", end)
        with pytest.raises(KeyboardInterrupt):
            export(trial, path, "format=torch_export")
    assert list(tmp_path.iterdir()) == []
    ((left,),) = seen
    (tmp_path / left).write_bytes(b"half")
    (tmp_path / left.replace("network", "other")).write_bytes(b"half")
    export(trial, path, "format=torch_export")
    assert sorted(file.name for file in tmp_path.iterdir()) == [left.replace("network", "other"), "network.pt2"]


def test_a_small_checkpoint_colors_alike(trial: Path, tmp_path: Path) -> None:
    path = export(trial, tmp_path / "small.ckpt", "format=checkpoint")
    assert path.stat().st_size < (trial / "checkpoints" / "best.ckpt").stat().st_size
    weights = torch.load(path, weights_only=True)["state_dict"]
    halves = {weight.dtype for name, weight in weights.items() if ".network." in name and weight.ndim == 4}
    assert halves == {torch.float16}
    photo = save(tmp_path / "photo.png", photograph(60, 40), "rgb", 8)
    pictures = [
        np.asarray(Image.open(predict(ckpt, photo, tmp_path / f"{name}.png")[0])).astype(int)
        for name, ckpt in (("a", trial), ("b", path))
    ]
    assert np.abs(pictures[0] - pictures[1]).mean() < 1


@pytest.mark.slow
@pytest.mark.parametrize(("model", "multiple"), [("csc413_transpose", 4), ("rutgers_fc1", 1), ("unet_fast", 4)])
def test_networks_that_round_sizes_serve_multiples(
    model: str, multiple: int, trial: Path, tmp_path: Path, cache: Path
) -> None:
    small = {
        "rutgers_fc1": ["model.decoder.hidden=[0.1]", "model.decoder.l2=0", "data.size=16"],
        "unet_fast": ["model.encoder.of.widths=[4,8]"],
    }
    config = compose_trial(tmp_path, cache, f"model={model}", "target.colors=4", *small.get(model, []))
    colorizer = Colorizer.load(trial / "checkpoints" / "best.ckpt")
    network = build_network(describe_model(config["model"]), 1, colorizer.target.channels).eval()
    exported = export_onnx(
        Colorizer(network, colorizer.task, colorizer.target, colorizer.description), tmp_path / "network.onnx"
    )
    assert exported.difference < 1e-3
    assert exported.multiple == multiple
    if network.side is None:
        odd = torch.rand(1, 1, 19, 35)
        assert Colorizer.load(tmp_path / "network.onnx").network(odd).shape == (1, 4, 19, 35)


@pytest.mark.slow
def test_the_network_that_comes_along_is_exported(tmp_path: Path) -> None:
    bundled = Colorizer.load(BUNDLED)
    exported = export_onnx(bundled, tmp_path / "network.onnx")
    assert exported.difference < 1e-3
    assert exported.multiple == 32
    loaded = Colorizer.load(tmp_path / "network.onnx")
    photo = photograph(350, 260)
    pictures = [colorizer.color(photo).astype(int) for colorizer in (bundled, loaded)]
    # What lies beyond the picture's sides reaches in from there, in each its own way.
    assert np.abs(pictures[0] - pictures[1]).mean() < 1.5
    square = photograph(320, 320)
    assert np.abs(bundled.color(square).astype(int) - loaded.color(square)).max() <= 1
    panorama = photograph(320, 96)  # whose shorter side the network enlarges
    small, padding = (colorizer.color(panorama).astype(int) for colorizer in (bundled, loaded))
    assert np.abs(small - padding).mean() < 1.5
    assert loaded.color(photograph(300, 20)).shape == (20, 300, 3)


def test_layers_that_look_at_sizes_pad_alike_once_fixed() -> None:
    torch.manual_seed(0)
    choices = ("model/encoder=timm", "model.encoder.name=tf_efficientnet_lite0", "model.encoder.stem=original")
    network = build_network(model_description("model=unet", *choices), 1, 4).eval()
    fixed = _with_fixed_padding(network)
    assert not any(isinstance(module, Conv2dSame) for module in fixed.modules())
    assert any(isinstance(module, Conv2dSame) for module in network.modules())
    for size in ((32, 64), (96, 32)):
        pictures = torch.rand(2, 1, *size)
        with torch.no_grad():
            torch.testing.assert_close(fixed(pictures), network(pictures))


@pytest.mark.slow
def test_files_that_exist_and_foreign_ones_are_refused(trial: Path, tmp_path: Path) -> None:
    path = export(trial, tmp_path / "network.onnx")
    with pytest.raises(UsageError, match=r"network\.onnx .*overwrite=true"):
        export(trial, path)
    with pytest.raises(UsageError, match=r"network\.onnx"):
        export(path, tmp_path / "again.onnx")
    with pytest.raises(UsageError, match=r"format=cnnx.*did you mean onnx\?"):
        export(trial, tmp_path / "a", "format=cnnx")
    (tmp_path / "noise.onnx").write_bytes(b"noise")
    with pytest.raises(UsageError, match=r"noise\.onnx"):
        Colorizer.load(tmp_path / "noise.onnx")
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "foreign.onnx")
    with pytest.raises(UsageError, match=r"foreign\.onnx"):
        Colorizer.load(tmp_path / "foreign.onnx")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, r"^ckpt= is missing: .*photographs\.ckpt"),
        ({"ckpt": str(BUNDLED)}, r"^out= is missing: .*out=photographs\.onnx$"),
        ({"ckpt": str(BUNDLED), "out": "network.pt2"}, r"^out=network\.pt2 .*format=onnx: .*\.onnx$"),
        ({"ckpt": str(BUNDLED), "out": "folder"}, r"^out=folder .*\.onnx$"),
    ],
)
def test_what_is_exported_and_whereto_is_asked_for(arguments: dict[str, str], told: str) -> None:
    beside = sorted(BUNDLED.parent.iterdir())
    with initialize_config_dir(str(CONF)), pytest.raises(UsageError, match=told):
        main(compose("export"), **arguments)
    assert sorted(BUNDLED.parent.iterdir()) == beside


@pytest.mark.slow
def test_an_onnx_file_cannot_name_foreign_classes(trial: Path, tmp_path: Path) -> None:
    model = onnx.load(export(trial, tmp_path / "network.onnx"))
    told = json.loads(model.metadata_props[0].value)
    told["target"] = {"kind": "os.system", "options": {"command": f"touch {tmp_path}/ran"}}
    onnx.helper.set_model_props(model, {"huesweep": json.dumps(told)})
    onnx.save(model, tmp_path / "hostile.onnx")
    with pytest.raises(UsageError, match=r"os\.system"):
        Colorizer.load(tmp_path / "hostile.onnx")
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_a_failed_export_leaves_an_earlier_file_alone(
    trial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "network.onnx"
    path.write_text("mine")
    monkeypatch.setattr("huesweep.inference.exporting._difference", lambda *_: 1.0)
    with pytest.raises(UsageError, match=r" 1$"):
        export(trial, path, "overwrite=true")
    assert [file.name for file in tmp_path.iterdir()] == ["network.onnx"]
    assert path.read_text() == "mine"
