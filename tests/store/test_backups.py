"""Backups: each is opened before it counts, the right ones are kept, and they come back whole."""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.billing.records import Client
from app.billing.roles import Role, User
from app.errors import ClinicError, UserError
from app.store import backup, clients, database, keys, users
from app.store.access import NotAllowedError
from app.store.backup import Backup, Manifest, Reason
from app.store.backup_set import DAYS, LAST, MONTHS, WEEKS, BackupSet, kept
from app.store.clinic import ClinicFile
from app.store.restore import Restoration
from tests.store.conftest import PASSWORD

NOW = dt.datetime(2026, 11, 21, 7, 42, tzinfo=dt.UTC)
MARKER = "Marker-Quillfeather"


def later(**span: int) -> dt.datetime:
    return NOW + dt.timedelta(**span)


def key_of(path: Path) -> bytes:
    return keys.load(path.with_suffix(".keys")).open_with_password("owner", PASSWORD)


def add(path: Path, *names: str) -> None:
    with ClinicFile.open(path, password=PASSWORD) as clinic:
        for name in names:
            with clinic.write(f"Add {name}") as s:
                clients.save_client(s, Client(last_name=name))


def names(path: Path, password: str = PASSWORD) -> list[str]:
    with ClinicFile.open(path, password=password) as clinic, clinic.read() as s:
        return [line.last_name for line in clients.find(s, limit=1000)]


def make(path: Path, now: dt.datetime = NOW, reason: Reason = Reason.HAND) -> Backup:
    return BackupSet(path).make(key_of(path), reason, now=now)


def bring_back(archive: Path, target: Path, password: str = PASSWORD, now: dt.datetime = NOW) -> Path | None:
    with Restoration(archive, target) as guide:
        guide.unlock(password=password)
        return guide.finish(now=now)


# One file


def test_a_backup_is_one_file_that_says_what_it_is_and_names_no_one(closed: Path) -> None:
    add(closed, MARKER)
    made = make(closed)
    assert made.path.parent == closed.parent / "backups"
    identity = keys.load(closed.with_suffix(".keys")).clinic
    assert made.path.name == f"{identity[:8]}-2026-11-21-000001.clinic-backup"
    assert [path.name for path in made.path.parent.glob("*.clinic-backup")] == [made.path.name]
    assert not list(made.path.parent.glob("*.part"))
    with zipfile.ZipFile(made.path) as archive:
        assert [entry.filename for entry in archive.infolist()] == ["manifest.json", "clinic.keys", "clinic.db"]
        words = json.loads(archive.read("manifest.json"))
        assert archive.read("clinic.keys") == closed.with_suffix(".keys").read_bytes()
    assert (words["clients"], words["sessions"], words["claims"], words["change"]) == (1, 0, 0, 1)
    content = made.path.read_bytes()
    assert MARKER.encode() not in content and b"SQLite format" not in content
    assert str(closed.parent) not in json.dumps(words)
    assert backup.read(made.path) == made == backup.check(made.path)


def test_numbers_go_up_even_after_the_files_are_gone(closed: Path) -> None:
    first = make(closed)
    first.path.unlink()
    assert make(closed).manifest.sequence == 2


def test_a_backup_is_made_while_others_write(clinic: ClinicFile) -> None:
    with clinic.write("Add") as s:
        clients.save_client(s, Client(last_name="Quill"))
        made = make(clinic.path)
    assert made.manifest.clients == 0
    assert make(clinic.path, later(hours=1)).manifest.clients == 1


