"""Texts written for the tests that only look as if they mention an offer."""

from __future__ import annotations

UNSAID = """
3% battery and still no credit
my battery is at 3% and I wait for my credit
phone at 3% so I can't call about my refund
100% sure the credit never comes
I am 99% certain nobody reads this
99% of customers got no credit
only 5% of people got the email
3% of users are affected
30% of us are still down
video is stuck at 30% loading
download 45% complete and then nothing
buffering 99%
humidity 80% and no movie
there is a 20% chance of rain
stock down 7% after the outage
shares fell 4% today
the price went up 60% this summer
a 60% price increase and now this
I pay $8 a month for this
I pay $7.99 per month and get no discs
$8/mo for an error page
costs me $20 a month
charged me $8 today although you are down
you charged $15.98 and gave nothing
paying 16 dollars a month for silence
I spent $40 on pizza for movie night
lost $200 of work today
bought a $5 card for this
worth $8 a month? no
the plan is $7.99
the dvd costs 5 dollars
it is $12 now instead of $8
a $2 million fine
they made $500 million last year
500 employees and no answer
I waited 3 days
three days without discs
3 days and no email
it has been 3 days since the mail
within 7 days of the outage
7 days to click a link nobody got
down for 11 hours
two weeks of nothing
a week late again
no disc for a week
3 discs at a time and none at home
my 3 discs are somewhere in ohio
3 days worth of waiting
two days' worth of photos lost
a month worth of arguing
day 3 and still down
season 3 episode 5 was on
I have a free day and nothing to watch
my day off and no movie
3 days off work and no movies
two days off next week
free trial month ended yesterday
a free month trial and then this
started my free 1 month trial
first month free and then they raise it
feel free to answer
ad-free month? ha
stress-free day at the office
free shipping my foot
free wifi at the cafe
I want my free time back
credit card declined 3 times
3 credit cards on file
my credit score is 700
two credit requests and no answer
where is my credit
when do we get our credit
is there a credit
I never received that email
the link is dead
not eligible, says the page
turned it off and on 5 times
5 offices and no help
took off at 5
off by 2 days
switched off at 9:30
restart 3 times then turn off
12/05 and still nothing
call 24/7 and nobody answers
error 503 all day
error code 5003 again
version 2.5 crashes
it is 10:30 and down
since 5 pm nothing
at 5 off to bed
open 24 hours they say
I called 5 times
5 people in line before me
ticket 12345 is open
order 5 of 7 missing
channel 5 says it is over
10 hours on hold
2 hours of music
50 tweets and no reply
1 star
4/10 would not wait again
gave it 2 stars
1000 comments and not one answer
my 2 cents: say sorry first
just my two cents
a penny for your thoughts
not one cent from me again
the app uses 40% cpu
brightness 50%
volume at 80%
this beer has 5% alcohol
2% milk
the tax is 8%
I tip 20%
got 15% on my test
inflation is 3%
the poll says 60% votes
it is 90 degrees
30 days hath september
the 5th of march
nr 1 in failing
one more week and I leave
one day they will answer
a day without movies
half a day wasted
half the town is down
a year of loyalty
two years a customer
thank you for the quick update
love the new apology
great movie night after all
the outage is over, thanks
well done reelpost
nobody tells us anything
still down in chicago
site down for everyone?
what is going on
no discs again
please just say something
cancel my account
I am leaving for the other one
refund me
credit my account
do the right thing
discount store next door has dvds
the bill came on time of course
""".strip()


def unsaid() -> list[str]:
    """Return texts that mention no offer."""
    return UNSAID.splitlines()
