"""Processes that come on demand, stay warm, run late, die, and are gone afterwards."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from edgesim.cloudfront.function import Trigger
from edgesim.errors import FunctionError, FunctionTimeout
from edgesim.runtimes import environment, words
from edgesim.runtimes.base import LogLine
from edgesim.runtimes.pool import Pool
from edgesim.runtimes.python import python_host
from edgesim.runtimes.report import Report

from .conftest import Run, Running, Write, processes_of

MEET = """
    import os, pathlib, time
    def handler(event, context):
        folder = pathlib.Path(__file__).parent.parent
        (folder / f"here-{os.getpid()}").touch()
        while len(list(folder.glob("here-*"))) < event["meet"]:
            time.sleep(0.001)
        return {"pid": os.getpid()}
"""
"""Returns once as many processes as asked for are in it at once."""

SLOW = """
    import os, time
    def handler(event, context):
        if event.get("sleep"):
            print("still here")
            while True:
                pass
        return {"pid": os.getpid()}
"""


async def pids(fn: Running, *events: dict[str, int]) -> list[int]:
    return [answer["pid"] for answer in await asyncio.gather(*map(fn, events))]


async def test_at_once_means_one_process_each(run: Run) -> None:
    fn = run(MEET)
    assert len(set(await pids(fn, *[{"meet": 4}] * 4))) == 4
    assert fn.pool.size == 4


async def test_one_after_the_other_means_the_same_process(run: Run) -> None:
    fn = run(MEET)
    assert len({(await pids(fn, {"meet": 1}))[0] for _ in range(5)}) == 1
    assert fn.pool.size == 1


async def test_the_process_used_last_is_used_next(run: Run) -> None:
    fn = run(MEET)
    await pids(fn, {"meet": 2}, {"meet": 2})
    assert len({(await pids(fn, {"meet": 2}))[0] for _ in range(5)}) == 1


async def test_beyond_the_limit_they_wait_in_line(run: Run) -> None:
    fn = run(MEET, limit=2)
    answers = await pids(fn, *[{"meet": 2}] * 20)
    assert len(set(answers)) == 2
    assert fn.pool.size == 2


async def test_waiting_in_line_does_not_count_as_running(run: Run) -> None:
    source = """
        import time
        def handler(event, context):
            time.sleep(0.1)
            return {"left": context.get_remaining_time_in_millis()}
    """
    fn = run(source, limit=1, timeout_s=0.3)
    answers = await asyncio.gather(*[fn() for _ in range(5)])
    assert all(answer["left"] <= 200 for answer in answers)


async def test_past_its_time_limit_a_process_is_killed_and_replaced(run: Run) -> None:
    fn = run(SLOW, timeout_s=0.3)
    first = (await fn())["pid"]
    with pytest.raises(FunctionTimeout) as raised:
        await fn({"sleep": True}, Trigger.ORIGIN_REQUEST)
    error = raised.value
    assert error.what == "Task timed out after 0.30 seconds"
    assert error.where == "function fn at origin-request"
    assert error.log == ("still here",)
    assert fn.pool.size == 0
    assert (await fn())["pid"] != first


async def test_a_crash_costs_one_request(run: Run) -> None:
    source = """
        import os
        def handler(event, context):
            return os._exit(1) if event.get("die") else {"pid": os.getpid()}
    """
    fn = run(source, limit=1)
    outcomes = await asyncio.gather(fn(), fn({"die": 1}), fn(), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [dict, FunctionError, dict]
    assert "Runtime.ExitError: exit status 1" in str(outcomes[1])


async def test_a_process_that_dies_idle_is_not_used_again(run: Run) -> None:
    fn = run(SLOW)
    pid = (await fn())["pid"]
    (alone,) = fn.pool._environments
    os.kill(pid, 9)
    await alone.over
    assert fn.pool.size == 0
    assert (await fn())["pid"] != pid


async def test_the_init_phase_has_its_own_limit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "INIT_TIMEOUT_S", 0.3)
    fn = run("print('importing')\nwhile True: pass")
    with pytest.raises(FunctionTimeout, match=r"still being imported after 0\.30 s") as raised:
        await fn.pool.start()
    assert raised.value.log == ("importing",)


async def test_who_gives_up_waiting_disturbs_nobody(run: Run) -> None:
    fn = run(SLOW, limit=1, timeout_s=0.5)
    await fn()
    running = asyncio.ensure_future(fn())
    waiting = asyncio.ensure_future(fn())
    patient = asyncio.ensure_future(fn())
    await asyncio.sleep(0)
    running.cancel()
    waiting.cancel()
    assert (await patient)["pid"]
    assert fn.pool.size == 1, "the answer nobody waited for came all the same"


async def test_who_gives_up_during_the_start_leaves_no_process(run: Run, tmp_path: Path) -> None:
    fn = run("print('importing')\nwhile True: pass")
    start = asyncio.ensure_future(fn())
    await fn.heard.wait()
    (alone,) = fn.pool._environments
    start.cancel()
    await alone.over
    assert processes_of(tmp_path) == set()


async def test_a_stop_leaves_nothing_behind_not_even_what_the_function_started(
    run: Run, tmp_path: Path
) -> None:
    source = f"""
        import subprocess, sys
        program = "import time; print('started', flush=True); time.sleep(60)"
        subprocess.Popen([sys.executable, "-c", program, {str(tmp_path)!r}])
        def handler(event, context):
            while True: pass
    """
    fn = run(source, limit=1)
    await fn.pool.start()
    busy = [asyncio.ensure_future(fn()) for _ in range(3)]
    await fn.heard.wait()
    assert len(processes_of(tmp_path)) == 2
    await asyncio.gather(fn.pool.stop(), fn.pool.stop())
    outcomes = await asyncio.gather(*busy, return_exceptions=True)
    assert ["stopped" in str(outcome) for outcome in outcomes] == [True] * 3
    with pytest.raises(FunctionError, match="stopped"):
        await fn()


async def test_a_stop_during_the_start(run: Run) -> None:
    fn = run("def handler(event, context): return {}")
    start = asyncio.ensure_future(fn())
    await asyncio.sleep(0)
    await fn.pool.stop()
    with pytest.raises(FunctionError, match="stopped"):
        await start


async def test_noise_on_the_pipe_is_an_error_of_the_function(run: Run) -> None:
    source = """
        import os, stat
        def handler(event, context):
            for fd in range(3, 100):
                try:
                    if stat.S_ISSOCK(os.fstat(fd).st_mode):
                        os.write(fd, b"\\x00\\x00\\x00\\x05noise")
                except OSError:
                    pass
            while True: pass
    """
    with pytest.raises(FunctionError, match="unreadable into the pipe"):
        await run(source)()


LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


@pytest.mark.parametrize("new_loop", LOOPS, ids=["asyncio", "uvloop"])
def test_either_loop_will_do(
    write: Write, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def story() -> None:
        said: list[LogLine | Report] = []
        host = python_host(write(SLOW, timeout_s=0.3))
        pool = Pool(host, said.append)
        try:
            answers = await asyncio.gather(
                *[pool.invoke(Trigger.VIEWER_REQUEST, {}) for _ in range(3)]
            )
            assert all(answer for answer in answers)
            with pytest.raises(FunctionTimeout):
                await pool.invoke(Trigger.VIEWER_REQUEST, {"sleep": True})
            assert [line.text for line in said if isinstance(line, LogLine)] == ["still here"]
        finally:
            await pool.stop()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(story())


ORPHANS = """
import asyncio, os, sys
from edgesim.cloudfront.function import Function, Trigger
from edgesim.runtimes.pool import Pool
from edgesim.runtimes.python import python_host

