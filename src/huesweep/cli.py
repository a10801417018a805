"""The commands, and how one starts: its configuration is composed, and a person's mistake ends it with one line.

`huesweep NAME …` and `python -m src.NAME …` are the same.
"""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import hydra
import hydra._internal.hydra
import hydra._internal.utils
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from huesweep.command_table import COMMANDS
from huesweep.errors import UsageError, unknown
from huesweep.explanation import explain
from huesweep.io.disk import disk_error
from huesweep.io.given_once import check_given_once
from huesweep.io.redacted import redact_text
from huesweep.io.terminal import remark
from huesweep.overrides import at_home, readable
from huesweep.resources import CONF, PACKAGE
from huesweep.sweeps.resolvers import register_with_hydra
from huesweep.usage import usage

TRUSTED = [
    "huesweep.*",
    "hydra.*",
    "hydra_plugins.*",
    "logging.*",
    "optuna.samplers.*",
]  # what a configuration may have Hydra call

INTERRUPTED = 130  # the status of a command that Ctrl-C ended
ELSEWHERE = "point paths.outputs, paths.cache or out= elsewhere"


def main(name: str | None = None) -> None:
    """Run a command with the command line; without a name, the one that the command line begins with."""
    if name is None:
        name = _take_name()
    command = COMMANDS[name]
    _tell_other_code()
    if "--version" in sys.argv[1:]:  # Hydra would tell its own
        _print_and_leave(f"huesweep {version('huesweep')}\n")
    if command.config is not None and {"-h", "--help"} & set(sys.argv[1:]):
        _print_and_leave(usage(name))
    try:
        function = importlib.import_module(f"huesweep.commands.{name}").main
        if command.config is None:
            function(sys.argv[1:])
        else:
            run(function, command.config, tuple(command.literal), command.repeated)
    except UsageError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _tell_other_code() -> None:
    """Say so where a checkout is the working folder, and the code of another one runs."""
    here = Path("src", "huesweep")
    if here.is_dir() and not here.samefile(PACKAGE):
        remark(f"the code and conf/ of {PACKAGE.parent.parent} run, not those of this folder: pip install -e .")


def _take_name() -> str:
    """Take the command's name out of the command line. Leaves with status 1 and the list where there is none."""
    given = sys.argv[1] if len(sys.argv) > 1 else ""
    if given in COMMANDS:
        del sys.argv[1]
        return given
    if "LOCAL_RANK" in os.environ:  # Lightning starts the helpers of trainer=ddp, without the command's name
        return "train"
    listed = "\n".join(f"  {name:<11}{command.about}" for name, command in COMMANDS.items())
    text = f"usage: huesweep COMMAND [OVERRIDE ...]\n\n{listed}"
    if given == "--version":
        _print_and_leave(f"huesweep {version('huesweep')}\n")
    if given in ("-h", "--help"):
        _print_and_leave(f"{text}\n")
    sys.exit(f"error: {unknown('command', given, COMMANDS)}" if given else text)


def _print_and_leave(text: str) -> NoReturn:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads it, `head` say, may have enough before its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def run(
    function: Callable[..., object], config_name: str, literal: Sequence[str] = (), repeated: Sequence[str] = ()
) -> None:
    """Compose conf/`config_name`.yaml with the command line and call `function` with the result.

    literal: names whose values are taken from the command line as they stand, whatever characters they hold, and
    passed to `function` as keyword arguments instead; those in `repeated` may be given several times: a list.
    Leaves with status 1 and one line after a mistake of the user's; HYDRA_FULL_ERROR=1 in the environment shows the
    traceback as well.
    """
    try:
        if "LOCAL_RANK" not in os.environ:  # Lightning starts helpers with options of its own beside a person's
            check_given_once(sys.argv[1:], repeated)
        register_with_hydra()
    except UsageError as error:
        sys.exit(f"error: {error}")
    wants_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    defects: list[Exception] = []
    for module in (hydra._internal.utils, hydra._internal.hydra):
        module.run_and_report = _call  # type: ignore[attr-defined]

    def task(config: DictConfig) -> object:
        try:
            return function(config, **values)
        except BrokenPipeError:  # whoever read the output, `head` say, has had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except Exception as error:
            told = _told(error, literal)
            if told is None:
                defects.append(error)
            if told is None or wants_traceback:
                raise
            sys.exit(f"error: {told}")  # Hydra prints a line of its own for what is raised

    try:
        arguments, values = _take_literal(sys.argv[1:], literal, repeated)
        sys.argv[1:] = readable(arguments, config_name, literal)
        hydra.main(config_path=str(CONF), config_name=config_name, execution_whitelist=TRUSTED)(task)()
    except Exception as error:  # but for what the command itself met, Hydra and its plugins refuse what they were given
        if error in defects or wants_traceback:
            raise
        sys.exit(f"error: {_told(error, literal) or redact_text(explain(error, literal))}")


