"""Coloring photos: of any size, under any name, into results that are never lost."""

import re
from pathlib import Path

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from PIL import Image
from skimage.color import rgb2lab

from huesweep.colorizer.colorizer import Colorizer
from huesweep.commands.predict import main
from huesweep.errors import UsageError
from huesweep.resources import BUNDLED, CONF
from huesweep.training.folder import TrialFolder
from tests.conftest import SMALL, compose_trial, train
from tests.disks import read_only


def predict(ckpt: Path, img: Path | str | list[str], out: Path | str = "", *overrides: str) -> list[Path]:
    with initialize_config_dir(str(CONF)):
        config = compose("predict", list(overrides))
    return main(config, ckpt=str(ckpt), img=img if isinstance(img, list) else str(img), out=str(out))


def save_photo(path: Path, width: int, height: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(levels).save(path)
    return path


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (33, 35), (300, 200), (700, 20)])
def test_the_output_has_the_inputs_size(trial: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    photo = save_photo(tmp_path / "photo.png", *size)
    (colored,) = predict(trial, photo)
    assert colored == tmp_path / "photo-colored.png"
    with Image.open(colored) as picture:
        assert (picture.size, picture.mode) == (size, "RGB")


@pytest.mark.slow
def test_a_network_of_one_size_colors_photos_of_any(cache: Path, tmp_path: Path) -> None:
    few = ("data.size=16", "data.train=32", "data.validation=16", "data.test=16", "examples.count=2")
    regression = ("target=rgb", "loss=sum_of_squares", "trainer.accelerator=cpu", "trainer.max_epochs=1")
    model = ("model=rutgers_fc1", "model.decoder.hidden=[0.1]", "model.decoder.l2=1e-3")
    config = compose_trial(tmp_path, cache, *few, *model, *regression)
    train(config, TrialFolder(tmp_path / "trial"))
    (colored,) = predict(tmp_path / "trial", save_photo(tmp_path / "photo.png", 50, 20))
    with Image.open(colored) as picture:
        assert picture.size == (50, 20)


@pytest.mark.parametrize(
    "name",
    ["a=b.png", "a,b.png", "[a].png", "{a}.png", "ein bißchen grün.png", "'q\".png", "$HOME ${x}.png", "写真.png"],
)
def test_a_photo_may_have_any_name(trial: Path, tmp_path: Path, name: str) -> None:
    (colored,) = predict(trial, save_photo(tmp_path / "in" / name, 20, 20), tmp_path / name)
    assert colored == tmp_path / name
    assert colored.exists()


@pytest.mark.parametrize("where", ["file", "trial", "sweep"])
def test_a_checkpoint_may_be_given_by_its_file_its_trial_or_its_sweep(trial: Path, tmp_path: Path, where: str) -> None:
    ckpt = {"file": trial / "checkpoints" / "best.ckpt", "trial": trial, "sweep": trial.parent}[where]
    assert predict(ckpt, save_photo(tmp_path / "photo.png", 16, 16))


def test_what_to_expect_of_a_network_for_little_pictures_is_told_last(
    trial: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (colored,) = predict(trial, save_photo(tmp_path / "photo.png", 16, 16))
    *_, wrote, expected = capsys.readouterr().out.splitlines()
    assert wrote == f"wrote {colored}"
    assert expected.startswith("Trained on pictures of 32 × 32 pixels: expect ")
    assert "ckpt=" in expected
    predict(BUNDLED, tmp_path / "photo.png", tmp_path / "again.png")
    assert capsys.readouterr().out.splitlines()[-1] == f"wrote {tmp_path}/again.png"


def test_a_gray_photo_keeps_its_brightness(trial: Path, tmp_path: Path) -> None:
    ramp = np.linspace(40, 215, 64 * 48).reshape(48, 64).astype(np.uint8)
    Image.fromarray(ramp).save(tmp_path / "gray.png")
    (colored,) = predict(trial, tmp_path / "gray.png")
    with Image.open(colored) as picture:
        lightness = rgb2lab(np.asarray(picture))[..., 0]
    expected = rgb2lab(np.repeat(ramp[..., None], 3, axis=2))[..., 0]
    assert np.abs(lightness - expected).mean() < 1


def test_a_folder_of_photos_is_colored_into_another(trial: Path, tmp_path: Path) -> None:
    for name in ("a.png", "b.jpg"):
        save_photo(tmp_path / "in" / name, 20, 16)
    (tmp_path / "in" / "notes.txt").write_text("not a photo")
    written = predict(trial, tmp_path / "in", tmp_path / "out")
    assert written == [tmp_path / "out" / "a-colored.png", tmp_path / "out" / "b-colored.jpg"]


def test_a_bad_photo_is_named_and_the_others_are_colored(trial: Path, tmp_path: Path) -> None:
    save_photo(tmp_path / "in" / "b.png", 20, 16)
    (tmp_path / "in" / "a.jpg").write_text("not a photo")
    with pytest.raises(UsageError, match=r"img=.*a\.jpg "):
        predict(trial, tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out" / "b-colored.png").exists()


def test_a_photo_is_turned_upright(trial: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: the camera was held on its side
    Image.new("RGB", (40, 20), (120, 90, 60)).save(tmp_path / "side.jpg", exif=exif)
    (colored,) = predict(trial, tmp_path / "side.jpg")
    with Image.open(colored) as picture:
        assert picture.size == (20, 40)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"img": ""}, "img="),
        ({"img": "nowhere.jpg"}, "img=nowhere.jpg"),
        ({"ckpt": "nowhere"}, "ckpt=nowhere"),
        ({"out": "colored.gif"}, r"out=colored\.gif.*\.png"),
    ],
)
def test_a_wrong_path_is_named(trial: Path, tmp_path: Path, options: dict[str, str], message: str) -> None:
    photo = save_photo(tmp_path / "photo.png", 16, 16)
    with pytest.raises(UsageError, match=message):
        predict(**{"ckpt": trial, "img": photo, "out": "", **options})  # type: ignore[arg-type]


