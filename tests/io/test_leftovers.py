"""What killed processes leave of files is removed, and what is being written is not."""

import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

from huesweep.io.atomic import write_atomically, write_text_atomically
from huesweep.io.leftovers import remove_leftovers

DIE = """
import os, signal, sys
from pathlib import Path
from huesweep.io.atomic import write_atomically
def write(file):
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
write_atomically(Path(sys.argv[1]), write)
"""


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", DIE, str(tmp_path / "best.ckpt")], check=False)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".best.ckpt.")
    mine = ["film.part", ".film.part", ".notes.txt"]
    for name in mine:
        (tmp_path / name).write_text("mine")
    remove_leftovers(tmp_path, is_meant=lambda name: name == "last.ckpt")
    assert left.exists()
    remove_leftovers(tmp_path.parent)
    assert left.exists()
    remove_leftovers(tmp_path.parent, below=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(mine)


def test_what_is_being_written_stays(tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"whole")
        remove_leftovers(tmp_path)

    write_atomically(tmp_path / "file.txt", write)
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]
    assert (tmp_path / "file.txt").read_bytes() == b"whole"


def test_a_file_that_is_taken_away_before_it_is_marked_is_begun_anew(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from huesweep.io.leftovers import remove_leftovers
while not Path(sys.argv[1], "stop").exists():
    remove_leftovers(Path(sys.argv[1]))
"""
    cleaner = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
    try:
        for number in range(200):
            write_text_atomically(tmp_path / "file.txt", str(number))
            assert (tmp_path / "file.txt").read_text() == str(number)
    finally:
        (tmp_path / "stop").touch()
        cleaner.wait(20)
