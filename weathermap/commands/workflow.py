"""`weathermap workflow`: the legal moves, drawn from the table that the program obeys."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--format", "kind", default="table", type=click.Choice(["table", "mermaid", "svg"]), show_default=True)
@click.option("--lang", default="zh", type=click.Choice(["zh", "en"]), show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=None, help="A file. Default: here.")
def workflow(kind: str, lang: str, output: Path | None) -> None:
    """Show the states and moves of an issue: from where to where, by whom, and what each needs."""
    from weathermap.issue.drawing import lines, mermaid, svg

    if kind == "table":
        text = "".join("\t".join((x.name, x.sources, x.target, x.who, x.needs)) + "\n" for x in lines(lang))
    else:
        text = (mermaid if kind == "mermaid" else svg)(lang)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
