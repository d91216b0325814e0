"""The audit: what gets into it, that nothing can be taken out of it unseen, and what a verification says."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError

from app import paths
from app.billing.records import Client
from app.billing.roles import Role, User
from app.errors import ClinicError, InputError
from app.store import audit, clients, database, keys, portable, users
from app.store.clinic import ClinicFile
from tests.store.conftest import PASSWORD, copy

WORDS = "seven brown umbrellas"


def _add(clinic: ClinicFile, name: str) -> Client:
    with clinic.write("Add a client") as s:
        return clients.save_client(s, Client(last_name=name))


def _kinds(clinic: ClinicFile) -> list[str]:
    return [event.kind for event in reversed(clinic.audit_events())]


def _busy(path: Path) -> None:
    """A day: ten changes, and looks at records between them."""
    with ClinicFile.open(path, password=PASSWORD) as clinic:
        for number in range(10):
            made = _add(clinic, f"Ash {number}")
            clinic.note("view", table="client", row_id=made.id)


# What gets in


def test_everything_leaves_a_row(clinic: ClinicFile) -> None:
    made = _add(clinic, "Ash")
    clinic.note("view", table="client", row_id=made.id)
    clinic.undo()
    clinic.redo()
    with clinic.read() as s:
        portable.export_clinic(s)
    kept = users.add(clinic, User(name="ann", role=Role.BILLER), WORDS)
    users.change(clinic, dataclasses.replace(kept, archived=True))
    clinic.new_recovery_code()
    assert _kinds(clinic) == [
        "begun", "created", "login", "change", "view", "undo", "redo", "export", "change", "password", "change",
        "password-removed", "recovery-code",
    ]  # fmt: skip
    change, view = clinic.audit_events(kind="change")[-1], clinic.audit_events(kind="view")[0]
    assert (change.user, change.label, change.operation) == ("owner", "Add a client", 1)
    assert (view.table, view.row_id, view.operation, view.label) == ("client", made.id, None, "")
    assert clinic.verify_audit().findings == ()


def test_a_write_that_changes_nothing_or_fails_leaves_no_row(clinic: ClinicFile) -> None:
    before = clinic.audit_head()
    with clinic.write("Nothing"):
        pass
    with pytest.raises(ZeroDivisionError), clinic.write("Fail") as s:
        clients.save_client(s, Client(last_name="Ash"))
        clinic.note("print", table="client", row_id=1)
        raise ZeroDivisionError
    assert clinic.audit_head() == before
    with clinic.write("Only a look"):
        clinic.note("print", table="client", row_id=1)
    assert _kinds(clinic)[-1] == "print"
    clinic.close()
    with ClinicFile.open(clinic.path, password=PASSWORD) as again:
        assert "gap" not in _kinds(again) and again.verify_audit().findings == ()


def test_the_next_login_tells_of_wrong_passwords(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for user, password in (("owner", "wrong words"), ("owner", "wrong again"), ("my secret password", "owner")):
        with pytest.raises(ClinicError, match="not right"):
            ClinicFile.open(closed, password=password, user=user)
    tries = closed.with_suffix(".tries")
    assert "secret" not in tries.read_text(), "a password typed into the wrong field is not kept"
    monkeypatch.setattr("app.store.tries.FREE", 9)
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        found = {event.user: event.detail for event in clinic.audit_events(kind="login-failed")}
    assert found == {"owner": "2", "": "1"}
    assert not tries.exists()


def test_the_recovery_code_leaves_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.clinic"
    clinic, code = ClinicFile.create(path, password=PASSWORD)
    users.add(clinic, User(name="ann", role=Role.BILLER), WORDS)
    clinic.close()
    for reason, user, password in ((" ", "", WORDS), ("lost", "", "short"), ("lost", "ann", WORDS)):
        with pytest.raises((InputError, ClinicError)):
            ClinicFile.recover(path, code=code, password=password, reason=reason, user=user)
    clinic, newer = ClinicFile.recover(path, code=code, password=WORDS, reason="password forgotten")
    with clinic:
        assert (clinic.user, clinic.role, newer != code) == ("owner", Role.OWNER, True)
        used = clinic.audit_events(kind="recovery")[0]
        assert (used.user, used.detail) == ("recovery", "password forgotten")
        assert _kinds(clinic)[-2:] == ["password", "recovery-code"]
    with pytest.raises(ClinicError, match="does not open"):
        ClinicFile.recover(path, code=code, password=WORDS, reason="again")
    with pytest.raises(ClinicError, match="not right"):
        ClinicFile.open(path, password=PASSWORD)


def test_rows_are_chosen_for_a_report(clinic: ClinicFile) -> None:
    for number in range(5):
        clinic.note("view", table="client", row_id=number)
    rows = clinic.audit_events(kind="view", limit=2, offset=1)
    assert [row.row_id for row in rows] == [3, 2]
    assert [row.row_id for row in clinic.audit_events(table="client", row_id=4)] == [4]
    day = rows[0].at[:10]
    assert len(clinic.audit_events(user="owner", first=day, last=day)) == 8
    assert not clinic.audit_events(user="nobody") and not clinic.audit_events(last="2020-01-01")


# Tampering


@pytest.fixture
def busy(closed: Path) -> Path:
    """A clinic after a day of work, closed, with its head known on this computer."""
    _busy(closed)
    return closed


def _tamper(path: Path, *statements: str) -> None:
    """Change the file as somebody could who has the key of the file, but not the seals."""
    key = keys.load(path.with_suffix(".keys")).open_with_password("owner", PASSWORD)
    connection = database.connect(path, key)
    for name in ("audit_frozen", "audit_kept", "change_frozen", "change_kept"):
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.close()


TAMPERINGS = {
    "edit": ["UPDATE audit SET user = 'ann' WHERE id = 8"],
    "edit a change": ["UPDATE change SET after = replace(after, 'Ash 3', 'Ash 4') WHERE after LIKE '%Ash 3%'"],
    "delete in the middle": ["DELETE FROM audit WHERE id = 9"],
    "delete a change": ["DELETE FROM change WHERE operation = 4"],
    "delete the tail": ["DELETE FROM audit WHERE id > 15", "DELETE FROM change WHERE operation > 6"],
    "delete the first": ["DELETE FROM audit WHERE id = 1"],
    "delete all": ["DELETE FROM audit", "DELETE FROM change"],
    "renumber": ["DELETE FROM audit WHERE id = 9", "UPDATE audit SET id = id - 1 WHERE id > 9"],
    "swap": [
        "UPDATE audit SET id = 1000 WHERE id = 7", "UPDATE audit SET id = 7 WHERE id = 9",
        "UPDATE audit SET id = 9 WHERE id = 1000",
    ],
    "add": [
        'INSERT INTO audit SELECT 24, at, user, kind, "table", row_id, operation, detail, seal FROM audit WHERE id = 23'
    ],
    "add a change": [
        'INSERT INTO change (operation, at, user, label, "table", row_id, before, after) '
        "SELECT 99, at, user, label, \"table\", row_id, before, after FROM change WHERE operation = 2"
    ],
}  # fmt: skip


def _verified(path: Path) -> audit.Report:
    """What the program finds without having opened the clinic the usual way before, as a stranger's copy."""
    key_file = keys.load(path.with_suffix(".keys"))
    key = key_file.open_with_password("owner", PASSWORD)
    connection = database.connect(path, key)
    known = audit.Mirror(paths.state_dir() / "audit", key_file.clinic).head
    try:
        return audit.Trail(key).verify(connection, known=known)
    finally:
        connection.close()


