"""The guide's catalogue of examples for Lambda@Edge, each in Python and in Node.js.

CloudFront: "Lambda@Edge example functions". Every silence is read strictly, and no function may
as much as be warned of anything.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest

from edgesim.bundled import bundled
from edgesim.testing.edge import VirtualEdge
from edgesim.testing.story import EdgeResponse

from .conftest import Handlers

SERVER = pytest.mark.edgesim(origin="http://app.test", strictness="strict")
BUCKET = pytest.mark.edgesim(origin="edge_functions", strictness="strict")
"""A folder, which stands in for a bucket."""

OLD_BUCKET = "app.s3.us-east-1.amazonaws.com"

pytestmark = SERVER

CATALOGUE = {
    # the guide's example: folder, module, what tests it
    "A/B testing": ("ab_testing", "index", "test_ab_testing"),
    "Override a response header": ("override_header", "index", "test_override_header"),
    "Serve static content": ("static_content", "index", "test_static_content"),
    "HTTP redirect": ("redirect", "index", "test_redirect"),
    "Header from a query string": ("query_string", "to_header", "test_query_to_header"),
    "Normalise query strings": ("query_string", "normalise", "test_normalised_query"),
    "Redirect to sign-in": ("sign_in", "index", "test_sign_in"),
    "Redirect by country": ("by_viewer", "country_redirect", "test_country_redirect"),
    "Versions by device": ("by_viewer", "device_folder", "test_device_folder"),
    "Custom origin to S3": ("choose_origin", "to_bucket", "test_to_bucket"),
    "Change the S3 Region": ("choose_origin", "bucket_region", "test_bucket_region"),
    "S3 to custom origin": ("choose_origin", "from_bucket", "test_from_bucket"),
    "Gradual move of buckets": ("choose_origin", "gradual_move", "test_gradual_move"),
    "Origin by country": ("choose_origin", "country_host", "test_country_host"),
    "Error to 200": ("error_pages", "page", "test_error_page"),
    "Error to 302": ("error_pages", "redirect", "test_error_redirect"),
    "Read a form": ("html_form", "read", "test_form_read"),
    "Change a form": ("html_form", "add_field", "test_form_field"),
}


@pytest.mark.parametrize("entry", CATALOGUE)
def test_every_entry_is_there_in_both_languages_with_its_test(entry: str) -> None:
    folder, module, test = CATALOGUE[entry]
    assert hasattr(sys.modules[__name__], test)
    for language, endings in (("python", [".py"]), ("node", [".js", ".mjs"])):
        example = bundled("edge_functions") / language / folder
        assert any((example / f"{module}{ending}").exists() for ending in endings), language
        assert (example / "README.md").exists(), language


@pytest.fixture(autouse=True)
def unwarned(edge: VirtualEdge) -> Iterator[None]:
    """No function of the catalogue breaks a rule."""
    edge.origin().respond(headers={"Cache-Control": "max-age=60"}, text="from the origin")
    yield
    for response in edge.responses:
        assert response.edge.warnings == ()
        assert response.edge.failure is None


def said_by(response: EdgeResponse) -> list[str]:
    """What the function wrote, without what Node.js puts before it."""
    lines = response.edge.functions[0].log.splitlines()
    return [line.rpartition("\t")[2] for line in lines]


def sent_to(response: EdgeResponse) -> tuple[str, str]:
    """The domain and the Host that the function at origin-request chose."""
    result = response.edge.functions[-1].result
    assert isinstance(result, dict)
    (fields,) = result["origin"].values()
    return fields["domainName"], result["headers"]["host"][0]["value"]


def test_ab_testing(edge: VirtualEdge, handler: Handlers) -> None:
    edge.attach(handler("ab_testing"), "viewer-request")
    edge.attach(handler("ab_testing"), "viewer-response")
    given = edge.get("/").headers["set-cookie"].partition(";")[0]
    assert given in ("variant=a", "variant=b")
    assert edge.origin().requests[-1].headers.get("cookie") == given
    assert "set-cookie" not in edge.get("/", headers={"Cookie": given}).headers


@pytest.mark.parametrize("trigger", ["origin-response", "viewer-response"])
def test_override_header(edge: VirtualEdge, handler: Handlers, trigger: str) -> None:
    taken, uploaded = "Mon, 01 Jan 2024 00:00:00 GMT", "Tue, 02 Jan 2024 00:00:00 GMT"
    said = {"Last-Modified": uploaded, "X-Amz-Meta-Last-Modified": taken}
    edge.origin().respond("/a.jpg", headers=said)
    edge.origin().respond("/b.jpg", headers={"Last-Modified": uploaded})
    edge.attach(handler("override_header"), trigger)
    assert edge.get("/a.jpg").headers["last-modified"] == taken
    assert edge.get("/b.jpg").headers["last-modified"] == uploaded


@pytest.mark.parametrize(("trigger", "runs"), [("viewer-request", 2), ("origin-request", 1)])
def test_static_content(edge: VirtualEdge, handler: Handlers, trigger: str, runs: int) -> None:
    edge.attach(handler("static_content"), trigger)
    first, second = edge.get("/"), edge.get("/")
    for page in (first, second):
        assert (page.status_code, page.headers["cache-control"]) == (200, "max-age=100")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "<h1>Hello from the edge</h1>" in page.text
    assert edge.origin().calls == 0
    assert len(first.edge.functions) + len(second.edge.functions) == runs, "cached or not"


def test_redirect(edge: VirtualEdge, handler: Handlers) -> None:
    edge.attach(handler("redirect"), "viewer-request")
    moved = edge.get("https://www.example.com/blog/2024?a=1")
    assert (moved.status_code, moved.headers["location"]) == (301, "/articles/2024?a=1")
    other = edge.get("https://example.com/old")
    assert other.headers["location"] == "https://www.example.com/new"
    assert edge.get("https://www.example.com/other").text == "from the origin"


HEADERS_FROM_QUERIES = [
    # target, the query that is left, the header
    ("/?auth=abc&x=1", "x=1", "abc"),
    ("/?x=1&auth=a%20b%2Fc&y=%20", "x=1&y=%20", "a b/c"),
    ("/?auth=", "", ""),
    ("/?x=1", "x=1", None),
    ("/", "", None),
    ("/?auth=a%0D%0AEvil:%201&x=1", "auth=a%0D%0AEvil:%201&x=1", None),
    ("/?auth=%FCx", "auth=%FCx", None),
]


@pytest.mark.parametrize(("target", "query", "value"), HEADERS_FROM_QUERIES)
def test_query_to_header(
    edge: VirtualEdge, handler: Handlers, target: str, query: str, value: str | None
) -> None:
    edge.attach(handler("query_string", "to_header"), "origin-request")
    edge.get(target)
    (sent,) = edge.origin().requests
    assert (sent.query, sent.headers.get("auth")) == (query, value)


def test_normalised_query(edge: VirtualEdge, handler: Handlers) -> None:
    edge.attach(handler("query_string", "normalise"), "viewer-request")
    answers = [edge.get(f"/{query}") for query in ("?b=2&A=X", "?A=X&b=2", "?&a=x&B=2&")]
    assert [answer.headers["x-cache"] for answer in answers] == [
        "Miss from cloudfront",
        "Hit from cloudfront",
        "Hit from cloudfront",
    ]
    assert edge.origin().requests[0].query == "a=x&b=2"


def test_sign_in(edge: VirtualEdge, handler: Handlers) -> None:
    edge.attach(handler("sign_in"), "viewer-request")
    asked = edge.get("/a%20b/c?x=1&y=%26")
    assert asked.status_code == 302
    assert asked.headers["location"] == (
        "https://www.example.com/sign-in?redirect_url="
        "https%3A%2F%2Fwww.example.test%2Fa%2520b%2Fc%3Fx%3D1%26y%3D%2526"
    )
    assert edge.get("/", headers={"Cookie": "a=1; session-id=x"}).text == "from the origin"
    for cookie in ("session-id=", "my-session-id=x", "session-id"):
        assert edge.get("/", headers={"Cookie": cookie}).status_code == 302, cookie


def test_country_redirect(edge: VirtualEdge, handler: Handlers) -> None:
    edge.attach(handler("by_viewer", "country_redirect"), "origin-request")
    german = edge.get("/a?b=1", headers={"CloudFront-Viewer-Country": "DE"})
    assert german.status_code == 302
    assert german.headers["location"] == "https://de.example.com/a?b=1"
    for country in ({"CloudFront-Viewer-Country": "US"}, {}):
        assert edge.get("/b", headers=country).text == "from the origin"


DEVICES = [
    (("Desktop",), "/desktop/a"),
    (("Mobile",), "/mobile/a"),
    (("Mobile", "Tablet"), "/tablet/a"),
    (("SmartTV",), "/smarttv/a"),
    ((), "/a"),
]


@pytest.mark.parametrize(("kinds", "path"), DEVICES)
def test_device_folder(
    edge: VirtualEdge, handler: Handlers, kinds: tuple[str, ...], path: str
) -> None:
    edge.attach(handler("by_viewer", "device_folder"), "origin-request")
    edge.get("/a", headers={f"CloudFront-Is-{kind}-Viewer": "true" for kind in kinds})
    assert edge.origin().requests[-1].path == path


def test_to_bucket(edge: VirtualEdge, handler: Handlers) -> None:
    edge.attach(handler("choose_origin", "to_bucket"), "origin-request")
    bucket = "archive-bucket.s3.us-east-1.amazonaws.com"
    assert sent_to(edge.get("/a?archive=true")) == (bucket, bucket)
    assert sent_to(edge.get("/a?archive=no")) == ("app.test", "www.example.test")


@BUCKET
def test_bucket_region(edge: VirtualEdge, handler: Handlers) -> None:
    edge.attach(handler("choose_origin", "bucket_region"), "origin-request")
    near = "pictures-in-ap-south-1.s3.ap-south-1.amazonaws.com"
    indian = edge.get("/a", headers={"CloudFront-Viewer-Country": "IN"})
    assert sent_to(indian) == (near, near)
    assert sent_to(edge.get("/b"))[0] == OLD_BUCKET


@BUCKET
def test_from_bucket(edge: VirtualEdge, handler: Handlers) -> None:
    edge.attach(handler("choose_origin", "from_bucket"), "origin-request")
    server = "preview.example.com"
    assert sent_to(edge.get("/a?preview=true")) == (server, server)
    assert sent_to(edge.get("/a"))[0] == OLD_BUCKET


@BUCKET
def test_gradual_move(edge: VirtualEdge, handler: Handlers) -> None:
    edge.attach(handler("choose_origin", "gradual_move"), "origin-request")
    chosen = [sent_to(edge.get(f"/{number}"))[0] for number in range(200)]
    moved = chosen.count("new-bucket.s3.eu-central-1.amazonaws.com")
    assert moved + chosen.count(OLD_BUCKET) == 200
    assert 0 < moved < 200, "30 % of them; all or none would be less likely than 1 in 10^30"


def test_country_host(edge: VirtualEdge, handler: Handlers) -> None:
    edge.attach(handler("choose_origin", "country_host"), "origin-request")
    irish = edge.get("/a", headers={"CloudFront-Viewer-Country": "IE"})
    assert sent_to(irish) == ("eu.example.com", "eu.example.com")
    assert sent_to(edge.get("/b"))[0] == "app.test"


@pytest.mark.parametrize("status", [400, 404, 503, 599])
def test_error_page(edge: VirtualEdge, handler: Handlers, status: int) -> None:
    said = {"ETag": '"a"', "Content-Type": "application/json", "Content-Encoding": "br"}
    edge.origin().respond("/broken", status=status, headers=said, content=b"{}")
    edge.attach(handler("error_pages", "page"), "origin-response")
    page = edge.get("/broken")
    assert (page.status_code, page.reason_phrase) == (200, "OK")
    assert "We are working on it" in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "etag" not in page.headers
    assert edge.get("/").text == "from the origin"


def test_error_redirect(edge: VirtualEdge, handler: Handlers) -> None:
    edge.origin().respond("/broken", status=500, text="oops")
    edge.attach(handler("error_pages", "redirect"), "origin-response")
    sent = edge.get("/broken")
    assert (sent.status_code, sent.text) == (302, "")
    assert sent.headers["location"] == "https://www.example.com/sorry"
    assert edge.get("/").text == "from the origin"


AT = pytest.mark.parametrize(
    ("trigger", "limit"), [("viewer-request", 40 << 10), ("origin-request", 1 << 20)]
)


@AT
def test_form_read(edge: VirtualEdge, handler: Handlers, trigger: str, limit: int) -> None:
    edge.attach(handler("html_form", "read"), trigger, include_body=True)
    short = edge.post("/", data={"name": "J\xfcrgen & co", "empty": ""})
    assert said_by(short) == ["name: J\xfcrgen & co", "empty: "]
    long = edge.post("/", data={"text": "x" * limit})
    assert said_by(long)[0] == "the form is longer than what is shown of it"
    assert len(edge.origin().requests[-1].body) == limit + 5, "it goes on whole"  # type: ignore[arg-type]
    assert said_by(edge.get("/")) == []


@AT
def test_form_field(edge: VirtualEdge, handler: Handlers, trigger: str, limit: int) -> None:
    edge.attach(handler("html_form", "add_field"), trigger, include_body=True)
    edge.post("/", data={"name": "J\xfcrgen & co"})
    sent = edge.origin().requests[-1]
    assert isinstance(sent.body, bytes)
    assert parse_qsl(sent.body.decode()) == [("name", "J\xfcrgen & co"), ("received-at", "edge")]
    assert sent.headers.get("content-length") == str(len(sent.body))
    edge.post("/", data={})
    edge.post("/", content=b"{}", headers={"Content-Type": "application/json"})
    assert edge.origin().requests[-1].body == b"{}", "that is no form"
    edge.post("/", data={"text": "x" * limit})
    long = edge.origin().requests[-1].body
    assert isinstance(long, bytes)
    assert len(long) == limit + 5, "what is not seen whole is left alone"
