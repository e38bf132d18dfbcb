"""Texts written for the tests: what somebody was told otherwise, `channel says place | text`, and what isn't it."""

from __future__ import annotations

_TOLD = """
chat no_credit | chat told me there is no credit
chat no_credit | Your live chat just said I'm not eligible for the 3% credit. The mail said everyone is!
chat no_credit | so the chat agent insists there's no such offer. I have the email in front of me
chat no_credit | Spent 40 minutes in chat, agent says they don't know about any credit
chat no_credit Leeds | Chat rep told me there's no credit for customers in Leeds??
chat no_credit | the chatbot keeps saying no refund for this outage
chat no_credit | was told by chat that there is no compensation whatsoever
chat no_credit | "no credit will be given" according to your virtual assistant
phone no_credit | I called and they told me I don't qualify
phone no_credit | Called customer service line, lady said the email is a scam and there is no credit
phone no_credit Ohio | Phone rep claims the credit doesn't exist. I'm in Ohio, everybody on my street got it
phone no_credit | your phone agent swore there was no refund
phone no_credit | Called twice today. They said no credit for my plan.
phone no_credit | got told on the phone that they can't give me any credit, but the email promised one
phone no_credit | rep on the phone has never heard of this credit
phone no_credit | hotline says nothing was offered and I'm not entitled to anything
agent no_credit | Your rep told me no credits are being issued. Which is it?
agent no_credit | customer support informed me I'm ineligible. Your own post says all members.
agent no_credit | supervisor flat out denied there's any offer, said no such promo
agent no_credit | Support replied that they cannot apply the credit to my account
social no_credit | your reply on twitter said no refunds, your mail says 3%
social no_credit | Got a DM back from the social team saying there's no credit for disc customers
store no_credit Madrid | the guy in the store said there is no credit, this was in Madrid
store no_credit | went to your store in Bristol, clerk told me I'm not eligible
app no_credit | My account page says I am not eligible for the credit
app no_credit | the app shows no credit even though the mail told me it was applied
help_page no_credit | help center article says no refunds for outages, mail says 3 %
help_page no_credit | Your FAQ states that streaming customers are not eligible
mail no_credit | got an email saying I don't qualify after your ceo told the news that everyone does
chat expired | chat says the offer has expired, it's been two days since the mail
phone expired | called to claim and the rep said the window has closed already
app expired | I clicked the link and the app says expired. It's day 3!
agent expired | agent told me it's too late to claim it
status_page nothing_wrong | status page says operational but nothing plays
status_page nothing_wrong | The status page says "All systems operational". My TV disagrees, won't load anything.
status_page nothing_wrong | lol your status page is all green while half the country can't log in
status_page nothing_shown | nothing on your status page, how is that possible, it's been down for hours
status_page nothing_wrong | status page still shows no incidents and I still can't watch
status_page nothing_wrong Texas | Outage map shows no outage in Texas. Nobody in Texas can log in.
status_page nothing_shown | Why is the status page green when login is down?
status_page nothing_wrong | your status site claims everything is fine. it is not fine
status_page nothing_wrong | "no known issues" says the status page. sure.
status_page done | The status page says resolved but it's still buffering
status_page done | status page: fixed. reality: black screen
chat nothing_wrong | chat agent says there are no outages in my area but all my neighbors are down
chat your_side | Chat keeps telling me it's my router. It's not my router, you are down!
chat your_side | live chat told me the problem is on my end lol
phone nothing_wrong Glasgow | rep on the phone said they're not aware of any outage. Meanwhile all of Glasgow is offline
phone nothing_wrong | phoned the helpline, recording says all services are up and running. They are not, nothing works
phone your_side | Called support. They said it's my internet. My internet is fine, your app won't open
agent nothing_wrong | support tells me everything is working normally but I still get error 503
agent your_side | customer care says it's a problem with my tv. really? all three of them?
agent done | Your agent told me it was fixed an hour ago. Still can't sign in.
app nothing_wrong | the app says all good, yet no stream loads
app done | app says delivered. nothing was delivered, still no disc
app done | The tracking says my disc has shipped but it never arrived, day 9
mail done | Your email says the problem is resolved. It isn't, still down in Denver
social done | your tweet said service is back to normal, everything is working. no it isn't, login fails
help_page nothing_wrong | The website says there are no issues but playback keeps crashing
store nothing_wrong | went to the local store, manager said there's no outage. why does nothing work then
phone differs | phone rep said 2 weeks, mail says 7 days
chat differs | Chat says I have 30 days to click, the email says 7 days
chat differs | chat offered me 20%, the mail says 3 %. Which one is it
phone differs | on the phone they said $10 and the email said $5
chat differs | the email doesn't match what chat told me
agent differs | every rep tells me something different
phone differs | Phone and chat contradict each other about the credit, in the same hour
chat differs | called and got one answer, chat told me something else entirely
agent differs | the FAQ says one month and your agent said two weeks
chat no_credit | Been in your live chat for an hour only to hear from the agent that she can't issue a credit. Your mail said 3%.
chat no_credit Portugal | From Portugal: chat says I am not entitled to it. Mail says I am. Sort it out
chat no_credit | Your chat person claims no such campaign exists
phone no_credit | The lady on the phone told my husband and me that we don't qualify for the credit
phone no_credit | I was informed over the phone there would be no compensation for us
phone no_credit Tulsa | rang your hotline from Tulsa, they know nothing about a credit
agent no_credit | two reps, same line: "no credits for DVD only members". Read your own blog!
agent no_credit | Spoke to a supervisor who said I wasn't eligible since I joined in January
social no_credit | Your support account here replied that no refund will be given. The press release says otherwise
store no_credit | The shop on Main told me no refund, go online. Online says go to the shop
app no_credit | App says "not eligible". I got the email!!!
help_page no_credit | the help page says there's no compensation for delays
agent expired | Rep said the deadline was yesterday, the email says the 12th
app expired | my account says offer expired. it's day two of seven
status_page nothing_wrong | Your status page: all systems operational. Me: staring at a spinning circle since 6
status_page nothing_wrong Denver | status dashboard reports no issues. I'm in Denver and it is dead
status_page done | Hey @reelpost your status page says it's been resolved. It has not been resolved
status_page nothing_shown | the outage page shows nothing, funny because nobody I know can stream
status_page nothing_wrong | How come the service status says everything is fine when my whole building has no login?
chat your_side | Two hours of chat so they can tell me it's a problem with my wifi. My wifi runs everything else
chat nothing_wrong | The bot... sorry, the chat agent, assures me there is no outage. I'm looking at 4,000 people who say there is
phone nothing_wrong | I just phoned and the guy said there's no known issue. How is that possible?
phone your_side | the phone lady says its on my end, but every device in the house fails
agent nothing_wrong | support is telling people there are no problems while the app crashes for everyone
agent done | customer service wrote back that it's solved. Still error 1016 over here
app done Iowa | App says out for delivery since Monday, nothing has come, Iowa
mail done | I get an e-mail that says everything is restored and I still can't sign in
mail nothing_wrong | your email states service is up and running, lies
phone differs | Phone agent promised 10 dollars, chat agent promised 5
chat differs | chat said 3 days, phone said 10 days, status page says nothing
agent differs | I've asked three agents and every agent gave a different answer
phone differs | what I was told on the phone contradicts the email
"""

