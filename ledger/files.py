"""Files that survive a power cut: to a temporary name, to the disk, then under their own name.

Nobody ever sees half a file, and after :meth:`DurableFiles.flush_folders` none is lost.
"""

import os
import secrets
import shutil
from pathlib import Path

from ledger.errors import LogForked


class DurableFiles:
    """Writes below ``folder``, and remembers which folders the disk has to hear of.

    ``durable=False`` leaves out every fsync.  Every call but the constructor raises ``OSError``
    where the disk fails.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self.written = 0
        self._folders: set[Path] = set()

    def write(self, path: str, data: bytes) -> None:
        """Make a file that must never change, or make sure that it has these bytes already.

        Raises:
            LogForked: it has others.
        """
        try:
            existing = (self.folder / path).read_bytes()
        except FileNotFoundError:
            self.replace(path, data)
            return
        if existing != data:
            raise LogForked(f"{path} was published with other bytes")
        # It may stem from a run that died before it told the disk about the folder.
        self._touched((self.folder / path).parent)

    def mend(self, path: str, data: bytes) -> None:
        """Make a file have these bytes; other ones that it had are kept beside :attr:`folder`.

        Only for what follows from something that is known to be right.
        """
        try:
            existing = (self.folder / path).read_bytes()
        except FileNotFoundError:
            existing = data
        if existing != data:
            kept = self.folder.with_name(f"{self.folder.name}-as-found").joinpath(path)
            kept.parent.mkdir(parents=True, exist_ok=True)
            with open(kept.with_name(f"{kept.name}.{secrets.token_hex(4)}"), "xb") as file:
                file.write(existing)
            (self.folder / path).unlink()
        self.write(path, data)

    def replace(self, path: str, data: bytes) -> None:
        """Put a file under its name in one step, whatever was there."""
        target = self.folder / path
        self._make_folder(target.parent)
        temporary = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
        try:
            with open(temporary, "xb") as file:
                file.write(data)
                file.flush()
                if self.durable:
                    os.fsync(file.fileno())
            os.replace(temporary, target)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        self.written += 1
        self._touched(target.parent)

    def remove_folder(self, path: str) -> None:
        """Remove a folder and all that is in it, where there is one."""
        target = self.folder / path
        if target.is_dir():
            shutil.rmtree(target)
        self._touched(target.parent)

    def remove_left_overs(self) -> None:
        """Remove the temporary files of runs that died, in every folder touched since the flush.

        Only for whoever is alone in these folders: the files of others at work look the same.
        """
        for folder in self._folders - {self.folder.parent}:
            for left_over in folder.glob(".*.tmp"):
                left_over.unlink(missing_ok=True)

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(exist_ok=True)

    def _touched(self, folder: Path) -> None:
        """Remember a folder and those above it: a run that died may have made any of them."""
        while folder not in self._folders:
            self._folders.add(folder)
            if folder != self.folder.parent:
                folder = folder.parent

    def flush_folders(self) -> None:
        """Make the names durable; Windows has no such call and orders them by itself."""
        if self.durable and os.name != "nt":
            for folder in self._folders:
                handle = os.open(folder, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        self._folders.clear()
