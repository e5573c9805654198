"""The small variant: a name and a password that the browser asks for (RFC 7617).

The same folder, another handler: `basic.handler`. Good for a preview site, not for people who
want to sign out. `python basic.py NAME` makes a line for `basic_users` in settings.json.
"""

import base64
import getpass
import hashlib
import hmac
import json
import os
import sys
from pathlib import Path

from answers import refusal

SETTINGS = json.loads(Path(__file__).with_name("settings.json").read_text())
USERS = SETTINGS["basic_users"]

COST, BLOCK, LANES = 2**14, 8, 1
"""16 MiB and some 50 ms a try; a viewer function has 128 MB."""

UNKNOWN = hashlib.sha256(b"nobody").hexdigest()
MAX_CHARACTERS = 512
MAX_REMEMBERED = 1000
CHALLENGE = 'Basic realm="preview", charset="UTF-8"'

SECRET = os.urandom(32)
REMEMBERED = set()
"""Keyed digests of what was right before: browsers send the password with every request."""


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    lines = request["headers"].pop("authorization", [])  # the origin has no business with it
    given = lines[0]["value"] if len(lines) == 1 else ""
    name = believed(given)
    if name is None:
        return refusal(401, CHALLENGE)
    request["headers"]["x-auth-user"] = [{"key": "X-Auth-User", "value": name}]
    return request


def believed(given):
    """Whose credentials these are; None if they are nobody's."""
    scheme, _, text = given.partition(" ")
    if scheme.lower() != "basic" or len(given) > MAX_CHARACTERS:
        return None
    try:
        pair = base64.b64decode(text.strip(), validate=True).decode()
    except ValueError:
        return None
    name, colon, password = pair.partition(":")
    if not colon:
        return None
    seen = hmac.digest(SECRET, pair.encode(), "sha256")
    if seen in REMEMBERED:
        return name
    salt, _, expected = USERS.get(name, f"00$${UNKNOWN}").rpartition("$")
    # A name that nobody has takes as long as a wrong password.
    right = hmac.compare_digest(digest(password, salt), expected)
    if not right or name not in USERS:
        return None
    if len(REMEMBERED) >= MAX_REMEMBERED:
        REMEMBERED.clear()
    REMEMBERED.add(seen)
    return name


def digest(password, salt):
    made = hashlib.scrypt(password.encode(), salt=salt.encode(), n=COST, r=BLOCK, p=LANES, dklen=32)
    return made.hex()


if __name__ == "__main__":
    fresh = os.urandom(16).hex()
    print(json.dumps({sys.argv[1]: f"{fresh}${digest(getpass.getpass(), fresh)}"}))
