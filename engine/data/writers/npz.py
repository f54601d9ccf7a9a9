"""Writer of .npz archives, which are zip files that contain .npy files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import numpy as np

from engine.data.table.array import Array


def npz_bytes(arrays: Mapping[str, Array]) -> bytes:
    """Return the bytes of an .npz archive; they depend only on the arrays, not on the time.

    Why: numpy.savez also writes the time, and it fails for an array named "file".
    """
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            member = zipfile.ZipInfo(f"{name}.npy")
            archive.writestr(member, buffer.getbuffer(), zipfile.ZIP_DEFLATED)
    return data.getvalue()
