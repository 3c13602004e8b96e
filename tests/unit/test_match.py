"""What agrees and what does not: exact, but for elisions and values that every run draws anew."""

import pytest

from pagelab.compare import compare
from pagelab.match import Bindings
from pagelab.model import Match

ID_A, ID_B = "a1" * 32, "b2" * 32
AUTHORED = "docker run --name happy_web nginx; echo 0123456789ab"


def matches(expected: str, observed: str, mode: Match = Match.SHAPE) -> bool:
    return compare(expected, observed, mode, Bindings(), AUTHORED).matched


@pytest.mark.parametrize(
    ("expected", "observed"),
    [
        ("a", "a"),
        ("a", "a  \n"),
        ("a", "\x1b[31ma\x1b[0m\n"),
        ("100%", " 10%\r 50%\r100%\n"),
        ("a\n...\nd", "a\nb\nc\nd\n"),
        ("a\n...", "a\n"),
        ("...\nd", "d\n"),
        ("a ... z", "a b c z"),
        ("nginx/...", "nginx/1.26.3"),
        (ID_A, ID_B),
        (f"{ID_A}\n{ID_A[:12]}", f"{ID_B}\n{ID_B[:12]}"),
        (f"{ID_A[:12]}\n{ID_A}", f"{ID_B[:12]}\n{ID_B}"),
        ("sha256:" + ID_A, "sha256:" + ID_B),
        ("a1b2c3d4e5f6", "123456789012"),
        ("Up 2 seconds", "Up Less than a second"),
        ("5 minutes ago", "About an hour ago"),
        ("a1b2c3d4e5f6   nginx   Up 2 seconds   80", "b1b2c3d4e5f6   nginx   Up Less than a second   80"),
        ("veth0a1b2c3@if7", "vethfffffff@if12"),
        ("net:[4026531840] net:[4026532000]", "net:[4026531999] net:[4026532111]"),
        ("Date: Mon, 23 Nov 2026 10:00:00 GMT", "Date: Tue, 24 Nov 2026 11:11:11 GMT"),
        ("2026-11-23T10:00:00.123456789Z", "2027-01-01T00:00:00Z"),
        ("real 0m0.123s", "real 0m1.999s"),
        ("clever_turing", "zen_hopper3"),
        ("Up 2 seconds\nUp 2 seconds", "Up 2 seconds\nUp 3 seconds"),
        ("vetha000001@if2\nvetha000002@if2", "vethb000001@if6\nvethb000002@if8"),
        ("Xbc", "abc\rX"),
        ("cb", "ab\b\bc"),
        ("ab", "a\0b\a"),
        ("plain", "\x1b(Bplain\x1b[m"),
        ("[::1]:40000", "[::1]:51234"),
        ("172.17.0.1:40000 > 172.17.0.2:80", "172.17.0.1:51234 > 172.17.0.2:80"),
        ("1970-01-02T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("NAMES   PORTS   STATUS\nweb             Up", "NAMES       PORTS     STATUS\nweb                   Up"),
        ("NAMES   PORTS   STATUS\nweb  ...  Up", "NAMES   PORTS   STATUS\nweb     x       Up"),
        ("NAMES  PORTS  STATUS\nweb    80     Up", "NAMES   PORTS   STATUS\nweb     80      Up"),
        ("n0jhkbym8eadesdiq2quvkic2 *   host", "abcdefghijklmnopqrstuvwxy *   host"),
        ("fe80::42:49ff:fe04:fc69/64\nfe80::1c2d:1eff:fed0:6805", "fe80::42:ff:fe04:9/64\nfe80::90b2:bff:fe9b:6842"),
        ("127.0.0.1:40000", "127.0.0.1:50051"),  # the kernel may draw that one, too
        ("Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ],
)
def test_right_output_matches(expected: str, observed: str) -> None:
    assert matches(expected, observed)


@pytest.mark.parametrize(
    ("expected", "observed"),
    [
        ("a", "b"),
        ("a", "a\nb"),
        ("a\nb", "a"),
        ("", "a"),
        ("a", ""),
        (" a", "a"),
        ("a b", "a  b"),
        ("a\n...\nd", "a\nb\nc"),
        ("172.17.0.2", "172.17.0.3"),
        ("172.17.0.0/16", "172.18.0.0/16"),
        ("0.0.0.0:80->80/tcp", "0.0.0.0:81->80/tcp"),
        ("HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"),
        ("mtu 1500", "mtu 1450"),
        ("exited with 137", "exited with 0"),
        ("20.10.24", "26.1.5"),
        ("02:42:ac:11:00:02", "02:42:ac:11:00:03"),
        (f"{ID_A}\n{ID_A}", f"{ID_B}\n{ID_A}"),
        (f"{ID_A}\n{ID_B}", f"{ID_B}\n{ID_B}"),
        (f"{ID_A}\n{ID_A[:12]}", f"{ID_B}\n{ID_A[:12]}"),
        ("net:[4026531840] net:[4026531840]", "net:[4026531999] net:[4026532111]"),
        ("net:[4026531840] net:[4026532000]", "net:[4026531999] net:[4026531999]"),
        ("happy_web", "zen_hopper"),
        ("nr_throttled 31", "nr_periods 31"),
        ("0123456789ab", "0123456789ac"),
        ("Up 2 seconds", "Exited (0) 2 seconds ago"),
        ("clever_turing", "happy_web"),
        ("a1b2c3d4e5f6", "0123456789ab"),
        ("0.33333", "0.50000"),
        ("1.41999", "1.41421"),
        ("link/loopback 00:00:00:00:00:00", "link/loopback 12:34:56:78:9a:bc"),
        ("0001-01-01T00:00:00Z", "2026-11-23T10:00:00Z"),
        ("2026-11-23T10:00:00+08:00", "2026-11-23T10:00:00Z"),
        ("1970-01-01T00:00:00Z", "2026-11-23T10:00:00Z"),
        ("127.0.0.1:50051", "127.0.0.1:33060"),
        ("NAMES   PORTS   STATUS\nweb     Up", "NAMES   PORTS   STATUS\nweb             Up"),
        ("A   B   C\n...\nx   y", "A   B   C\nw   v   u\nx       y"),
        ("a0b1c2d3e4f5a0b1c2d3e4f5a", "b0b1c2d3e4f5a0b1c2d3e4f5a"),
        (
            "n0jhkbym8eadesdiq2quvkic2\nn0jhkbym8eadesdiq2quvkic2",
            "p5e3zmeubiv2s74l8fy660cvb\nn0jhkbym8eadesdiq2quvkic2",
        ),
        ("anordinarywordofletterssa", "anordinarywordofletterssb"),
        ("fe80::42:aff:fed5:103", "fe80::42:aff:fed5:104"),
        ("fe80::1", "fe80::2"),
        ("fe80::42:49ff:fe04:fc69/64", "fe80::42:49ff:fe04:fc69/10"),
        ("0.0.0.0:33060->33060/tcp", "0.0.0.0:40000->33060/tcp"),
        ("2026-11-23T10:00:00Z", "1970-01-01T00:00:00Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z"),
        ("1980-01-01 00:00:00 +0000 UTC", "2026-11-23 10:00:00 +0000 UTC"),
        ("1969-12-31T19:00:00-05:00", "2026-11-23T10:00:00-05:00"),
        ("1970-01-01 00:00:00", "2026-11-23 10:00:00"),
        ("1970/01/01 00:00:00", "2026/11/23 10:00:00"),
        ("[01/Jan/0001:00:00:00 +0000]", "[23/Nov/2026:10:00:00 +0000]"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 23 Nov 2026 10:00:00 GMT"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:01 GMT"),
        ("Thu, 01-Jan-1970 00:00:00 GMT", "Thu, 01-Jan-1970 00:00:01 GMT"),
        (f"{ID_A}  file.txt", f"{ID_B}  file.txt"),
        ("took 1.5 s", "took 1.5 ms"),
        ("\na", "a"),
        ("a\n\nb", "a\nb"),
    ],
)
def test_wrong_output_does_not_match(expected: str, observed: str) -> None:
    assert not matches(expected, observed)


def test_bindings_hold_over_steps() -> None:
    first = compare(ID_A, ID_B, Match.SHAPE, Bindings(), "")
    assert compare(ID_A[:12], ID_B[:12], Match.SHAPE, first.bindings, "").matched
    assert not compare(ID_A[:12], "c" * 12, Match.SHAPE, first.bindings, "").matched
    assert not compare("d" * 12, ID_B[:12], Match.SHAPE, first.bindings, "").matched


def test_elision_backtracks_until_bindings_agree() -> None:
    assert matches(f"...\n{ID_A}\n{ID_A[:12]}", f"{ID_B}\nx\n{ID_A}\n{ID_A[:12]}")


@pytest.mark.parametrize(
    ("mode", "expected", "observed", "matched"),
    [
        (Match.EXACT, ID_A, ID_B, False),
        (Match.CONTAINS, "", "a", False),
        (Match.CONTAINS, "", "", True),
        (Match.EXACT, ID_A, ID_A, True),
        (Match.CONTAINS, "b", "a\nb\nc", True),
        (Match.CONTAINS, "b\nd", "a\nb\nc\nd", False),
        (Match.LINES, "b\na", "a\nb", True),
        (Match.LINES, "a\na", "a\nb", False),
        (Match.LINES, "a", "a\na", False),
        (Match.LINES, "c\n...\na", "a\nb\nc", True),
        (Match.LINES, "d\n...", "a\nb\nc", False),
        (Match.LINES, f"{ID_A[:12]} x\n{ID_A}", f"{ID_B}\n{ID_B[:12]} x", True),
        (Match.LINES, "A   B   C\nx   y\nz   1   2", "A   B   C\nz   1   2\nx       y", False),
        (Match.LINES, "A   B   C\n...\nx   y", "A     B   C\nx         y\nw     1   2", False),
        (Match.LINES, "A   B   C\nx       y", "A       B   C\nx       y", False),
        (Match.LINES, "A   B   C\nx   y\nz       2", "A       B   C\nz           2\nx       y", True),
    ],
)
def test_modes(mode: Match, expected: str, observed: str, matched: bool) -> None:
    assert matches(expected, observed, mode) is matched


@pytest.mark.parametrize(
    ("shown", "seen", "matched"),
    [
        ("z ... b22222222222 ...", "z x c33333333333 d44444444444 y", True),
        ("z ... b22222222222 ...", "z x c33333333333 c33333333333 y", False),
        ("... b22222222222 ...", "x 0123456789ab d44444444444 y", True),  # the first is the page's own
        ("e55555555555 ... f66666666666 ...", "d44444444444 x d44444444444 e55555555555 x", True),
        ("e55555555555 ... f66666666666 ...", "d44444444444 x d44444444444 x", False),
        (f"... {ID_B}", f"c33333333333{'3' * 52} {ID_A}", True),  # its short form is bound
        ("... a11111111111", "d44444444444 c33333333333", True),
        ("... a11111111111", "c33333333333 d44444444444", False),
    ],
)
def test_elision_in_a_line_reaches_over_values_that_stand_for_others(shown: str, seen: str, matched: bool) -> None:
    bound = compare("a11111111111", "c33333333333", Match.SHAPE, Bindings(), "").bindings
    assert compare(shown, seen, Match.SHAPE, bound, AUTHORED).matched is matched


def test_elisions_in_a_long_line_of_ids_end_soon() -> None:
    ids = [f"a{n:011x}" for n in range(2000)]
    bound = compare("\n".join(ids), "\n".join(reversed(ids)), Match.SHAPE, Bindings(), "").bindings
    shown = " ... ".join(f"b{n:011x}" for n in range(20)) + " ... z"
    assert not compare(f"... {shown}", " ".join(ids), Match.SHAPE, bound, "").matched
    assert not compare(f"... {shown}", " ".join(ids), Match.SHAPE, Bindings(), "").matched


def test_a_cell_under_another_name_is_marked_as_different() -> None:
    shown, seen = "A   B   C\nx   y", "A   B   C\nx       y"
    detail = compare(shown, seen, Match.SHAPE, Bindings(), "").detail
    assert detail.split("\n")[:3] == ["  A   B   C", "- x   y", "+ x       y"]


def test_equal_lines_below_other_names_are_marked_as_different() -> None:
    shown, seen = "A   B   C\nx       y", "A       B   C\nx       y"
    detail = compare(shown, seen, Match.SHAPE, Bindings(), "").detail
    assert detail.split("\n") == [
        "  A       B   C",
        "- x       y",
        "+ x       y",
        "  (its cells stand under other names of the header)",
    ]


def test_many_elisions_over_a_long_output_end_soon() -> None:
    assert not matches("...\na\n" * 12 + "z", "a\n" * 300)


def test_many_elisions_in_a_long_line_end_soon() -> None:
    assert not matches("... a ... b ... c ... d ... e z", "a b c d e " * 2000)


def test_a_thousand_lines_in_any_order_end_soon() -> None:
    lines = [f"{n} line" for n in range(1200)]
    assert matches("\n".join(lines), "\n".join(reversed(lines)), Match.LINES)


def test_detail_shows_both_sides_with_the_difference_marked() -> None:
    detail = compare("same\nport 80", "same\nport 81", Match.SHAPE, Bindings(), "").detail
    assert detail.split("\n") == ["  same", "- port 80", "+ port 81", "        ^"]
