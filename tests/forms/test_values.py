"""The strict reader of item values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.forms import values


def test_one_page_or_many() -> None:
    assert values.parse({"2": "ROE, ANN"}) == [{"2": "ROE, ANN"}]
    assert values.parse([{}, {"27": True}]) == [{}, {"27": True}]


def test_a_byte_order_mark_is_no_fault() -> None:
    assert values.read_json(b'\xef\xbb\xbf{"1": "group"}') == [{"1": "group"}]


def test_text_that_may_be_empty() -> None:
    assert values.parse({"1": "", "3": {"dob": "", "sex": ""}})


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ({"1b": "x"}, r'Page 1: "1b" is not a key\. Use one of: carrier, page, 1,'),
        ({"5": {"town": "x"}}, r'"5\.town" is not a key\. Use one of: street'),
        ({"24": [{}, {"price": "1"}]}, r'"24\[2\]\.price" is not a key'),
        ({"2": 5}, r'"2" must be text, not a number'),
        ({"2": None}, r'"2" must be text, not null'),
        ({"2": True}, r'"2" must be text, not true or false'),
        ({"5": "Main St"}, r'"5" must be an object with keys, not text'),
        ({"24": {}}, r'"24" must be an array, not an object'),
        ({"32": ["a", 1]}, r'"32\[2\]" must be text, not a number'),
        ({"10a": "yes"}, r'"10a" must be true or false, not text'),
        ({"14": {"date": 20260101}}, r'"14\.date" must be a date such as 2026-11-21, not a number'),
        ({"28": 480.0}, r'"28" must be money as text such as 120\.00, not a number'),
        ({"1": "medicar"}, r'"1" must be one of: medicare, medicaid'),
        ({"6": ["self"]}, r'"6" must be text, not an array'),
        ({"25": {"kind": "TIN"}}, r'"25\.kind" must be one of: EIN, SSN'),
        ("page", r"Page 1: it must be an object with keys, not text"),
        ([{}, 7], r"Page 2: it must be an object with keys, not a number"),
        ([], r"no page"),
    ],
)
def test_what_is_no_page(page: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        values.parse(page)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This is not JSON: .* at line 1, column 1"),
        (b'{"2": "ROE",}', "This is not JSON"),
        (b'{"2": "ROE", "2": "DOE"}', 'key "2" stands twice'),
        (b'{"2": "\xff"}', "not text in UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"9" * 10_000, "a number that is too long"),
        (b'{"2": NaN}', "not a number"),
        (b'{"' + b"k" * 90 + b'": 1}', r'"k{37}\.\.\." is not a key'),
    ],
)
def test_what_is_no_json(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        values.read_json(content)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "LARGEST_FILE", 10)
    monkeypatch.setattr(values, "MOST_PAGES", 2)
    with pytest.raises(InputError, match="larger than"):
        values.read_json(b'{"2": "ROE"}')
    with pytest.raises(InputError, match="3 pages are too many"):
        values.parse([{}, {}, {}])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*values.FORMAT, "x"]), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(ANYTHING)
def test_anything_is_read_or_refused_with_a_sentence(data: Any) -> None:
    try:
        pages = values.read_json(json.dumps(data).encode())
    except InputError as error:
        assert str(error)
    else:
        assert all(set(page) <= set(values.FORMAT) for page in pages)
