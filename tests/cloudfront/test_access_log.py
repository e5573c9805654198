"""Golden table: records of access logs (CloudFront: "Standard logging reference")."""

from __future__ import annotations

import pytest

from edgesim.cloudfront.access_log import FIELDS, HEAD, Logging, detailed, file_name, line
from edgesim.cloudfront.result_type import ResultType

ENDED = 1_767_225_661.9


def test_the_head_names_33_fields() -> None:
    version, fields, rest = HEAD.split("\n")
    assert (version, rest) == ("#Version: 1.0", "")
    assert fields.startswith("#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) ")
    assert fields.endswith(" sc-content-type sc-content-len sc-range-start sc-range-end")
    assert len(FIELDS) == len(set(FIELDS)) == 33


ENCODED = [
    ("/a b", "/a%20b"),
    ("/a%20b", "/a%2520b"),
    ("<>\"#{}|\\^~[]`'", "%3C%3E%22%23%7B%7D%7C%5C%5E%7E%5B%5D%60%27"),
    ("caf\u00e9\t", "caf%E9%09"),
    ("a=1&b=2;c/d?e:f@g,h", "a=1&b=2;c/d?e:f@g,h"),
    ("", "-"),
]


@pytest.mark.parametrize(("text", "expected"), ENCODED)
def test_a_value(text: str, expected: str) -> None:
    record = line({"cs-uri-stem": text}, ENDED).rstrip("\n").split("\t")
    assert record[FIELDS.index("cs-uri-stem")] == expected
    assert record[:3] == ["2026-01-01", "00:01:01", "-"]


NAMES = [
    (Logging(), "E1.2026-01-01-00.ab"),
    (Logging(prefix="cdn"), "cdn/E1.2026-01-01-00.ab"),
    (Logging(prefix="cdn/"), "cdn/E1.2026-01-01-00.ab"),
]


@pytest.mark.parametrize(("logging", "expected"), NAMES)
def test_a_file(logging: Logging, expected: str) -> None:
    assert file_name(logging, "E1", ENDED, "ab") == expected


DETAILED = [
    (ResultType.ERROR, "OriginConnectError", False, False, "OriginConnectError"),
    (ResultType.ERROR, "AccessDenied", False, False, "Error"),
    (ResultType.LAMBDA_EXECUTION_ERROR, "LambdaExecutionError", False, False, None),
    (ResultType.HIT, "", True, False, "OriginShieldHit"),
    (ResultType.REFRESH_HIT, "", True, False, "RefreshHit"),
    (ResultType.MISS, "", False, True, "MissGeneratedResponse"),
    (ResultType.HIT, "", False, True, "Hit"),
]


@pytest.mark.parametrize(("result", "code", "shield", "generated", "expected"), DETAILED)
def test_the_detailed_result(
    result: ResultType, code: str, *, shield: bool, generated: bool, expected: str | None
) -> None:
    found = detailed(result, code, shield_hit=shield, generated=generated)
    assert found == (expected or result.value)
