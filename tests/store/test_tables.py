"""Tables have the names of the records, and the migrations make exactly these tables."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
import types
from pathlib import Path
from typing import Any

import pytest
from alembic import op
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, StatementError

from app.billing import records
from app.billing.benefits import Verification
from app.billing.records import Client, Practice, Sex
from app.billing.roles import User
from app.errors import ClinicError
from app.store import backup, claims, clients, convert, database, keys, migrations, payers, practice, tables, visits
from app.store.backup import Reason
from app.store.backup_set import BackupSet
from app.store.clinic import ClinicFile
from app.store.restore import Restoration
from app.store.tables import Base
from tests.store.conftest import CHEAP, PASSWORD

DATABASES = Path(__file__).parent.parent / "data" / "databases"
ROWS_OF_THEIR_OWN = {
    "Visit": {"lines"}, "FeeSchedule": {"fees"}, "Claim": {"line_ids"}, "Superbill": {"visit_ids"},
    "Payer": {"addresses"},
}  # fmt: skip
COLUMNS_OF_THEIR_OWN = {
    "client": {"search"}, "service_line": {"visit_id", "position"}, "fee": {"fee_schedule_id", "position"},
    "payer_address": {"payer_id", "position"},
    "visit": {"charge", "waiting", "waiting_charge"}, "claim": {"charge", "first_date", "last_date"},
}  # fmt: skip


def _records() -> list[type[Any]]:
    kinds = [Verification, User] + [
        kind for kind in vars(records).values() if dataclasses.is_dataclass(kind) and isinstance(kind, type)
    ]
    return [kind for kind in kinds if not kind.__name__.endswith("Bundle")]


def test_tables_match_records() -> None:
    assert set(convert.TABLES) == set(_records())
    for kind in _records():
        table = convert.table_of(kind)
        attributes = {field.name for field in dataclasses.fields(kind)}
        assert attributes - set(table.columns.keys()) == ROWS_OF_THEIR_OWN.get(kind.__name__, set()), kind
        assert set(table.columns.keys()) - attributes == COLUMNS_OF_THEIR_OWN.get(table.name, set()), kind
        for field in dataclasses.fields(kind):
            if field.name in table.columns and field.name != "id":
                assert table.columns[field.name].nullable == ("None" in str(field.type)), (kind, field.name)


def _shape(connection: Any) -> dict[str, set[str]]:
    """Each table and index as the set of its parts, so that the order of constraints does not matter."""
    found = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type <> 'trigger' AND sql IS NOT NULL")
    return {name: _parts(sql) for name, sql in found.fetchall() if not name.startswith("sqlite_")}


def _parts(sql: str) -> set[str]:
    flat = re.sub(r"\s+", " ", sql)
    columns, more = [], []
    for part in re.split(r", (?![^(]*\))", flat.partition("(")[2].rpartition(")")[0].strip()):
        (more if part.startswith(("CONSTRAINT", "FOREIGN")) else columns).append(part)
    return {flat.partition("(")[0], flat.rpartition(")")[2], " | ".join(columns), *more}


def test_the_migrations_make_these_tables() -> None:
    engine = create_engine("sqlite://", module=database.sqlcipher)
    with engine.connect() as connection:
        Base.metadata.create_all(connection)
        raw = connection.connection.dbapi_connection
        expected = _shape(raw)
    engine.dispose()
    made = database.sqlcipher.connect(":memory:", isolation_level=None)
    migrations.run(made)
    assert made.execute("PRAGMA user_version").fetchone()[0] == tables.SCHEMA == len(migrations.STEPS)
    assert _shape(made) == expected
    made.close()
    assert len(expected) > 30


def test_the_guards_are_there(clinic: ClinicFile) -> None:
    with clinic.read() as s:
        names = set(s.scalars(text("SELECT name FROM sqlite_schema WHERE type = 'trigger'")))
    assert names == {
        "claim_frozen", "claim_kept", "claim_line_added", "claim_line_frozen", "claim_line_kept", "superbill_frozen",
        "superbill_kept", "change_frozen", "change_kept", "audit_frozen", "audit_kept",
        *(f"claim_line_sums_{event}" for event in ("insert", "update", "delete")),
        *(f"service_line_sums_{event}" for event in ("insert", "update", "delete")),
        "visit_sums_update",
        *(f"{table}_{event}" for table in ("override", "waiver") for event in ("insert", "update", "delete")),
    }  # fmt: skip


def test_every_migration_has_a_number_and_never_imports_todays_tables() -> None:
    for number, step in enumerate(migrations.STEPS, 1):
        assert step.__name__.rpartition(".")[2].startswith(f"v{number:04d}_")
        source = Path(str(step.__file__)).read_text(encoding="utf-8")
        assert "app.store" not in source.replace("from app.store.migrations.parts import", "")
        assert "app.billing" not in source


# Upgrading


class _Step(types.ModuleType):
    """A migration made up for a test."""

    def __init__(self, upgrade: Any, **more: Any) -> None:
        super().__init__("v0003_made_up")
        self.upgrade = upgrade
        vars(self).update(more)


def _two_records(path: Path) -> None:
    with ClinicFile.open(path, password=PASSWORD) as clinic, clinic.write("Add") as s:
        client = clients.save_client(s, Client(last_name="Quill"))
        provider = practice.save_provider(s, records.Provider(last_name="Ash"))
        visits.save_visit(s, records.Visit(client_id=client.id or 0, provider_id=provider.id or 0))


def _open_newer(path: Path, monkeypatch: pytest.MonkeyPatch, step: _Step) -> ClinicFile:
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    monkeypatch.setattr(migrations.run, "__defaults__", ((*migrations.STEPS,),))
    monkeypatch.setattr(tables, "SCHEMA", tables.SCHEMA + 1)
    return ClinicFile.open(path, password=PASSWORD)


def test_an_older_clinic_is_upgraded_after_a_verified_copy(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_records(closed)

    def upgrade() -> None:
        with op.batch_alter_table("client", table_kwargs={"sqlite_strict": True}) as batch:
            batch.alter_column("note", new_column_name="remark")

    with _open_newer(closed, monkeypatch, _Step(upgrade)) as clinic, clinic.read() as s:
        assert s.scalar(text("PRAGMA user_version")) == tables.SCHEMA
        assert s.scalar(text("SELECT count(*) FROM visit")) == 1, "rebuilding client reached its visits"
        assert s.scalar(text("SELECT remark FROM client")) == ""
        assert s.scalar(text("PRAGMA foreign_keys")) == 1
    monkeypatch.undo()
    monkeypatch.setattr(keys, "STANDARD", CHEAP)
    (made,) = BackupSet(closed).all()
    assert (made.manifest.reason, made.manifest.schema) == (Reason.UPGRADE, tables.SCHEMA)
    kept = closed.parent / "kept" / "old.clinic"
    with Restoration(made.path, kept) as guide:
        guide.unlock(password=PASSWORD)
        guide.finish(now=made.manifest.made)
    with ClinicFile.open(kept, password=PASSWORD) as old, old.read() as s:
        assert [line.last_name for line in clients.find(s)] == ["Quill"]
    with pytest.raises(ClinicError, match="newer version"):
        ClinicFile.open(closed, password=PASSWORD)


def _fails() -> None:
    op.add_column("client", text_column("nickname"))
    raise ZeroDivisionError


def _loses_rows() -> None:
    op.execute("DELETE FROM visit")


def _dangles() -> None:
    op.execute("UPDATE visit SET client_id = 99")


def text_column(name: str) -> Any:
    from sqlalchemy import Column, Text

    return Column(name, Text)


@pytest.mark.parametrize(
    ("upgrade", "error"), [(_fails, ZeroDivisionError), (_loses_rows, ClinicError), (_dangles, ClinicError)]
)
def test_a_failing_migration_leaves_file_and_version(
    closed: Path, monkeypatch: pytest.MonkeyPatch, upgrade: Any, error: type[Exception]
) -> None:
    _two_records(closed)
    connection = database.connect(closed, keys.load(closed.with_suffix(".keys")).open_with_password("owner", PASSWORD))
    before = _dump(connection)
    connection.close()
    with pytest.raises(error):
        _open_newer(closed, monkeypatch, _Step(upgrade))
    monkeypatch.undo()
    monkeypatch.setattr(keys, "STANDARD", CHEAP)
    connection = database.connect(closed, keys.load(closed.with_suffix(".keys")).open_with_password("owner", PASSWORD))
    assert _dump(connection) == before
    connection.close()
    with ClinicFile.open(closed, password=PASSWORD) as clinic, clinic.read() as s:
        assert [line.last_name for line in clients.find(s)] == ["Quill"]


def _dump(connection: Any) -> list[Any]:
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        rows += connection.execute(f'SELECT * FROM "{name}"').fetchall()
    return [*rows, connection.execute("PRAGMA user_version").fetchall()]


def test_rows_that_go_on_purpose_are_named(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_records(closed)
    with _open_newer(closed, monkeypatch, _Step(_loses_rows, ROWS_CHANGE=("visit",))) as clinic, clinic.read() as s:
        assert s.scalar(text("SELECT count(*) FROM visit")) == 0


@pytest.mark.parametrize("number", range(1, tables.SCHEMA))
def test_a_clinic_of_every_version_opens(tmp_path: Path, number: int) -> None:
    for suffix in (".clinic", ".keys"):
        shutil.copy(DATABASES / f"v{number}{suffix}", tmp_path)
    with ClinicFile.open(tmp_path / f"v{number}.clinic", password=PASSWORD) as clinic, clinic.read() as s:
        found = clients.find(s, "quill")
        assert [line.last_name for line in found] == ["Quill"]
        assert visits.visits_of(s, found[0].id)


def _rows(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row by table, its values by column, read without this program's migrations."""
    key = keys.load(path.with_suffix(".keys")).open_with_password("owner", PASSWORD)
    connection = database.connect(path, key)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()]
    rows = {}
    for name in names:
        found = connection.execute(f'SELECT * FROM "{name}" ORDER BY 1')
        columns = [column[0] for column in found.description]
        rows[name] = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    connection.close()
    return rows