_NOTHING = """
chat was great, the agent gave me the credit in two minutes, thank you
I asked chat about the credit and am still waiting for an answer
no credit yet, checking my account every day
does the status page say anything about Spain?
if chat says there's no credit I'm cancelling
I bet the rep will tell me there's no credit
status page says operational again and it works for me, thanks
status page says degraded performance, at least they admit it
status page shows a major outage since 9
The status page says all good now and it is, watching again
can chat tell me whether there's a credit?
nobody told me there is no credit
my mom said there's no credit
our group chat said there is no credit lol
a friend on the phone said no credit for him either
No credit card needed, said the chat agent when I signed up
you should put it on your status page
Is there a status page?
the email says 3% and I got 3%. fine.
I got the email, clicked the link, done
Called and waited an hour, then the line went dead
called them, no answer
chat is down too
the chat won't load
chat window keeps closing
they said they would fix it
you said two days. it's been five
it's been 2 weeks, the mail carrier says 7 days is normal in winter
aws status page says operational so it must be you
app store says the update is from March
the app is down and there's no outage map
no refund, no apology, nothing
I want a refund, no credit will make up for this
no compensation for three days of nothing? shame
Support has been wonderful, they told me the credit was applied
phone support said the credit is coming next month
The rep told me to wait until Friday
rep confirmed that there is an outage, thanks for being honest
chat confirmed it's a known issue
your agent said they are working on it
customer service says the discs are late because of the storm
the phone rep didn't say there was no credit, she just had to look it up
Email says 7 days, plenty of time
I have 7 days to click? the mail said so
my phone says no service
I called my bank and they said the charge was declined
the store was closed, no discs anywhere
in store for us this week: no outage I hope
status page would say operational even if the building burned, so I didn't look
what does the status page say? anyone?
why is there no status page
my internet is fine, it's you
it's not my router
fixed now, thanks
everything is back up here
operational excellence, they said in the interview
he said she said, I just want my discs
my neighbor says there's no outage at his place
chat told me I'd get the 3% on my next bill, good to know
I told chat there's no credit on my bill and they added it
please tell chat that there is no credit on my account
Will the store give me a credit?
haven't called yet, don't expect a credit anyway
the news said nothing about it
the letter came today: 3% off
I wrote an email to support: no discs since Monday
your help page is blank
website is down, app is down, status page is down
they could have sent an email saying there's no credit instead of silence
thanks chat, turns out it was my router
The recording says my call is important
Chat rep was lovely and told me to reset the box, worked
I'm told the credit comes by itself, nobody had to call
the chat told me to wait two hours
Phone line is busy since this morning
No refund is going to fix three ruined evenings
I would love for someone at support to tell me if I'm eligible
The agent said she would call me back in 7 days
email came on Tuesday and says I have until next Tuesday
status page says partial outage for Shipping, so it's known
Their status page shows exactly what I see: login down
Can someone at support say whether it's fixed?
The app says I have 4 discs at home, that's right
the tracker says my disc arrives tomorrow
My account shows the credit since this morning
I said no credit card on file, please
when will the status page show Spain?
you can't call that a credit
it's not too late to do the right thing
I saw the mail too late, my fault
There's no outage anymore as far as I can see
no outage at my place
all good now
nothing works
Your phone support is a joke
the chat is a joke
Chat support closed at 8, great
I phoned my mother and she has it too
the rep on the phone was rude
my agent sold the house while the tv was down
who's in charge of the status page?
They said on the radio that there's no power in half the city
They tell me the store on 5th has discs
Somebody in this thread said the status page is green, I see red
if you call, they will say it's your router, ignore that
"""

