"""`weathermap explain`: the receipt of an issue, in words."""

from __future__ import annotations

import json

import click

from weathermap.settings import read_settings


@click.command()
@click.argument("issue")
@click.option("--city", "code", default=None, help="City's code, where several cities have this key.")
@click.option("--lang", default="zh", type=click.Choice(["zh", "en"]), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The facts, for a program.")
def explain(issue: str, code: str | None, lang: str, as_json: bool) -> None:
    """Say how it was decided where ISSUE lies, who answers and until when. ISSUE: its number or its source's key."""
    from weathermap.issue.receipt import find_receipt
    from weathermap.issue.receipt_words import sentences
    from weathermap.store.db import open_store

    with open_store(read_settings()).connect() as connection:
        receipt = find_receipt(connection, issue, code)
    if as_json:
        click.echo(json.dumps(receipt.facts(), ensure_ascii=False, indent=2))
        return
    for sentence in sentences(receipt, lang):
        click.echo(sentence)
