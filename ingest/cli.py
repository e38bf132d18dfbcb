"""`amends ingest`: what the sources are."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

app = typer.Typer(help="What the sources are.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def group() -> None:
    """Show what the sources are."""


@app.command()
def sources(
    context: typer.Context,
    as_: Annotated[str, typer.Option("--as", help="table or json.")] = "table",
) -> None:
    """
    List the sources: what each needs, what it costs and what it misses.

    Example: amends ingest sources --as json
    """
    from ingest.registry import all_sources
    from models.errors import SetupError

    if as_ not in ("table", "json"):
        message = f"can't print sources as “{as_}”"
        raise SetupError(message, "use table or json")
    lines: list[dict[str, Any]] = [
        {
            "source": source.name, "summary": source.summary, "takes": list(source.takes),
            "needs": list(source.needs), "settings": dict(source.settings),
            "costs": source.costs, "misses": source.misses,
        }
        for source in all_sources().values()
    ]  # fmt: skip
    if as_ == "json":
        typer.echo(json.dumps(lines, indent=1, ensure_ascii=False))
    else:
        for line in lines:
            typer.echo(f"{line['source']}: {line['summary']}")
            typer.echo(
                f"  takes {' and '.join(line['takes'])}; needs {', '.join(line['needs']) or 'nothing'}"
            )
            typer.echo(f"  costs {line['costs']}")
            typer.echo(f"  misses {line['misses']}")
            for name, meaning in line["settings"].items():
                typer.echo(f"  --set {name}=…   {meaning}")
    context.obj.next("amends watch add INCIDENT SOURCE", "listen to one")
