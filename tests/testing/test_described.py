"""The marker with a template: what a test says besides it, and a live edge in front of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from edgesim.cloudfront.strictness import Strictness
from edgesim.config.elsewhere import check_placed
from edgesim.config.resolve import from_origin
from edgesim.errors import ConfigError
from edgesim.testing.described import Described, before_an_app
from edgesim.testing.edge import VirtualEdge
from edgesim.testing.server import EdgeServer

TEMPLATE = """\
Parameters:
  Host: {Type: String}
Resources:
  Gate:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Code:
        ZipFile: |
          def handler(event, context):
              request = event["Records"][0]["cf"]["request"]
              request["headers"]["x-gate"] = [{"key": "X-Gate", "value": "open"}]
              return request
  GateVersion: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Gate}}
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        WebACLId: !ImportValue acl
        Origins:
          - Id: app
            DomainName: !Ref Host
            OriginPath: /v1
            CustomOriginConfig: {OriginProtocolPolicy: https-only}
        DefaultCacheBehavior:
          TargetOriginId: app
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
          LambdaFunctionAssociations:
            - {EventType: origin-request, LambdaFunctionARN: !Ref GateVersion}
"""


class Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, "gate": self.headers["x-gate"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


@pytest.fixture
def origin() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def described(tmp_path: Path) -> Callable[..., Described]:
    (tmp_path / "template.yaml").write_text(TEMPLATE)

    def described(**said: object) -> Described:
        whole = {
            "template": "template.yaml",
            "parameters": {"Host": "app.example.com"},
            "imports": {"acl": "arn:acl"},
            "without": ["WebACLId"],
            **said,
        }
        return Described(**whole)  # type: ignore[arg-type]

    return described


def test_a_virtual_edge_needs_no_place_for_origins(
    described: Callable[..., Described], tmp_path: Path
) -> None:
    edge = VirtualEdge(described().deployment(tmp_path))
    try:
        edge.origin("app").respond("/v1/a", text="hello")
        assert edge.get("/a").text == "hello"
        assert edge.origin("app").requests[0].headers.get("x-gate") == "open"
    finally:
        edge.close()


def test_a_live_edge_asks_the_origin_that_the_marker_names(
    described: Callable[..., Described], tmp_path: Path, origin: str
) -> None:
    with pytest.raises(ConfigError, match="where its origins are"):
        check_placed(described().deployment(tmp_path))
    deployment = described(set_origin={"app": origin}).deployment(tmp_path)
    check_placed(deployment)
    server = EdgeServer(deployment)
    try:
        first = httpx.get(f"{server.url}/a")
        assert first.json() == {"path": "/v1/a", "gate": "open"}
        assert httpx.get(f"{server.url}/a").headers["x-cache"] == "Hit from cloudfront"
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"parameters": {}}, "the parameter Host has no default"),
        ({"imports": {}}, "acl is exported by another stack"),
        ({"without": ()}, "edgesim has no WebACLId"),
        ({"distribution": "Other"}, "no distribution is named 'Other'"),
        ({"set_function": {"Gat": "gate.py"}}, "no function of its behaviors is named 'Gat'"),
    ],
)
def test_what_the_marker_says_reaches_the_template(
    described: Callable[..., Described], tmp_path: Path, said: dict[str, object], what: str
) -> None:
    with pytest.raises(ConfigError, match=what):
        described(**said).deployment(tmp_path)


@pytest.mark.parametrize("reading", [None, *Strictness])
def test_what_nobody_describes_is_what_an_origin_alone_comes_to(reading: Strictness | None) -> None:
    assert before_an_app(reading) == from_origin("http://app.test", strictness=reading)
