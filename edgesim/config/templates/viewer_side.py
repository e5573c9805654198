"""What a template says about viewers' connections. Checked as AWS checks it at deployment.

CloudFront: "Requirements for using alternate domain names", "Distribution settings".
"""

from __future__ import annotations

from ...cloudfront.distribution import SecurityPolicy
from .adapter import Adapter
from .nodes import Node

HTTP_VERSIONS = ("http1.1", "http2", "http2and3", "http3")
PRICE_CLASSES = ("PriceClass_All", "PriceClass_200", "PriceClass_100", "None")
TLS_POLICIES = tuple(one.value for one in SecurityPolicy)
SUPPORT_METHODS = ("sni-only", "vip", "static-ip")
MAX_COMMENT = 128


def check_viewer_side(adapter: Adapter, config: Node) -> None:
    """What AWS would refuse goes to the report."""
    one_of(adapter, config.get("HttpVersion"), HTTP_VERSIONS)
    one_of(adapter, config.get("PriceClass"), PRICE_CLASSES)
    comment = config.get("Comment")
    if comment is not None and len(comment.text) > MAX_COMMENT:
        what = f"the comment has {len(comment.text)} characters"
        adapter.report.refuse(comment, what, f"{MAX_COMMENT} are allowed")
    _check_certificate(adapter, config)
    one_of(adapter, config.get("ConnectionMode"), ("direct", "tenant-only"))


def one_of(adapter: Adapter, node: Node | None, values: tuple[str, ...]) -> None:
    if node is not None and node.text and node.text not in values:
        adapter.report.unknown(node, str(node.path[-1]), node.text, values)


def _check_certificate(adapter: Adapter, config: Node) -> None:
    certificate = config.get("ViewerCertificate") or config.here({})
    arn = certificate.get("AcmCertificateArn")
    own = (arn is not None and arn.text) or certificate.text_at("IamCertificateId")
    policy = certificate.get("MinimumProtocolVersion")
    one_of(adapter, policy, TLS_POLICIES)
    if own and policy is not None and policy.text in TLS_POLICIES:
        adapter.put_text(("distribution", "minimum_protocol_version"), policy)
        if policy.text == "SSLv3" and certificate.text_at("SslSupportMethod") == "sni-only":
            adapter.report.refuse(policy, "sni-only needs TLS", "TLSv1.2_2021, say")
    one_of(adapter, certificate.get("SslSupportMethod"), SUPPORT_METHODS)
    default = adapter.flag(certificate.get("CloudFrontDefaultCertificate"))
    if own and default:
        what = "there are two certificates: CloudFront's and one of your own"
        adapter.report.refuse(certificate, what, "take CloudFrontDefaultCertificate out")
    if own and not certificate.text_at("SslSupportMethod"):
        hint = "SslSupportMethod: sni-only"
        adapter.report.refuse(certificate, "a certificate of your own needs SslSupportMethod", hint)
    check_region(adapter, arn)
    aliases = config.get("Aliases") or config.get("CNAMEs")
    if aliases is not None and aliases.members and not own:
        hint = "ViewerCertificate with an AcmCertificateArn for these names"
        what = "aliases need a certificate of your own"
        adapter.report.refuse(aliases, what, hint)


def check_region(adapter: Adapter, arn: Node | None) -> None:
    """CloudFront takes certificates of us-east-1 only."""
    parts = arn.text.split(":") if arn is not None else []
    if arn is not None and len(parts) > 3 and parts[3] != "us-east-1":
        what = f"the certificate is in {parts[3] or 'no Region'}"
        adapter.report.refuse(arn, what, "CloudFront takes certificates of us-east-1 only")