# Written after the rules were settled, and not used to change them.
_LATER = """
chat no_credit | Chatted with you for 25 min... well, live chat says there is no credit on offer. So what was that mail about?
chat no_credit Norway | Chat here in Norway insists nobody is eligible, that we're not entitled to anything
chat no_credit | The virtual assistant told my wife no refunds, period
phone no_credit | Your call center informed me that I do not qualify for this credit
phone no_credit Memphis | called from Memphis, the agent said no credit is available for my account
phone no_credit | on the phone: "we can't give you a credit". in the mail: "you will get a credit". pick one
agent no_credit | Customer care just denied my credit although the CEO promised it to everyone
agent no_credit | the representative I got swears there's no credit. the blog says there is
social no_credit | Someone from your social team replied that there's no compensation
store no_credit | Store manager in the mall said I'm not eligible. Online it says all members
app no_credit | in my account it says I'm not eligible, why did I get the email then
help_page no_credit | FAQ reads: no credits for shipping delays. Blog reads: credits for everyone. ok
chat expired | Chat tells me the offer is no longer valid. The email from yesterday gives me a week
phone expired | The phone rep said I missed the deadline, which is next Friday
app expired | clicked, and the app said the link expired
status_page nothing_wrong Sweden | Sweden is completely offline and the status page lists no outages
status_page nothing_wrong | How is your status page saying all systems operational while we stare at a black screen
status_page nothing_wrong | service status: everything operational. reality: nothing loads
status_page done | Status page claims the incident is resolved, but I can't stream a thing
status_page nothing_shown | status page green as grass, app dead as a doornail
chat nothing_wrong | the chat bot says there are no known issues, then why can't I sign in
chat your_side | I've been told by chat that the fault is on my side. Sure, me and 50,000 others
phone nothing_wrong | Rang up, the recording said there are no outages at this time, lol
phone your_side | Phone support blames my router, says it's my router every single time. It isn't.
agent nothing_wrong | your support says everything is okay on your side but it still won't play
agent done | Rep told me it had been fixed this morning. Nope, still buffering
app done Utah | The app shows my disc as delivered, it never came. Utah
mail done | You emailed me that it's fixed?? the email said fixed. my screen says error 9
social nothing_wrong | your reply says there is no outage, meanwhile I can't load anything
phone differs | the phone agent said 5 business days, the email says 30 days
chat differs | Email says $5 but chat said $2
agent differs | each agent tells me a different story
"""

_LATER_NOTHING = """
live chat answered in a minute and sorted the credit, impressed
Is there anybody on chat today?
Chat told me my credit will show up in May, ok
asked the rep whether there's a credit, she is checking
Anyone know if chat can apply the credit?
My dad called and they told him to wait for the mail
called to say thank you for the credit
please don't tell me there's no credit
no credit so far, but it's only Tuesday
I won't accept no credit for this
Not eligible for overtime and now no tv either
no refund policy is printed on the box
the deadline is Friday according to the mail, so hurry up people
my offer expired because I forgot to click, my own fault
status page confirms the outage, finally
The status page was updated at 9: identified
I check the status page every hour
put a link to the status page in your bio
Where can I find the outage map?
Does your status page ever show anything?
your status page could be prettier
if the status page says operational I will lose it
I checked my router first, like they always say
turned the router off and on, nothing
It's not on my end, I checked
nothing is wrong with my tv, so it must be you
my internet works, everything but you works
support promised to call me back
the email never came
they sent an email, twice
My phone rep days are over, I quit that job last year
Phone: 2 bars. TV: nothing.
the mail takes 3 days and the disc takes 2
"""


def _cases(lines: str) -> list[tuple[str, str, str]]:
    cases = []
    for line in lines.strip().splitlines():
        head, _, text = line.partition(" | ")
        channel, says, *place = head.split(maxsplit=2)
        cases.append((text, f"{channel} {says}", " ".join(place)))
    return cases


def contradict() -> list[tuple[str, str, str]]:
    """Return texts with what they say, and the place they name where the line says one."""
    return _cases(_TOLD)


def harmless() -> list[str]:
    """Return texts that tell of nothing that was told otherwise."""
    return _NOTHING.strip().splitlines()


def later() -> tuple[list[tuple[str, str, str]], list[str]]:
    """Return texts that the rules weren't made for: such that contradict, and such that don't."""
    return _cases(_LATER), _LATER_NOTHING.strip().splitlines()
