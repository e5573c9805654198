from __future__ import annotations

from edgesim.http.headers import Headers
from edgesim.http.message import Response

from .examples import amended, example, get

SECURITY = example("security_headers")


def test_a_page_without_them_gets_them_all() -> None:
    response = amended(SECURITY, get("/"), Response(200))
    assert {
        name: response.headers.get(name.lower()) for name in SECURITY.HEADERS
    } == SECURITY.HEADERS


def test_what_the_origin_chose_stays() -> None:
    own = Headers([("Content-Security-Policy", "default-src 'none'")])
    response = amended(SECURITY, get("/"), Response(200, own))
    assert response.headers.all("content-security-policy") == ["default-src 'none'"]


def test_it_hides_the_software_and_touches_nothing_read_only() -> None:
    said = [("Server", "x/1"), ("X-Powered-By", "y"), ("Via", "1.1 z"), ("Content-Length", "0")]
    response = amended(SECURITY, get("/"), Response(200, Headers(said)))
    assert "server" not in response.headers
    assert "x-powered-by" not in response.headers
    assert response.headers.get("via") == "1.1 z"
