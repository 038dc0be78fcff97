"""Reports and cards from jinja2 templates, and how numbers are written in them."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from scorp_runtime.datasets.card import plain


def render(package: str, template: str, **values: object) -> str:
    """Fill a template in the folder `templates` of a package. Values are escaped in HTML, but not in Markdown."""
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "number": format_number,
        "spread": format_spread,
        "short": "{:g}".format,
        "plain": plain,
    }
    return environment.get_template(template).render(**values)


def format_number(value: float | None) -> str:
    """Return a number with four significant digits, without an exponent unless it is tiny; a dash for None."""
    if value is None:
        return "-"
    if value != 0 and abs(value) < 1e-3:
        return f"{value:.1e}"
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def format_spread(value: float | None) -> str:
    """Return a spread with two significant digits, as chance is not known better; a dash for None."""
    return "-" if value is None else f"{value:.2g}"
