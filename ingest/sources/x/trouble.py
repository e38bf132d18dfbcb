"""What X's refusals mean: wait, stop, mend, or ask once more in another way. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from ingest.source import Answer, Response
from ingest.sources.x.chain import Chain
from ingest.sources.x.values import a_dict, a_text, dicts
from models.errors import SourceBusy, SourceChanged, SourceRefused
from models.post import clean
from models.secret import redacted


def another_way(response: Response, chain: Chain) -> Answer | None:
    """
    Return an answer that only goes on differently, or None.

    A 400 about field names is asked once more in the other dialect; one about where to begin,
    once more by time.
    """
    if response.status != 400:
        return None
    named = _named(_problem(response))
    if not chain.respelled and any(
        name.endswith(".fields") or name == "expansions" for name in named
    ):
        respelled = chain.respell()
        note = f"X didn't take the “{chain.dialect}” field names; set dialect={respelled.dialect}"
        return Answer(more=respelled.request(), notes=(note,))
    if not chain.redated and not named.isdisjoint(("since_id", "start_time")):
        redated = chain.redate(response.at)
        note = (
            f"X no longer reaches back to the bookmark: asking from {redated.start:%d %b %H:%M} UTC"
        )
        return Answer(more=redated.request(), notes=(note,))
    return None


def check(response: Response) -> None:
    """Raise the error that X's status and problem stand for; return when there is an answer."""
    status = response.status
    if status < 400:
        response.check()
        return
    problem = _problem(response)
    said = _said(problem)
    place = f"X answered {status}{said}"
    url = response.url
    if status in (403, 429):
        _check_limits(response, problem)
    if status == 400:
        message = f"X doesn't take the question{said}"
        if "query" in _named(problem):
            raise SourceRefused(
                message, "mend the watch's terms or its query setting", source="x", url=url
            )
        raise SourceChanged(message, "report it with this sentence", source="x", url=url)
    if status == 401:
        raise SourceRefused(
            place,
            "X_BEARER_TOKEN isn't accepted: copy the app's bearer token from X's developer console",
            source="x",
            url=url,
        )
    if status == 402:
        raise SourceRefused(
            place, "the X account is out of credits: top it up in the console", source="x", url=url
        )
    if status == 403:
        raise SourceRefused(
            place,
            "the app may not read this: attach it to a project, or use search=recent",
            source="x",
            url=url,
        )
    response.check()


def _check_limits(response: Response, problem: dict[str, Any]) -> None:
    capped = a_text(problem.get("type")).rstrip("/").endswith("/usage-capped")
    if capped or problem.get("title") == "UsageCapExceeded":
        message = "X's cap on posts read is used up until the month ends"
        raise SourceRefused(
            message,
            "raise the cap in X's developer console, or wait for the new month",
            source="x",
            url=response.url,
        )
    if response.status == 429 and response.pause:
        message = "X's limit of questions is used up for this quarter of an hour"
        raise SourceBusy(
            message,
            "nothing to do: it will be asked again",
            source="x",
            url=response.url,
            retry_after=response.wait,
        )


def _problem(response: Response) -> dict[str, Any]:
    try:
        return a_dict(msgspec.json.decode(response.body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _named(problem: dict[str, Any]) -> set[str]:
    """Names of the parameters a problem is about; from its words where it lists none."""
    errors = dicts(problem.get("errors"))
    named = {name for error in errors for name in a_dict(error.get("parameters"))}
    if named:
        return named
    words = " ".join(a_text(error.get("message")) for error in errors)
    words += " " + a_text(problem.get("detail"))
    return {word.strip("'\"`[](),:;").rstrip(".") for word in words.split()}


def _said(problem: dict[str, Any]) -> str:
    """X's own words on it, kept short: they come from outside."""
    messages = [a_text(error.get("message")) for error in dicts(problem.get("errors"))]
    words = [*messages, a_text(problem.get("detail")), a_text(problem.get("title"))]
    first = next((word for word in words if word.strip()), "")
    # A secret said back is struck out before it is cut, or the half of it would stay.
    return f": {clean(redacted(first), 300)}" if first else ""
