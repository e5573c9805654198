"""What runs in the process of a Python function: load the handler, then answer event after event.

    python -I -B python_host.py DESCRIPTOR FOLDER HANDLER TIMEOUT_S ADDRESS_SPACE_BYTES

Standard library only, nothing of edgesim. It reads `[request id, event]` from the pipe and
writes `["ready"]`, `["log", text]`, `["fatal", report]` if there is no function to be had, and for
each event `["result", request id, peak kB, value]`, `["failed", request id, peak kB, report]` or
`["unparsable", request id, peak kB, kind]`, each as in `frames.py`. Its words are those of Lambda's
own runtime interface client, down to the names of the errors.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import io
import json
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

MAX_RESULT_BYTES = 6 * 1024 * 1024
"""Lambda's limit for the payload of a synchronous invocation."""
MAX_LOG_CHARACTERS = 64 * 1024
MAX_MESSAGE_CHARACTERS = 8 * 1024
LOG_FORM = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
PR_SET_PDEATHSIG = 1

Handler = Callable[[Any, "Context"], Any]
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Pipe:
    """The way to edgesim, for whichever thread has something to say."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.set_inheritable(False)
        self._incoming = self._socket.makefile("rb")
        self._sending = threading.RLock()
        self._held = ""
        self._abandoned = False

    def abandon(self) -> None:
        """In a process that the function forked: the pipe stays with its parent."""
        self._sending = threading.RLock()  # whoever held it is not here
        self._incoming.close()
        self._socket.close()
        self._held = ""
        self._abandoned = True

    def receive(self) -> Any:
        """The next message, or None when edgesim has gone, or this is no process of its own."""
        if self._abandoned:
            return None
        length = int.from_bytes(self._incoming.read(4), "big")
        return json.loads(self._incoming.read(length)) if length else None

    def send(self, payload: str) -> None:
        if self._abandoned:
            return
        data = payload.encode()
        with self._sending:
            self._socket.sendall(len(data).to_bytes(4, "big") + data)

    def say(self, text: str) -> None:
        """Log `text`, whole lines at once; the rest waits for its end of line."""
        with self._sending:
            self._held += text
            if "\n" in text or len(self._held) > MAX_LOG_CHARACTERS:
                complete, _, self._held = self._held.rpartition("\n")
                if not complete and len(self._held) > MAX_LOG_CHARACTERS:
                    complete, self._held = self._held, ""
                self._log(complete)

    def flush(self) -> None:
        with self._sending:
            if self._held:
                held, self._held = self._held, ""
                self._log(held)

    def _log(self, text: str) -> None:
        if self._abandoned:
            os.write(1, text.encode("utf-8", "replace") + b"\n")  # edgesim hears that too
            return
        for start in range(0, len(text) or 1, MAX_LOG_CHARACTERS):
            self.send(_encode(["log", text[start : start + MAX_LOG_CHARACTERS]]))


class Memory:
    """The most that this process ever held; 0 where nobody says so."""

    def __init__(self) -> None:
        try:
            self._status = os.open("/proc/self/status", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._status = -1

    def peak_kb(self) -> int:
        try:
            status = os.pread(self._status, 4096, 0)
            at = status.index(b"VmHWM:") + 6
            return int(status[at : status.index(b"kB", at)])
        except (OSError, ValueError):
            return 0


class Output(io.TextIOBase):
    """Stands in for sys.stdout and sys.stderr, so that what is said arrives in order."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, pipe: Pipe, descriptor: int) -> None:
        self._pipe, self._descriptor = pipe, descriptor
        self.buffer = io.FileIO(descriptor, "w", closefd=False)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        self._pipe.say(text)
        return len(text)

    def flush(self) -> None:
        self._pipe.flush()


class LambdaFormatter(logging.Formatter):
    """`[LEVEL]`, time, request id and message between tabs, as on Lambda."""

    converter = staticmethod(time.gmtime)
    request_id = ""

    def format(self, record: logging.LogRecord) -> str:
        record.aws_request_id = self.request_id
        return super().format(record)


class Context:
    """The second argument of a handler."""

    def __init__(
        self, request_id: str, timeout_s: float, variables: Mapping[str, str] = os.environ
    ) -> None:
        self._deadline = time.monotonic() + timeout_s
        self.aws_request_id = request_id
        self.function_name = variables["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = variables["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = variables["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = variables["AWS_LAMBDA_LOG_STREAM_NAME"]
        name = self.function_name.partition(".")[2]
        self.invoked_function_arn = (
            f"arn:aws:lambda:us-east-1:123456789012:function:{name}:{self.function_version}"
        )
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.client_context = self.tenant_id = None

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))


