"""The records: plain frozen values without floats."""

from __future__ import annotations

import dataclasses
import inspect
import typing

import pytest

from app.billing import records

RECORDS = [
    found for __, found in inspect.getmembers(records, inspect.isclass)
    if dataclasses.is_dataclass(found) and not found.__name__.endswith("Bundle")
]  # fmt: skip


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_an_empty_record_can_be_made_compared_and_not_changed(record: type) -> None:
    assert record() == record()
    assert hash(record()) == hash(record())
    field = dataclasses.fields(record)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(record(), field, 5)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_no_field_is_a_float(record: type) -> None:
    assert "float" not in str(typing.get_type_hints(record))


def test_a_draft_equals_its_record_until_something_changes() -> None:
    client = records.Client(id=1, last_name="Applewhite")
    assert dataclasses.replace(client, last_name="Applewhite") == client
    assert dataclasses.replace(client, last_name="Juniper") != client
