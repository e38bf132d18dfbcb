"""Site furniture: the lines of a page that nobody said, and the headings around its comments."""

from __future__ import annotations

import re

_LINES = re.compile(
    r"""(?!\+1$)(?:[\[(<•·|\#\s»›↓↑+-]*(?:
    load\ (?:all|more|older|newer|previous|next|\d+)\ ?(?:\d+\ )?(?:more\ )?(?:comments?|replies|responses)?
  | (?:show|view|see|read|hide|collapse|expand)\ (?:all|more|older|newer|previous|less|\d+)\ ?(?:of\ )?(?:\d+\ )?(?:more\ )?(?:comments?|replies|reply|responses)?
  | (?:older|newer|previous|next|earlier|later)\ (?:comments?|replies|responses|page)
  | (?:reply|répondre|antworten|responder|odpowiedz|rispondi|quote|cite|respond)(?:\ to\ (?:this|comment|this\ comment)|\ \(?\d+\)?)?
  | (?:reply|responding|replying|in\ (?:reply|response))\ to\ .{1,70}
  | report(?:\ (?:abuse|this|comment|this\ comment|spam|post|inappropriate\ content|as\ inappropriate))?
  | flag(?:\ (?:this|comment|as\ inappropriate|this\ comment))? | mark\ as\ (?:spam|inappropriate)
  | permalink | permanent\ link | link | direct\ link | link\ to\ (?:this\ )?comment | copy\ link | parent
  | share(?:\ (?:this|on\ (?:facebook|twitter|x|linkedin|reddit)|comment|this\ comment|via\ e-?mail))? | tweet(?:\ this)? | e-?mail(?:\ this)? | print | save
  | facebook | twitter | linkedin | reddit | digg | stumbleupon | delicious | google\+
  | (?:un)?(?:like|likes|dislike|dislikes|upvote|downvote|vote\ up|vote\ down|recommend|recommended|helpful|thumbs\ up|thumbs\ down)(?:\ this)?(?:\ ?[(:]?\s*\d+\)?)?
  | \d+\ (?:likes?|dislikes?|votes?|points?|upvotes?|recommendations?|people\ (?:like|liked|found|recommend).{0,30}) | [+-]?\d{1,5} | rate(?:\ this)?(?:\ comment)?
  | (?:log|sign)\ ?in\ (?:to|or).{0,50} | (?:login|register)\ to\ .{0,50} | you\ must\ (?:be\ logged|log)\ in.{0,60}
  | edit | \(edit\) | delete | hide | block | ignore | follow | subscribe | more | top | back\ to\ top | \^\ ?top | expand | collapse | menu | close
  | advertise?ments? | advertising | sponsored(?:\ content)? | ads\ by\ .{1,40} | story\ continues\ below.{0,40}
  | (?:user\ )?avatar | (?:avatar|photo|image|picture|gravatar)\ (?:of|for)\ .{1,60} | .{1,60}(?:\ |['’]s\ )(?:avatar|profile\ picture|photo|picture|gravatar|icon)
  | (?:view\ |see\ )?(?:all\ )?(?:profile|(?:more\ )?(?:posts|comments)\ (?:by|from)\ .{1,60}) | website | visit\ website
  | you\ can\ follow\ (?:this|any)\ .{1,120} | (?:both\ )?comments\ (?:and\ pings\ are|rss|feed).{0,60} | rss\ feed.{0,60}
  | re:\ .{1,120} | (?:posts?|joined|registered|location|member\ since|reputation|points)\s*:\s*.{1,60} | [\d,.]+\ (?:posts?|repl(?:y|ies))
  | your\ comment\ is\ awaiting\ moderation\.? | comment\ (?:removed|deleted)\.? | edited | gravatar
  | sort(?:ed)?\ by:?.{0,40} | newest(?:\ first)? | oldest(?:\ first)? | best | most\ (?:recent|liked|helpful)
  | (?:reply|report|share|like|permalink|quote|flag|link|edit|parent|upvote|dislike|recommend|e-?mail|follow|delete|tweet)(?:\ ?\(?\d*\)?\s*[|·•/,\s]\s*(?:reply|report|share|like|permalink|quote|flag|link|edit|parent|upvote|dislike|recommend|e-?mail|follow|delete|tweet|\d+))+\ ?(?:\(?\d+\)?)?
    )[\])>•·|\s«‹›»↓↑.…:]*) | (?!--$|_{4,}$)[-=_*~·•|\#.\s]+ | [↑↓▲▼△▽★☆♥👍👎\d\s()]+ """,
    re.IGNORECASE | re.VERBOSE,
)
_BUTTONS = re.compile(
    r"(?:\s*[\[(](?:reply|report|quote|link|permalink|flag|edit|share|like|delete|#)[\])])+$",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"""(?:(?:leave|post|add|write|submit|make)\ (?:a|an|your|new|another)\ ?(?:own\ |new\ )?(?:comments?|repl(?:y|ies)|responses?|thoughts?)
  | speak\ your\ mind | have\ your\ say | join\ the\ (?:discussion|conversation) | add\ comment | comment\ on\ this.{0,40} | reply\ to\ this\ (?:topic|thread)
  | (?:the\ )?comments?(?:\ (?:for|to|on)\ this\ (?:entry|post|article|thread|topic))?\ (?:are|is|have\ been|has\ been)?\ ?(?:now\ )?closed
  | comments\ are\ off.{0,40} | this\ (?:thread|topic|discussion)\ (?:is|has\ been)\ (?:now\ )?(?:closed|locked)
  | your\ e-?mail\ (?:address\ )?(?:will|is)\ (?:not|never)\ (?:be\ )?(?:published|shared).{0,80} | required\ fields\ are\ marked.{0,10}
  | name\ ?\*?\ ?(?:\(required\)|\*|:).{0,30} | (?:e-?mail|mail)\ ?\*?\ ?\((?:required|will\ not).{0,40} | cancel\ reply | verify\ your\ comment | previewing\ your\ comment
  | (?:no\ )?trackbacks?(?:/pingbacks?)?(?:\ url.{0,60})?(?:\ \(\d+\))? | pingbacks?(?:\ \(\d+\))? | notify\ me\ of\ .{0,60}
  | (?:related|recent|popular|latest|similar|more|previous|next|older|newer)\ (?:posts?|articles?|stories|entries|topics|from\ .{1,40}|comments\ from\ .{1,40}|news|reading|in\ .{1,40})
  | recent\ comments | you\ (?:may|might)\ also\ (?:like|enjoy).{0,40} | most\ (?:read|popular|commented|viewed) | who\ is\ online | filed\ under\b.{0,90} | tagged(?:\ with)?:.{0,90}
  | (?:copyright\b|©|\(c\)\ ?(?:19|20)\d\d).{0,160} | .{0,90}\ ?all\ rights\ reserved\.?.{0,60} | (?:proudly\ )?powered\ by\ .{1,80} | (?:theme|design)(?:ed)?(?::|\ by)\ .{1,60}
  )[\s:.!…»*]*""",
    re.IGNORECASE | re.VERBOSE,
)
_LAST = re.compile(
    r"(?:about(?: us)?|search|archives?|categories|meta|contact(?: us)?|subscribe.{0,40}|home|blogroll|tags"
    r"|links|pages|privacy(?: policy)?|terms(?: of (?:use|service))?|navigation|site ?map|newsletter.{0,40}"
    r"|follow us.{0,40}|share this.{0,40}|help|faq|advertise.{0,30}|[«‹←].{1,120}|.{1,120}[»›→]"
    r"|(?:[^|·•]{1,40}[|·•]){2,}.{0,40}|(?:main )?menu|skip to.{0,40})[\s:]*",
    re.IGNORECASE,
)
_PING = re.compile(r"(?:pingback|trackback|ping)s?\s*(?::|by\b|from\b).{0,300}", re.IGNORECASE)
_COUNT = r"(?P<n>\d[\d,.]{0,8}|one|no|zero|a\ single)"
_MANY = r"(?:(?:reader|user|public)\ )?(?:responses|comments|replies|reactions|answers)"
_WHAT = r"(?:(?:reader|user|public)\ )?(?:responses?|comments?|repl(?:y|ies)|thoughts?|reactions?|answers?)"
_HEADING = re.compile(
    rf"""[\s»#*=•|-]*(?:
    {_COUNT}\ (?:{_WHAT})(?:(?:\ so\ far|\ below)?|\ (?:to|on|for|about|in)\b.{{0,200}})
  | {_COUNT.replace("<n>", "<p>")}\ (?:people|readers?)\ (?:have\ |has\ )?(?:commented|replied|responded).{{0,60}}
  | (?:view|show|read|see)\ (?:all\ )?(?P<v>\d[\d,.]{{0,8}})\ {_WHAT}
  | (?:all\ |showing\ )?{_MANY}\s*(?:[:(\[]\s*(?P<m>\d[\d,.]{{0,8}})\s*[)\]]?)?
  | there\ (?:are|is)\ {_COUNT.replace("<n>", "<t>")}\ {_WHAT}.{{0,120}}
  | (?:discussion|the\ discussion|what\ (?:people|readers)\ (?:are\ saying|say)|join\ the\ discussion)
    )[\s:.…»*=|-]*""",
    re.IGNORECASE | re.VERBOSE,
)
_LOAD = re.compile(r"(?:load|show|view|see|read)\ ?all\ (?:\d+\ )?comments[\s.…»›]*", re.IGNORECASE)
_WORDS = {"one": 1, "a single": 1, "no": 0, "zero": 0}


