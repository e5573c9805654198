"""`edgesim trust`: how to make browsers and programs accept `edgesim dev --tls`."""

from __future__ import annotations

from shlex import quote

import typer

from ..live.authority import Authority, usual_folder

WAYS = (
    ("one curl", "curl --cacert {file} https://localhost:8443/"),
    ("Node.js", "export NODE_EXTRA_CA_CERTS={file}"),
    ("Python", "export SSL_CERT_FILE={file} REQUESTS_CA_BUNDLE={file}"),
    (
        "macOS",
        "security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db {file}",
    ),
    (
        "Debian, Ubuntu",
        (
            "sudo cp {file} /usr/local/share/ca-certificates/edgesim.crt && "
            "sudo update-ca-certificates"
        ),
    ),
    ("Fedora, Arch", "sudo trust anchor {file}"),
    ("Windows", "certutil -addstore -user Root {file}"),
    ("Chrome on Linux", "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n edgesim -i {file}"),
    ("Firefox", "Settings, Certificates, Authorities, Import: {file}"),
)
"""What each wants; nothing of it is done here."""


def trust() -> None:
    certificate = Authority(usual_folder()).certificate_file
    typer.echo(f"The authority that signs for `edgesim dev --tls` is\n\n  {certificate}\n")
    typer.echo(
        "Who trusts it accepts what this user's edgesim serves. One of these, by yourself:\n"
    )
    for name, way in WAYS:
        typer.echo(f"  {name:16}{way.format(file=quote(str(certificate)))}")
    typer.echo(
        f"\nIts key stays in {certificate.parent}, for your eyes only. To be rid of it, take the "
        "trust back where you gave it, and remove that folder."
    )
