"""Posts in other languages are set aside, English however it is written is not, and no text harms."""

from __future__ import annotations

import numpy as np
import pytest

from classify.classifier import Classifier
from classify.explain import explain_all
from classify.words import LONGEST_TEXT

PLAIN = "where is my refund, nobody answers"

OTHERS = [
    "Llevo tres días sin internet y nadie contesta el teléfono, qué vergüenza",
    "@HalloraCare gracias por nada, sigo sin señal desde ayer",
    "Cuándo me devuelven mi dinero? Pagué el mes completo y no funciona",
    "Muchas gracias al técnico, todo arreglado en una hora",
    "Toujours pas de réseau depuis lundi, c'est une honte",
    "Bonjour, quand est-ce que je serai remboursé pour cette panne ?",
    "Merci beaucoup, le technicien était super",
    "Encore en panne ce matin, personne ne répond au téléphone",
    "Seit drei Tagen kein Internet und niemand geht ans Telefon",
    "Wann bekomme ich mein Geld zurück? Der Anschluss ist tot",
    "Vielen Dank, der Techniker war sehr nett",
    "totalausfall seit heute morgen, hotline nicht erreichbar",
    "Estou há três dias sem internet e ninguém atende o telefone",
    "Quando vou receber o meu reembolso? Paguei o mês inteiro",
    "Muito obrigada, o técnico foi ótimo",
    "三日間インターネットが使えません。誰も電話に出ません",
    "返金はいつですか？",
    "ありがとうございました、直りました",
    "الإنترنت مقطوع منذ ثلاثة أيام ولا أحد يرد",
    "متى أسترجع أموالي؟ @HalloraCare",
    "شكرا جزيلا للفني",
    "Третий день нет интернета, никто не берёт трубку",
    "Когда вернёте деньги? https://halloracare.example/3",
    "Інтернет не працює вже третій день, дякую за ніщо",
    "no me funciona el internet de nuevo",
    "No funciona nada",
    "Exijo reembolso ya",
    "Internet geht nicht",
    # Basque and Zulu, of which no small word is listed: hardly any word of them is known.
    "Hiru egun daramatzagu konexiorik gabe eta inork ez digu erantzuten",
    "Asinayo inthanethi kusukela izolo ekuseni futhi akekho ophendulayo",
]

ENGLISH = {
    "short": ["down again", "no internet", "refund please", "thanks!", "Down??", "ok", "me too",
              "still nothing here", "useless", "dm sent", "sorted, cheers mate", "hi", "Why?"],
    "names": ["Cleo Okonkwo-Vandersteen lost her line in Szczebrzeszyn",
              "@HalloraCare is it down in Reykjavík, Århus and Malmö?",
              "my line in Llanfairpwllgwyngyll is dead",
              "Thanks to Siobhán and Đorđe at the shop", "Las Vegas is down", "Las Vegas, Los Angeles both offline", "El Paso, Las Cruces, Los Alamos down",
              "Señor Muñoz at the front desk sorted my bill", "No service in Santa Maria",
              "going from San José to São Paulo and no roaming", "Dre has no signal in Kota Kinabalu"],
    "emoji": ["😡😡😡", "🙏", "👍🏽👍🏽", "❤️ ❤️", "🇧🇷🇧🇷", "(╯°□°)╯"],
    "hashtags": ["#HalloraDown", "#outage #refund #HalloraDown", "#DíaSinInternet #day3"],
    "numbers": ["12345", "3/4/2026 12:00", "£45.00", "0800 123 456", "404 404 404 404 404"],
    "addresses": ["@HalloraCare @eve_9", "https://halloracare.example/el/la/los/las", "www.x.example"],
    "slang": ["ngl this app is mid fr fr", "bruh wifi trippin again smh", "y'all gon fix this or nah",
              "istg if it drops one mo time imma lose it", "w service tbh no cap",
              "tf is goin on wit my net", "lmao rip hallora", "cannae get through tae anybody",
              "wah lau network down again sia, why liddat one"],
    "Pidgin": ["Abeg una network don spoil since morning", "I no fit browse since, wetin dey happen",
               "NEPA don take light, network sef don go", "Oga your service na rubbish",
               "e don tey wey I dey wait for my money", "no network for Surulere since yesterday",
               "dem tell us 60mbps, na 2 I dey see, who una think say e be"],
    "Jamaican": ["mi nuh even get fi mek a call. Dem a tief"],
    "typos": ["wehre is my refudn", "servcie is horible", "thnak yuo so mcuh", "cna yuo hlep",
              "plz fx teh app its crahsing", "noooooo innernet agen", "stil no netwrok hre",
              "teh wfi is donw agian", "wfi nto wrkng agn", "thx fro teh refnd"],
    "loans": ["c'est la vie, still down", "merci for the refund!", "Is La Liga on tonight?",
              "Hola, my internet is down again", "I love the der die das podcast",
              "muchas gracias for the help today guys", "de facto monopoly, no choice"],
}  # fmt: skip

UNSEEN = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u200e", "\u200f",
          "\u202e", "\u2066", "\ufe0f", "\u0335"]  # fmt: skip

HOSTILE = {
    "a megabyte of English": f"{PLAIN} " * 30_000,
    "a megabyte of Russian": "где мои деньги " * 70_000,
    "a megabyte of one letter": "x" * 1_000_000,
    "a megabyte of nothing": "\u200b" * 1_000_000,
    "a megabyte of marks on a letter": "e" + "\u0301" * 1_000_000,
    "letters that look like ours": "ѡһеге іѕ ту геfипԁ, whеrе is my rеfund",
    "markup": "<script>alert('refund')</script> &lt;b&gt; [/red] {{ refund }} %s \\ud800",
    "control characters": "".join(map(chr, range(32))) + PLAIN + "\x7f\x80\x9f",
    "lone surrogates": "no \ud800 refund \udfff yet\udc00",
    "right to left": "\u202e\u2067dnufer ym\u2069\u202c \u200fno\u200e",
    "no characters": "\uffff\ufffe\U0010ffff\ufdd0",
    "ours inside": "\ue000\ue001 no \ue000refund",
    "every thousandth character": "".join(map(chr, range(0, 0x110000, 1000))),
}