@pytest.mark.parametrize(("out", "named"), [("", "{}/in"), ("new/a.png", "out=new/a.png"), ("new", "out=new")])
def test_a_place_that_takes_nothing_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, named: str
) -> None:
    photo = save_photo(tmp_path / "in" / "photo.png", 16, 16)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Colorizer, "load", None)  # is not called
    told = f"{named.format(tmp_path)} can't be written to: Permission denied; name another place with out="
    with read_only(tmp_path), pytest.raises(UsageError, match=f"^{re.escape(told)}$"):
        predict(BUNDLED, photo, out)
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "in", photo]


def test_what_ends_in_a_slash_is_a_folder(trial: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "photo.png", 16, 16)
    for name in ("new.folder", "new.png"):
        assert predict(trial, photo, f"{tmp_path / name}/") == [tmp_path / name / "photo-colored.png"]


def test_a_photo_is_never_written_over(trial: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "photo.png", 16, 16)
    before = photo.read_bytes()
    with pytest.raises(UsageError, match=r"out=.*photo\.png"):
        predict(trial, photo, photo)
    assert photo.read_bytes() == before


def test_a_checkpoint_that_showed_its_own_brightness_can_keep_the_photos(cache: Path, tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path / "trial")
    train(compose_trial(tmp_path, cache, *SMALL, "task.luminance=predicted"), folder)
    photo = save_photo(tmp_path / "photo.png", 20, 30)
    for index, luminance in enumerate(("keep", "predicted")):
        assert predict(folder.path, photo, tmp_path / f"{index}.png", f"luminance={luminance}")


