"""What `edgesim dev` shows: a panel at the start, then a line for each request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from traceback import format_exception

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ..cloudfront.distribution import Behavior
from ..cloudfront.function import Trigger
from ..cloudfront.reasons import reason
from ..cloudfront.result_type import ResultType
from ..cloudfront.rule_book import Warned
from ..config.deployment import Deployment
from ..effects import Invoke
from ..errors import EdgesimError
from ..http.message import Request
from ..live.ports import Visited
from ..live.timing import COLD_START, spent
from ..runtimes.base import LogLine
from ..runtimes.metrics import Metrics
from .summary import summary

STYLES = {
    ResultType.HIT: "green",
    ResultType.REFRESH_HIT: "cyan",
    ResultType.MISS: "yellow",
    ResultType.REDIRECT: "blue",
    ResultType.LAMBDA_GENERATED_RESPONSE: "magenta",
}
SHORT = {
    ResultType.LAMBDA_GENERATED_RESPONSE: "Generated",
    ResultType.LAMBDA_EXECUTION_ERROR: "Error",
    ResultType.LAMBDA_VALIDATION_ERROR: "Error",
    ResultType.LAMBDA_LIMIT_EXCEEDED: "Error",
}
"""Names that would not fit the column; the line beneath an error has the whole of it."""
TOLD = frozenset({"origin", "link", COLD_START, *Trigger})
"""What the line tells of a request's waits."""


SPENT = {"origin": "origin", COLD_START: "of which cold start"}

LINK_S = 0.001
"""Links that took less are not told of: without --latency that is all of them."""


class Terminal:
    """Prints what happens. With `quiet`, only what went wrong and what functions said."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self.console = console
        self.quiet = quiet
        self._said: list[LogLine] = []

    def started(
        self,
        deployment: Deployment,
        url: str,
        *,
        reloads: bool,
        control: str = "",
        secure: str = "",
        viewers: str = "",
    ) -> None:
        """The panel: where it listens, what lies behind, what runs."""
        rows = [("Listening on", f"[bold]{escape(url)}[/]")]
        if secure:
            rows.append(("And by TLS", f"[bold]{escape(secure)}[/] (see `edgesim trust`)"))
        origins = {o.name: o for b in deployment.distribution.behaviors for o in b.origins}
        rows += [("Origin", f"{escape(o.name)} → {escape(o.url)}") for o in origins.values()]
        if viewers:
            rows.append(("Viewers", escape(viewers)))
        if control:
            rows.append(("Control port", escape(control)))
        rows += [("Behavior", text) for text in _behaviors(deployment.distribution.behaviors)]
        if reloads and deployment.watched:
            rows.append(("Edits", "to the configuration and the functions are live at once"))
        if not self.console.is_terminal:
            for name, text in rows:
                self.console.print(f"{name + ':':14}{text}", soft_wrap=True)
            return
        table = Table.grid(padding=(0, 2))
        for name, text in rows:
            table.add_row(Text(name, style="dim"), text)
        self.console.print(
            Panel(table, title=f"edgesim · {escape(deployment.source)}", expand=False)
        )

    def beside(self, deployments: Iterable[Deployment]) -> None:
        """The other distributions behind the same port."""
        for deployment in deployments:
            distribution = deployment.distribution
            names = ", ".join(distribution.names)
            line = f"Beside it: {deployment.source}, distribution {distribution.id} for {names}"
            self.console.print(Text(line), soft_wrap=True)

    def ended(self, metrics: Metrics) -> None:
        """The last word, if any function ran: what they did."""
        if lines := list(summary(metrics)):
            self._flush()
        for line in lines:
            self.console.print(Text(line, style="dim"), soft_wrap=True)

    def function_said(self, line: LogLine) -> None:
        """A line of a function's log; shown beneath the request it belongs to."""
        self._said.append(line)
        if len(self._said) >= 100:
            self._flush()

    def said(self, what: str) -> None:
        """Something worth knowing that is nobody's failure, in any thread."""
        self.console.print(Text(f"    ! {what}", style="yellow"), soft_wrap=True)

    def visited(self, visit: Visited) -> None:
        if not self.quiet:
            self.console.print(access_line(visit), soft_wrap=True)
        self._flush()
        for warning in visit.served.warnings:
            self._warned(warning)
        if visit.served.failure is not None:
            self.failed(visit.served.failure)

    def broken(self, visit: Visited, failure: EdgesimError) -> None:
        self.failed(failure)

    def refused(self, error: EdgesimError) -> None:
        self.failed(error)

    def crashed(self, request: Request, error: BaseException) -> None:
        what = f"edgesim itself failed at {request.method} {request.target}; please report this:"
        self.console.print(Text(what, style="bold red"))
        self.console.print(Text("".join(format_exception(error))))

    def failed(self, error: EdgesimError) -> None:
        """A cause and what helps, beneath the line of its request."""
        self._flush()
        where = f"{error.where}: " if error.where else ""
        what = Text(f"    ✗ {where}{error.what} [{error.label}]", style="red")
        self.console.print(what, soft_wrap=True)
        if error.hint:
            self.console.print(Text(f"      hint: {error.hint}", style="dim"), soft_wrap=True)

    def _warned(self, warning: Warned) -> None:
        """A rule that a function broke and was let."""
        text = f"    ! {warning.where}: {warning.what} [{warning.rule.id}]"
        self.console.print(Text(text, style="yellow"), soft_wrap=True)
        hint = f"      hint: {warning.hint or warning.rule.fix}"
        self.console.print(Text(hint, style="dim"), soft_wrap=True)

    def reloaded(self, deployment: Deployment, changed: frozenset[str], seconds: float) -> None:
        names = ", ".join(sorted(changed))
        what = f"function{'s' * (len(changed) > 1)} {names}" if changed else deployment.source
        self.console.print(Text(f"    ↻ {what} live after {seconds * 1000:.0f} ms", style="blue"))

    def not_reloaded(self, error: EdgesimError) -> None:
        self.console.print(Text("    ✗ not reloaded; what ran before goes on:", style="bold red"))
        for one in getattr(error, "errors", (error,)):
            self.failed(one)

    def _flush(self) -> None:
        for line in self._said:
            self.console.print(
                Text.assemble(("    │ ", "dim"), (f"{line.function}: ", "magenta"), line.text),
                soft_wrap=True,
            )
        self._said.clear()