def test_nothing_is_found_where_nothing_was_done(busy: Path) -> None:
    report = _verified(busy)
    assert report.findings == () and report.checked == 23 and report.head is not None


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_tampering_is_found(busy: Path, kind: str) -> None:
    _tamper(busy, *TAMPERINGS[kind])
    assert _verified(busy).findings
    with ClinicFile.open(busy, password=PASSWORD) as clinic:
        assert clinic.verify_audit().findings, "and still after the clinic was opened"


def test_only_the_row_that_was_touched_is_named(busy: Path) -> None:
    _tamper(busy, *TAMPERINGS["edit"])
    assert [finding.row for finding in _verified(busy).findings] == [8]


def test_a_cut_tail_is_only_seen_from_outside(busy: Path) -> None:
    """The control: without the head that is kept outside, nothing in the file tells."""
    _tamper(busy, *TAMPERINGS["delete the tail"])
    shutil.rmtree(paths.state_dir() / "audit")
    assert _verified(busy).findings == ()


def test_an_old_whole_copy_is_found_and_said_for_good(busy: Path, tmp_path: Path) -> None:
    old = copy(busy, tmp_path / "old")
    _busy(busy)
    shutil.copy(old, busy)
    with ClinicFile.open(busy, password=PASSWORD) as clinic:
        assert clinic.audit_events(kind="gap")[0].detail == "44"
        assert [finding.message for finding in clinic.verify_audit().findings if "missing when" in finding.message]
    with ClinicFile.open(busy, password=PASSWORD) as clinic:
        assert len(clinic.audit_events(kind="gap")) == 1, "it is said once"
        assert clinic.verify_audit().findings


