"""Where a clinic file may live: on a disk of this computer, not on a network drive nor in a synchronized folder.

Over a network the locks and the journal of a database are not kept reliably; a program that synchronizes copies the
file while it is being written, and puts older copies in its place. Backups are whole files: for them both are fine.
Whoever knows better sets the variable SUPERBILL_DESK_ANY_FOLDER.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from app.errors import ClinicError
from app.i18n import _

ANY_FOLDER = "SUPERBILL_DESK_ANY_FOLDER"
_REMOTE_DRIVE = 4
_NETWORK = {
    "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "davfs2", "afs", "9p", "ncpfs",
    "ceph", "glusterfs", "lustre", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "drvfs",
}  # fmt: skip
_LOCAL_FUSE = {
    "fuseblk", "fuse.ntfs-3g", "fuse.ntfs", "fuse.exfat", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs",
    "fuse.veracrypt", "fuse.mergerfs", "fuse.ext2", "fuse.lxcfs", "fuse.snapfuse", "fuse.squashfuse",
}  # fmt: skip
"""Every other file system of kind `fuse` is taken for a remote one: sshfs, rclone and the drives of clouds are."""
_SYNCHRONIZED = (
    (re.compile(r"onedrive( - .*)?", re.IGNORECASE), "OneDrive"),
    (re.compile(r"dropbox( \(.*\))?", re.IGNORECASE), "Dropbox"),
    (re.compile(r"iclouddrive|mobile documents|com~apple~clouddocs", re.IGNORECASE), "iCloud Drive"),
    (re.compile(r"google ?drive( .*)?|googledrive-.*", re.IGNORECASE), "Google Drive"),
    (re.compile(r"box( sync)?|box-box", re.IGNORECASE), "Box"),
    (re.compile(r"nextcloud\d*", re.IGNORECASE), "Nextcloud"),
    (re.compile(r"owncloud\d*", re.IGNORECASE), "ownCloud"),
    (re.compile(r"pcloud ?drive|pclouddrive", re.IGNORECASE), "pCloud"),
    (re.compile(r"cloudstorage", re.IGNORECASE), _("a cloud drive")),
)
"""Names of folders that such programs give, in full."""
_MARKERS = {
    ".dropbox": "Dropbox", ".dropbox.cache": "Dropbox", ".stfolder": "Syncthing", ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud", ".tmp.drivedownload": "Google Drive", ".sync.ffs_db": "FreeFileSync",
}  # fmt: skip
"""Files and folders that such programs leave at the top of what they synchronize."""


@dataclass(frozen=True)
class Computer:
    """What is asked of the computer; a test gives its own answers. `mounts` is /proc/mounts, or what `mount` prints."""

    system: str
    mounts: Callable[[], str]
    drive_type: Callable[[str], int]
    environment: Mapping[str, str]


def this_computer() -> Computer:
    """The one that the program runs on."""
    return Computer(sys.platform, _mounts, _drive_type, os.environ)


def check_live(path: Path, computer: Computer | None = None) -> None:
    """Raises ClinicError when the live file must not be at `path`."""
    asked = computer or this_computer()
    if asked.environment.get(ANY_FOLDER):
        return
    if is_network(path, asked):
        raise ClinicError(
            _("The clinic file cannot be kept on a network drive: changes could be lost there."),
            _("Move its .clinic and .keys files to a folder on this computer. Backups may go to the network."),
        )
    name = synchronized_by(path, asked)
    if name:
        sentence = _("The clinic file cannot be kept in a folder that {program} synchronizes: changes could be lost.")
        raise ClinicError(
            sentence.format(program=name),
            _("Move its .clinic and .keys files to another folder on this computer. Backups may go there."),
        )


def is_network(path: Path, computer: Computer | None = None) -> bool:
    """Whether `path` is on another computer's disk."""
    asked = computer or this_computer()
    if asked.system == "win32":
        plain = str(path).replace("/", "\\").removeprefix("\\\\?\\")
        if plain.upper().startswith("UNC\\") or plain.startswith("\\\\"):
            return True
        return plain[1:2] == ":" and asked.drive_type(plain[:2] + "\\") == _REMOTE_DRIVE
    kind = _kind_of_mount(path, asked.mounts())
    return kind in _NETWORK or (kind.startswith("fuse") and kind not in _LOCAL_FUSE) or kind == "macfuse"


def _kind_of_mount(path: Path, table: str) -> str:
    """The kind of file system that holds `path`: that of the longest mount point above it, the last one given."""
    place, longest, found = PurePath(os.path.realpath(path)), -1, ""
    for line in table.splitlines():
        point, kind = _mount(line)
        if point and (PurePath(point) == place or PurePath(point) in place.parents):
            parts = len(PurePath(point).parts)
            if parts >= longest:
                longest, found = parts, kind
    return found


def _mount(line: str) -> tuple[str, str]:
    """Mount point and kind of a line: `dev point kind …` of Linux, `dev on point (kind, …)` of macOS."""
    described = re.fullmatch(r".+? on (/.*) \((\w+)[,)].*", line)
    if described:
        return described[1], described[2]
    parts = line.split()
    if len(parts) < 3:
        return "", ""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), parts[1]), parts[2]


def synchronized_by(path: Path, computer: Computer | None = None) -> str:
    """The program that synchronizes the folder of `path`, or nothing."""
    asked = computer or this_computer()
    place = Path(os.path.realpath(path))
    for name in ("OneDrive", "OneDriveCommercial", "OneDriveConsumer"):
        folder = asked.environment.get(name)
        if folder and Path(os.path.realpath(folder)) in place.parents:
            return "OneDrive"
    for above in place.parents:
        for pattern, program in _SYNCHRONIZED:
            if pattern.fullmatch(above.name):
                return program
        for marker, program in _MARKERS.items():
            if _is_there(above.joinpath(marker)):
                return program
        if next(_glob(above, ".sync_*.db"), None) or next(_glob(above, "._sync_*.db"), None):
            return "Nextcloud"
    return ""


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _glob(folder: Path, pattern: str) -> Iterator[Path]:
    try:
        yield from folder.glob(pattern)
    except OSError:
        return


def _mounts() -> str:
    if sys.platform == "darwin":
        run = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False, timeout=5)
        return run.stdout
    try:
        return Path("/proc/mounts").read_text("utf-8", errors="surrogateescape")
    except OSError:
        return ""


def _drive_type(root: str) -> int:
    import ctypes

    windows = getattr(ctypes, "windll", None)
    return int(windows.kernel32.GetDriveTypeW(root)) if windows else 0
