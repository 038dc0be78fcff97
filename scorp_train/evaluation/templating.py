"""The templates of reports, filled by jinja2."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from .table import format_number, format_spread


def render(template: str, **values: object) -> str:
    """Fill a template of this package; values are escaped in HTML and kept as they are in Markdown."""
    environment = Environment(
        loader=PackageLoader("scorp_train.evaluation"),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["number"] = format_number
    environment.filters["spread"] = format_spread
    return environment.get_template(template).render(**values)
