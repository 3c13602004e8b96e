"""match="json": what is shown must be there, more may be."""

import pytest

from pagelab.match import Bindings
from pagelab.subset import match_json

ID_A, ID_B = "a1" * 32, "b2" * 32


@pytest.mark.parametrize(
    ("shown", "seen"),
    [
        ("{}", "{}"),
        ("{\n  ...\n}", '{"a": 1}'),
        ('{"a": 1}', '{"b": 2, "a": 1}'),
        ('{\n  "a": 1,\n  ...\n}', '{"a": 1, "b": 2}'),
        ('{\n  ...\n  "a": {"b": true},\n  ...\n}', '{"x": 0, "a": {"b": true, "c": null}}'),
        ("[1, 2]", "[1, 2]"),
        ("[\n  ...\n  2\n]", "[0, 1, 2]"),
        ('[1, "..."]', "[1, 2, 3]"),
        ('[{"a": 1}]', '[{"a": 1, "b": 2}]'),
        ('{"a": "..."}', '{"a": [1, 2]}'),
        ('{"image": "nginx:..."}', '{"image": "nginx:1.26"}'),
        (f'{{"Id": "{ID_A}", "Short": "{ID_A[:12]}"}}', f'{{"Id": "{ID_B}", "Short": "{ID_B[:12]}"}}'),
        (f'{{"{ID_A}": {{"Name": "web"}}}}', f'{{"{ID_B}": {{"Name": "web"}}, "{"c3" * 32}": {{"Name": "db"}}}}'),
        ('{"a": "]"}', '{"a": "]"}'),
        ("1.5", "1.5"),
        ('{"a...": 1, "ab...": 2}', '{"ab": 2, "abc": 1}'),
        ('{"a": 1}\n{"a": 2}', '{"a": 1, "b": 0}\n\n{"a": 2}\n'),
        ('...\n{"a": 2}', '{"a": 1}\n{"a": 2}'),
        ('{"a": 1}\n...', '{"a": 1}'),
        ('{\n  "a": 1,\n  ...\n}\n...\n[\n  ...\n]', '{"a": 1, "b": 2}\n[1]'),
    ],
)
def test_shown_is_part_of_seen(shown: str, seen: str) -> None:
    assert match_json(shown, seen, Bindings(), "") is not None


@pytest.mark.parametrize(
    ("shown", "seen"),
    [
        ('{"a": 1}', '{"a": 2}'),
        ("{}", '{"a": 1}'),
        ('{"a": 2, "a": 1}', '{"a": 1}'),
        ('{"a": 1}', '{"b": 1}'),
        ('{"a": 1}', '{"a": "1"}'),
        ('{"a": 1}', '{"a": true}'),
        ("[1, 2]", "[2, 1]"),
        ("[1]", "[1, 2]"),
        ('{"a": []}', '{"a": [1]}'),
        ('["...", 4]', "[1, 2, 3]"),
        ('{"Subnet": "172.17.0.0/16"}', '{"Subnet": "172.18.0.0/16"}'),
        (f'["{ID_A}", "{ID_A}"]', f'["{ID_B}", "{ID_A}"]'),
        ("not json", "not json"),
        ("{}", "Error: no such object"),
        ('{"a...": 1, "ab...": 1}', '{"abc": 1}'),
        ('{"a": 1}', '{"a": 1}\n{"a": 2}'),
        ('{"a": 1}\n...', '{"a": 2}\n{"a": 1}'),
        ('{"a": 1}', '{"a": 1} done'),
        ("1\n2", "1 2"),
        ("...", ""),
        ("...", "done"),
    ],
)
def test_shown_is_not_part_of_seen(shown: str, seen: str) -> None:
    assert match_json(shown, seen, Bindings(), "") is None
