"""The identity provider: its discovery document, its key set, its token endpoint.

What it says of itself is kept in memory, for as long as Lambda keeps this process.
"""

import base64
import http.client
import json
import time
from urllib.parse import quote, urlencode, urlsplit

import jwt

KEPT_S = 3600
"""How long the discovery document and the keys are taken for granted."""

ASK_AGAIN_S = 30
"""An unknown key may be a new one. But anybody can invent key ids: we ask no more often."""

OUTLIVES_S = 24 * 3600
"""How long known keys are still good while the provider cannot be reached."""

TIMEOUT_S = 1.5
"""Three requests at most within one run: discovery, token, keys."""

MAX_BYTES = 256 * 1024
MIN_RSA_BITS = 2048


class ProviderError(Exception):
    """The provider cannot be reached, or what it says makes no sense."""


class Provider:
    def __init__(self, issuer, ask=None, clock=time.time):
        self._issuer, self._ask, self._clock = issuer, ask or asked, clock
        self._document, self._document_at = None, 0.0
        self._keys, self._keys_at, self._tried_at = {}, 0.0, 0.0

    def endpoint(self, name, *, needed=True):
        """An address of the provider. Raises `ProviderError`."""
        address = self._described().get(name)
        if address is None and not needed:
            return None
        return trusted(address)

    def token(self, form, client):
        """What the token endpoint answers. Raises `ProviderError`."""
        headers = {}
        if client is not None:  # RFC 6749, section 2.3.1: encoded before they are joined
            pair = ":".join(quote(part, safe="") for part in client)
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
        return self._ask(self.endpoint("token_endpoint"), urlencode(form), headers)

    def key(self, kid):
        """The key of that id, None if the provider has none. Raises `ProviderError`."""
        now = self._clock()
        stale = now - self._keys_at > KEPT_S
        if (stale or kid not in self._keys) and now - self._tried_at > ASK_AGAIN_S:
            self._tried_at = now
            try:
                self._keys = usable(self._ask(self.endpoint("jwks_uri")))
                self._keys_at = now
            except ProviderError as error:
                if now - self._keys_at > OUTLIVES_S:
                    self._tried_at = 0.0  # with no keys at all there is nothing to lose
                    raise
                print(f"the keys stay as they were: {error}")
        return self._keys.get(kid)

    def _described(self):
        now = self._clock()
        if self._document is None or now - self._document_at > KEPT_S:
            try:
                self._document = self._description()
            except ProviderError as error:
                if self._document is None:
                    raise
                print(f"its description stays as it was: {error}")
            self._document_at = now
        return self._document

    def _description(self):
        document = self._ask(f"{self._issuer}/.well-known/openid-configuration")
        if document.get("issuer") != self._issuer:
            raise ProviderError(f"it calls itself {document.get('issuer')!r:.100}")
        return document


def usable(document):
    """The signing keys in a key set by their ids; what we cannot use is left out."""
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise ProviderError("its key set has no keys")
    found = {}
    for entry in listed:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        kind = (entry.get("kty"), entry.get("crv"), entry.get("alg"))
        if kind[0] == "RSA" and kind[2] in (None, "RS256"):
            algorithm = "RS256"
        elif kind[:2] == ("EC", "P-256") and kind[2] in (None, "ES256"):
            algorithm = "ES256"
        else:
            continue
        public = {name: value for name, value in entry.items() if name not in ("d", "key_ops")}
        try:
            key = jwt.PyJWK(public, algorithm)
        except jwt.PyJWTError:
            continue
        weak = algorithm == "RS256" and key.key.key_size < MIN_RSA_BITS
        if isinstance(entry.get("kid"), str) and not weak:
            found[entry["kid"]] = key
    return found


def trusted(address):
    """`address`, if it is one that secrets may be sent to. Raises `ProviderError`."""
    parts = urlsplit(address if isinstance(address, str) else "")
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    if not parts.hostname or not (local or parts.scheme == "https"):
        raise ProviderError(f"{address!r:.100} is no https address")
    return address


def asked(address, form=None, headers=None):
    """The JSON object at `address`, without following redirects. Raises `ProviderError`."""
    parts = urlsplit(trusted(address))
    secure = parts.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(parts.hostname, parts.port, timeout=TIMEOUT_S)
    sent = {"Accept": "application/json", **(headers or {})}
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET" if form is None else "POST", path, form, sent)
        response = connection.getresponse()
        body = response.read(MAX_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise ProviderError(f"{address}: {error}") from None
    finally:
        connection.close()
    if response.status != http.client.OK or len(body) > MAX_BYTES:
        raise ProviderError(f"{address} said {response.status} in {len(body):,} bytes")
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ProviderError(f"{address} did not answer with a JSON object")
    return document