class Refused(Exception):
    """The handler cannot be had, or its result not be sent; `kind` is Lambda's name for why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def load(handler: str) -> Handler:
    """The function that `handler` names, its module imported. Raises `Refused`."""
    path, dot, attribute = handler.rpartition(".")
    if not dot or not path or not attribute:
        raise Refused("Runtime.MalformedHandlerName", f"Bad handler '{handler}'")
    name = path.replace("/", ".")
    if name.partition(".")[0] in sys.builtin_module_names:
        raise Refused(
            "Runtime.BuiltInModuleConflict",
            f"Cannot use built-in module {path} as a handler module",
        )
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        message = f"Unable to import module '{path}': {error}"
        raise Refused("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{path}': {error.msg}"
        raise Refused("Runtime.UserCodeSyntaxError", message) from error
    found = getattr(module, attribute, None)
    if not callable(found):
        message = f"Handler '{attribute}' missing on module '{path}'"
        raise Refused("Runtime.HandlerNotFound", message)
    loaded: Handler = found
    return loaded


def report(error: BaseException, folder: str, handler: Handler | None) -> dict[str, Any]:
    """What edgesim should know of `error`; of its traceback only the frames of the user's code.

    Without any, as when its result cannot be sent, it points at the handler's def.
    """
    kind, message = type(error).__name__, str(error)
    if isinstance(error, Refused):
        kind, error = error.kind, error.__cause__ or error
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(folder + os.sep)
    ]
    code = getattr(handler, "__code__", None)
    file, line = (code.co_filename, code.co_firstlineno) if code else ("", 0)
    if frames:
        file, line = frames[-1].filename, frames[-1].lineno or 0
    trace = "".join(traceback.format_list(frames))
    if isinstance(error, SyntaxError):
        file, line = error.filename or file, error.lineno or line
        trace += f'  File "{file}", line {line}\n    {(error.text or "").strip()}\n'
    return {
        "type": kind,
        "message": message[:MAX_MESSAGE_CHARACTERS],
        "trace": trace.splitlines(),
        "file": file,
        "line": line,
    }


def marshalled(request_id: str, result: object, memory: Memory) -> str:
    """The message that says what the handler returned. Raises `Refused`."""
    if isinstance(result, bytes | bytearray):
        return _encode(["unparsable", request_id, memory.peak_kb(), type(result).__name__])
    try:
        value = _encode(result)
    except (TypeError, ValueError, RecursionError) as error:
        raise Refused("Runtime.MarshalError", f"Unable to marshal response: {error}") from None
    if len(value) > MAX_RESULT_BYTES:
        message = f"Response payload size exceeded {MAX_RESULT_BYTES} bytes"
        raise Refused("Function.ResponseSizeTooLarge", message)
    return f'["result","{request_id}",{memory.peak_kb()},{value}]'


def confine(address_space_bytes: int) -> None:
    """Die with edgesim, whatever runs, and have no more memory than given; both only on Linux."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if address_space_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (address_space_bytes, address_space_bytes))


def main() -> None:
    descriptor, folder, handler_name, timeout_s, address_space = sys.argv[1:]
    os.environ.pop("LC_CTYPE", None)  # PEP 538 puts it there; Lambda has none
    sys.argv[1:] = []
    pipe = Pipe(int(descriptor))
    faulthandler.enable(2)
    sys.stdout, sys.stderr = Output(pipe, 1), Output(pipe, 2)
    formatter = LambdaFormatter(LOG_FORM, "%Y-%m-%dT%H:%M:%S")
    root = logging.StreamHandler(sys.stdout)
    root.setFormatter(formatter)
    logging.getLogger().addHandler(root)
    sys.path.insert(0, folder)
    confine(int(address_space))

    memory = Memory()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=pipe.abandon)

    def told_of(error: BaseException, handler: Handler | None = None) -> dict[str, Any]:
        told = report(error, folder, handler)
        lines = [f"[ERROR] {told['type']}: {told['message']}"]
        lines += ["Traceback (most recent call last):", *told["trace"]] if told["trace"] else []
        pipe.flush()
        pipe.say("\n".join(lines) + "\n")
        return told

    try:
        handler = load(handler_name)
    except Exception as error:  # noqa: BLE001 - the user's module may raise anything
        pipe.send(_encode(["fatal", told_of(error)]))
        sys.exit(1)
    pipe.flush()
    pipe.send('["ready"]')
    while (message := pipe.receive()) is not None:
        request_id, event = message
        formatter.request_id = request_id
        try:
            result = handler(event, Context(request_id, float(timeout_s)))
            payload = marshalled(request_id, result, memory)
        except Exception as error:  # noqa: BLE001 - so may the handler
            told = told_of(error, handler)
            payload = _encode(["failed", request_id, memory.peak_kb(), told])
        pipe.flush()
        pipe.send(payload)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        main()
