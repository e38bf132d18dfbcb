"""Texts written for the tests: what was offered, with what they mention."""

from __future__ import annotations

SAID = """
3 % | wow, 3% off. thanks a lot reelpost
3 % | they gave me a 3 per cent credit
3 % | three per cent credit for a week of nothing
3 % | 3 percent off my bill, I am speechless
3 % | my email says 3% credit if I click the link
3 % | I got the 3% discount yesterday
3 % | clicked the link and got 3％ off
3 % | only 3%? lol
3 % | a lousy 3%.
3 % | they offered me 3 pct off
15 % | last time it was 15% credit and nobody had to click
15 % | we all got 15 per cent off in august
15 % | fifteen percent credit on my account today, nice
15 % | 15 % credit for those who waited
15 % | reelpost is giving 15% back
20 % | agent on the phone promised 20% off next month
25 % | twenty-five percent off says my neighbour, refund for all
25 % | twenty five per cent discount for the dvd people
2 % | just 2%! i spent longer reading the mail
2 % | a 2% credit. two.
2.5 % | credited 2.5% to everyone
2.5 % | 2,5 % refund on my statement
10 % | my sister received 10% off
50 % | rumor says 50% refund
100 % | they gave my mother a 100% refund
5 % | 5% rebate "in the next few days"
5 % | they say 5% will be on the next bill
1 % | one percent credit?!
12 % | compensation of 12%
30 % | 30% off the next three bills
$5 | $5 off my bill
$5 | they put a $5 credit on my account
$5 | five dollars credit, five
$5 | 5 bucks off. ok
$5 | got $5.00 back
$5 | my credit was $5
$2 | offered me 2 dollars for my trouble
$10 | a $10 voucher in my inbox
$0.24 | $0.24 credit. do not spend it all at once
$0.24 | $.24 off, I kid you not
24 cents | a whole 24 cents!
24 cents | 24 cents credit on my bill
24 cents | twenty four cents off
24 cents | my refund: 24¢
24 cents | 24c credit lol
94 cents | they gave me 94 cents
€5 | 5 € credit
€5 | €5 refund today
€5.50 | 5,50 € refund
€3 | 3 euros off the bill
£4 | £4 credit, cheers
£4 | 4 quid off my bill
£0.30 | 30p credit, thirty pence
£1 | a goodwill payment of £1
$20 | $20 credit if you call them
$1000 | they credited me $1,000 by mistake
$1.50 | compensated with $1.50
$3 | rep said $3 off this month
$8 | refund of $8 arrived
1 month | I was told I'd get a free month
1 month | one month free, says the mail
1 month | a month free for all of us
1 month | they are giving everyone another free month
1 month | a month's credit! wow
1 month | next month on us, they said, a month on us
1 week | got a free week
1 week | a week's credit for a week of waiting
2 weeks | 2 free weeks in my account
2 weeks | two weeks free, thanks
2 weeks | credited for 2 weeks
1 day | a free day, how nice of them
1 day | a day's credit
3 days | three days' worth of credit
3 days | 3 days worth of credit on my bill
3 days | three days’ worth of service refunded
3 days | they credited me for 3 days
3 days | refund for the 3 days we were down
3 days | three days of credit
4 days | got credit for four days
1 disc | a free disc in the next shipment
2 discs | two free discs this month
1 disc | an extra free disc
1 rental | I got a free rental
1 movie | they offer a free movie
10 | 10 off my bill
5 | they gave me a 5 credit
5 | a credit of 5
6 | credit of 6 on the account
7 | 7 off my next bill
15 | 15 off. thanks
3 months | three months free for streaming people
6 months | 6 free months
0.5 month | half a month free
3 % 24 cents | 3% credit, that is 24 cents
3 % 2 % | I got 3% off and my neighbour got 2% off
$5 1 month | chat said $5 credit, phone said a free month
15 % 3 % | 15% credit last time, 3% credit now
20 %? | I want 20% off
20 %? | we deserve a 20% discount
50 %? | they should refund 50%
1 month? | they owe me a free month
1 month? | give me a free month
1 week? | a free week would be the least
$10? | I demand a $10 credit
1 month? | how about a free month
$25? | I expect a $25 refund
30 %? | at least 30% off please
1 month | they told us a free month is on its way
5 % | I was told 5% off by the rep
$7 | apparently a $7 credit for everybody
9 % | heard it was 9% off
""".strip()

