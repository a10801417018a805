"""What is told of pictures before they are trained on."""

import pytest
import torch

from huesweep.data.picture_checks import check_colors, tell_few
from huesweep.errors import UsageError


def test_black_and_white_pictures_are_refused(generator: torch.Generator) -> None:
    gray = torch.randint(0, 256, (12, 1, 8, 8), generator=generator, dtype=torch.uint8).expand(-1, 3, -1, -1)
    with pytest.raises(UsageError, match="data=folder: its training pictures are black and white"):
        check_colors(gray, "folder")


@pytest.mark.parametrize(("gray", "told"), [(0, ""), (1, ""), (5, "25% of the training pictures are gray")])
def test_many_gray_pictures_are_told(
    generator: torch.Generator, capsys: pytest.CaptureFixture[str], gray: int, told: str
) -> None:
    pictures = torch.randint(0, 256, (20, 3, 8, 8), generator=generator, dtype=torch.uint8)
    pictures[:gray] = pictures[:gray, :1]
    check_colors(pictures, f"folder{gray}")
    assert told in capsys.readouterr().err
    assert bool(told) == (gray == 5)


def test_too_few_pictures_to_choose_or_to_score_by_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    tell_few(0, 1, "own")
    told = capsys.readouterr().err
    assert "no validation pictures, so that the last epoch counts" in told
    assert "1 test picture, of which scores tell little" in told
    tell_few(10, 100, "own")
    assert capsys.readouterr().err == ""
