from __future__ import annotations

from edgesim.bundled import bundled


def test_a_checkout_finds_its_own_folders() -> None:
    assert (bundled("origins") / "shop/server.py").is_file()
    assert (bundled("edge_functions") / "python/ab_testing/index.py").is_file()


def test_every_example_has_code_and_a_readme() -> None:
    for folder in (bundled("edge_functions") / "python").iterdir():
        assert (folder / "index.py").is_file(), folder
        assert (folder / "README.md").is_file(), folder
    for folder in (bundled("edge_functions") / "node").iterdir():
        assert list(folder.glob("index.*js")), folder
        assert (folder / "README.md").is_file(), folder
    for folder in (bundled("edge_functions") / "cloudfront").iterdir():
        for name in ("index.js", "edgesim.toml", "README.md"):
            assert (folder / name).is_file(), folder