def test_version_1_becomes_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "v1.clinic"
    for suffix in (".clinic", ".keys"):
        shutil.copy(DATABASES / f"v1{suffix}", tmp_path)
    before = _rows(path)
    with ClinicFile.open(path, password=PASSWORD) as clinic, clinic.read() as s:
        kept = practice.practice(s)
        assert (kept.name, kept.low_visits, kept.low_units, kept.low_days) == ("Quiet River Massage", 2, 10, 7)
        blue, auto = payers.payers(s)
        assert (blue.id, blue.unit_cap, blue.group_box, blue.paid_pairs, blue.appeal_days, blue.addresses) == (
            3, 4, records.GroupBox.NUMBER, (), 0, (),
        )  # fmt: skip
        assert (auto.id, auto.filing_days, auto.group_box) == (2, 365, records.GroupBox.BLANK)
        assert {(payer.progress_visits, payer.progress_months) for payer in (blue, auto)} == {(0, 0)}
        client_id = clients.find(s, "quill")[0].id
        (referral,) = clients.referrals(s, client_id)
        assert (referral.last_name, referral.visits_allowed, referral.used_elsewhere) == ("Plum", 12, 0)
        (granted,) = clients.authorizations(s, client_id)
        assert (granted.number, granted.dollars_allowed, granted.used_elsewhere) == ("A7719", 100000, 0)
        lines = [line for visit in visits.visits_of(s, client_id) for line in visit.lines]
        assert {(line.code, line.charge, line.separate_region) for line in lines} == {("97140", 8800, "")}
        (bundle, draft) = claims.bundles(s, [1, 2])
        assert bundle.claim.issued and '"26": "Q0001"' in bundle.claim.pages
        assert draft.claim.line_ids == (2,) and bundle.overrides == bundle.waivers == ()
        assert s.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'payer'")) == 4, "an id would come twice"
        assert s.scalars(text("SELECT count(*) FROM sqlite_schema WHERE name = 'old_rows'")).one() == 0
    with pytest.raises(IntegrityError), ClinicFile.open(path, password=PASSWORD) as clinic, clinic.write("Try") as s:
        s.execute(text("UPDATE claim SET pages = ''"))
    after = _rows(path)
    for name in before.keys() - {"sqlite_sequence"}:
        old = [{column: value for column, value in row.items() if column != "group_in_11"} for row in before[name]]
        assert [{column: row[column] for column in old[0]} for row in after[name]] == old
    (made,) = BackupSet(tmp_path / "v1.clinic").all()
    (tmp_path / "kept").mkdir()
    backup.check(made.path, tmp_path / "kept")
    assert _rows(tmp_path / "kept" / backup.DATABASE) == before


