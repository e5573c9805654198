"""Turns away what has no business here, and who asks too often: what a small web ACL would do.

Attach it to viewer-request. Lambda@Edge, any Python runtime. It is no AWS WAF: the counts are those
of one execution environment, of which Lambda has as many as it needs, each with its own.
"""

import re
import time
from collections import OrderedDict
from ipaddress import ip_address, ip_network
from urllib.parse import unquote

DENIED_NETWORKS = [ip_network("203.0.113.0/24")]
"""Viewers who get nothing at all."""

ALLOWED_NETWORKS = []
"""If there are any, only these viewers get in; an office, say."""

DENIED_PATHS = re.compile(
    r"/\.(git|env|svn|aws)(/|$)|/wp-(admin|login)|\.(php|asp|cgi)$", re.IGNORECASE
)
"""What no page of this site links to."""

DENIED_TEXT = re.compile(r"<script|\bunion\s+select\b|\.\./|\x00", re.IGNORECASE)
"""What no honest query or path has in it."""

DENIED_AGENTS = re.compile(r"sqlmap|nikto|masscan", re.IGNORECASE)

REQUESTS = 100
"""That an address may make ..."""
WINDOW_S = 10
"""... within so many seconds."""
ADDRESSES = 10_000
"""That are counted at once; who was quiet the longest is forgotten first."""

_counts = OrderedDict()
"""Address to the start of its window, and its requests since; as long as the environment lives."""


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    why = denied(request)
    if why:
        print(f"denied {request['clientIp']} {request['uri']}: {why}")
        return answer("403", "Forbidden", "Request blocked.")
    wait_s = too_many(request["clientIp"], time.time())
    if wait_s:
        print(f"slowed {request['clientIp']} {request['uri']}")
        return answer("429", "Too Many Requests", "Slow down.", retry_after=wait_s)
    return request


def denied(request):
    """Which rule turns `request` away; None if none does."""
    address = ip_address(request["clientIp"])
    if any(address in network for network in DENIED_NETWORKS):
        return "network"
    if ALLOWED_NETWORKS and not any(address in network for network in ALLOWED_NETWORKS):
        return "network"
    path, query = decoded(request["uri"]), decoded(request["querystring"].replace("+", " "))
    if DENIED_PATHS.search(path):
        return "path"
    if DENIED_TEXT.search(path) or DENIED_TEXT.search(query):
        return "text"
    agents = request["headers"].get("user-agent", [])
    if any(DENIED_AGENTS.search(agent["value"]) for agent in agents):
        return "agent"
    return None


def decoded(text):
    """Twice, for what is encoded twice is hidden."""
    return unquote(unquote(text))


def too_many(address, now):
    """Whole seconds to wait if `address` has used up its window, else 0."""
    began, count = _counts.pop(address, (now, 0))
    if now - began >= WINDOW_S:
        began, count = now, 0
    _counts[address] = began, count + 1
    if len(_counts) > ADDRESSES:
        _counts.popitem(last=False)
    return max(1, round(began + WINDOW_S - now)) if count >= REQUESTS else 0


def answer(status, description, text, retry_after=None):
    headers = {
        "content-type": [{"key": "Content-Type", "value": "text/plain"}],
        "cache-control": [{"key": "Cache-Control", "value": "no-store"}],
    }
    if retry_after is not None:
        headers["retry-after"] = [{"key": "Retry-After", "value": str(retry_after)}]
    return {"status": status, "statusDescription": description, "headers": headers, "body": text}
