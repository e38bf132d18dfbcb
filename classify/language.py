"""
Whether a text is in a language the classifier has learnt: so far English.

A guess from small words and letters, made to be sure rather than clever: a post of one word stays
with the classifier, one that speaks Spanish doesn't. The lists hold the commonest small words of
each language and the words of an outage, without those that English has too, Nigeria's and Jamaica's
included. A word with a capital within a text is a name: Los Angeles isn't Spanish.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classify.words import Keys, Words, words

ENGLISH = """
the and to of is it in you for on my that this with your are have be not was we so just but me at
if they can all get what when do from up out will how now why been or it's don't i'm has an
there about as still would one had their our more them any been only after over who because did
got does its where he she could into than then some im dont cant can't isn't doesn't were too which
i'm i've you're we're please thanks thank need want know like time day back going
i love still down dey una na dem wey abeg don mi nuh inna weh di fi
"""

OTHERS = {
    "Spanish": """el la los las una que por para con del se lo pero más como está están esta este
        esto hay muy ya mi tu su sus nos ni qué cuándo dónde cómo porque desde hace todo también
        gracias hoy sin y es son ustedes usted servicio llevo tengo hola funciona nada nuevo reembolso
        señal caído factura exijo otra vez""",
    "Portuguese": """o os uma que não com para por mais como está estão isso esse essa foi já meu
        minha seu sua nos nós ele ela também quando onde porque muito obrigado obrigada sem até
        vocês você do da dos das em um e é funciona nada reembolso sinal caiu novo""",
    "French": """le les une des est et en que qui dans pour pas sur avec ce cette ça je vous nous il
        elle mais plus au aux du sont être avoir j'ai c'est n'est qu'il d'un d'une depuis merci
        bonjour très mon ma mes votre vos notre où quand comment pourquoi toujours marche panne
        remboursement réseau rien encore""",
    "German": """der das und ist nicht ich mit ein eine einen auf zu für von den dem sie wir ihr es
        im auch noch wie aber seit wenn oder nach bei kein keine mein meine hat haben wird schon
        immer wieder warum wann danke bitte geht funktioniert störung ausfall kaputt nichts""",
    "Italian": """il lo gli una che di e è non con per più come sono questo questa ho hai ha mi ti si
        ci nel della del dei alla anche quando dove perché molto grazie sempre ancora senza funziona
        rimborso niente""",
    "Dutch": """de het een en is niet ik dat van op met voor zijn er maar ook aan bij nog wel als
        naar jullie mijn geen wat hoe waarom wanneer bedankt dank heb heeft worden al werkt storing""",
    "Swedish, Danish, Norwegian": """och att det är inte jag som på för med den har till av om så
        men ni ett vi han hon när hur varför tack hej og ikke jeg på til af er ikke det har vi""",
    "Polish": """nie się jest na że co jak ale czy tak już mam do od za po przez dla tylko jeszcze
        dlaczego kiedy gdzie dziękuję proszę mój jestem""",
    "Turkish": """bir ve bu için değil çok ama ne var yok daha ben siz biz gibi kadar mi mı neden
        nasıl zaman teşekkürler hala her""",
    "Indonesian, Malay": """yang dan di ini itu tidak saya dengan untuk dari ada sudah bisa apa kami
        kalian belum lagi kenapa gimana terima kasih tolong nggak gak udah""",
    "Romanian": """și nu este sunt pentru cu din mai ce de la să că un pe care când unde mulțumesc""",
    "Czech, Slovak": """je to na že se si jsem není ale jak už od pro ve za když proč kdy kde děkuji
        prosím som nie""",
    "Finnish": """ja on ei se että mutta kun niin ole oli myös nyt vielä miksi milloin kiitos minä
        teidän""",
    "Hungarian": """és nem hogy az egy van de már csak meg miért mikor köszönöm vagy ez""",
    "Tagalog": """ang ng sa na hindi ako mga ko po kayo yung naman pa lang bakit kailan salamat""",
}  # fmt: skip
"""Small words by language; the names are for readers."""

FEWEST = 6
"""Words a text needs before unknown words alone say that it is in another language."""

_LATIN = 0x250
"""The first letter after Latin with its accents."""


def _keys(text: str) -> Keys:
    return np.unique(words([text]).key)


_ENGLISH = _keys(ENGLISH)
_OTHERS = np.setdiff1d(_keys(" ".join(OTHERS.values())), _ENGLISH)


def unsupported(found: Words, texts: int, known: Keys) -> NDArray[np.bool_]:
    """
    Return which of n texts are in a language the classifier hasn't learnt.

    `known` are the words it has learnt, sorted. A text is set aside if its small words, two at
    least, are more of other languages than English, if most of its letters aren't Latin, or if it is
    some words long and hardly one of them is known.
    """
    count = np.bincount(found.text[found.spelled], minlength=texts)
    distinct, which = np.unique(found.key, return_inverse=True)

    opens = np.append(True, found.text[1:] != found.text[:-1])[: len(found.text)]
    name = found.capital & ~opens

    def holding(keys: Keys, among: NDArray[np.bool_]) -> NDArray[np.int64]:
        there = np.isin(distinct, keys, assume_unique=True)[which] & among
        return np.bincount(found.text[there], minlength=texts)

    others = holding(_OTHERS, found.spelled & ~name)
    foreign = (others > 1) & (others > 1.5 * holding(_ENGLISH, found.spelled) + 0.5)
    strange = (count >= FEWEST) & (holding(known, found.spelled) < 0.25 * count)
    other_letters = found.spelled & (found.chars[found.start] >= _LATIN)
    length = found.end - found.start
    letters = np.bincount(found.text[found.spelled], length[found.spelled], texts)
    unread = np.bincount(found.text[other_letters], length[other_letters], texts)
    return foreign | strange | (unread > 0.5 * np.maximum(letters, 1))