@pytest.mark.parametrize("number", range(1, tables.SCHEMA))
def test_an_upgraded_clinic_has_todays_tables(tmp_path: Path, closed: Path, number: int) -> None:
    for suffix in (".clinic", ".keys"):
        shutil.copy(DATABASES / f"v{number}{suffix}", tmp_path)
    ClinicFile.open(tmp_path / f"v{number}.clinic", password=PASSWORD).close()
    shapes = []
    for path in (tmp_path / f"v{number}.clinic", closed):
        key = keys.load(path.with_suffix(".keys")).open_with_password("owner", PASSWORD)
        connection = database.connect(path, key)
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        shapes.append((_shape(connection), sorted(triggers)))
        connection.close()
    assert shapes[0] == shapes[1]


# Columns


@pytest.mark.parametrize(("kind", "value"), [(tables.Whole(), 1.0), (tables.Whole(), True), (tables.Whole(), "1")])
def test_a_float_never_gets_in(kind: tables.Whole, value: Any) -> None:
    with pytest.raises(TypeError):
        kind.process_bind_param(value, None)  # type: ignore[arg-type]


def test_a_float_in_a_record_is_refused(clinic: ClinicFile) -> None:
    with pytest.raises(StatementError), clinic.write("Pay") as s:
        practice.save_practice(s, dataclasses.replace(practice.practice(s), next_claim=7.5))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE client SET sex = 'X'", "UPDATE client SET archived = 2", "UPDATE client SET last_name = NULL",
        "UPDATE visit SET paid = 'much'", "UPDATE visit SET paid = 0.5", "UPDATE visit SET client_id = 99",
        "DELETE FROM client", "INSERT INTO practice SELECT 2, * FROM practice",
    ],
)  # fmt: skip
def test_the_tables_hold_what_they_promise(closed: Path, statement: str) -> None:
    _two_records(closed)
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        if "practice" in statement:
            columns = ", ".join(list(tables.PracticeRow.__table__.columns.keys())[1:])
            statement = f"INSERT INTO practice (id, {columns}) SELECT 2, {columns} FROM practice"
        with pytest.raises(IntegrityError), clinic.write("Break") as s:
            s.execute(text(statement))