LATER = """
3 % | Reelpost just emailed me about the outage, 3 percent credit, woohoo
3 % | So the outage cost me an evening and I get a whopping 3%
3 % | Click here to claim your 3% credit. Really?
3 % | My husband received the email about 3% but I did not
3 % | anyone else get the 3% mail?
15 % | Wow! 15% credit to my account without even asking. Class act
15 % | they knocked 15% off my next bill
2 % | Oh goodie, 2%. I'll buy a gumball
2 % | who else thinks 2% is a joke
24 cents | I'm rich! They're crediting me 24 cents
94 cents | half-assed apology, 94 cents
$0.45 45 cents | 3 days without discs and my credit is 45 cents... $.45 credit
5 % | Just chatted with support, 5% discount applied
1 month | Called and complained, they comped me a month free
1 week | extended my subscription with a free week
1 month | They're offering one free month to everyone affected
$10 | Reelpost finally took $10 off
$5 | received a $5 credit today, no email though
$20 | called twice, second rep gave me a $20 credit
3 days | they'll credit three days of service
3 days | prorated credit for three days
2 days | got two days credit
1 day | a whole day's credit, woo
£5 | £5 off this month, ta
€10 | 10 € refund, at last
10 % | 10% refund came through
1 disc | an extra disc free for the weekend
30 %? | Needs to be 30% off at least
1 month? | A free month would be fair
$10? | you should give everyone $10 back
- | My phone died at 2% while waiting in line
- | Only 40% of the movies are on streaming
- | I was on hold for 45 minutes
- | Queue says 2 weeks wait
- | 3rd time this month
- | I cancelled after 10 years
- | They raised prices 60% and can't stay up for one night
- | It is $7.99 and you get what you pay for
- | Spent $15 at the kiosk instead
- | Rented a movie for a buck at the kiosk
- | My bill is $22 a month
- | my bill went from 9.99 to 15.98
- | no credit for us after 11 hours down
- | 99 problems and a credit is one
- | stop asking for credit for a 2 hour outage
- | I'd rather have a working site than a 3 day wait
- | two discs were cracked
- | how about an apology first
- | I give it 2 more days
- | the site is back up, took 5 hours
- | 80% chance they blame the cloud
- | dropped 10% in after-hours trading
- | got a new credit card, updated my account
- | trending at number 5
- | 3 devices, none works
- | error 106 on my console
- | the stream is at 480p again
- | 50p or 60p, it stutters
- | season 2 is free on the other one
- | free tonight? site is down so no movie
- | I feel half alive
- | only one more day of this
- | billed twice this month, 16 dollars gone
- | I want my $8 subscription to work
- | one in five can't log in
- | hold music for 20 min, free of charge lol
- | rain check?
- | off to bed at 10
- | turned off autopay
- | 100% done with you
""".strip()
"""Written once the rules stood, so that they say how well those hold on what they weren't made for."""


def said() -> list[tuple[str, list[str]]]:
    """Return texts with what they mention; a `?` behind a worth marks a wish."""
    found = []
    for line in SAID.splitlines():
        mentioned, _, text = line.partition(" | ")
        found.append((text, _split(mentioned)))
    return found


def later() -> list[tuple[str, list[str]]]:
    """Return the later texts with what they mention, which may be nothing."""
    parts = (line.partition(" | ") for line in LATER.splitlines())
    return [(text, [] if mentioned == "-" else _split(mentioned)) for mentioned, _, text in parts]


def _split(mentioned: str) -> list[str]:
    words, found = mentioned.split(), []
    while words:
        one = words.pop(0)
        if words and not words[0][0].isdigit() and words[0][0] not in "$€£":
            one += f" {words.pop(0)}"
        found.append(one)
    return sorted(found)
