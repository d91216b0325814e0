"""Where the live file may be, asked of computers that the test describes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from app.errors import ClinicError
from app.store import places
from app.store.places import Computer

LINUX = """
/dev/sda2 / ext4 rw 0 0
/dev/sda3 /home ext4 rw 0 0
server:/files /mnt/nas nfs4 rw 0 0
//server/share /mnt/office\\040share cifs rw 0 0
ann@server:/ /Users/ann/far fuse.sshfs rw 0 0
drive: /Users/ann/cloud fuse.rclone rw 0 0
/dev/sdb1 /media/ann/STICK fuseblk rw 0 0
/Users/ann/.plain /Users/ann/vault fuse.gocryptfs rw 0 0
none /mnt/c 9p rw 0 0
tmpfs /mnt/nas/local tmpfs rw 0 0
"""
MAC = """
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled)
//ann@server/share on /Volumes/office share (smbfs, nodev, nosuid, mounted by ann)
/dev/disk4s1 on /Volumes/STICK (msdos, local, nodev)
"""


def computer(
    system: str = "linux", mounts: str = LINUX, drives: Mapping[str, int] | None = None, **environment: str
) -> Computer:
    return Computer(system, lambda: mounts, lambda root: (drives or {}).get(root, 3), environment)


@pytest.mark.parametrize(
    ("path", "mounts", "network"),
    [
        ("/Users/ann/a.clinic", LINUX, False), ("/mnt/nas/a.clinic", LINUX, True),
        ("/mnt/nasty/a.clinic", LINUX, False),
        ("/mnt/office share/x/a.clinic", LINUX, True), ("/Users/ann/far/a.clinic", LINUX, True),
        ("/Users/ann/cloud/a.clinic", LINUX, True), ("/media/ann/STICK/a.clinic", LINUX, False),
        ("/Users/ann/vault/a.clinic", LINUX, False), ("/mnt/c/Users/a.clinic", LINUX, True),
        ("/mnt/nas/local/a.clinic", LINUX, False), ("/a.clinic", "", False), ("/a.clinic", "odd line", False),
        ("/Users/ann/a.clinic", MAC, False), ("/Volumes/office share/a.clinic", MAC, True),
        ("/Volumes/STICK/a.clinic", MAC, False),
    ],
)  # fmt: skip
def test_network_drives_are_known_by_their_mount(path: str, mounts: str, network: bool) -> None:
    assert places.is_network(Path(path), computer(mounts=mounts)) is network


@pytest.mark.parametrize(
    ("path", "network"),
    [
        (r"C:\Users\ann\a.clinic", False), (r"Z:\a.clinic", True), (r"\\server\share\a.clinic", True),
        (r"\\?\UNC\server\share\a.clinic", True), (r"\\?\C:\a.clinic", False), ("//server/share/a.clinic", True),
    ],
)  # fmt: skip
def test_windows_tells_by_drive_and_by_name(path: str, network: bool) -> None:
    asked = computer("win32", drives={"Z:\\": 4})
    assert places.is_network(PurePosixPath(path), asked) is network  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("folder", "program"),
    [
        ("OneDrive", "OneDrive"), ("OneDrive - Quiet River LLC/Documents", "OneDrive"), ("Dropbox", "Dropbox"),
        ("Dropbox (Personal)", "Dropbox"), ("Library/Mobile Documents/com~apple~CloudDocs", "iCloud Drive"),
        ("iCloudDrive", "iCloud Drive"), ("Google Drive", "Google Drive"), ("Nextcloud", "Nextcloud"),
        ("Library/CloudStorage/GoogleDrive-ann", "Google Drive"), ("Library/CloudStorage/Other", "a cloud drive"),
        ("Documents", ""), ("My Dropboxes", ""), ("boxes", ""),
    ],
)  # fmt: skip
def test_synchronized_folders_are_known_by_their_name(tmp_path: Path, folder: str, program: str) -> None:
    assert places.synchronized_by(tmp_path / folder / "a.clinic", computer()) == program


@pytest.mark.parametrize(
    ("marker", "program"),
    [(".dropbox.cache", "Dropbox"), (".stfolder", "Syncthing"), (".sync_0af.db", "Nextcloud")],
)
def test_synchronized_folders_are_known_by_what_lies_in_them(tmp_path: Path, marker: str, program: str) -> None:
    (tmp_path / "inner").mkdir()
    assert places.synchronized_by(tmp_path / "inner" / "a.clinic", computer()) == ""
    (tmp_path / marker).write_text("")
    assert places.synchronized_by(tmp_path / "inner" / "a.clinic", computer()) == program


def test_the_folder_of_onedrive_may_have_any_name(tmp_path: Path) -> None:
    asked = computer(OneDriveCommercial=str(tmp_path / "Files"))
    assert places.synchronized_by(tmp_path / "Files" / "x" / "a.clinic", asked) == "OneDrive"


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "Dropbox").mkdir()
    try:
        (tmp_path / "plain").symlink_to(tmp_path / "Dropbox")
    except OSError:
        pytest.skip("no links here")
    assert places.synchronized_by(tmp_path / "plain" / "a.clinic", computer()) == "Dropbox"


def test_the_live_file_is_refused_there_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ClinicError, match=r"network drive.*Backups may go"):
        places.check_live(Path("/mnt/nas/a.clinic"), computer())
    with pytest.raises(ClinicError, match=r"Dropbox synchronizes.*Backups may go"):
        places.check_live(tmp_path / "Dropbox" / "a.clinic", computer())
    places.check_live(tmp_path / "a.clinic", computer())
    places.check_live(Path("/mnt/nas/a.clinic"), computer(**{places.ANY_FOLDER: "1"}))


def test_this_computer_answers(tmp_path: Path) -> None:
    places.check_live(tmp_path / "a.clinic")
    assert places.this_computer().mounts() or os.name == "nt"
