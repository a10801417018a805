"""Looking kinds up by name, and building them from plain descriptions: what is refused, and in which words."""

import subprocess
import sys
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import pytest

from huesweep.color.targets.base import Target
from huesweep.colorizer.format import upgraded
from huesweep.data.sources.base import Source
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError
from huesweep.losses.base import Loss
from huesweep.losses.huber import HuberLoss
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import Encoder
from huesweep.ranges import Amount, Count, NonNegative, OddCount, Widths
from huesweep.registry import Registered, build, call, check_arguments, kind_of


class Shape(Registered):
    """A base of parts, with kinds of its own."""

    kinds: ClassVar[dict[str, type[Any]]] = {}


class Circle(Shape):
    name = "circle"

    def __init__(
        self,
        place: int,
        radius: Count,
        color: Literal["red", "green"] = "red",
        widths: Widths = (1,),
        weights: Mapping[str, NonNegative] | None = None,
        share: Amount = 0.5,
        devices: Literal["auto"] | Count = "auto",
        kernel: OddCount = 1,
    ) -> None:
        self.place = place
        self.radius = radius
        self.share = share


def circle(**options: Any) -> Circle:
    made = call(Circle, {"radius": 1, **options}, "drawing.shape", 7)
    assert isinstance(made, Circle)
    return made


def test_a_description_becomes_an_object_whose_first_arguments_are_given() -> None:
    loss = build(Loss, {"kind": "huber", "options": {"saturation": 0, "delta": 0.5}}, "loss")
    assert isinstance(loss, HuberLoss)
    assert loss.delta == 0.5
    made = circle(radius=3)
    assert (made.place, made.radius) == (7, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"radius": 0}, r"^drawing\.shape\.radius=0 .*1$"),
        ({"radius": "3"}, r"^drawing\.shape\.radius='3' .*whole number$"),
        ({"radius": 1.5}, r"^drawing\.shape\.radius=1\.5 "),
        ({"radius": True}, r"^drawing\.shape\.radius=True "),
        ({"radius": None}, r"^drawing\.shape\.radius=None "),
        ({"color": "gren"}, r"^drawing\.shape\.color=gren .*'red' or 'green'.*did you mean green\?"),
        ({"widths": [4, 0]}, r"^drawing\.shape\.widths\[1\]=0 "),
        ({"widths": []}, r"^drawing\.shape\.widths=\[\] "),
        ({"widths": 4}, r"^drawing\.shape\.widths=4 .*list"),
        ({"widths": "48"}, r"^drawing\.shape\.widths='?48'? .*list"),
        ({"weights": {"l1": 1, "mse": -2}}, r"^drawing\.shape\.weights\.mse=-2 .*0$"),
        ({"share": -0.1}, r"^drawing\.shape\.share=-0\.1 "),
        ({"share": float("nan")}, r"^drawing\.shape\.share=nan "),
        ({"devices": "aut"}, r"^drawing\.shape\.devices=aut .*'auto' or .*did you mean auto\?"),
        ({"kernel": 2}, r"^drawing\.shape\.kernel=2 .*odd"),
        ({"radios": 2}, r"drawing\.shape\.radios .*did you mean radius\?.*color, "),
        ({"place": 3}, r"drawing\.shape\.place .*: color, "),  # given already
    ],
)
def test_an_option_that_can_not_be_is_told_with_its_path_its_value_and_what_can(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as told:
        circle(**options)
    assert "\n" not in str(told.value)


def test_a_number_keeps_its_kind() -> None:
    assert [type(circle(share=share).share) for share in (5, 0.25)] == [int, float]


def test_a_missing_option_is_named() -> None:
    with pytest.raises(UsageError, match=r"^drawing\.shape\.radius "):
        call(Circle, {}, "drawing.shape", 7)
    with pytest.raises(UsageError, match=r"drawing\.shape\.radios .*did you mean radius\?"):  # says more
        call(Circle, {"radios": 3}, "drawing.shape", 7)


def test_a_constructor_checks_its_arguments_from_a_notebook_too() -> None:
    with pytest.raises(ValueError, match="input_value=0"):
        Circle(7, 0)
    with pytest.raises(ValueError, match=r"color\n.*'red' or 'green'"):
        Circle(7, 1, color="blue")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["hubber", "os", "base", "losses", "huber.HuberLoss", "../huber", ""])
def test_an_unknown_kind_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(UsageError, match=rf"^loss {name} .*: cross_entropy, focal, huber, "):
        build(Loss, {"kind": name, "options": {}}, "loss")
    with pytest.raises(UsageError, match=r"did you mean huber\?"):
        build(Loss, {"kind": "hubber", "options": {}}, "loss")


