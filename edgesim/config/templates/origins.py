"""Origins and origin groups of a template.

A template says where an origin will be on AWS. Where it is on this machine is for --set-origin to
say; without that an origin keeps the host it has there.
"""

from __future__ import annotations

import re

from ..deployment import NoteKind
from ..positions import KeyPath
from .adapter import Adapter
from .buckets import WEBSITE_HOST, signing, sketch_bucket, sketch_website
from .nodes import Node
from .report import is_off
from .viewer_side import check_region, one_of

_CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d+:certificate/.+")
_HOST = re.compile(r"[A-Za-z0-9_.-]+")
LOOPBACK = frozenset({"localhost", "127.0.0.1"})
PROTOCOLS = ("http-only", "https-only", "match-viewer")
MIN_PORT, MAX_PORT = 1024, 65_535
USUAL_PORTS = (80, 443)
TLS_VERSIONS = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2")
ADDRESS_TYPES = ("ipv4", "ipv6", "dualstack")
KINDS = ("CustomOriginConfig", "S3OriginConfig", "VpcOriginConfig")


def sketch_origin(adapter: Adapter, node: Node) -> None:
    """One member of `Origins`."""
    if not adapter.needed(node, "Id", "DomainName"):
        return
    name = node.text_at("Id")
    path: KeyPath = ("origins", name)
    if name in adapter.sketch.data.get("origins", {}):
        what = f"an origin named {name!r} is there already"
        adapter.report.refuse(node, what, "each has an id of its own")
        return
    adapter.put(path, {}, node)
    kinds = [kind for kind in KINDS if node.get(kind) is not None]
    if len(kinds) != 1:
        what = f"it has {' and '.join(kinds)}" if kinds else "nothing says what kind it is of"
        hint = "give exactly one of CustomOriginConfig, S3OriginConfig and VpcOriginConfig"
        adapter.report.refuse(node, what, hint)
        return
    config = node.get(kinds[0]) or node
    if not _has_host(adapter, node):
        return
    if kinds[0] == "S3OriginConfig":
        sketch_bucket(adapter, path, node)
    else:
        _sketch_server(adapter, path, node, config, is_custom=kinds[0] == "CustomOriginConfig")
    adapter.put_whole((*path, "response_timeout_s"), config.get("OriginReadTimeout"))
    adapter.put_whole((*path, "keepalive_timeout_s"), config.get("OriginKeepaliveTimeout"))
    _sketch_rest(adapter, path, node)


def _has_host(adapter: Adapter, node: Node) -> bool:
    host = node.get("DomainName")
    if host is None or (host.is_scalar and _HOST.fullmatch(host.text)):
        return True
    what = f"{host.text!r} is no domain name" if host.is_scalar else "this is no domain name"
    bare = host.text.partition("://")[2].partition("/")[0] or host.text
    hint = f"a host name alone, without scheme, port and path: {bare.partition(':')[0]}"
    adapter.report.refuse(host, what, hint)
    return False


def _sketch_server(
    adapter: Adapter, path: KeyPath, node: Node, config: Node, *, is_custom: bool
) -> None:
    policy = config.text_at("OriginProtocolPolicy") if is_custom else "http-only"
    if policy not in PROTOCOLS:
        where = config.get("OriginProtocolPolicy") or config
        what = f"{policy!r} is no OriginProtocolPolicy"
        what = what if policy else "OriginProtocolPolicy is missing"
        adapter.report.refuse(where, what, f"it is one of {', '.join(PROTOCOLS)}")
        return
    http = _port(adapter, config.get("HTTPPort")) or 80
    https = _port(adapter, config.get("HTTPSPort")) or 443
    for one in adapter.members(config.get("OriginSSLProtocols")):
        if one.text not in TLS_VERSIONS:
            adapter.report.unknown(one, "TLS version", one.text, TLS_VERSIONS)
    if signing(adapter, node) is not None:
        text = "only requests to an S3 API are signed"
        adapter.report.note(NoteKind.IGNORED, node.fields["OriginAccessControlId"], text)
    one_of(adapter, config.get("IpAddressType"), ADDRESS_TYPES)
    host = node.get("DomainName") or node
    if WEBSITE_HOST.fullmatch(host.text) and policy != "http-only":
        what = "a bucket's website speaks http only"
        adapter.report.refuse(config, what, "OriginProtocolPolicy: http-only")
    place = adapter.stack.given.origins.get(str(path[1]))
    _sketch_mutual_tls(adapter, path, config, place or host.text)
    if place is not None:
        _place(adapter, path, host, place)
        return
    scheme, port = ("https", https) if policy == "https-only" else ("http", http)
    adapter.put((*path, "url"), f"{scheme}://{host.text}:{port}", host)
    adapter.put((*path, "protocol_policy"), policy, config)
    if policy == "match-viewer":
        adapter.put((*path, "https_port"), https, config)


