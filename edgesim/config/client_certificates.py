"""`client_certificate`: what an origin is shown by TLS (CloudFront: "Origin mutual TLS")."""

from __future__ import annotations

import ssl

from ..cloudfront.origin import Origin
from .deployment import NoteKind
from .draft import OriginDraft
from .positions import KeyPath
from .source import Findings


def client_certificate(path: KeyPath, draft: OriginDraft, findings: Findings) -> str:
    """The path of the file, which has to have a certificate and its key; "" without one."""
    if not draft.client_certificate:
        return ""
    file = str(findings.source.path(draft.client_certificate))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(file, password="")
    except OSError as error:  # ssl.SSLError is one too
        why = "there is none" if isinstance(error, FileNotFoundError) else str(error)
        what = f"{draft.client_certificate!r} is no file with a certificate and its key: {why}"
        hint = "PEM form: the key, the certificate, and what stands between it and its authority"
        findings.refuse((*path, "client_certificate"), what, hint)
    return file


def check_shown(origin: Origin, path: KeyPath, findings: Findings) -> None:
    """By plain HTTP nobody is shown anything."""
    if origin.client_certificate and origin.protocol == "http" and origin.match_viewer is None:
        text = "the origin is asked by plain HTTP here, and is shown no certificate"
        findings.note(NoteKind.WARNING, (*path, "client_certificate"), text)