def access_line(visit: Visited) -> Text:
    """Time, status, result type, time spent, POP, method and target; then why, and who took part.

    What stands in columns comes first, the long and the rare behind it.
    """
    served, response = visit.served, visit.served.response
    style = STYLES.get(served.result_type, "red")
    line = Text.assemble(
        (datetime.now().astimezone().strftime("%H:%M:%S"), "dim"),
        "  ",
        (str(response.status), "red" if response.status >= 400 else ""),
        "  ",
        (f"{SHORT.get(served.result_type, served.result_type.value):<10}", style),
        f"  {_ms(visit.seconds):>9}  ",
        (response.headers.get("x-amz-cf-pop") or "-", "dim"),
        f"  {visit.request.method:<4} ",
        (visit.request.target, "bold"),
    )
    notes = [reason(served.verdicts)] if served.failure is None else []
    notes += [
        f"{_waited_for(kind, name)} {_ms(seconds)}"
        for kind, name, seconds in spent(visit.steps)
        if kind in TOLD and not (kind == "link" and seconds < LINK_S)
    ]
    notes.append(skipped(visit))
    if served.behavior:
        notes.append(f"behavior {served.behavior.path_pattern}")
    if notes := [note for note in notes if note]:
        line.append(f"  {', '.join(notes)}", style="dim")
    return line


def skipped(visit: Visited) -> str:
    """Why the function at viewer-response did not run, where there is one that might have.

    CloudFront: "CloudFront events that can trigger a Lambda@Edge function".
    """
    served, trigger = visit.served, Trigger.VIEWER_RESPONSE
    if served.behavior is None or trigger not in served.behavior.functions:
        return ""
    if served.failure is not None or served.result_type is ResultType.REDIRECT:
        return ""
    if any(isinstance(s.effect, Invoke) and s.effect.trigger is trigger for s in visit.steps):
        return ""
    if served.generated_at is Trigger.VIEWER_REQUEST:
        return f"no {trigger}: {served.generated_at} answered"
    if served.origin_status >= 400:
        return f"no {trigger}: the origin's status was {served.origin_status}"
    return f"no {trigger}: an error page stands in"


def _waited_for(kind: str, name: str) -> str:
    if kind == "link":
        return name
    return SPENT.get(kind) or f"{name}@{kind}"


def _behaviors(behaviors: Sequence[Behavior]) -> list[str]:
    """A line each, in columns: pattern, origin, cache policy, functions."""
    columns = [(b.path_pattern, f"→ {b.origin.name}", b.cache_policy_name) for b in behaviors]
    widths = [max(map(len, column)) for column in zip(*columns, strict=True)]
    lines = []
    for behavior, cells in zip(behaviors, columns, strict=True):
        padded = (f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
        functions = ", ".join(
            f"{association.function.name}@{trigger.value}"
            for trigger, association in behavior.functions.items()
        )
        text = escape("  ".join(padded))
        lines.append(f"{text}  [magenta]{escape(functions)}[/]" if functions else text.rstrip())
    return lines


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds >= 0.0001 else "0 ms"
