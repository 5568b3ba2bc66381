"""The build backend (PEP 517) of this package: a wheel of pure Python is a zip file, so nothing needs to be installed first."""

import base64
import hashlib
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
NAME, VERSION = "gradbook_papermill", "0.1.0"
DIST = f"{NAME}-{VERSION}"

METADATA = f"""\
Metadata-Version: 2.1
Name: {NAME.replace("_", "-")}
Version: {VERSION}
Summary: Lets papermill give parameters to TypeScript notebooks (gradbook's kernel and tslab)
License: Apache-2.0
Requires-Python: >=3.10
Requires-Dist: papermill>=2.6
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: gradbook\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
ENTRY_POINTS = f"[papermill.engine]\ngradbook = {NAME}.engine:GradbookEngine\n"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    files = {f"{NAME}/{path.name}": path.read_bytes() for path in sorted((HERE / NAME).glob("*.py"))}
    info = {"METADATA": METADATA, "WHEEL": WHEEL, "entry_points.txt": ENTRY_POINTS}
    files.update({f"{DIST}.dist-info/{name}": text.encode() for name, text in info.items()})
    record = "".join(f"{path},sha256={digest(data)},{len(data)}\n" for path, data in files.items())
    files[f"{DIST}.dist-info/RECORD"] = f"{record}{DIST}.dist-info/RECORD,,\n".encode()
    wheel = f"{DIST}-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return wheel


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
