"""E-mail addresses and web addresses: the parts that say who it is.

All functions take and give Arrow string arrays and work on whole columns.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.optional import require
from sameas.core.texts import may_hold
from sameas.records.normalise import changed_where, null_if_empty

__all__ = [
    "domain_part",
    "email",
    "email_domain",
    "email_local",
    "local_part",
    "registered_domain",
    "url_host",
    "url_path",
]

#: Providers that deliver one mailbox under several writings of its name.
_DOTLESS = r"@(gmail|googlemail)\.com$"
#: A text that is an address and nothing else, which is quickly told.
_BARE = r"^[^\s<>@,;:\"]+@[^\s<>@,;:\"]*[^\s<>@,;:\".]$"
_ADDRESS = r"(?P<address>[^\s<>@,;:\"]+@[^\s<>@,;:\"]*[^\s<>@,;:\".])"
#: Second levels under which domains are registered, where the public suffix list is not at hand.
_SECOND_LEVEL = (
    r"(?P<domain>[^.]+\.(?:(?:com|co|org|net|edu|ac|gov|gob|ne|or|go)\.[a-z][a-z]|[^.0-9]+))$"
)


def email(texts: pa.Array) -> pa.Array:
    """Write e-mail addresses in one way: lower case, the bare address, no "+tag".

    Dots in the local part of Gmail addresses do not count. A text without an address is null.

    Examples
    --------
    >>> email(pa.array(["Jo.Doe+news@GoogleMail.com", "Ann <Ann@x.org>", "none"])).to_pylist()
    ['jodoe@gmail.com', 'ann@x.org', None]
    """
    texts = pc.utf8_lower(texts.cast(pa.large_string()))
    other = pc.invert(pc.match_substring_regex(texts, _BARE))
    texts = changed_where(texts, other, _extracted)
    if may_hold(texts, "+"):
        texts = changed_where(texts, pc.match_substring(texts, "+"), _without_tag)
    if may_hold(texts, "@gmail") or may_hold(texts, "@googlemail"):
        texts = changed_where(texts, pc.match_substring_regex(texts, _DOTLESS), _gmail)
    return texts


def _extracted(texts: pa.Array) -> pa.Array:
    return pc.struct_field(pc.extract_regex(texts, _ADDRESS), "address")


def _without_tag(addresses: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(addresses, r"^([^+@]+)\+[^@]*@", r"\1@")


def _gmail(addresses: pa.Array) -> pa.Array:
    local = pc.replace_substring_regex(addresses, "@.*$", "")
    return pc.replace_substring_regex(pc.replace_substring(local, ".", ""), "$", "@gmail.com")


def email_local(texts: pa.Array) -> pa.Array:
    """Return what stands before the "@".

    Examples
    --------
    >>> email_local(pa.array(["Ann.Lee+x@x.org", "?"])).to_pylist()
    ['ann.lee', None]
    """
    return local_part(email(texts))


def local_part(addresses: pa.Array) -> pa.Array:
    """Return what stands before the "@" of bare addresses."""
    return null_if_empty(pc.list_element(pc.split_pattern(addresses, "@", max_splits=1), 0))


def email_domain(texts: pa.Array) -> pa.Array:
    """Return what stands after the "@".

    Examples
    --------
    >>> email_domain(pa.array(["Ann.Lee@x.org", "?"])).to_pylist()
    ['x.org', None]
    """
    return domain_part(email(texts))


def domain_part(addresses: pa.Array) -> pa.Array:
    """Return what stands after the "@" of bare addresses."""
    return null_if_empty(pc.replace_substring_regex(addresses, "^.*@", ""))


def url_host(texts: pa.Array) -> pa.Array:
    """Return the host of web addresses without "www.", user and port.

    Examples
    --------
    >>> url_host(pa.array(["https://www.shop.example.co.uk:8080/a?b", "mailto"])).to_pylist()
    ['shop.example.co.uk', None]
    """
    texts = pc.utf8_lower(pc.utf8_trim_whitespace(texts.cast(pa.large_string())))
    texts = pc.replace_substring_regex(texts, r"^[a-z][a-z0-9+.-]*:/*", "")
    texts = pc.replace_substring_regex(texts, r"[/?#\s].*$", "")
    texts = pc.replace_substring_regex(texts, r"^.*@|:\d*$|\.+$", "")
    texts = pc.replace_substring_regex(texts, r"^www\d?\.", "")
    named = pc.match_substring_regex(texts, r"^[^.]+(\.[^.]+)+$")
    return pc.if_else(named, texts, pa.scalar(None, texts.type))


def url_path(texts: pa.Array) -> pa.Array:
    """Return the path of web addresses, with the query; null where there is none.

    Examples
    --------
    >>> url_path(pa.array(["https://x.org/Menu/?id=7#top", "x.org/"])).to_pylist()
    ['menu/?id=7', None]
    """
    texts = pc.utf8_lower(pc.utf8_trim_whitespace(texts.cast(pa.large_string())))
    texts = pc.replace_substring_regex(texts, r"^[a-z][a-z0-9+.-]*:/*", "")
    texts = pc.replace_substring_regex(texts, r"^[^/?#]*/?|#.*$", "")
    return null_if_empty(pc.replace_substring_regex(texts, r"(^|/)(index\.(html?|php))?$", ""))


def registered_domain(texts: pa.Array, *, library: bool = True) -> pa.Array:
    """Return the domain that someone registered: "example.co.uk" of any host below it.

    Below a provider such as github.io it is the part that belongs to one customer.

    Parameters
    ----------
    texts : pyarrow.Array of string
        Web addresses, hosts or e-mail addresses.
    library : bool
        Take the public suffix list that `tldextract` brings along (the network is never
        asked); without it the last two labels, three under "co.uk" and the like.

    Raises
    ------
    MissingExtraError
        If there is an address and `tldextract` is not installed.

    Examples
    --------
    >>> urls = pa.array(["http://www.shop.example.co.uk/x", "a.b.example.com", "localhost"])
    >>> registered_domain(urls).to_pylist(), registered_domain(urls, library=False).to_pylist()
    (['example.co.uk', 'example.com', None], ['example.co.uk', 'example.com', None])
    """
    hosts = url_host(texts)
    if not library or hosts.null_count == len(hosts):
        found = pc.struct_field(pc.extract_regex(hosts, _SECOND_LEVEL), "domain")
        return null_if_empty(found)
    tldextract = require("tldextract", extra="fields", what="Finding the registered domain")
    split = tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
    )
    coded = pc.dictionary_encode(hosts)
    named = [split(host) for host in coded.dictionary.to_pylist()]
    domains = [
        f"{part.domain}.{part.suffix}" if part.domain and part.suffix else None for part in named
    ]
    return pa.array(domains, pa.large_string()).take(coded.indices)
