from __future__ import annotations

import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from edgesim.live.late_certificates import LateContext

IMPORTED = """
import ssl
usual = ssl.create_default_context
from edgesim.cli.main import _implementation
_implementation("dev")
from aiohttp.connector import _SSL_CONTEXT_VERIFIED as context
assert ssl.create_default_context is usual
assert context.cert_store_stats()["x509"] == 0, "nobody has waited for them"
assert context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED
assert context.verify_flags == usual().verify_flags
"""


def test_importing_a_command_reads_no_certificates() -> None:
    ran = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that the system trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


@pytest.mark.parametrize("name", ["edge.test", "other.test"])
def test_it_checks_as_the_usual_context_does(trusted: trustme.CA, name: str) -> None:
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trusted.issue_cert("edge.test").configure_cert(server_context)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = LateContext(ssl.PROTOCOL_TLS_CLIENT)
    client = context.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    said = shaken(client, server)
    assert said == ("" if name == "edge.test" else "Hostname mismatch")


def shaken(client: ssl.SSLObject, server: ssl.SSLObject) -> str:
    """What the client says of the server's certificate; "" if it takes it."""
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                return error.verify_message.partition(",")[0]
    return ""