def test_a_restored_backup_explains_the_gap(busy: Path, tmp_path: Path) -> None:
    for said in (True, False):
        old = copy(busy, tmp_path / f"old {said}")
        _busy(busy)
        shutil.copy(old, busy)
        with ClinicFile.open(busy, password=PASSWORD) as clinic:
            if said:
                clinic.note("restore", detail="7")
            clinic.note("view")
            assert bool(clinic.verify_audit().findings) is not said
            if not said:
                clinic.note("restore", detail="7")
                assert clinic.verify_audit().findings, "too late to explain it"


def test_a_head_of_another_time_is_told_from_a_true_one(busy: Path) -> None:
    with ClinicFile.open(busy, password=PASSWORD) as clinic:
        head = clinic.audit_head()
        assert head is not None and audit.Head.read(str(head)) == head
        clinic.note("view")
        with clinic.read() as s:
            assert audit.holds(s.connection(), head)
            assert not audit.holds(s.connection(), audit.Head(head.count, "0" * 64))
    for text in ("", "12", "x:y", "1:"):
        assert audit.Head.read(text) is None


@pytest.mark.parametrize("statement", ["UPDATE audit SET user = 'x'", "DELETE FROM audit"])
def test_the_file_refuses_to_change_the_audit(clinic: ClinicFile, statement: str) -> None:
    with pytest.raises(DatabaseError, match="audit cannot be changed"), clinic.write("Try") as s:
        s.connection().exec_driver_sql(statement)


def test_the_part_after_a_good_verification_is_enough_at_start(busy: Path) -> None:
    with ClinicFile.open(busy, password=PASSWORD) as clinic:
        assert clinic.verify_audit(whole=False).checked == 24, "nothing was verified before"
        clinic.note("view")
        assert clinic.verify_audit(whole=False).checked == 1
        assert clinic.verify_audit().checked == 25
        _add(clinic, "Fern")
    _tamper(busy, "UPDATE change SET label = 'x' WHERE id = (SELECT max(id) FROM change)")
    with ClinicFile.open(busy, password=PASSWORD) as clinic:
        assert [finding.row for finding in clinic.verify_audit(whole=False).findings] == [26]


def test_a_clinic_from_before_the_audit_has_nothing_to_answer_for(busy: Path) -> None:
    """Changes of the time before are not held against it; later ones are."""
    _tamper(busy, "DELETE FROM audit")
    shutil.rmtree(paths.state_dir() / "audit")
    with ClinicFile.open(busy, password=PASSWORD) as clinic:
        assert clinic.verify_audit().findings == ()
        _add(clinic, "Fern")
        assert clinic.verify_audit().findings == ()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"head": 3}', b'{"head": {"count": "1", "seal": 2}}', b"\xff"])
def test_a_spoilt_mirror_knows_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    assert audit.Mirror(tmp_path, "a").head is None


def test_a_full_disk_does_not_stop_the_mirror(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    mirror = audit.Mirror(tmp_path / "file", "a")
    mirror.keep(audit.Head(1, "x"))
    assert mirror.head == audit.Head(1, "x")
