"""A saved linker: JSON and Parquet in a folder, no pickle; the saved form is the only scorer."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

import sameas
from sameas.core.errors import RunError, SameasError, SavedLinkerError, path_hint
from sameas.core.specs import from_dict, to_dict
from sameas.linker.pair_network import FILES, read_files, write_files
from sameas.linker.second_pass import load_matcher
from sameas.linker.spec import LinkerSpec
from sameas.matching import FittedMatcher
from sameas.records.write import parquet_packing

__all__ = ["FORMAT", "FittedLinker", "load_linker", "save_linker", "version_of"]

logger = logging.getLogger(__name__)
#: Version of the folder's layout.
FORMAT = 1


@dataclass
class FittedLinker:
    """What a linker has learned.

    Attributes
    ----------
    spec : LinkerSpec
        The linker's spec without what reads fields that had no values.
    statistics : dict of str to pyarrow.Table
        Frozen statistics of the prepared columns.
    matcher : FittedMatcher
    threshold : float
    mode : str
        How the tables of the fit were put together.
    report : dict
    version : str
        A hash of everything that a score depends on.
    band : (float, float) or None
        Pairs with a score from the first to below the second are to be looked at by hand.
    """

    spec: LinkerSpec
    statistics: dict[str, pa.Table]
    matcher: FittedMatcher
    threshold: float
    mode: str
    report: dict[str, Any] = field(default_factory=dict)
    version: str = ""
    band: tuple[float, float] | None = None


def version_of(fitted: FittedLinker) -> str:
    """Hash everything that a score or a decision depends on, to twelve characters."""
    spec = to_dict(fitted.spec, defaults=False)  # a new field does not change what was saved
    digest = hashlib.sha256(json.dumps(spec, sort_keys=True).encode())
    digest.update(repr((fitted.threshold, fitted.mode)).encode())
    tables = {f"statistics/{key}": table for key, table in fitted.statistics.items()}
    tables |= {f"matcher/{key}": table for key, table in fitted.matcher.to_tables().items()}
    for name in sorted(tables):
        digest.update(name.encode())
        digest.update(_content(tables[name]))
    return digest.hexdigest()[:12]


def _content(table: pa.Table) -> bytes:
    """Return the content of a table as bytes that do not depend on its chunks."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).digest()


def save_linker(folder: Path, fitted: FittedLinker) -> None:
    """Write the folder beside its place and move it there when it is whole.

    Raises
    ------
    SavedLinkerError
        If the folder holds something that is not a saved linker.
    RunError
        If the disk is full or the folder cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise SavedLinkerError(f"{folder} is a file; give an empty or new folder.")
    if folder.exists() and any(folder.iterdir()) and not (folder / "linker.json").exists():
        raise SavedLinkerError(
            f"{folder} is not empty and holds no saved linker; give an empty or new folder."
        )
    part = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.part")
    try:
        (part / "statistics").mkdir(parents=True)
        (part / "matcher").mkdir()
        for name, table in fitted.statistics.items():
            packing = parquet_packing(table, table.column_names)  # frozen words are in order
            file = part / "statistics" / f"{name}.parquet"
            pq.write_table(table, file, compression="zstd", **packing)
        for name, table in fitted.matcher.to_tables().items():
            _write(table, part / "matcher", name)
        content = {
            "format": FORMAT,
            "sameas": sameas.__version__,
            "version": fitted.version,
            "threshold": fitted.threshold,
            "lower": None if fitted.band is None else fitted.band[0],
            "upper": None if fitted.band is None else fitted.band[1],
            "mode": fitted.mode,
            "spec": to_dict(fitted.spec),
            "statistics": sorted(fitted.statistics),
            "matcher": sorted(fitted.matcher.to_tables()),
            "fit": fitted.report,
        }
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        (part / "linker.json").write_text(text + "\n", encoding="utf-8")
        _exchange(part, folder)
    except OSError as error:
        raise RunError(
            f"The linker cannot be saved in {folder}: {error.strerror or error}."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _exchange(part: Path, folder: Path) -> None:
    """Move a whole folder to its place; an older one is removed only when the new one is there."""
    if not folder.exists():
        part.replace(folder)
        return
    aside = part.with_suffix(".old")
    folder.replace(aside)
    try:
        part.replace(folder)
    except OSError:
        aside.replace(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def load_linker(folder: Path) -> FittedLinker:
    """Read what `save_linker` wrote.

    Raises
    ------
    SavedLinkerError
        If the folder is absent, damaged, or of a format that this version does not read.
    """
    file = folder / "linker.json"
    if not file.exists():
        inside = (folder / "linker" / "linker.json").exists()  # as in the folder of a run
        near = f" Did you mean {folder / 'linker'}?" if inside else path_hint(folder)
        raise SavedLinkerError(
            f"{folder} holds no saved linker: there is no linker.json in it.{near}"
        )
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        found = content["format"]
        if found != FORMAT:
            raise SavedLinkerError(
                f"{folder} has format {found}, written by sameas {content.get('sameas')}; this is "
                f"sameas {sameas.__version__}, which reads format {FORMAT}. Fit it again, or "
                "install the version that wrote it."
            )
        spec: LinkerSpec = from_dict(content["spec"], family="linker")
        statistics = {name: _read(folder / "statistics", name) for name in content["statistics"]}
        tables = {name: _read(folder / "matcher", name) for name in content["matcher"]}
        matcher = (
            load_matcher(spec.matcher, spec.second_pass, tables)
            if spec.cascade is None
            else spec.cascade.load(spec.matcher, tables)
        )
        lower, upper = content.get("lower"), content.get("upper")
        fitted = FittedLinker(
            spec,
            statistics,
            matcher,
            float(content["threshold"]),
            content["mode"],
            content["fit"],
            band=None if lower is None or upper is None else (float(lower), float(upper)),
        )
    except (KeyError, TypeError, ValueError, OSError, pa.ArrowException) as error:
        if isinstance(error, SameasError):
            raise
        raise SavedLinkerError(f"{folder} is damaged: {error}.") from error
    fitted.version = version_of(fitted)
    if fitted.version != content["version"]:
        logger.warning(
            "%s was changed after it was saved: its version was %s and is now %s.",
            folder, content["version"], fitted.version,
        )  # fmt: skip
    return fitted


def _write(table: pa.Table, folder: Path, name: str) -> None:
    if table.schema.equals(FILES):
        write_files(table, folder / name)
    else:
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _read(folder: Path, name: str) -> pa.Table:
    if (folder / name).is_dir():
        return read_files(folder / name)
    with pq.ParquetFile(folder / f"{name}.parquet") as file:  # lighter than `read_table`
        return file.read()
