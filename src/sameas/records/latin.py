"""Names of every script in Latin letters, and names of organisations without their legal form."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.optional import require
from sameas.records.normalise import normalise, null_if_empty

__all__ = ["LEGAL_FORMS", "latin", "organisation"]

#: Legal forms as they stand after `normalise`, which parts "S.A." into "s a".
LEGAL_FORMS = (
    "ltd", "limited", "inc", "incorporated", "corp", "corporation", "co", "company", "llc",
    "l l c", "llp", "l l p", "lp", "l p", "plc", "p l c", "pty", "proprietary", "pte", "pvt",
    "private", "unlimited", "cic", "gmbh", "g m b h", "mbh", "ag", "a g", "kg", "k g", "kgaa",
    "ohg", "gbr", "ug", "haftungsbeschrankt", "ev", "e v", "eg", "e g", "e k", "se", "sa", "s a",
    "sas", "s a s", "sasu", "sarl", "s a r l", "eurl", "snc", "s n c", "sca", "scop", "cie",
    "srl", "s r l", "spa", "s p a", "sapa", "sl", "s l", "slu", "s l u", "sau", "lda", "ltda",
    "eireli", "sa de cv", "s a de c v", "s de rl de cv", "s de r l de c v", "bv", "b v", "nv",
    "n v", "vof", "cvba", "bvba", "sprl", "asbl", "vzw", "ab", "a b", "hb", "aps", "as", "a s",
    "asa", "oy", "oyj", "ehf", "hf", "oo", "sp z o o", "sp zoo", "spzoo", "sp k", "sp j",
    "sro", "s r o", "spol s r o", "doo", "d o o", "dd", "d d", "kft", "zrt", "nyrt", "bt", "rt",
    "ooo", "oao", "zao", "pao", "tov", "eood", "ood", "ad", "uab", "sia", "ou", "as", "pt", "tbk",
    "cv", "sdn bhd", "bhd", "berhad", "jsc", "pjsc", "ojsc", "cjsc", "kk", "k k",
    "kabushiki kaisha", "godo kaisha", "yugen kaisha", "fzc", "fze", "fzco", "wll", "w l l", "sae",
    "anonim sirketi", "limited sirketi", "sti",
)  # fmt: skip
#: Those that also stand in front.
_IN_FRONT = ("ooo", "oao", "zao", "pao", "tov", "pt", "cv", "uab", "sia", "soc", "kk", "gs")
#: Those of East Asia, which are not parted from the name by a space.
_JOINED = (
    r"株式会社|有限会社|合同会社|合資会社|合名会社|股份有限公司|有限责任公司|有限責任公司|有限公司"
    r"|주식회사|유한회사|㈱|㈲|㈜|[(（][株有주][)）]"
)
_LINKS = ("and", "und", "et", "y", "e", "i", "und co", "and co")


def latin(texts: pa.Array, *, library: bool = True) -> pa.Array:
    """Write texts in normal form with Latin letters only.

    Texts that are ASCII once they are normal cost no more than `normalise`.

    Parameters
    ----------
    texts : pyarrow.Array of string
    library : bool
        Transliterate with `anyascii`; without it other scripts stay as they are.

    Raises
    ------
    MissingExtraError
        If there is something to transliterate and `anyascii` is not installed.

    Examples
    --------
    >>> latin(pa.array(["Москва", "Ødegård & Sønner", "Ἀθῆναι"])).to_pylist()
    ['moskva', 'odegard and sonner', 'athinai']
    """
    texts = normalise(texts)
    other = pc.fill_null(pc.invert(pc.string_is_ascii(texts)), False)
    if not library or not pc.any(other).as_py():
        return texts
    anyascii = require("anyascii", extra="fields", what="Writing other scripts in Latin letters")
    written = pa.array(
        [anyascii.anyascii(text) for text in texts.filter(other).to_pylist()], texts.type
    )
    return pc.replace_with_mask(texts, other, normalise(written))


def organisation(texts: pa.Array, *, library: bool = True) -> pa.Array:
    """Write names of organisations in Latin letters and without their legal form.

    A name that is nothing but a legal form stays.

    Parameters
    ----------
    texts : pyarrow.Array of string
    library : bool
        As in `latin`.

    Examples
    --------
    >>> names = ["Acme Ltd.", "ACME Limited", "Müller GmbH & Co. KG", "ООО Ромашка", "The Co"]
    >>> organisation(pa.array(names)).to_pylist()
    ['acme', 'acme', 'muller', 'romashka', 'the co']
    """
    texts = latin(pc.replace_substring_regex(texts, _JOINED, " "), library=library)
    forms = "|".join(sorted(LEGAL_FORMS, key=len, reverse=True))
    linked = rf"(( ({'|'.join(_LINKS)}))? ({forms}))+$"
    bare = pc.replace_substring_regex(texts, linked, "")
    bare = pc.replace_substring_regex(bare, rf"^(({'|'.join(_IN_FRONT)}) )+", "")
    bare = pc.replace_substring_regex(bare, r"^the$|^the (.{3})", r"\1")
    return pc.coalesce(null_if_empty(bare), texts)
