from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from edgesim.cloudfront.function import Function
from edgesim.config.package_size import package_bytes


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "index.py").write_text("x = 1\n" * 10_000)
    (tmp_path / "vendored").mkdir()
    (tmp_path / "vendored/table.bin").write_bytes(os.urandom(200_000))
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/index.pyc").write_bytes(os.urandom(50_000))
    return tmp_path


def test_it_is_about_what_an_archive_takes(code: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(code / "index.py", "index.py")
        archive.write(code / "vendored/table.bin", "vendored/table.bin")
    size = package_bytes(Function("ab", code=str(code)))
    assert size == pytest.approx(len(packed.getvalue()), rel=0.01)


def test_a_function_may_be_one_file_or_gone(code: Path) -> None:
    assert 0 < package_bytes(Function("ab", code=str(code / "index.py"))) < 1000
    assert package_bytes(Function("ab", code=str(code / "nowhere"))) == 0
