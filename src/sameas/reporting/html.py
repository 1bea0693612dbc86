"""HTML that cannot be broken by a value: text is escaped unless it was built here."""

from __future__ import annotations

from html import escape

__all__ = ["Html", "breakable", "join", "raw", "shortened", "tag"]

_VOID = frozenset({"br", "meta", "path", "line", "rect", "circle", "hr", "polyline", "polygon"})


class Html(str):
    """Markup that is safe already. A plain `str` is text and gets escaped."""

    __slots__ = ()


def raw(markup: str) -> Html:
    """Take over markup that was written by hand, without any value in it."""
    return Html(markup)


def breakable(name: str) -> Html:
    """Let a long name break after its underscores.

    Examples
    --------
    >>> breakable("date_of_birth")
    'date_<wbr>of_<wbr>birth'
    """
    return Html(escape(name).replace("_", "_<wbr>"))


def shortened(label: str, most: int) -> str:
    """Cut the middle out of a label that is too long: names often differ in their end.

    Examples
    --------
    >>> shortened("Abs date difference <= 1 month", 22)
    'Abs date d… <= 1 month'
    """
    if len(label) <= most:
        return label
    first = (most - 1) // 2
    return f"{label[:first]}…{label[first + 1 - most :]}"


def tag(name: str, *children: object, **attributes: object) -> Html:
    """Build one element; children are escaped unless they are `Html`.

    Parameters
    ----------
    name : str
    *children : str, number, Html or None
    **attributes
        An underscore at the end is dropped, others become hyphens; None and False leave an
        attribute out, True writes it without a value.

    Examples
    --------
    >>> tag("p", "a < b", tag("b", 7), class_="x", title='"')
    '<p class="x" title="&quot;">a &lt; b<b>7</b></p>'
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = key.rstrip("_").replace("_", "-")
        parts.append(label if value is True else f'{label}="{escape(_text(value), quote=True)}"')
    opening = " ".join(parts)
    if name in _VOID and not children:
        return Html(f"<{opening}/>")
    return Html(f"<{opening}>{join(*children)}</{name}>")


def join(*children: object) -> Html:
    """Put children one behind the other."""
    return Html(
        "".join(
            child if isinstance(child, Html) else escape(_text(child), quote=False)
            for child in children
            if child is not None
        )
    )


def _text(value: object) -> str:
    """Return a value as text: numbers short, what no XML may hold replaced."""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    text = str(value)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in " \t\n" else "\ufffd" for char in text)
