"""What functions say as files, where CloudWatch would keep it.

    FOLDER/us-east-1/aws/lambda/us-east-1.NAME/2026/11/23/[1]6f1c…

Region, log group, log stream. A group is in the region where the function ran, which on AWS is
one of many and here that of the edge; a stream is one execution environment. Lambda@Edge: "Edge
function logs"; LG "Log and monitor Python Lambda functions".
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ..errors import ConfigError
from ..runtimes import LogLine, Report
from ..runtimes.reserved import EDGE_REGION, log_group, log_stream


class FunctionLog:
    """Writes lines and reports below `folder`. Raises `ConfigError` if it cannot be written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stream = log_stream()
        self._begun: dict[str, str] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = f"cannot be made a folder: {error.strerror}"
            raise ConfigError(what, where=f"--function-log {folder}") from None

    def said(self, line: LogLine) -> None:
        self._write(line.function, line.log_stream, line.request_id, [line.text])

    def reported(self, report: Report) -> None:
        lines = list(report.end_lines)
        if report.said and report.request_id:
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            lines.append(f"{now} {report.request_id} {report.said}")
        self._write(report.function, report.log_stream, report.request_id, lines)

    def path(self, function: str, stream: str) -> Path:
        """The file of one log stream."""
        group = log_group(function).removeprefix("/")
        return self._folder / EDGE_REGION / group / (stream or self._stream)

    def _write(self, function: str, stream: str, request_id: str, lines: list[str]) -> None:
        """Append `lines`; the first of an invocation are preceded by START."""
        path = self.path(function, stream)
        known = self._begun.get(str(path))
        if known is None:
            path.parent.mkdir(parents=True, exist_ok=True)
        if request_id and known != request_id:
            lines = [Report(function, request_id, stream, 0.0, 0).start_line, *lines]
        self._begun[str(path)] = request_id or known or ""
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