def test_earlier_results_are_not_colored_again(trial: Path, tmp_path: Path) -> None:
    save_photo(tmp_path / "in" / "a.png", 16, 16)
    for _ in range(2):
        assert predict(trial, tmp_path / "in", "", "overwrite=true") == [tmp_path / "in" / "a-colored.png"]


def test_a_metric_that_does_not_exist_ranks_nothing(trial: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"pnsr .*did you mean psnr\?"):
        predict(trial.parent, save_photo(tmp_path / "a.png", 16, 16), "", "rank=pnsr")


def test_several_photos_may_be_named_and_patterns_given(trial: Path, tmp_path: Path) -> None:
    for name in ("in/a.png", "in/deeper/b.png", "c.png"):
        save_photo(tmp_path / name, 20, 16)
    pattern = str(tmp_path / "in" / "**" / "*.png")
    written = predict(trial, [pattern, str(tmp_path / "c.png")], tmp_path / "out")
    assert {path.name for path in written} == {"a-colored.png", "b-colored.png", "c-colored.png"}
    with pytest.raises(UsageError, match=r"img=.*\*\.jpg"):
        predict(trial, tmp_path / "*.jpg")


def test_results_of_two_photos_of_one_name_do_not_replace_each_other(trial: Path, tmp_path: Path) -> None:
    photos = [str(save_photo(tmp_path / name / "a.png", 20, 16)) for name in ("x", "y")]
    with pytest.raises(UsageError, match=r"a-colored\.png"):
        predict(trial, photos, tmp_path / "out")
    assert (tmp_path / "out" / "a-colored.png").exists()


def test_several_failures_are_listed(trial: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_photo(tmp_path / "in" / "c.png", 20, 16)
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "in" / name).write_text("not a photo")
    with pytest.raises(UsageError, match=r"^2 of 3 photos failed, as told above$"):
        predict(trial, tmp_path / "in", tmp_path / "out")
    failed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("failed: ")]
    assert [re.search(r"[ab]\.jpg", line)[0] for line in failed] == ["a.jpg", "b.jpg"]  # type: ignore[index]
    assert (tmp_path / "out" / "c-colored.png").exists()