def labels_of(classifier: Classifier, text: str) -> set[str]:
    """Return the labels put on a text."""
    return {tag.label for tag in classifier.tag([(1, text)])[0]}


@pytest.mark.parametrize("text", OTHERS)
def test_a_post_in_another_language_is_set_aside(classifier: Classifier, text: str) -> None:
    """It gets no tag and no score, and whoever looks at it is told."""
    tags, unread = classifier.tag([(4, text)])

    assert tags == [] and unread == [4]
    assert not classifier.look([text]).scores.any()


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=f"{kind}: {text}") for kind in ENGLISH for text in ENGLISH[kind]]
)
def test_english_however_written_is_looked_at(classifier: Classifier, text: str) -> None:
    """Short, full of names, without a word, as people talk in Lagos, Leith and Singapore."""
    assert not classifier.look([text]).unsupported[0]


def test_what_stands_beside_a_post_changes_nothing(classifier: Classifier) -> None:
    """Each is judged by its own words, in whatever order they come."""
    texts = [PLAIN, *OTHERS, "", "down again"]
    backwards = classifier.look(texts[::-1]).unsupported[::-1]

    assert classifier.look(texts).unsupported.tolist() == backwards.tolist()
    assert backwards.tolist() == [False, *[True] * len(OTHERS), False, False]


def test_an_explanation_says_that_the_language_is_unknown(classifier: Classifier) -> None:
    """And gives no reasons, for there are none."""
    for one in explain_all(classifier, OTHERS[0]):
        assert one.unsupported and not one.put and one.score == 0 and one.reasons == ()


def test_a_post_is_set_aside_for_its_words_and_not_whom_it_names(classifier: Classifier) -> None:
    """Names, links and numbers are no words of any language."""
    around = "@los_las_el_por @der_die_das_und @le_les_une_du {} https://el.example/la/los/las 404 404 404 404"

    assert labels_of(classifier, around.format(PLAIN)) >= {"complaint", "credit_request"}
    assert classifier.look([around.format(OTHERS[0])]).unsupported[0]


@pytest.mark.parametrize("unseen", UNSEEN, ids=[f"U+{ord(one):04X}" for one in UNSEEN])
def test_what_cannot_be_seen_hides_no_word(classifier: Classifier, unseen: str) -> None:
    """Inside words, around them and between all letters: the very scores of the plain text."""
    inside = PLAIN.replace("refund", unseen.join("refund")).replace("my", f"{unseen}my{unseen}")

    found = classifier.scores([PLAIN, inside, unseen.join(PLAIN), unseen + PLAIN + unseen])

    assert np.array_equal(found, np.repeat(found[:1], 4, axis=0))
    assert found[0].max() > 0.5


@pytest.mark.parametrize("first", ["ａ", "𝗮", "𝖆", "ⓐ"])
def test_dressed_up_letters_are_letters(classifier: Classifier, first: str) -> None:
    """Wide, bold, Gothic and ringed ones, as people make them to be seen."""
    shift = ord(first) - ord("a")
    dressed = "".join(chr(ord(char) + shift) if char.isalpha() else char for char in PLAIN)

    assert dressed != PLAIN
    assert np.array_equal(classifier.scores([dressed]), classifier.scores([PLAIN]))


def test_a_few_letters_from_elsewhere_make_no_other_language(classifier: Classifier) -> None:
    """Cyrillic е and о in place of ours: the words beside them still count."""
    text = "whеre is my refund, nobоdy answers the phоne and i want my money back"

    assert not classifier.look([text]).unsupported[0]
    assert "credit_request" in labels_of(classifier, text)


@pytest.mark.parametrize(
    "nothing",
    ["", " \n\t\u3000\xa0", "\x00" * 999, "\x1b\x07", "\r\n\x0b\x0c", *UNSEEN, "\u200b" * 99_999],
    ids=lambda nothing: ascii(nothing[:4]),
)
def test_no_tag_is_put_on_nothing(classifier: Classifier, nothing: str) -> None:
    """Nor is nothing in another language."""
    looks = classifier.look([nothing])

    assert not looks.scores.any() and not looks.unsupported[0]
    assert classifier.tag([(1, nothing)]) == ([], [])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_no_text_harms_the_one_beside_it(classifier: Classifier, text: str) -> None:
    """Looked at, tagged and explained, between two posts that keep their scores."""
    looks = classifier.look([PLAIN, text, OTHERS[0], PLAIN])

    assert np.isfinite(looks.scores).all()
    assert looks.unsupported[[0, 2, 3]].tolist() == [False, True, False]
    assert np.array_equal(looks.scores[0], looks.scores[3])
    assert np.allclose(looks.scores[0], classifier.scores([PLAIN])[0])
    assert len(explain_all(classifier, text)) == len(classifier.labels)


def test_only_the_beginning_of_an_endless_post_is_looked_at(classifier: Classifier) -> None:
    """What follows can't turn it into another language."""
    english = (f"{PLAIN} " * LONGEST_TEXT)[:LONGEST_TEXT]

    looks = classifier.look([english, english + " " + " ".join(OTHERS) * 100])

    assert not looks.unsupported.any() and np.array_equal(looks.scores[0], looks.scores[1])
