"""`amends classify`: the labels, the classifier, how good it is, and how it learns."""

from __future__ import annotations

import typer

from classify.cli import archive, ask, learn, look

app = typer.Typer(
    name="classify",
    help="How posts get tags: the labels, the classifier, how good it is, and how it learns.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

for command in (
    look.labels,
    look.score,
    look.explain,
    look.evaluate,
    look.run,
    archive.archive,
    ask.ask,
    ask.correct,
    ask.undo,
    learn.train,
    learn.add,
    learn.vectors,
    learn.history,
    learn.rollback,
    learn.corpus,
):
    app.command(command.__name__)(command)
