"""What went wrong in a function's process, as errors that say where and what to do."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Sequence
from typing import Any, TypeVar

from ..cloudfront import execution_rules as rules
from ..cloudfront.lambda_rules import UNPARSABLE
from ..errors import FunctionError, FunctionThrottled, FunctionTimeout
from .code import shown_path

ErrorT = TypeVar("ErrorT", bound=FunctionError)

HINTS = {
    "Runtime.ImportModuleError": "packages belong beside the code, as in the archive that is "
    "deployed: pip install -t <code folder> <package>",
    "Runtime.HandlerNotFound": "handler is module.function, and the function must be there "
    "once the module is imported",
    "Runtime.MalformedHandlerName": "handler is module.function, as in index.handler",
    "Runtime.BuiltInModuleConflict": "give the module another name",
    "Runtime.UserCodeSyntaxError": "correct that line; the function is started again on a change",
    "Runtime.MarshalError": "a handler is a plain def, and returns dicts, lists, strings and "
    "numbers",
    "Runtime.NodeJsExit": "settle every promise that the handler awaits",
    "Runtime.CallbackHandlerDeprecated": "write an async handler of event and context, and return "
    "its result",
    "Runtime.JSONStringifyError": "return plain objects, arrays, strings and numbers",
    "Runtime.UnhandledPromiseRejection": "await every promise, or catch what it may reject with",
    "Function.ResponseSizeTooLarge": rules.PAYLOAD.fix,
    "MemoryError": rules.MEMORY.fix,
}


BROKEN = {
    "Runtime.ImportModuleError": rules.LOADS,
    "Runtime.HandlerNotFound": rules.LOADS,
    "Runtime.MalformedHandlerName": rules.LOADS,
    "Runtime.BuiltInModuleConflict": rules.LOADS,
    "Runtime.UserCodeSyntaxError": rules.LOADS,
    "Runtime.CallbackHandlerDeprecated": rules.LOADS,
    "Runtime.MarshalError": rules.SERIALISES,
    "Runtime.JSONStringifyError": rules.SERIALISES,
    "Runtime.NodeJsExit": rules.EXITS,
    "Function.ResponseSizeTooLarge": rules.PAYLOAD,
    "MemoryError": rules.MEMORY,
}
"""Which rule an error of this type breaks; any other one was raised."""


def reported(report: dict[str, Any], where: str, log: Sequence[str]) -> FunctionError:
    """The error that a function's process tells of."""
    kind, message = report["type"], report["message"]
    what = f"{kind}: {message}" if message else kind
    if report["file"]:
        what += f" ({shown_path(report['file'])}:{report['line']})"
    hint = report.get("hint") or HINTS.get(kind, "")
    rule = BROKEN.get(kind, rules.RAISES).id
    return with_log(FunctionError(what, where=where, hint=hint, rule=rule), log)


def raised(error: BaseException, folder: str, where: str) -> FunctionError:
    """What a function of this process raised, as its own process would have reported it."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(folder + os.sep)
    ]
    file, line = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno or 0
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    report = {"type": type(error).__name__, "message": message, "file": file, "line": line}
    return reported(report, where, "".join(traceback.format_list(frames)).splitlines())


def unparsable(kind: str, where: str, log: Sequence[str]) -> FunctionError:
    """CloudFront gets bytes as they are, and cannot read them as JSON."""
    error = UNPARSABLE.refusal(f"it returned {kind}")
    error.where = where
    return with_log(error, log)


def exited(returncode: int | None, where: str, log: Sequence[str]) -> FunctionError:
    """The process ended by itself, or something ended it."""
    if returncode is None:
        how, hint = "the process closed its pipe", "leave descriptors alone that are not yours"
    elif returncode >= 0:
        how, hint = f"exit status {returncode}", "return from the handler instead of exiting"
    else:
        name = signal.strsignal(-returncode) or f"signal {-returncode}"
        how, hint = f"signal: {name.lower()}", "the last lines of its log may say where"
    what = f"Runtime.ExitError: {how}"
    return with_log(FunctionError(what, where=where, hint=hint, rule=rules.EXITS.id), log)


def late(timeout_s: float, where: str, log: Sequence[str]) -> FunctionTimeout:
    error = FunctionTimeout(
        f"Task timed out after {timeout_s:.2f} seconds",
        where=where,
        hint=rules.TIME.fix,
        rule=rules.TIME.id,
    )
    return with_log(error, log)


def late_init(limit_s: float, where: str, log: Sequence[str]) -> FunctionTimeout:
    error = FunctionTimeout(
        f"its module was still being imported after {limit_s:.2f} seconds",
        where=where,
        hint=rules.INIT_TIME.fix,
        rule=rules.INIT_TIME.id,
    )
    return with_log(error, log)


def out_of_memory(used_mb: float, limit_mb: int, where: str) -> FunctionError:
    """Lambda kills what touches more than its memory, and says no more than that."""
    return FunctionError(
        f"Runtime.ExitError: signal: killed (out of memory: {used_mb:,.0f} MB of {limit_mb:,} MB)",
        where=where,
        hint=rules.MEMORY.fix,
        rule=rules.MEMORY.id,
    )


def throttled(limit: str, where: str) -> FunctionThrottled:
    """One invocation more than may run at once; nothing of it was run, and nothing is billed."""
    return FunctionThrottled(
        f"throttled: {limit} are in use",
        where=where,
        hint=rules.CONCURRENCY.fix,
        rule=rules.CONCURRENCY.id,
    )


def stopped(where: str) -> FunctionError:
    return FunctionError("it was stopped before it returned", where=where)


def with_log(error: ErrorT, log: Sequence[str]) -> ErrorT:
    error.log = tuple(log)
    return error
