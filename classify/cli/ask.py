"""Questions about posts, and the answers: corrections that hold at once and are learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from classify.cli.desk import As, AsOption, Desk, Rejects, opened

if TYPE_CHECKING:
    from models.tag import Tag

LOOKED_THROUGH = 20_000
"""The newest open posts among which questions are sought."""

ByOption = Annotated[str | None, typer.Option("--by", help="Who says so; else who sits here.")]


def ask(
    context: typer.Context,
    incident: Annotated[str | None, typer.Argument(help="Of one incident alone.")] = None,
    count: Annotated[int, typer.Option("--count", min=1, max=500, help="How many.")] = 20,
    as_: AsOption = As.table,
) -> None:
    """
    List the posts worth asking about: the classifier is unsure, and they are unlike each other.

    No post is asked about twice, nor one that says the same. Answer with `correct`, one by one or
    by writing labels into the printed lines.

    Example: amends classify ask --count 50 --as jsonl > questions.jsonl
    """
    from classify.ask import choose

    desk: Desk = context.obj
    classifier = desk.classifier
    with desk.open_store() as store, store.begin() as tx:
        of = None if incident is None else tx.incidents.find(incident).id
        posts = tx.tags.not_asked(tx.tags.open(LOOKED_THROUGH, of))
        chosen = [posts[at] for at in choose(classifier, [post.text for post in posts], count)]
        tx.tags.asked(chosen, desk.now())
        if chosen:
            tx.audit.note("asked", f"posts:{len(chosen)}", by=desk.me, now=desk.now(), incident_id=of,
                          detail={"posts": [post.post_id for post in chosen]})  # fmt: skip
    scores = classifier.scores([post.text for post in chosen])
    put = classifier.put(scores)
    names = classifier.labels.names
    rows = (
        {
            "post": post.post_id,
            "labels": [name for name, there in zip(names, puts, strict=True) if there],
            "scores": {n: round(score, 3) for n, score in zip(names, of.tolist(), strict=True)},
            "text": post.text,
        }
        for post, puts, of in zip(chosen, put.tolist(), scores, strict=True)
    )
    desk.show(("post", "labels", "text"), rows, as_)
    if not chosen:
        desk.say("nothing left to ask about")
    desk.next("amends classify correct POST LABEL …", "to answer; no label means none of them")


def correct(
    context: typer.Context,
    post: Annotated[int | None, typer.Argument(help="The post's number.")] = None,
    labels: Annotated[
        list[str] | None, typer.Argument(metavar="[LABEL]...", help="All it carries; none is none.")
    ] = None,
    file: Annotated[
        str | None, typer.Option("--from", help="JSON Lines with post and labels; - for stdin.")
    ] = None,
    by: ByOption = None,
) -> None:
    """
    Say which labels a post carries, it and all that say the same. Holds at once, and is learnt from.

    Example: amends classify correct 4711 complaint credit_request --by ana
    """
    from models.errors import SetupError

    desk: Desk = context.obj
    who = (by or desk.me).strip()
    if (post is None) == (file is None):
        message = "which post?"
        raise SetupError(message, "give a post's number and its labels, or --from FILE")
    if not who or ":" in who:
        message = f"“{who}” can't be a person's name"
        raise SetupError(message, "give a name without a colon: --by ana")
    if post is not None:
        tags = _tags(desk, post, labels or [], who)
        told = 1
    else:
        tags, told = _read(desk, str(file), who)
    with desk.open_store() as store, store.begin() as tx:
        known = tx.posts.known({tag.post_id for tag in tags})
        unknown = sorted({tag.post_id for tag in tags} - known)
        if unknown and post is not None:
            message = f"there is no post {post}"
            raise SetupError(message, "amends posts lists them with their numbers")
        fresh = tx.tags.put([tag for tag in tags if tag.post_id in known], desk.now())
        tx.audit.note("corrected", f"posts:{told - len(unknown)}", by=who, now=desk.now(),
                      detail={"posts": sorted(known), "labels": fresh})  # fmt: skip
    for missing in unknown:
        desk.say(f"left out: there is no post {missing}")
    desk.say(f"{told - len(unknown):,} posts put right by {who}, {fresh:,} labels said anew")
    desk.next("amends classify train", "to let the classifier learn from it")


def undo(
    context: typer.Context,
    by: Annotated[str, typer.Option("--by", help="Whose corrections to take back.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """
    Take back all corrections of one person; what others said of those posts holds again.

    Example: amends classify undo --by eve --yes
    """
    desk: Desk = context.obj
    if not yes:
        typer.confirm(f"take back everything {by} said?", abort=True, err=True)
    with desk.open_store() as store, store.begin() as tx:
        posts = tx.tags.undo(by, desk.now())
        tx.audit.note("undid corrections", f"person:{by}", by=desk.me, now=desk.now(),
                      detail={"posts": posts})  # fmt: skip
    desk.say(f"{posts:,} posts of {by} taken back")
    desk.next("amends classify run", "let the classifier look at them again; then train")


def _tags(desk: Desk, post: int, put: list[str], who: str) -> list[Tag]:
    """Return what is said of a post: every label that is decided on, on or off."""
    from models.tag import Tag

    return [Tag(post_id=post, label=name, by=who, put=name in put)
            for name in desk.labels.told(put)]  # fmt: skip


def _read(desk: Desk, file: str, who: str) -> tuple[list[Tag], int]:
    import msgspec

    from classify.lines import numbered
    from models.errors import SetupError

    class Answered(msgspec.Struct):
        post: int
        labels: list[str]

    rejects = Rejects(desk, file)
    tags: list[Tag] = []
    told = 0
    with opened(file) as stream:
        for number, line in numbered(stream):
            try:
                one = msgspec.json.decode(line or b"", type=Answered)
                tags += _tags(desk, one.post, one.labels, who)
                told += 1
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, SetupError) as error:
                rejects(number, str(error))
    rejects.end(told)
    return tags, told
