from __future__ import annotations

from edgesim.bundled import bundled, examples


def test_a_checkout_finds_its_own_folders() -> None:
    assert "ab_testing" in examples()
    assert (bundled("origins") / "shop/server.py").is_file()


def test_every_example_has_code_and_a_readme() -> None:
    for folder in examples().values():
        assert (folder / "index.py").is_file(), folder
        assert (folder / "README.md").is_file(), folder