def test_a_copy_that_is_not_equal_is_refused(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count, calls = backup.row_counts, []

    def other(connection: Any) -> dict[str, int]:
        calls.append(1)
        return count(connection) | ({"client": 7} if len(calls) == 1 else {})

    monkeypatch.setattr(backup, "row_counts", other)
    with pytest.raises(ClinicError, match="not equal"):
        make(closed)
    assert list((closed.parent / "backups").iterdir()) == []


def test_a_backup_that_reads_back_otherwise_is_refused(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = backup._pack

    def faulty(part: Path, *rest: Any) -> None:
        pack(part, *rest)
        content = bytearray(part.read_bytes())
        content[len(content) // 2] ^= 1
        part.write_bytes(content)

    monkeypatch.setattr(backup, "_pack", faulty)
    with pytest.raises(ClinicError, match="backup is damaged"):
        make(closed)
    assert list((closed.parent / "backups").iterdir()) == []


def test_any_flipped_bit_in_a_backup_is_found(closed: Path) -> None:
    made = make(closed)
    good, chance = made.path.read_bytes(), random.Random(5)
    with zipfile.ZipFile(made.path) as archive:
        sealed = [(each.header_offset + 30 + len(each.filename), each.file_size) for each in archive.infolist()]
    for start, size in sealed:
        for _ in range(8):
            content = bytearray(good)
            content[start + chance.randrange(size)] ^= 1 << chance.randrange(8)
            made.path.write_bytes(content)
            with pytest.raises(ClinicError, match=r"damaged|not a backup|newer"):
                backup.check(made.path)
    for left in (0, 10, len(good) // 2, len(good) - 1):
        made.path.write_bytes(good[:left])
        with pytest.raises(ClinicError, match=r"damaged|not a backup"):
            backup.check(made.path)
    made.path.write_bytes(good)
    backup.check(made.path)


def test_what_is_no_backup_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClinicError, match="no backup here"):
        backup.read(tmp_path / "none.clinic-backup")
    bomb = tmp_path / "bomb.clinic-backup"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("manifest.json", "clinic.keys", "clinic.db"):
            archive.writestr(name, b"0" * 10_000_000)
    with pytest.raises(ClinicError, match="not a backup"):
        backup.check(bomb)
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("../../clinic.keys", b"{}")
    with pytest.raises(ClinicError, match="not a backup"):
        backup.read(bomb)


# Which are kept


def at(sequence: int, made: dt.datetime) -> Backup:
    return Backup(
        Path(f"{sequence}"),
        Manifest(
            clinic="", sequence=sequence, made=made, reason=Reason.DAILY, program="", schema=1, clients=0, sessions=0,
            claims=0, change=0, changed="", audit="", seals={},
        ),
    )  # fmt: skip


def live(moments: list[dt.datetime]) -> list[Backup]:
    """Make a backup at each moment and prune after each, as the program does."""
    shelf: list[Backup] = []
    for number, moment in enumerate(moments, 1):
        shelf.append(at(number, moment))
        stay = kept(shelf)
        shelf = [each for each in shelf if each.manifest.sequence in stay]
        assert len(shelf) <= LAST + DAYS + WEEKS + MONTHS
    return shelf


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=200))
def test_days_weeks_months_and_the_last_by_number_are_kept(gaps: list[int]) -> None:
    moments: list[dt.datetime] = []
    for hours in gaps:
        moments.append((moments[-1] if moments else NOW) + dt.timedelta(hours=hours))
    shelf = live(moments)
    numbers = {each.manifest.sequence for each in shelf}
    assert set(range(max(1, len(moments) - LAST + 1), len(moments) + 1)) <= numbers
    for most, period in ((DAYS, "%Y-%m-%d"), (WEEKS, "%G-%V"), (MONTHS, "%Y-%m")):
        last_of = {moment.strftime(period): number for number, moment in enumerate(moments, 1)}
        assert set(list(last_of.values())[-most:]) <= numbers


@settings(max_examples=10, deadline=None)
@given(st.integers(-4000, 4000), st.integers(1, 40), st.integers(0, 80))
def test_a_clock_years_off_costs_no_backup(days_off: int, wrong: int, after: int) -> None:
    """Months of daily backups, `wrong` days with a clock that is off, then the right clock again."""
    right = [NOW + dt.timedelta(days=day) for day in range(100 + wrong + after)]
    moments = [
        moment + dt.timedelta(days=days_off) if 100 <= day < 100 + wrong else moment for day, moment in enumerate(right)
    ]
    shelf = live(moments)
    numbers = {each.manifest.sequence for each in shelf}
    assert set(range(len(moments) - LAST + 1, len(moments) + 1)) <= numbers
    assert len(numbers) >= LAST + 3
    if after > DAYS + 7 * WEEKS:
        weeks = {each.manifest.made.strftime("%G-%V") for each in shelf if each.manifest.sequence > 100 + wrong}
        assert len(weeks) >= WEEKS


def test_the_control_retention_by_clock_alone_loses_them() -> None:
    """What the rule above is for: by dates, those of the wrong clock keep out the ones that are made after it."""
    moments = [NOW + dt.timedelta(days=day + (3650 if 100 <= day < 140 else 0)) for day in range(160)]
    by_clock = sorted((at(number, moment) for number, moment in enumerate(moments, 1)), key=lambda b: b.manifest.made)
    days = [each.manifest.sequence for each in by_clock[-DAYS:]]
    assert not any(number > 140 for number in days)
    assert set(range(147, 161)) <= {each.manifest.sequence for each in live(moments)}


def test_pruning_removes_files_of_this_clinic_only(closed: Path) -> None:
    shelf = BackupSet(closed)
    first = make(closed)
    for number in range(2, 40):
        fields = {**first.manifest.__dict__, "sequence": number, "made": NOW + dt.timedelta(minutes=number)}
        path = shelf.folder / f"copy-{number:06d}.clinic-backup"
        _pack_again(first, Manifest(**fields), path)
    _pack_again(first, Manifest(**{**first.manifest.__dict__, "clinic": "another"}), shelf.folder / "x.clinic-backup")
    (shelf.folder / "broken.clinic-backup").write_bytes(b"PK")
    made = make(closed, later(hours=2))
    assert made.manifest.sequence == 40
    assert [each.manifest.sequence for each in shelf.all()] == list(range(40, 40 - LAST, -1))
    assert (shelf.folder / "x.clinic-backup").exists() and (shelf.folder / "broken.clinic-backup").exists()


def _pack_again(made: Backup, manifest: Manifest, target: Path) -> None:
    with zipfile.ZipFile(made.path) as archive:
        loose = target.with_suffix(".tmp")
        loose.write_bytes(archive.read("clinic.db"))
        backup._pack(target, manifest, archive.read("clinic.keys"), loose)
        loose.unlink()


# When


def test_one_a_day_and_one_when_something_changed(closed: Path) -> None:
    shelf = BackupSet(closed)
    assert shelf.is_due(NOW.date()) and shelf.is_behind(0)
    made = make(closed)
    assert not shelf.is_due(NOW.date()) and not shelf.is_behind(made.manifest.change)
    assert shelf.is_due(later(days=1).date()) and shelf.is_due(later(days=-3650).date())
    assert shelf.is_behind(made.manifest.change + 1)
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        clinic.set_password("owner", "nine new herons")
    assert shelf.is_behind(made.manifest.change), "new keys are a change too"


def test_the_state_says_how_old_the_last_one_is(closed: Path) -> None:
    shelf = BackupSet(closed)
    assert shelf.state(NOW.date()).problems == ["No backup has been made yet."]
    make(closed)
    fresh, old = shelf.state(later(days=3).date()), shelf.state(later(days=4).date())
    assert (fresh.days, fresh.problems) == (3, [])
    assert (old.days, old.problems) == (4, ["The last backup is 4 days old."])


def test_an_old_copy_of_the_clinic_is_noticed(closed: Path) -> None:
    add(closed, "Ash", "Quill")
    made = make(closed)
    assert BackupSet(closed).newer_than(2) is None
    newer = BackupSet(closed).newer_than(1)
    assert newer and newer.path == made.path


# The second folder


def test_the_second_folder_gets_every_backup(closed: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    shelf = BackupSet(closed)
    shelf.use_second(stick)
    made = make(closed)
    assert (stick / made.path.name).read_bytes() == made.path.read_bytes()
    assert shelf.state(NOW.date()).problems == []
    shelf.use_second(None)
    again = make(closed, later(days=1))
    assert not (stick / again.path.name).exists()


def test_a_second_folder_out_of_reach_is_a_warning_that_stays(closed: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    shelf = BackupSet(closed)
    shelf.use_second(stick)
    away = stick.rename(tmp_path / "unplugged")
    stick.mkdir()  # the empty folder that a stick leaves behind
    made = make(closed)
    assert made.path.exists() and not list(stick.iterdir())
    assert "Plug the stick in" in shelf.state(NOW.date()).problems[0]
    assert "Plug the stick in" in BackupSet(closed).state(NOW.date()).problems[0]
    stick.rmdir()
    away.rename(stick)
    make(closed, later(days=1))
    assert shelf.state(later(days=1).date()).problems == []


def test_a_second_folder_that_cannot_be_written_is_refused(closed: Path, tmp_path: Path) -> None:
    shelf = BackupSet(closed)
    make(closed)
    with pytest.raises(ClinicError, match="cannot be written"):
        shelf.use_second(tmp_path / "none")
    with pytest.raises(ClinicError, match="lie already"):
        shelf.use_second(shelf.folder)
    assert shelf.known().second == ""


# The drill


def test_the_drill_opens_the_last_backup_and_remembers(closed: Path, tmp_path: Path) -> None:
    shelf = BackupSet(closed)
    assert shelf.drill_due(NOW.date())
    assert "no backup" in shelf.drill(key_of(closed), today=NOW.date())
    made = make(closed)
    assert shelf.drill(key_of(closed), today=NOW.date()) == ""
    assert not shelf.drill_due(later(days=29).date())
    assert shelf.drill_due(later(days=30).date()) and shelf.drill_due(later(days=-1).date())
    content = bytearray(made.path.read_bytes())
    content[-9000] ^= 4
    made.path.write_bytes(content)
    assert "trial restore of backup 1 failed" in shelf.drill(key_of(closed), today=NOW.date())
    assert "trial restore" in shelf.state(NOW.date()).problems[0]
    assert not list(shelf.folder.glob("*.part"))


def test_the_drill_finds_a_bad_copy_in_the_second_folder(closed: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    shelf = BackupSet(closed)
    shelf.use_second(stick)
    made = make(closed)
    assert shelf.drill(key_of(closed), today=NOW.date()) == ""
    content = bytearray((stick / made.path.name).read_bytes())
    content[-9000] ^= 4
    (stick / made.path.name).write_bytes(content)
    assert "failed" in shelf.drill(key_of(closed), today=NOW.date())


def test_a_manifest_that_lies_fails_the_drill(closed: Path) -> None:
    made = make(closed)
    lie = Manifest(**{**made.manifest.__dict__, "clients": 99})
    _pack_again(made, lie, made.path.with_name("lie.clinic-backup"))
    made.path.unlink()
    assert "failed" in BackupSet(closed).drill(key_of(closed), today=NOW.date())


def test_leftovers_of_a_crash_are_swept(closed: Path) -> None:
    made = make(closed)
    shelf = BackupSet(closed)
    (shelf.folder / "a.part").write_bytes(b"x")
    (shelf.folder / "drill-x.part").mkdir()
    (closed.parent / "a.clinic.part").write_bytes(b"x")
    shelf.sweep()
    assert sorted(path.name for path in shelf.folder.iterdir()) == sorted([made.path.name, shelf._memory().name])
    assert not (closed.parent / "a.clinic.part").exists() and closed.exists()


# Bringing back


def test_a_backup_comes_back_and_what_it_replaces_is_kept(closed: Path) -> None:
    add(closed, "Ash")
    made = make(closed)
    add(closed, "Quill")
    with Restoration(made.path, closed) as guide:
        assert guide.users == ["owner"]
        inside = guide.unlock(password=PASSWORD)
        assert (inside.clients, inside.sessions, inside.users, inside.manifest.sequence) == (1, 0, ("owner",), 1)
        assert inside.changed
        aside = guide.finish(now=later(hours=1))
    assert names(closed) == ["Ash"]
    assert aside == closed.parent / "a replaced 2026-11-21"
    assert names(aside / "a.clinic") == ["Ash", "Quill"]
    last, first = BackupSet(closed).all()
    assert (last.manifest.reason, last.manifest.clients, first.manifest.sequence) == (Reason.RESTORE, 2, 1)
    assert not list(closed.parent.glob("*.restore*"))
    assert bring_back(last.path, closed, now=later(hours=2)) == closed.parent / "a replaced 2026-11-21 (2)"
    assert names(closed) == ["Ash", "Quill"]


def test_nothing_is_replaced_before_it_is_finished(closed: Path) -> None:
    made = make(closed)
    add(closed, "Quill")
    with Restoration(made.path, closed) as guide:
        guide.unlock(password=PASSWORD)
        with pytest.raises(ClinicError, match="already open"):
            ClinicFile.open(closed, password=PASSWORD)
    assert names(closed) == ["Quill"]
    assert sorted(path.name for path in closed.parent.iterdir()) == ["a.clinic", "a.keys", "a.lock", "backups"]


def test_a_backup_wants_the_password_of_its_time(closed: Path) -> None:
    made = make(closed)
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        clinic.set_password("owner", "nine new herons")
        code = clinic.new_recovery_code()
    newer = make_with(closed, "nine new herons")
    with Restoration(made.path, closed) as guide:
        with pytest.raises(ClinicError, match="not right"):
            guide.unlock(password="nine new herons")
        with pytest.raises(ClinicError, match="does not open"):
            guide.unlock(code=code)
        guide.unlock(password=PASSWORD)
        guide.finish(now=NOW)
    assert names(closed) == []
    with Restoration(newer.path, closed) as guide:
        guide.unlock(code=code)
        guide.finish(now=NOW)
    assert names(closed, "nine new herons") == []


def make_with(path: Path, password: str) -> Backup:
    key = keys.load(path.with_suffix(".keys")).open_with_password("owner", password)
    return BackupSet(path).make(key, Reason.HAND, now=later(hours=1))


def test_replacing_a_clinic_is_for_owners(closed: Path, tmp_path: Path) -> None:
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        users.add(clinic, User(name="desk", role=Role.FRONT_DESK), "front desk words")
    made = make(closed)
    with Restoration(made.path, closed) as guide:
        with pytest.raises(NotAllowedError, match="may not restore backups"):
            guide.unlock(user="desk", password="front desk words")
        guide.unlock(password=PASSWORD)
    with Restoration(made.path, tmp_path / "elsewhere" / "a.clinic") as guide:
        guide.unlock(user="desk", password="front desk words")


def test_an_open_clinic_is_not_replaced(clinic: ClinicFile) -> None:
    made = make(clinic.path)
    with pytest.raises(ClinicError, match="already open"):
        Restoration(made.path, clinic.path)


def test_a_damaged_backup_replaces_nothing(closed: Path) -> None:
    made = make(closed)
    content = bytearray(made.path.read_bytes())
    content[-9000] ^= 4
    made.path.write_bytes(content)
    with pytest.raises(ClinicError, match="backup is damaged"):
        Restoration(made.path, closed)
    assert names(closed) == []
    assert not list(closed.parent.glob("*.part"))


def test_a_damaged_clinic_with_its_journal_moves_aside_together(closed: Path) -> None:
    """A journal left beside the restored database would be played into it."""
    add(closed, "Ash")
    made = make(closed)
    closed.write_bytes(b"x" * 9000)
    closed.with_suffix(".clinic-wal").write_bytes(b"old journal")
    closed.with_suffix(".clinic-shm").write_bytes(b"old")
    aside = bring_back(made.path, closed)
    assert aside and sorted(path.name for path in aside.iterdir()) == [
        "a.clinic", "a.clinic-shm", "a.clinic-wal", "a.keys",
    ]  # fmt: skip
    assert names(closed) == ["Ash"]
    assert not closed.with_suffix(".clinic-wal").exists()


def test_another_computer_needs_only_the_file(closed: Path, tmp_path: Path) -> None:
    add(closed, "Ash")
    shelf = BackupSet(closed)
    moved = shelf.make_elsewhere(key_of(closed), tmp_path / "to go.clinic-backup", Reason.MOVE, now=NOW)
    target = tmp_path / "other computer" / "Quiet River"
    assert bring_back(moved.path, target) is None
    assert names(target.with_suffix(".clinic")) == ["Ash"]
    assert sorted(path.name for path in target.parent.iterdir()) == [
        "Quiet River.clinic", "Quiet River.keys", "Quiet River.lock",
    ]  # fmt: skip


@pytest.mark.parametrize("stop", range(8))
def test_a_crash_between_any_two_steps_leaves_the_old_or_the_new_one(
    closed: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    add(closed, "Ash")
    made = make(closed)
    add(closed, "Quill")
    closed.with_suffix(".clinic-wal").write_bytes(b"")
    rename, left = Path.rename, [stop]

    def crash(self: Path, target: Path) -> Path:
        if ".restore" in str(self) or "replaced" in str(target):
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
        return rename(self, target)

    with monkeypatch.context() as patch, Restoration(made.path, closed) as guide:
        guide.unlock(password=PASSWORD)
        patch.setattr(Path, "rename", crash)
        patch.setattr(shutil, "rmtree", lambda *words, **more: None)
        crashed = False
        try:
            guide.finish(now=NOW)
        except KeyboardInterrupt:
            crashed = True
        guide._lock.release()
    decided = closed.with_suffix(".restore").exists()
    assert names(closed) == (["Ash"] if decided or not crashed else ["Ash", "Quill"])
    if decided:
        assert names(closed.parent / "a replaced 2026-11-21" / "a.clinic") == ["Ash", "Quill"]
    assert not closed.with_suffix(".restore").exists()


def test_everything_about_backups_is_said_in_sentences(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (closed.parent / "backups").write_text("a file is in the way")
    with pytest.raises(UserError, match="folder of the backups cannot be"):
        make(closed)
    (closed.parent / "backups").unlink()
    monkeypatch.setattr(database, "connect", _full)
    with pytest.raises(ClinicError, match="disk is full"):
        BackupSet(closed).make(bytes(32), Reason.HAND, now=NOW)


def _full(*words: object, **more: object) -> None:
    error = database.sqlcipher.OperationalError()
    error.sqlite_errorcode = database.FULL
    raise error
