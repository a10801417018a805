"""A sweep of a thousand trials over eight nodes, which one machine pretends to be: what scheduling and reading it cost.

All but one of the trials have nothing to do: each is scheduled, and found to have finished before.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huesweep.benchmarks.page import BROWSERS, seconds_over_blank
from huesweep.benchmarks.processes import Cost, cost_of
from huesweep.benchmarks.report import Row, alternate
from huesweep.benchmarks.start import seconds_of
from huesweep.benchmarks.sweep import COMMON, LOCAL, ONE, pretend_finished, sweep

FEW, MANY, NODES = 10, 1000, 8
REPETITIONS = 3
STATUS_SECONDS, PAGE_SECONDS, PAGE_MB = 1, 2, 5


def run(few: int = FEW, many: int = MANY, nodes: int = NODES) -> Iterator[Row]:
    """The same sweep of few and of many trials, so that what a sweep costs at all is told from what a trial adds."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        sweep(work, *COMMON, *ONE, *LOCAL, "sweep.name=one", "hydra.sweeper.params.model=unet", "seed=0")
        trained = next((work / "sweeps" / "one").glob("*/result.json"))
        driven = {}
        with cluster(nodes) as address:
            for count in (few, many):
                pretend_finished(trained, work / "sweeps" / f"idle{count}", count)
                driven[count] = drive(work, address, count)
                yield Row(f"{count} trials on {nodes} nodes", driven[count].seconds, "s")
                yield Row(f"memory of the driver of {count} trials", driven[count].gibibytes, "GiB")
        yield Row("a trial more", (driven[many].seconds - driven[few].seconds) / (many - few), "s")
        more = (driven[many].gibibytes - driven[few].gibibytes) / (many - few)
        yield Row("memory for a trial more", more * 2**20, "KiB")
        folder = work / "sweeps" / f"idle{many}"
        yield Row(f"manifest of {many} trials", (folder / "sweep.json").stat().st_size / 1e6, "MB")
        ((status, spread),) = alternate(REPETITIONS, lambda: seconds_of("-m", "src.sweeps", "status", str(folder)))
        yield Row(f"status of {many} trials", status, "s", spread, STATUS_SECONDS, "lower")
        page = folder / "report.html"
        yield Row(f"page of {many} trials", page.stat().st_size / 1e6, "MB", 0, PAGE_MB, "lower")
        if browser is None:
            print("there is no browser here: nothing is opened", file=sys.stderr)
            return
        opened, spread = seconds_over_blank(browser, work, page, REPETITIONS)
        yield Row(f"page of {many} trials opens, over a blank one", opened, "s", spread, PAGE_SECONDS, "lower")


@contextmanager
def cluster(nodes: int) -> Iterator[str]:
    """A Ray cluster of so many nodes of one CPU each, all on this machine; gives its address."""
    os.environ["RAY_AUTH_MODE"] = "disabled"  # nobody else reaches it
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    started = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        for _ in range(nodes - 1):
            started.add_node(num_cpus=1)
        started.wait_for_nodes()
        yield started.address
    finally:
        started.shutdown()


def drive(outputs: Path, address: str, count: int) -> Cost:
    """Run the sweep of trials of which one is left."""
    places = (f"paths.outputs={outputs}", f"paths.cache={outputs}/cache", f"sweep.name=idle{count}")
    ray = ("hydra/launcher=ray", f"hydra.launcher.ray.init.address={address}", "cpus_per_trial=1")
    return cost_of(["-m", "src.train", "-m", *places, *COMMON, *ONE, *ray, f"seed=range({count})"])