def is_furniture(line: str) -> bool:
    """Whether a whole line is a button, a counter or an advertisement's label."""
    return len(line) <= 120 and _LINES.fullmatch(line) is not None


def without_buttons(line: str) -> str:
    """Return the line without the “[Reply] [Report]” at its end."""
    return _BUTTONS.sub("", line) if line.endswith(("]", ")")) else line


def is_end(line: str, *, last: bool = False) -> bool:
    """Whether the comments are over here; `last` adds what only the foot of a page means so."""
    if len(line) > 250:
        return False
    return _ENDS.fullmatch(line) is not None or (last and _LAST.fullmatch(line) is not None)


def is_ping(line: str) -> bool:
    """Whether this is a pingback: another site's link, not a person."""
    return _PING.fullmatch(line) is not None


def is_heading(line: str) -> bool:
    """Whether the comments begin here."""
    return len(line) <= 250 and bool(_HEADING.fullmatch(line) or _LOAD.fullmatch(line))


def claim(line: str) -> int | None:
    """How many comments a heading such as “14 Responses to …” says there are."""
    found = _HEADING.fullmatch(line) if len(line) <= 250 else None
    if found is None:
        return None
    number = next((found[g] for g in ("n", "p", "v", "m", "t") if found[g]), None)
    if number is None:
        return None
    word = _WORDS.get(number.lower())
    digits = "".join(c for c in number if c.isdigit())
    return int(digits) if word is None and digits else word
