"""CloudFront: "Use real-time access logs"."""

from __future__ import annotations

from edgesim.cloudfront.realtime_log import FIELDS, RealtimeLog


def test_fields_are_in_the_order_of_a_record() -> None:
    assert FIELDS[:3] == ("timestamp", "c-ip", "s-ip")
    assert FIELDS[33:35] == ("x-edge-detailed-result-type", "c-country")
    assert FIELDS[45:47] == ("asn", "cmcd-encoded-bitrate")
    assert len(FIELDS) == len(set(FIELDS)) == 46 + 18 + 5
    log = RealtimeLog("s", ("sc-status", "c-ip", "timestamp"))
    values = {"c-ip": "192.0.2.1", "sc-status": "200", "cs-method": "GET"}
    assert log.record(values) == "-\t192.0.2.1\t200\n", "and what nobody knows is a dash"


def test_values_are_written_as_in_the_standard_log() -> None:
    log = RealtimeLog("s", ("cs-user-agent", "cs-headers"))
    assert log.record({"cs-user-agent": "a b", "cs-headers": "A:1\nB:2\t"}) == (
        "a%20b\tA:1%0AB:2%09\n"
    )
