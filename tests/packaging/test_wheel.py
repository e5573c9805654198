"""What people get who install the package: built here, without the network."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = [
    "ab_testing",
    "analytics",
    "by_viewer",
    "choose_origin",
    "dynamic_page",
    "error_pages",
    "firewall",
    "html_form",
    "image_resize",
    "override_header",
    "query_string",
    "redirect",
    "security_headers",
    "seo",
    "sign_in",
    "site_security",
    "smart_routing",
    "static_content",
    "url_rewrite",
    "waiting_room",
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*build, str(folder)], cwd=CHECKOUT, check=True, capture_output=True)
    (built,) = folder.glob("edgesim-*-py3-none-any.whl")
    return built


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def test_the_wheel_has_the_package_its_types_and_what_is_bundled(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"edgesim/py.typed", "edgesim/lifecycle.py"} <= names
    here = [path for path in (CHECKOUT / "edge_functions").rglob("*") if path.is_file()]
    bundled = {
        path.relative_to(CHECKOUT).as_posix() for path in here if "__pycache__" not in path.parts
    }
    assert {f"edgesim/_bundled/{name}" for name in bundled} <= names
    assert "edge_functions/node/redirect/index.mjs" in bundled
    hosts = "edgesim/runtimes/hosts"
    assert {f"{hosts}/node_host.mjs", f"{hosts}/confined.py", f"{hosts}/python_host.py"} <= names
    shop = "edgesim/_bundled/origins/shop"
    assert {f"{shop}/server.py", f"{shop}/edgesim.toml", f"{shop}/static/app.js"} <= names


def test_the_wheel_has_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    strays = [name for name in names if not name.startswith(("edgesim/", "edgesim-"))]
    assert strays == []
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc")] == []


def test_the_metadata_says_who_may_install_it_and_under_which_licence(wheel: Path) -> None:
    fields = metadata(wheel)
    assert fields["Name"] == "edgesim"
    assert fields["Requires-Python"] == "<3.14,>=3.11"
    assert fields["License-Expression"] == "Apache-2.0"
    assert fields["License-File"] == "LICENSE"
    assert "Typing :: Typed" in fields.get_all("Classifier", [])


def test_the_installed_package_imports_and_finds_its_examples(wheel: Path, tmp_path: Path) -> None:
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    target = ["--target", str(tmp_path / "site"), str(wheel)]
    subprocess.run([*install, *target], check=True, capture_output=True)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import edgesim.lifecycle\n"
        "from edgesim.bundled import bundled\n"
        "assert edgesim.lifecycle.__file__.startswith(sys.argv[1]), edgesim.lifecycle.__file__\n"
        "folders = (bundled('edge_functions') / 'python').iterdir()\n"
        "print(*sorted(folder.name for folder in folders))"
    )
    run = [sys.executable, "-c", program, str(tmp_path / "site")]
    done = subprocess.run(run, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.split() == EXAMPLES
