"""What is secret in an address is neither shown nor kept, and what is not stays readable."""

import pytest

from huesweep.io.redacted import redact, redact_text, redact_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://host/path/x.tar.gz", "https://host/path/x.tar.gz"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("https://user:secret@host:8080/x", "https://...@host:8080/x"),
        ("https://secret@host/x", "https://...@host/x"),
        ("https://host/x?token=secret", "https://host/x?..."),
        ("https://host/x#secret", "https://host/x#..."),
        ("https://host?secret@here", "https://host?..."),
        ("https://user:sec@ret@host/x", "https://...@host/x"),
        ("https://user:sec/ret@host/x", "https://..."),
        ("https://user:1/secret@host/x", "https://..."),
        ("https://user:sec?ret@host/x", "https://..."),
        ("https://user:sec ret@host/x", "https://...@host/x"),
        ("https://host/a@2/x", "https://host/a@2/x"),
        ("user:secret@host/x?secret", "...@host/x?..."),
        ("", ""),
    ],
)
def test_an_address_keeps_what_is_public(url: str, shown: str) -> None:
    assert redact_url(url) == shown
    assert redact_url(shown) == shown


def test_addresses_within_text_are_found() -> None:
    text = "data.url='https://a:secret@b/c?secret' and ftp://secret@d: failed; user@mail and 3 @ 4 stay"
    assert redact_text(text) == "data.url='https://...@b/c?...' and ftp://...@d: failed; user@mail and 3 @ 4 stay"


def test_all_strings_of_a_configuration_are_seen_to() -> None:
    config = {"data": {"url": "me:secret@host", "seed": 1, "root": "/a@b?c"}, "list": [["http://secret@h"], None, True]}
    assert redact(config) == {
        "data": {"url": "...@host", "seed": 1, "root": "/a@b?c"},
        "list": [["http://...@h"], None, True],
    }
