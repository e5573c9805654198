"""Files where CloudWatch would have log streams."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edgesim.errors import ConfigError
from edgesim.live.function_log import FunctionLog
from edgesim.runtimes import LogLine, Report

STREAM = "2026/11/23/[1]0123456789abcdef0123456789abcdef"


def lines_of(folder: Path, stream: str = STREAM, function: str = "auth") -> list[str]:
    path = folder / f"us-east-1/aws/lambda/us-east-1.{function}" / stream
    return path.read_text().splitlines()


def test_an_invocation_is_framed_as_on_aws(tmp_path: Path) -> None:
    log = FunctionLog(tmp_path / "logs")
    log.said(LogLine("auth", "loading", log_stream=STREAM))
    for request_id in ("a", "b"):
        log.said(LogLine("auth", f"hello {request_id}", "viewer-request", request_id, STREAM))
        log.said(LogLine("auth", "ümlaut", "viewer-request", request_id, STREAM))
        log.reported(Report("auth", request_id, STREAM, 0.002, 128, 20))
    log.reported(Report("auth", "c", STREAM, 0.002, 128, 20))
    measured = (
        "Duration: 2.00 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 20 MB"
    )
    expected = ["loading"]
    for request_id, said in (("a", ["hello a", "ümlaut"]), ("b", ["hello b", "ümlaut"]), ("c", [])):
        expected += [f"START RequestId: {request_id} Version: 1", *said]
        expected += [f"END RequestId: {request_id}", f"REPORT RequestId: {request_id}\t{measured}"]
    assert lines_of(tmp_path / "logs") == expected


def test_why_a_process_ended_comes_last(tmp_path: Path) -> None:
    log = FunctionLog(tmp_path)
    late = Report(
        "auth", "a", STREAM, 3.0, 128, 20, None, "timeout", "", "Task timed out after 3.00 s"
    )
    log.reported(late)
    log.reported(Report("auth", "", STREAM, 0.1, 128, status="error", error_type="E", said="no"))
    *_, report, why, init = lines_of(tmp_path)
    assert report.endswith("\tStatus: timeout")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z a Task timed out after 3\.00 s", why
    )
    assert init.startswith("INIT_REPORT ")


def test_each_function_and_environment_has_its_file(tmp_path: Path) -> None:
    log = FunctionLog(tmp_path)
    log.said(LogLine("auth", "1", "viewer-request", "a", STREAM))
    log.said(LogLine("auth", "2", "viewer-request", "b", STREAM.replace("0", "f")))
    log.said(LogLine("other", "3", "viewer-request", "c"))
    assert lines_of(tmp_path)[-1] == "1"
    assert lines_of(tmp_path, STREAM.replace("0", "f"))[-1] == "2"
    (path,) = (tmp_path / "us-east-1/aws/lambda/us-east-1.other").glob("*/*/*/*")
    assert re.fullmatch(r"\[1\][0-9a-f]{32}", path.name), "one for all in this process"


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be made a folder") as raised:
        FunctionLog(tmp_path / "file")
    assert "--function-log" in raised.value.where
