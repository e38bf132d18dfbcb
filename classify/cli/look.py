"""What the labels mean, what the classifier says, why, and how good it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classify.cli.desk import As, AsOption, Desk, FileArgument, Rejects, opened, show_figures

if TYPE_CHECKING:
    from classify.explain import Explanation


def labels(context: typer.Context, as_: AsOption = As.table) -> None:
    """
    List the labels: what each means, and from which score it is put.

    Example: amends classify labels
    """
    import msgspec

    desk: Desk = context.obj
    rows = (msgspec.to_builtins(label) | {"from": label.threshold} for label in desk.labels)
    desk.show(("name", "from", "meaning"), rows, as_)
    desk.next("amends classify evaluate FILE", "how well they are put")


def evaluate(context: typer.Context, file: FileArgument, as_: AsOption = As.table) -> None:
    """
    Say how good the classifier is, on posts that people have labelled (text and labels).

    Example: amends classify evaluate labelled.jsonl --as json
    """
    from classify import evaluate as figures
    from classify import scoring

    desk: Desk = context.obj
    rejects = Rejects(desk, file)
    with opened(file) as stream:
        classifier = desk.classifier
        truth, scores = scoring.judged(classifier, stream, rejects)
    rejects.end(len(truth))
    show_figures(desk, figures.evaluate(truth, scores, classifier.labels), as_)
    desk.next("amends classify labels", "what the labels mean")


def score(context: typer.Context, file: FileArgument) -> None:
    """
    Score posts (id and text), and print a JSON line for each: id, scores, labels.

    Example: amends classify score posts.jsonl
    """
    from classify import scoring

    desk: Desk = context.obj
    rejects = Rejects(desk, file)
    good = 0
    with opened(file) as stream:
        for batch in scoring.scored(desk.classifier, stream, rejects):
            print("\n".join(batch))
            good += len(batch)
    rejects.end(good)
    desk.next(f"amends classify evaluate {file}", "if its lines have labels")


def run(context: typer.Context) -> None:
    """
    Tag every stored post the classifier hasn't looked at yet.

    Example: amends classify run
    """
    from classify.tagging import tag_new

    desk: Desk = context.obj
    classifier = desk.classifier
    with desk.open_store() as store:
        done = tag_new(
            store,
            classifier,
            now=desk.now(),
            progress=lambda sofar: desk.say(f"{sofar:,} posts …"),
        )
    desk.say(f"{done:,} posts looked at by classifier {classifier.fingerprint}")
    desk.next("amends incident list", "where they are")


def explain(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="TEXT|POST", help="A text, or a post's number.")],
    as_: AsOption = As.table,
) -> None:
    """
    Say why a text gets its labels: what every word and phrase adds, and what it resembles.

    Example: amends classify explain "still no refund, thanks for nothing"
    """
    import msgspec

    from classify.corrections import corrections
    from classify.examples import Examples, own, shipped
    from classify.explain import explain_all, nearest

    desk: Desk = context.obj
    classifier = desk.classifier
    with desk.open_store() as store, store.read() as tx:
        text = tx.posts.text(int(what)) if what.isdecimal() else what
        told = [one.example() for one in corrections(tx.tags.said(), desk.labels)]
    found = explain_all(classifier, text)
    examples = [*shipped(desk.labels), *own(desk.home.examples, desk.labels), *told]
    like = nearest(classifier, text, Examples(examples, desk.labels))
    if as_ is As.json:
        answer = {"text": text, "labels": found, "nearest": like, "by": classifier.by}
        print(msgspec.json.encode(answer).decode())
    else:
        desk.show(("label", "words", "adds"), _reasons(found), as_)
        for one in found:
            said = "put" if one.put else "not put"
            why = "in a language it doesn't know" if one.unsupported else f"from {one.threshold:g}"
            desk.say(f"{one.label}: {one.score:.3f}, {said} ({why})")
        if like is not None:
            desk.say(f"most like: “{like.text}” ({', '.join(like.labels) or 'no label'})")
    desk.next("amends classify correct POST LABEL", "to put a post right")


def _reasons(found: list[Explanation]) -> Iterator[dict[str, Any]]:
    for one in found:
        for reason in one.reasons:
            yield {"label": one.label, "words": reason.words, "adds": round(reason.weight, 3)}
        if one.reasons:
            yield {"label": one.label, "words": "(to begin with)", "adds": round(one.start, 3)}
            yield {"label": one.label, "words": "= log-odds", "adds": round(one.odds, 3)}
