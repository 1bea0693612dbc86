"""Every normal form that a comparison or a blocking rule may ask for, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from types import MappingProxyType

import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.records import contacts, normalise, series
from sameas.records.latin import latin, organisation
from sameas.records.sites import commodity, deposit_type, site_name, state

__all__ = ["FORMS", "Form"]


@dataclass(frozen=True, slots=True)
class Form:
    """A normal form of texts.

    Parameters
    ----------
    make : callable
        From an Arrow string array to one as long.
    library : str, optional
        A library of the extra "fields" that it uses when it is installed. Then `make` takes
        ``library=``: what was chosen when a linker was fitted holds for as long as it lives.
    after : (str, callable), optional
        Another form, and what makes this one of its texts: quicker than from the raw ones.
    """

    make: Callable[..., pa.Array]
    library: str | None = None
    after: tuple[str, Callable[[pa.Array], pa.Array]] | None = None

    def available(self) -> bool:
        """Say whether the library is installed; True where none is used."""
        return self.library is None or find_spec(self.library) is not None

    def maker(self, *, library: bool) -> Callable[[pa.Array], pa.Array]:
        """Return the function to use, with the library or without."""
        return self.make if self.library is None else partial(self.make, library=library)


def _as_is(texts: pa.Array) -> pa.Array:
    return texts


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "as_is": Form(_as_is),
        "normalise": Form(normalise.normalise),
        "latin": Form(latin, "anyascii"),
        "organisation": Form(organisation, "anyascii"),
        "digits": Form(normalise.digits),
        "postal_code": Form(normalise.compact),
        "compact": Form(normalise.compact),
        "words_with_digits": Form(normalise.words_with_digits),
        "without_numbers": Form(series.without_numbers, after=("normalise", series.wording_of)),
        "numbers": Form(series.numbers, after=("normalise", series.numbers_of)),
        "url": Form(normalise.url),
        "url_host": Form(contacts.url_host),
        "url_path": Form(contacts.url_path),
        "registered_domain": Form(contacts.registered_domain, "tldextract"),
        "email": Form(contacts.email),
        "email_local": Form(contacts.email_local, after=("email", contacts.local_part)),
        "email_domain": Form(contacts.email_domain, after=("email", contacts.domain_part)),
        "site_name": Form(site_name),
        "commodity": Form(commodity),
        "deposit_type": Form(deposit_type),
        "state": Form(state),
    }
)