async def main():
    pool = Pool(python_host(Function("fn", code=sys.argv[1])), lambda line: os._exit(0))
    await pool.invoke(Trigger.VIEWER_REQUEST, {"sleep": True})

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends with its invocation")
def test_a_process_dies_with_edgesim_even_while_it_runs(write: Write, tmp_path: Path) -> None:
    code = write(SLOW).code
    subprocess.run([sys.executable, "-c", ORPHANS, code], check=True, timeout=20)
    deadline = time.monotonic() + 5
    while processes_of(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.001)
    assert not processes_of(tmp_path)


async def test_idle_environments_end_after_a_while_the_oldest_first(write: Write) -> None:
    now = 0.0
    told: list[LogLine | Report] = []
    host = python_host(write(MEET, idle_timeout_s=900))
    pool = Pool(host, told.append, lambda: now)

    async def ask(meet: int) -> object:
        return await pool.invoke(Trigger.VIEWER_REQUEST, {"meet": meet})

    try:
        await asyncio.gather(ask(2), ask(2))
        first, last = pool._idle
        now = 600.0
        assert await ask(2) == await ask(2), "the one used last"
        now = 899.9
        pool.recycle()
        assert pool.size == 2
        now = 900.0
        pool.recycle()
        await first.over
        assert pool._idle == [last]
        now = 1500.0
        pool.recycle()
        await last.over
        assert pool.size == 0
        await ask(2)
        cold = [report.init_s is not None for report in told if isinstance(report, Report)]
        assert cold == [True, True, False, False, True], "that one was a cold start again"
    finally:
        await pool.stop()


async def test_they_end_by_themselves(run: Run) -> None:
    fn = run(SLOW, idle_timeout_s=0.05)
    await fn()
    (alone,) = fn.pool._environments
    await alone.over
    assert fn.pool.size == 0
    assert fn.said == [], "nothing went wrong"


async def test_an_answer_to_another_event_is_nobodys(run: Run) -> None:
    source = """
        import gc, json, threading, time
        def handler(event, context):
            if event.get("cheat"):
                pipe = next(o for o in gc.get_objects() if type(o).__name__ == "Pipe")
                pipe.send(json.dumps(["result", event["cheat"], 0, "another's"]))
            return "its own"
    """
    fn = run(source, limit=1)
    assert await fn({"cheat": "6f1c0000-0000-4000-a000-000000000000"}) == "its own"
    assert await fn() == "its own"


async def test_a_flood_of_lines_ends_somewhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MAX_LOG_CHARACTERS", 1000)
    source = """
        def handler(event, context):
            for _ in range(event["n"]): print("x" * 99)
            return 1
    """
    fn = run(source)
    await fn({"n": 5000})
    assert len(fn.texts) == 11
    assert fn.texts[-1] == "[edgesim: the log of this invocation ends at 1,000]"
    await fn({"n": 1})
    assert fn.texts[-1] == "x" * 99, "the next one begins anew"


async def test_what_it_forks_answers_nothing(run: Run) -> None:
    source = """
        import os
        def handler(event, context):
            if event.get("fork"):
                other = os.fork()
                print("both")
                if other:
                    os.waitpid(other, 0)
            return os.getpid()
    """
    fn = run(source, limit=1)
    first = await fn()
    await fn({"fork": 1})
    assert {await fn() for _ in range(30)} == {first}
    assert fn.texts == ["both", "both"], "what the other says is heard all the same"
