"""Which functions AWS lets stand at which triggers: what is refused before anything runs.

The checks are in `config/associations.py` and its neighbours. The status is that of AWS's own
answer to the deployment, `InvalidLambdaFunctionAssociation` or the like.
"""

from __future__ import annotations

from functools import partial

from .function import Trigger
from .rule_book import Rule, RuleKind

_QUOTAS = "Quotas"
_LAMBDA_EDGE = "Restrictions on Lambda@Edge"
_ALL_EDGE = "Restrictions on all edge functions"

_VIEWER = frozenset({Trigger.VIEWER_REQUEST, Trigger.VIEWER_RESPONSE})
_ORIGIN = frozenset(Trigger) - _VIEWER
_RESPONSES = frozenset({Trigger.ORIGIN_RESPONSE, Trigger.VIEWER_RESPONSE})

_rule = partial(Rule, status=400, kind=RuleKind.ASSOCIATION)

ONE_FUNCTION = _rule(
    "one-function",
    "A trigger of a behavior has more than one function.",
    "call one from the other, or use another trigger",
    _ALL_EDGE,
)
MIXED_KINDS = _rule(
    "mixed-kinds",
    "One viewer trigger of a behavior has a CloudFront Function, the other one of Lambda@Edge.",
    "a behavior's two viewer triggers take the same kind",
    _ALL_EDGE,
    _VIEWER,
)
FUNCTION_AT_ORIGIN = _rule(
    "function-at-origin",
    "A CloudFront Function stands at an origin trigger.",
    "use viewer_request or viewer_response, or a runtime of Lambda@Edge",
    _ALL_EDGE,
    _ORIGIN,
)
FUNCTION_BODY = _rule(
    "function-body",
    "The association of a CloudFront Function includes the body, which it never sees.",
    "leave out include_body, or use a runtime of Lambda@Edge",
    _ALL_EDGE,
)
INCLUDE_BODY = _rule(
    "include-body",
    "An association at a response trigger includes the body.",
    "include_body is for viewer_request and origin_request",
    _LAMBDA_EDGE,
    _RESPONSES,
)
LAMBDA_RUNTIME = _rule(
    "lambda-runtime",
    "The runtime is none of the Node.js and Python runtimes that the edge runs.",
    "choose one of the runtimes that `edgesim check` lists",
    _LAMBDA_EDGE,
)
DEPRECATED_RUNTIME = Rule(
    "deprecated-runtime",
    "The runtime is deprecated: what is deployed goes on, but AWS creates no new functions on it.",
    "move to a newer runtime of the same language",
    "Lambda runtimes",
    kind=RuleKind.ADVICE,
)
ENVIRONMENT_VARIABLES = _rule(
    "environment-variables",
    "A function has environment variables of its own, which do not exist at the edge.",
    "write the values into the code at build time, or send them as an origin's custom headers",
    _LAMBDA_EDGE,
)
ENVIRONMENT_READ = Rule(
    "environment-read",
    "The code reads an environment variable that Lambda does not set at the edge.",
    "write the value into the code at build time, or send it as an origin's custom header",
    _LAMBDA_EDGE,
    kind=RuleKind.ADVICE,
)
TIMEOUT = _rule(
    "timeout",
    "A function may take longer than 30 s.",
    "at most 30 s at the edge",
    _QUOTAS,
)
CLASSIC_TIMEOUT = _rule(
    "classic-timeout",
    "A function at a viewer trigger may take longer than 5 s, the limit until 2026.",
    "at most 5 s pass everywhere",
    f"{_QUOTAS}, 2023 and 2026",
    _VIEWER,
    silent=True,
    passes=True,
)
VIEWER_MEMORY = _rule(
    "viewer-memory",
    "A function at a viewer trigger has more than 128 MB.",
    "at most 128 MB there; or use an origin trigger",
    f"Differences between CloudFront Functions and Lambda@Edge; {_QUOTAS} disagrees",
    _VIEWER,
    silent=True,
)
PACKAGE_SIZE = _rule(
    "package-size",
    "The code of a function is more than 50 MB compressed, or 250 MB unzipped.",
    "leave out what Lambda has, such as the AWS SDK, tests and documentation",
    _QUOTAS,
)
CLASSIC_PACKAGE_SIZE = _rule(
    "classic-package-size",
    "The code of a function at a viewer trigger is more than 1 MB compressed, the limit until "
    "2026.",
    "at most 1 MB pass everywhere; or use an origin trigger",
    f"{_QUOTAS}, 2023 and 2026",
    _VIEWER,
    silent=True,
    passes=True,
)
ASSOCIATIONS = _rule(
    "associations",
    "A distribution has more than 100 associations with functions of Lambda@Edge.",
    "let behaviors share a path pattern, or split the distribution",
    _QUOTAS,
)

ASSOCIATION_RULES: tuple[Rule, ...] = tuple(
    row for row in list(globals().values()) if isinstance(row, Rule)
)
"""All of them, in the order above."""