def _sketch_mutual_tls(adapter: Adapter, path: KeyPath, config: Node, place: str) -> None:
    """The certificate is in ACM; where the origin is asked by TLS here, somebody has to give it."""
    said, name = config.get("OriginMtlsConfig"), str(path[1])
    if said is None or is_off(said) or not adapter.needed(said, "ClientCertificateArn"):
        return
    arn = said.fields["ClientCertificateArn"]
    if not _CERTIFICATE.fullmatch(arn.text):
        hint = "arn:aws:acm:REGION:ACCOUNT:certificate/ID"
        adapter.report.refuse(arn, f"{arn.text!r} is no certificate of ACM's", hint)
    check_region(adapter, arn)
    file = adapter.stack.given.certificates.get(name)
    if file is not None:
        adapter.put((*path, "client_certificate"), file, arn)
    elif "OriginMtlsConfig" in adapter.report.without:
        adapter.report.leaves_out(said, "the origin is shown no client certificate")
    elif place.startswith("https://") or place in LOOPBACK:
        hint = f"give a copy of it, and of its key: --set-certificate {name}=FILE"
        adapter.report.refuse(arn, "the client certificate is in ACM", hint)
    elif "://" in place:
        text = "the origin is asked by plain HTTP here, and is shown no certificate"
        adapter.report.note(NoteKind.WARNING, arn, text)


def _place(adapter: Adapter, path: KeyPath, host: Node, place: str) -> None:
    if "://" in place:
        adapter.put((*path, "url"), place, host)
    elif WEBSITE_HOST.fullmatch(host.text):
        sketch_website(adapter, path, host, place)
    else:
        adapter.put((*path, "folder"), place, host)


def _port(adapter: Adapter, node: Node | None) -> int | None:
    port = adapter.whole(node)
    if port is None or node is None or port in USUAL_PORTS or MIN_PORT <= port <= MAX_PORT:
        return port
    adapter.report.refuse(node, f"{port} is no port of an origin", "80, 443 or 1024-65535")
    return port


def _sketch_rest(adapter: Adapter, path: KeyPath, node: Node) -> None:
    place = adapter.stack.given.origins.get(str(path[1]), "")
    if not place.partition("://")[2].partition("/")[1]:  # a URL with a path has it from there
        adapter.put_text((*path, "path"), node.get("OriginPath"))
    adapter.put_whole((*path, "connection_attempts"), node.get("ConnectionAttempts"))
    adapter.put_whole((*path, "connection_timeout_s"), node.get("ConnectionTimeout"))
    completion = node.get("ResponseCompletionTimeout")
    adapter.put_whole((*path, "response_completion_timeout_s"), completion)
    shield = node.get("OriginShield")
    if shield is not None and not is_off(shield) and adapter.needed(shield, "OriginShieldRegion"):
        adapter.put_text((*path, "origin_shield"), shield.get("OriginShieldRegion"))
    for one in adapter.members(node.get("OriginCustomHeaders")):
        if adapter.needed(one, "HeaderName", "HeaderValue"):
            name = one.text_at("HeaderName")
            adapter.put((*path, "custom_headers", name), one.text_at("HeaderValue"), one)


def sketch_group(adapter: Adapter, node: Node) -> None:
    """One member of `OriginGroups.Items`."""
    if not adapter.needed(node, "Id", "FailoverCriteria", "Members"):
        return
    path = ("origin_groups", node.text_at("Id"))
    adapter.sketch.place(path, node)
    ids = [one.text_at("OriginId") for one in adapter.members(node.get("Members", "Items"))]
    adapter.put((*path, "members"), ids, node.get("Members") or node)
    codes = node.get("FailoverCriteria", "StatusCodes", "Items") or node.here([])
    numbers = [adapter.whole(one) for one in adapter.members(codes)]
    adapter.put((*path, "failover_status_codes"), [n for n in numbers if n is not None], codes)
    criteria = node.get("SelectionCriteria")
    if criteria is not None and criteria.text not in ("", "default"):
        adapter.report.leaves_out(criteria, "media quality is not scored; the first one is asked")
