"""How the classifier learns: from the corpus, from corrections, from people's own files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classify.cli.desk import SHOWN, As, AsOption, Desk, figure, show_figures

if TYPE_CHECKING:
    from classify.examples import Labelled
    from classify.refit import Refit
    from classify.tables import Table

QUEUE = 5_000
"""The newest open posts on which a refit shows what it would change."""

SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Which column is what: text=COLUMN, labels=COLUMN, LABEL=COLUMN."),
]
ValueOption = Annotated[
    list[str] | None,
    typer.Option("--value", help="What a value in the column of labels means: VALUE=LABEL."),
]


def train(
    context: typer.Context,
    only: Annotated[
        Path | None, typer.Option(help="A labelled file (JSONL, CSV) in place of the corpus.")
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, help="Only measure, by cross-validation in so many parts."),
    ] = None,
    listen: Annotated[
        str | None, typer.Option(help="Learn from this incident's unlabelled posts too.")
    ] = None,
    settings: SetOption = None,
    values: ValueOption = None,
    as_: AsOption = As.table,
) -> None:
    """
    Train from the corpus, examples of your own and all corrections; put it into use if it's no worse.

    Prints the fingerprint of the classifier in use afterwards; exit 1 if the refit was refused.

    Example: amends classify train
    """
    from classify.refit import changes, refit
    from models.errors import SetupError

    desk: Desk = context.obj
    table = None if only is None else _table(desk, only, settings, values)
    if folds is not None:
        if table is None:
            message = "--folds measures a file"
            raise SetupError(message, "name it: --only FILE")
        _measure(desk, table, folds, as_)
        return
    with desk.open_store() as store:
        with store.read() as tx:
            said = tx.tags.said()
            queue = [post.text for post in tx.tags.open(QUEUE, unread=True)]
            heard = [] if listen is None else tx.tags.open(QUEUE, tx.incidents.find(listen).id)
        done = refit(
            desk.home.classifiers,
            desk.labels,
            said,
            examples=desk.home.examples,
            vectors=desk.home.vectors,
            now=desk.now(),
            say=desk.say,
            only=None if table is None else _known(desk, table),
            heard=[post.text for post in heard],
        )
        _tell(desk, done)
        if done.old is not None:
            for name, (put, taken) in changes(done.old, done.new, queue).items():
                _change(desk, name, put, taken)
        if done.live:
            with store.begin() as tx:
                tx.posts.rescore(done.new.by)
                tx.audit.note("trained", f"classifier:{done.new.fingerprint}", by=desk.me,
                              now=desk.now(), detail={"was": done.old and done.old.fingerprint})  # fmt: skip
    print(done.new.fingerprint if done.live or done.old is None else done.old.fingerprint)
    if not done.live:
        desk.next("amends classify history", "what the gate said of each refit")
        raise typer.Exit(1)
    desk.next("amends classify run", "let it look at the posts another one tagged")


def add(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Labelled posts: JSONL or CSV.")],
    settings: SetOption = None,
    values: ValueOption = None,
) -> None:
    """
    Keep labelled posts of your own in the home, for every training from now on.

    Example: amends classify add survey.csv --set text=answer --set labels=kind --value angry=complaint
    """
    from classify.added import keep

    desk: Desk = context.obj
    rows = _known(desk, _table(desk, file, settings, values))
    added = keep(desk.home.examples, file, rows, desk.labels)
    for text, other in added.already[:SHOWN]:
        desk.say(f"left out: “{' '.join(text.split())[:60]}” stands in {other} already")
    if added.already:
        many = len(added.already)
        desk.say(f"{many:,} left out; remove those files to take these in their place")
    if added.count:
        with desk.open_store() as store, store.begin() as tx:
            tx.audit.note("added", f"examples:{added.count}", by=desk.me, now=desk.now())
        desk.say(f"{added.count:,} examples kept in {added.place}")
    desk.next("amends classify train", "to learn from them")


def vectors(
    context: typer.Context,
    encoder: Annotated[
        Path | None, typer.Argument(help="A sentence-transformers folder; else the packaged one.")
    ] = None,
) -> None:
    """
    Ask a sentence encoder once what each word means; every training from now on weighs that too.

    Needs the extra `amends[semantic]`, now and never again; training and scoring go without.

    Example: amends classify vectors ~/encoders/mine
    """
    from classify.encoder import SentenceEncoder
    from classify.examples import own, shipped
    from classify.vectors import distil, save

    desk: Desk = context.obj
    taught = [*shipped(desk.labels), *own(desk.home.examples, desk.labels)]
    found = distil(SentenceEncoder(encoder), [one.text for one in taught], desk.say)
    save(desk.home.vectors, found)
    size = desk.home.vectors.stat().st_size / 1e6
    desk.say(f"{len(found.keys):,} words in {desk.home.vectors} ({size:.0f} MB)")
    desk.next("amends classify train", "to weigh what words mean")


def history(context: typer.Context, as_: AsOption = As.table) -> None:
    """
    List every refit, newest first: when, from what, how good, and why the gate refused one.

    Example: amends classify history
    """
    import msgspec

    from classify import history as past
    from classify.shelf import current

    desk: Desk = context.obj
    entries = past.read(desk.home.classifiers)[::-1]
    live = current(desk.home.classifiers, desk.labels)
    rows = (
        {
            **msgspec.to_builtins(one),
            "in use": "*" if live is not None and live.fingerprint == one.fingerprint else "",
            "macro-F1": figure(one.figures.macro_f1 if one.figures else None),
            "because": "; ".join(one.why[:2]),
        }
        for one in entries
    )
    columns = ("at", "fingerprint", "in use", "became", "examples", "corrections", "macro-F1",
               "because")  # fmt: skip
    desk.show(columns, rows, as_)
    desk.next("amends classify rollback", "to go back to the one before")


def rollback(
    context: typer.Context,
    fingerprint: Annotated[
        str | None, typer.Argument(help="Which to go back to; else the one before.")
    ] = None,
) -> None:
    """
    Go back to an earlier classifier, with the very scores it had; prints its fingerprint.

    Example: amends classify rollback 3f9a20c1
    """
    from classify import history as past
    from classify import shelf

    desk: Desk = context.obj
    name, classifier = shelf.earlier(desk.home.classifiers, desk.labels, fingerprint)
    entry = past.Entry(
        at=desk.now(),
        fingerprint=name,
        became="rolled back",
        examples=classifier.card.examples,
        corrections=0,
    )
    shelf.use(desk.home.classifiers, entry)
    with desk.open_store() as store, store.begin() as tx:
        tx.posts.rescore(classifier.by)
        tx.audit.note("rolled back", f"classifier:{classifier.fingerprint}", by=desk.me,
                      now=desk.now())  # fmt: skip
    print(classifier.fingerprint)
    desk.next("amends classify run", "let it look at the posts another one tagged")


def corpus(context: typer.Context, as_: AsOption = As.table) -> None:
    """
    Check the shipped examples: copies, balance, shortcuts, and how far two readers agree.

    Example: amends classify corpus
    """
    from classify.check import check

    desk: Desk = context.obj
    found = check(desk.labels)
    desk.show(("check", "figure", "limit", "fine"), found.rows(), as_)
    for line in found.worst:
        desk.say(f"  {line}")
    if found.unchecked:
        desk.say(f"not checked, the shipped examples don't know them: {', '.join(found.unchecked)}")
    if not found.fine:
        raise typer.Exit(1)
    desk.next("amends classify train", "to learn from them")


def _table(desk: Desk, path: Path, settings: list[str] | None, values: list[str] | None) -> Table:
    from classify import tables

    table = tables.read(
        path, _pairs("--set", settings), _pairs("--value", values), desk.labels.names
    )
    for line, reason in table.rejected[:SHOWN]:
        desk.say(f"{path}, line {line}: left out: {reason}")
    desk.say(f"{len(table.rows):,} posts read, {len(table.rejected):,} left out")
    return table


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    from models.errors import SetupError

    found = {}
    for one in given or []:
        name, is_pair, value = one.partition("=")
        if not is_pair:
            message = f"“{one}” is no NAME=VALUE"
            raise SetupError(message, f"write it as {option} NAME=VALUE")
        found[name.strip()] = value.strip()
    return found


def _known(desk: Desk, table: Table) -> list[Labelled]:
    """Return a file's examples; SetupError if it has labels this installation hasn't."""
    from models.errors import SetupError

    strange = [name for name in table.labels if name not in desk.labels.names]
    if strange:
        message = f"the file has labels that aren't ours: {', '.join(strange[:5])}"
        remedy = (
            f"say what they mean, such as --value {strange[0]}={desk.labels.names[0]} "
            f"(or =none), or add [{strange[0]}] to labels.toml in the home"
        )
        raise SetupError(message, remedy)
    return table.rows


def _measure(desk: Desk, table: Table, folds: int, as_: As) -> None:
    from classify.folds import enough, judge, labels_of

    names, rare = enough(table.rows, table.labels)
    if rare:
        desk.say(f"left out, too rare or on nearly every post: {', '.join(rare)}")
    rows = [
        type(one)(one.text, tuple(name for name in one.labels if name in names))
        for one in table.rows
    ]
    show_figures(desk, judge(rows, labels_of(rows, names), folds, desk.say), as_)
    desk.next("amends classify add FILE", "to learn from it beside the corpus")


def _tell(desk: Desk, done: Refit) -> None:
    for reason in done.entry.why:
        desk.say(f"refused: {reason}")
    said = f"{done.entry.examples:,} examples, {done.entry.corrections:,} corrections"
    if done.report is not None and done.report.passed:
        compared = len(done.report.compared)
        desk.say(f"no worse in any of {compared} comparisons")
    macro = figure(done.entry.figures.macro_f1 if done.entry.figures else None)
    desk.say(f"classifier {done.new.fingerprint}: {said}; macro-F1 on its exam {macro}")


def _change(desk: Desk, name: str, put: list[str], taken: list[str]) -> None:
    desk.say(f"open posts: {name} put on {len(put):,} more, taken off {len(taken):,}")
    for sign, texts in (("+", put), ("-", taken)):
        for text in texts[:2]:
            desk.say(f"  {sign} {' '.join(text.split())[:100]}")