def test_a_name_belongs_to_one_class() -> None:
    def declare(module: str) -> type[Shape]:
        return type("Square", (Shape,), {"name": "square", "__module__": module})

    first = declare("somewhere")
    again = declare("somewhere")  # a module that is loaded again
    assert first is not again
    assert Shape.kinds["square"] is again
    with pytest.raises(TypeError, match="square"):
        declare("elsewhere")
    assert Shape.kinds["square"] is again


def test_a_class_is_found_in_the_file_of_its_name_alone() -> None:
    # losses/difference.py imports classes and defines one, none of which is called so.
    with pytest.raises(UsageError, match=r"^loss difference "):
        kind_of(Loss, "difference", "loss")
    with pytest.raises(UsageError, match=r"^data cifar "):  # the base of two sources, without a name
        kind_of(Source, "cifar", "data")


def test_a_checkpoint_of_an_earlier_version_names_classes_where_they_are_and_not_where_they_are_imported() -> None:
    def described(encoder: str) -> dict[str, Any]:
        task = {"_target_": "src.data.tasks.colorize.Colorize", "gray": "mean", "luminance": "keep"}
        decoder = {"_target_": "src.models.decoders.yeung.YeungDecoder", "skips": False, "kernel": 3}
        model = {"name": "yeung_cnn", "encoder": {"_target_": encoder}, "decoder": decoder}
        return {"version": 2, "model": model, "task": task, "target": {"_target_": "src.color.targets.ab.AbTarget"}}

    found = upgraded(described("src.models.encoders.yeung.YeungEncoder"))
    assert found["model"]["encoder"] == {"kind": "yeung", "options": {}}
    for foreign in ("src.models.encoders.yeung.FeatureSpec", "os.yeung.YeungEncoder", "src.models.encoders.os.system"):
        with pytest.raises(UsageError, match=r"yeung|system"):
            upgraded(described(foreign))


@pytest.mark.slow
def test_kinds_are_found_without_anybody_importing_them() -> None:
    script = """
import sys
from huesweep.models.encoders.base import Encoder
from huesweep.registry import all_kinds, build
assert not Encoder.kinds
made = build(Encoder, {"kind": "yeung", "options": {"filters": 2, "kernel": 3}}, "model.encoder", 1)
assert [spec.channels for spec in made.specs] == [2, 4, 4]
assert set(Encoder.kinds) == {"yeung"}, "looking one up loads its file alone"
print(*sorted(all_kinds(Encoder)))
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert {"dilated", "identity", "plain", "timm", "csc413", "yeung"} <= set(found.split())


def test_tables_of_different_bases_are_their_own() -> None:
    assert kind_of(Encoder, "yeung", "model.encoder") is not kind_of(Source, "photos", "data")
    with pytest.raises(UsageError, match="photos"):
        kind_of(Encoder, "photos", "model.encoder")


def foreign(first: object, count: Count, scale: float = 1.0) -> tuple[object, int, float]:
    """Checks nothing itself."""
    return first, count, scale


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, r"^foreign\.count=0 "),
        ({"count": "x"}, r"^foreign\.count='x' "),
        ({"count": 1, "scal": 2.0}, r"foreign\.scal .*did you mean scale\?"),
        ({"scale": 2.0}, r"^foreign .*count"),
        ({"count": 1, "first": 2}, r"foreign\.first .*: count, scale"),
    ],
)
def test_arguments_of_what_checks_nothing_are_checked_for_it(options: dict[str, Any], message: str) -> None:
    check_arguments(foreign, {"count": 1, "scale": 2}, "foreign", given=1)
    with pytest.raises(UsageError, match=message):
        check_arguments(foreign, options, "foreign", given=1)


@pytest.mark.parametrize(
    ("base", "options", "lacking"),
    [
        (Decoder, [()], "channels"),
        (Target, [], "encoding, channels"),
        (Task, [], "shown_as, channels, keeps_lightness"),
    ],
)
def test_what_a_kind_has_to_set_is_named(
    monkeypatch: pytest.MonkeyPatch, base: type[Any], options: list[Any], lacking: str
) -> None:
    monkeypatch.setattr(base, "kinds", dict(base.kinds))
    type("Forgetful", (base,), {"name": "forgetful"})
    with pytest.raises(UsageError, match=rf"^part: Forgetful sets no {lacking}; see {base.__name__}$"):
        build(base, {"kind": "forgetful", "options": {}}, "part", *options)
