"""The environment variables of a Lambda@Edge function: the reserved ones and no others.

LG "Working with Lambda environment variables"; CloudFront: "Restrictions on Lambda@Edge" (no
variables of one's own).
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from uuid import uuid4

from ..cloudfront.function import Function
from .code import Code

FUNCTION_VERSION = "1"
"""Lambda@Edge runs numbered versions only; a deployment on this machine has one."""

EDGE_REGION = "us-east-1"

AT_THE_EDGE = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "LANG",
        "LD_LIBRARY_PATH",
        "NODE_PATH",
        "PATH",
        "PYTHONPATH",
        "TZ",
    }
)
"""What Lambda sets there: all that a function can count on."""


LOG_STREAM = "AWS_LAMBDA_LOG_STREAM_NAME"


def log_group(name: str) -> str:
    """Where CloudWatch keeps what the function `name` says, in each region where it runs."""
    return f"/aws/lambda/{EDGE_REGION}.{name}"


def log_stream() -> str:
    """The name of one environment's log in its group; no two have the same."""
    return f"{datetime.now(UTC):%Y/%m/%d}/[{FUNCTION_VERSION}]{uuid4().hex}"


def reserved_variables(function: Function, code: Code) -> dict[str, str]:
    """What `function`'s process finds in its environment, but for its log stream's name."""
    name = f"{EDGE_REGION}.{function.name}"
    variables = {
        "_HANDLER": code.handler,
        "_X_AMZN_TRACE_ID": "Root=1-00000000-000000000000000000000000;Sampled=0",
        "AWS_ACCESS_KEY": "edgesim",
        "AWS_ACCESS_KEY_ID": "edgesim",
        "AWS_DEFAULT_REGION": EDGE_REGION,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": FUNCTION_VERSION,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": log_group(function.name),
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
        "AWS_REGION": EDGE_REGION,
        "AWS_SECRET_ACCESS_KEY": "edgesim",
        "AWS_SESSION_TOKEN": "edgesim",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": str(code.folder),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TZ": ":UTC",
    }
    if (libraries := os.environ.get("LD_LIBRARY_PATH")) is not None:
        variables["LD_LIBRARY_PATH"] = libraries  # some interpreters do not start without it
    return variables
