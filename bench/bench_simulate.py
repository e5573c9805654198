"""How fast `edgesim simulate` is, in CPU time of one process, and what memory it takes.

python -m bench.bench_simulate                   10^5 and 10^6 requests
python -m bench.bench_simulate 100000 10000000   those numbers

Two scenarios: a site of 300 objects that are kept for a day, so that nearly all requests are hits
at POPs; and the first model of edgesim's own scenario, with its misses, functions and uncached
API. Each is measured in a process of its own. `begun` is the share of requests that were
lifecycles from beginning to end; of the others it is known that theirs would do what one before
did (`sim/known.py`). The last line of each begins them all.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import replace
from time import process_time
from typing import Any

from edgesim.config.scenario import built_in, parse_scenario
from edgesim.config.world import world
from edgesim.effects import Steps
from edgesim.sim.run import ShardRun
from edgesim.sim.scenario import Scenario
from edgesim.sim.shards import shards

HOT = """
[contents.static]
objects = 300
zipf = 0.9
size_kb = { p0 = 1, p50 = 12, p100 = 2_000 }
ttl_s = 86_400
[models.edge]
"""
MOST_BEGUN = 100_000
"""With more requests, beginning every lifecycle takes long and says nothing new."""


class Counting(ShardRun):
    """Knows how many lifecycles it began."""

    begun = 0

    def _visit(self, *given: Any) -> Steps[None]:
        self.begun += 1
        return super()._visit(*given)


def scenario(name: str, requests: int) -> Scenario:
    plan = parse_scenario(HOT if name == "hits" else built_in())
    return replace(plan, requests=requests, models=plan.models[:1])


def measure(name: str, requests: int, *, recalls: bool) -> dict[str, float]:
    plan, began = scenario(name, requests), process_time()
    count = begun = 0
    for shard in shards(world(), plan):
        run = Counting(world(), plan, shard, recalls=recalls)
        count += run.run().requests
        begun += run.begun
    seconds = process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"requests": count, "per_s": count / seconds, "begun": begun / count, "peak_mb": peak}


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--one"]:
        name, number, mode = arguments[1:]
        print(json.dumps(measure(name, int(number), recalls=mode == "recalls")))
        return
    print("| scenario | requests | a second of CPU time | begun | peak memory, MB |")
    print("|---|---|---|---|---|")
    for requests in [int(argument) for argument in arguments] or [100_000, 1_000_000]:
        for name in ("hits", "built-in"):
            modes = ["recalls", "all begun"] if requests <= MOST_BEGUN else ["recalls"]
            for mode in modes:
                command = [sys.executable, "-m", "bench.bench_simulate", "--one", name]
                done = subprocess.run(
                    [*command, str(requests), mode], check=True, capture_output=True, text=True
                )
                found = json.loads(done.stdout)
                print(
                    f"| {name}{'' if mode == 'recalls' else ', ' + mode} | "
                    f"{found['requests']:,} | {found['per_s']:,.0f} | {found['begun']:.1%} | "
                    f"{found['peak_mb']:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