_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
_DAYS = st.none() | st.dates()


@given(
    st.builds(
        Client, last_name=_TEXTS, first_name=_TEXTS, note=_TEXTS, birth_date=_DAYS, sex=st.sampled_from(Sex),
        archived=st.booleans(), phone=_TEXTS,
    )
)  # fmt: skip
def test_a_record_comes_back_as_it_was(record: Client) -> None:
    engine = create_engine("sqlite://", module=database.sqlcipher)
    from sqlalchemy.orm import Session

    with engine.connect() as connection:
        Base.metadata.tables["client"].create(connection)
        with Session(connection) as s:
            identity = convert.keep(s, record, search="")
            assert convert.load(s, Client) == [dataclasses.replace(record, id=identity)]
    engine.dispose()


def test_words_and_days_come_back() -> None:
    words, day = tables.Words(), tables.Day()
    for value in ((), ("M54.2",), ('"', "a b", "é")):
        assert words.process_result_value(words.process_bind_param(value, None), None) == value  # type: ignore[arg-type]
    date = dt.date(999, 1, 2)
    assert day.process_result_value(day.process_bind_param(date, None), None) == date  # type: ignore[arg-type]


def test_a_record_that_is_gone_is_said(clinic: ClinicFile) -> None:
    with pytest.raises(ClinicError, match="no longer there"), clinic.write("Save") as s:
        clients.save_client(s, Client(id=7, number="7"))
    with clinic.read() as s:
        for load in (clients.client, clients.policy, practice.provider, visits.visit):
            with pytest.raises(ClinicError, match="no longer there"):
                load(s, 7)
        assert convert.load(s, Practice)
