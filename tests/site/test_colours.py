"""The palette keeps the contrast that WCAG AA asks for, in both schemes."""

from __future__ import annotations

import re

import pytest
from smalldocs import PROJECT

CSS = (PROJECT / "overrides" / "assets" / "stylesheets" / "site.css").read_text(encoding="utf-8")
BACKGROUNDS = {"default": ("#ffffff", "--md-code-bg-color", "--site-soft"), "slate": (
    "--md-default-bg-color", "--md-code-bg-color", "--site-soft")}  # fmt: skip
TEXTS = re.compile(
    r"--(md-code-hl-\w+-color|md-code-fg-color|md-typeset-a-color|site-(?:good|bad|warn|calm|output|plot-\d))$"
)


def palette(scheme: str) -> dict[str, str]:
    found = re.search(rf'\[data-md-color-scheme="{scheme}"\] \{{(.*?)\}}', CSS, re.DOTALL)
    assert found
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", found[1]))


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_text_stands_out_from_every_background(scheme: str) -> None:
    colours = palette(scheme)
    texts = {name: value for name, value in colours.items() if TEXTS.match(name) or name.startswith("--md-default-fg")}
    texts.pop("--md-default-fg-color--lightest")  # lines, not text
    assert len(texts) > 15
    pairs = {
        (name, back): contrast(value, colours.get(back, back))
        for name, value in texts.items()
        for back in BACKGROUNDS[scheme]
    }
    assert {pair: round(ratio, 2) for pair, ratio in pairs.items() if ratio < 4.5} == {}
