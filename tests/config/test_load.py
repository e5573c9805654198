"""Golden table: what is wrong with a file's shape, and what is said to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.config.draft import Draft
from edgesim.config.load import load_draft
from edgesim.errors import ConfigError

from .conftest import GOOD

ORIGIN = '[origins.app]\nurl = "http://x"\n'
DEFAULT = '[default_behavior]\norigin = "app"\n'

SHAPES = [
    # what is added to a good file from line 13 on, what is said
    (
        'orign = "app"',
        (
            "edgesim.toml:13: default_behavior.orign: unknown key 'orign'\n"
            "  hint: did you mean 'origin'?"
        ),
    ),
    (
        'path_pattern = "*"',
        (
            "edgesim.toml:13: default_behavior.path_pattern: unknown key 'path_pattern'\n"
            "  hint: known: allowed_methods, cache_policy, cached_methods, compress, "
            "default_ttl_s, forwarded_values, max_ttl_s, min_ttl_s, origin, origin_request, "
            "origin_request_policy, origin_response, realtime_log, response_headers_policy, "
            "trusted_key_groups, viewer_protocol_policy, viewer_request, viewer_response"
        ),
    ),
    (
        "[behaviour]",
        "edgesim.toml:13: behaviour: unknown key 'behaviour'\n  hint: did you mean 'behaviors'?",
    ),
    (
        '[[behaviors]]\npath_pattern = "/a"\norign = "app"',
        "edgesim.toml:15: behaviors[0].orign: unknown key 'orign'\n  hint: did you mean 'origin'?",
    ),
    (
        '[[behaviors]]\npath_pattern = "/a"',
        (
            "edgesim.toml:13: behaviors[0].origin: the key 'origin' is missing\n"
            "  hint: the name of one of your [origins.NAME]"
        ),
    ),
    (
        '[[behaviors]]\norigin = "app"',
        (
            "edgesim.toml:13: behaviors[0].path_pattern: the key 'path_pattern' is missing\n"
            '  hint: the paths it is for: path_pattern = "/api/*"'
        ),
    ),
    (
        '[functions.ab]\nruntime = "python3.12"',
        (
            "edgesim.toml:13: functions.ab.code: the key 'code' is missing\n"
            "  hint: the function's file or folder"
        ),
    ),
    (
        '[functions.ab]\ncode = "py"\nmemory_mb = 64',
        (
            "edgesim.toml:15: functions.ab.memory_mb: 64 is out of range\n"
            "  hint: memory_mb is from 128 to 10,240"
        ),
    ),
    (
        '[functions.ab]\ncode = "py"\nmemory_mb = "128"',
        "edgesim.toml:15: functions.ab.memory_mb: '128' stands where a whole number is needed",
    ),
    (
        '[functions.ab]\ncode = "py"\nmemory_mb = 128.5',
        "edgesim.toml:15: functions.ab.memory_mb: 128.5 stands where a whole number is needed",
    ),
    (
        '[functions.ab]\ncode = "py"\ntimeout_s = 901',
        (
            "edgesim.toml:15: functions.ab.timeout_s: 901 is out of range\n"
            "  hint: timeout_s is from 1 to 900"
        ),
    ),
    (
        '[functions.ab]\ncode = "py"\ntimeout_s = nan',
        (
            "edgesim.toml:15: functions.ab.timeout_s: nan is out of range\n"
            "  hint: timeout_s is from 1 to 900"
        ),
    ),
    (
        '[functions.ab]\ncode = ["py"]',
        "edgesim.toml:14: functions.ab.code: a list stands where a text in quotes is needed",
    ),
    (
        "[functions]\nab = 'py'",
        "edgesim.toml:14: functions.ab: 'py' stands where a table is needed",
    ),
    (
        '[origins.two]\nurl = "http://y"\nconnection_attempts = 4',
        (
            "edgesim.toml:15: origins.two.connection_attempts: 4 is out of range\n"
            "  hint: connection_attempts is from 1 to 3"
        ),
    ),
    (
        '[origins.two]\nurl = "http://y"\nresponse_timeout_s = 0',
        (
            "edgesim.toml:15: origins.two.response_timeout_s: 0 is out of range\n"
            "  hint: response_timeout_s is from 1 to 120"
        ),
    ),
    (
        '[origins.two]\nurl = "http://y"\ncustom_headers = { x-a = 1 }',
        (
            "edgesim.toml:15: origins.two.custom_headers.x-a: "
            "1 stands where a text in quotes is needed"
        ),
    ),
    (
        '[origins.url]\nport = 3000\nurl = "http://y"',
        (
            "edgesim.toml:14: origins.url.port: unknown key 'port'\n"
            "  hint: did you mean 'http_port'?"
        ),
    ),
    (
        'viewer_protocol_policy = "redirect-to-http"',
        (
            "edgesim.toml:13: default_behavior.viewer_protocol_policy: "
            "'redirect-to-http' is none of its values\n  hint: did you mean 'redirect-to-https'?"
        ),
    ),
    (
        'compress = "yes"',
        "edgesim.toml:13: default_behavior.compress: 'yes' stands where true or false is needed",
    ),
    (
        'allowed_methods = "GET"',
        "edgesim.toml:13: default_behavior.allowed_methods: 'GET' stands where a list is needed",
    ),
    (
        'allowed_methods = ["GET", 1]',
        (
            "edgesim.toml:13: default_behavior.allowed_methods[1]: "
            "1 stands where a text in quotes is needed"
        ),
    ),
    (
        'viewer_request = ["py", "js"]',
        (
            "edgesim.toml:13: default_behavior.viewer_request: "
            "a trigger takes one function, not a list\n"
            "  hint: call one from the other, or use another trigger"
        ),
    ),
    (
        "viewer_request = 1",
        (
            "edgesim.toml:13: default_behavior.viewer_request: this is no function's name\n"
            '  hint: a name in quotes, or { function = "name", include_body = true }'
        ),
    ),
    (
        'origin_request = { function = "py", body = true }',
        (
            "edgesim.toml:13: default_behavior.origin_request.body: unknown key 'body'\n"
            "  hint: known: function, include_body"
        ),
    ),
    (
        "[cache_policies.p]\nmin_ttl_s = -1",
        (
            "edgesim.toml:14: cache_policies.p.min_ttl_s: -1 is out of range\n"
            "  hint: min_ttl_s is 0 or more"
        ),
    ),
    (
        '[cache_policies.p]\ncookies = "some"',
        (
            "edgesim.toml:14: cache_policies.p.cookies: this selects nothing that is known\n"
            '  hint: "none", "all", ["a", "b"] or { except = ["a", "b"] }'
        ),
    ),
    (
        '[response_headers_policies.p]\nheaders = { "X-A" = { value = "1", overide = true } }',
        (
            "edgesim.toml:14: response_headers_policies.p.headers.X-A.overide: "
            "unknown key 'overide'\n"
            "  hint: did you mean 'override'?"
        ),
    ),
    (
        '[response_headers_policies.p]\nheaders = { "X-A" = 1 }',
        (
            "edgesim.toml:14: response_headers_policies.p.headers.X-A: this is no header's value\n"
            '  hint: "text", or { value = "text", override = true }'
        ),
    ),
    (
        '[distribution]\nrouting = "regoinal"',
        (
            "edgesim.toml:14: distribution.routing: 'regoinal' is none of its values\n"
            "  hint: did you mean 'regional'?"
        ),
    ),
]


@pytest.mark.parametrize(("added", "said"), SHAPES, ids=lambda v: str(v)[:40])
def test_a_broken_shape(added: str, said: str, refused: Callable[[str], str]) -> None:
    assert refused(GOOD + added) == said


WHOLE = [
    (
        ORIGIN,
        (
            "edgesim.toml: default_behavior: there is no [default_behavior]\n"
            '  hint: [default_behavior] needs at least origin = "the name of an origin"'
        ),
    ),
    (
        ORIGIN + "[default_behavior]\norigin = app",
        (
            "edgesim.toml:4:10: this is no TOML: invalid value\n"
            "  hint: it may begin a line earlier; texts stand in quotes, lists in brackets"
        ),
    ),
    (
        ORIGIN + '[default_behavior\norigin = "app"',
        (
            "edgesim.toml:3:18: this is no TOML: expected ']' at the end of a table declaration\n"
            "  hint: it may begin a line earlier; texts stand in quotes, lists in brackets"
        ),
    ),
    (
        ORIGIN + DEFAULT + 'origin = "b"',
        (
            "edgesim.toml:5: this is no TOML: cannot overwrite a value\n"
            "  hint: it may begin a line earlier; texts stand in quotes, lists in brackets"
        ),
    ),
]


@pytest.mark.parametrize(("text", "said"), WHOLE, ids=lambda v: str(v)[:40])
def test_a_broken_file(text: str, said: str, refused: Callable[[str], str]) -> None:
    assert refused(text) == said


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(
    refused: Callable[[str], str],
) -> None:
    text = ORIGIN + "orign = 1\n" + DEFAULT + "compress = 1\n[distribution]\nid = 1\n"
    said = refused(text)
    assert [line.split(": ")[0] for line in said.splitlines() if "edgesim.toml" in line] == [
        "edgesim.toml:3",
        "edgesim.toml:6",
        "edgesim.toml:8",
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load_draft(tmp_path / "edgesim.toml")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "edgesim.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_draft(path)


def test_editors_get_a_schema() -> None:
    assert "default_behavior" in Draft.model_json_schema()["required"]