def test_existing_results_are_left_alone(trial: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png", 20, 16)
    (tmp_path / "a-colored.png").write_text("mine")
    with pytest.raises(UsageError, match=r"a-colored\.png .*overwrite=true"):
        predict(trial, photo)
    assert (tmp_path / "a-colored.png").read_text() == "mine"
    assert predict(trial, photo, "", "overwrite=true") == [tmp_path / "a-colored.png"]


def test_samples_comparison_and_format(trial: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png", 20, 16)
    written = predict(trial, photo, "", "samples=2", "compare=true", "format=webp")
    assert [path.name for path in written] == ["a-colored-1.webp", "a-colored-2.webp", "a-compared.webp"]
    with Image.open(written[2]) as compared:
        assert compared.size == (80, 16)  # gray, two colorings, original
        assert compared.format == "WEBP"
        panes = np.asarray(compared.convert("RGB"))
    with Image.open(written[1]) as second, Image.open(photo) as original:
        assert (panes[:, 40:60] == np.asarray(second.convert("RGB"))).all()
        assert (panes[:, 60:] == np.asarray(original)).all()
    assert (panes[:, :20, 0] == panes[:, :20, 1]).all()


def test_photos_of_many_sizes_are_colored_as_one_by_one(trial: Path, tmp_path: Path) -> None:
    sizes = [(40, 30), (30, 40), (40, 30), (17, 5), (40, 30)]
    photos = [save_photo(tmp_path / "in" / f"{place}.png", *size) for place, size in enumerate(sizes)]
    together = sorted(predict(trial, tmp_path / "in", tmp_path / "out", "batch_size=2"))
    for photo, path in zip(photos, together, strict=True):
        (alone,) = predict(trial, photo, tmp_path / "alone" / photo.name)
        with Image.open(path) as left, Image.open(alone) as right:
            assert np.abs(np.asarray(left).astype(int) - np.asarray(right)).max() <= 1


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("format=gif", "format=gif.*jpg, jpeg, png"),
        ("device=tpu", "device=tpu.*auto.*cpu.*gpu.*cuda.*mps"),
        ("batch_size=0", "batch_size=0"),
        ("samples=many", "samples='many'"),
        ("max_megapixels=0.0001", "max_megapixels=0.0001"),
    ],
)
def test_a_wrong_option_is_told(trial: Path, tmp_path: Path, override: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        predict(trial, save_photo(tmp_path / "photo.png", 16, 16), "", override)


def test_a_path_with_the_patterns_signs_is_itself(trial: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "[a]*.png", 16, 16)
    assert predict(trial, photo) == [tmp_path / "[a]*-colored.png"]


def test_a_folder_of_one_photo_goes_into_a_folder(trial: Path, tmp_path: Path) -> None:
    save_photo(tmp_path / "in" / "a.png", 20, 16)
    assert predict(trial, tmp_path / "in", tmp_path / "out") == [tmp_path / "out" / "a-colored.png"]


def test_a_switch_is_true_or_false(trial: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png", 20, 16)
    (tmp_path / "a-colored.png").write_text("mine")
    for name in ("overwrite", "compare", "palette"):
        with pytest.raises(UsageError, match=f"{name}='no'"):
            predict(trial, photo, "", f"{name}=no")
    assert (tmp_path / "a-colored.png").read_text() == "mine"


def test_a_format_that_contradicts_the_name_is_refused(trial: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"out=.*b\.jpg and format=png"):
        predict(trial, save_photo(tmp_path / "a.png", 20, 16), tmp_path / "b.jpg", "format=png")


def test_a_photo_whose_own_name_ends_like_a_result_is_colored(trial: Path, tmp_path: Path) -> None:
    save_photo(tmp_path / "in" / "hand-colored.png", 20, 16)
    assert predict(trial, tmp_path / "in", tmp_path / "out") == [tmp_path / "out" / "hand-colored-colored.png"]


def test_a_folder_that_is_started_again_goes_on_where_it_was_cut_off(
    trial: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "abc":
        save_photo(tmp_path / "in" / f"{name}.png", 20, 16)
    out = tmp_path / "out"
    predict(trial, tmp_path / "in", out, "compare=true")
    whole = {path.name: path.read_bytes() for path in out.iterdir()}
    for gone in ("b-compared.png", "c-colored.png", "c-compared.png"):
        (out / gone).unlink()
    left = [out / name for name in (".b-compared.png.abcd1234.part", ".mine.png.abcd1234.part")]
    for path in left:
        path.write_bytes(b"half")
    untouched = {path: path.stat().st_mtime_ns for path in out.glob("a-*")}
    capsys.readouterr()
    written = predict(trial, tmp_path / "in", out, "compare=true")
    assert {path.name for path in written} == {"b-compared.png", "c-colored.png", "c-compared.png"}
    assert (
        "kept the results of 1 of 3 photos, which exist already, perhaps of other photos or options (overwrite=true"
    ) in capsys.readouterr().out
    assert untouched == {path: path.stat().st_mtime_ns for path in out.glob("a-*")}
    assert [path.exists() for path in left] == [False, True]
    left[1].unlink()
    assert {path.name: path.read_bytes() for path in out.iterdir()} == whole
    assert predict(trial, tmp_path / "in", out, "compare=true") == []


def test_a_second_photo_of_a_name_stays_an_error_when_the_first_is_done(trial: Path, tmp_path: Path) -> None:
    photos = [str(save_photo(tmp_path / name / "a.png", 20, 16)) for name in ("x", "y")]
    for _ in range(2):
        with pytest.raises(UsageError, match=r"a-colored\.png is the result for another photo"):
            predict(trial, photos, tmp_path / "out")