def _told(error: Exception, literal: Sequence[str]) -> str | None:
    """One line for what is no defect: a mistake in the configuration, a disk that is full or can't be written to."""
    if isinstance(error, UsageError | HydraException | OmegaConfBaseException):
        return redact_text(explain(error, literal))
    told = disk_error(error, ELSEWHERE) if isinstance(error, OSError) else None
    return str(told) if told else None


def _call(function: Callable[[], Any]) -> Any:
    """In place of Hydra's own, which prints what is raised and leaves: here errors are told in one line.

    HYDRA_FULL_ERROR in the environment would do the same, but every process that is started would have it too.
    """
    return function()


def _take_literal(
    arguments: Sequence[str], names: Sequence[str], repeated: Sequence[str]
) -> tuple[list[str], dict[str, Any]]:
    left: list[str] = []
    given: dict[str, list[str]] = {}
    for argument in _named(arguments, names):
        name, separator, value = argument.lstrip("+").partition("=")
        if separator and name in names and not value:  # as of a script's variable that is not set
            raise UsageError(f"{name}= is empty: give it a value, or leave it out")
        if separator and name in names:
            given.setdefault(name, []).append(at_home(value))
        else:
            left.append(argument)
    return left, {name: values if name in repeated else values[-1] for name, values in given.items()}


def _named(arguments: Sequence[str], names: Sequence[str]) -> list[str]:
    """The command line with a path that stands alone put behind the option that it is for.

    Raises UsageError for `--img photo.jpg`, `ckpt photo` and `out = photo.jpg`, which say what was meant.
    """
    usual = next((name for name in ("img", "sweep", "ckpt") if name in names), None)
    told: list[str] = []
    for place, argument in enumerate(arguments):
        name, equals, _ = argument.lstrip("-").partition("=")
        if name in names and (other := _otherwise(arguments[place : place + 3])):
            raise UsageError(other)
        is_word = not equals and not argument.startswith(("-", "~", "+"))
        is_path = is_word or (name not in names and "." in argument and Path(argument).is_file())
        told.append(f"{usual}={argument}" if usual and is_path else argument)
    return told


def _otherwise(words: Sequence[str]) -> str:
    """How an option is written that was typed as a flag, or with spaces around its =; nothing where it is right."""
    first, *after = words
    name, equals, value = first.lstrip("-").partition("=")
    is_spaced = False
    if not equals:
        is_spaced = bool(after) and after[0].startswith("=")
        after = after[: 2 if after[:1] == ["="] else 1]
        value = after[-1].removeprefix("=") if after else ""
    elif not value and after and "=" not in after[0] and not after[0].startswith(("-", "~", "+")):
        is_spaced = True
        value = after[0]
        after = after[:1]
    else:
        after = []
    if equals and not is_spaced and not first.startswith("--"):
        return ""
    typed = " ".join([first, *after]).rstrip()
    return f"{typed} is written {name}={value or 'VALUE'}{' (no spaces around =)' if is_spaced else ''}"
