"""Texts written for the tests: what fails, `component symptom[/device] [@place] | text`, and where nothing does."""

from __future__ import annotations

_FAILS = """
tv_app wont_load @Spain | TV app won't load in Spain
tv_app wont_load/Roku | my roku app is stuck on the loading screen since this morning
tv_app buffering/Roku | Roku app keeps buffering every 10 seconds
tv_app crashes/Fire TV | The app crashes on my Firestick as soon as I pick a profile
tv_app crashes/PS5 | PS5 app crashed four times tonight
tv_app wont_load/Xbox | app won't open on xbox
tv_app down/Smart TV @Madrid | smart TV app is down here in Madrid
tv_app error_UI-800-3 | error code UI-800-3 on my tv app again
tv_app error_1016/Samsung TV | Samsung TV app says error 1016
tv_app logged_out/LG TV | LG TV app logged me out again, third time
tv_app wont_load/Apple TV | black screen on Apple TV, reelpost does nothing
tv_app wont_load/Chromecast | casting to chromecast just spins forever
mobile_app crashes/iPhone | iPhone app keeps crashing on launch
mobile_app wont_load/Android | The android app doesn't load anything but the logo
mobile_app wont_load/iPad | my iPad app is stuck at the splash screen
mobile_app logged_out | phone app signed me out and won't let me log in
mobile_app down @Leeds | mobile app is down in Leeds
app crashes | your app keeps crashing
app wont_load | App won't open.
app logged_out | the app keeps kicking me out and says session expired
website down | website is down
website error_503 | 503 service unavailable on your site
website wont_load/Safari | the site won't load in safari
website error_404 | getting a 404 not found on the website for my queue
website wont_load | The homepage is a blank page for me
website slow | site is so slow today
login logged_out | can't log in
login logged_out | I cannot sign in with the right password, anyone else?
login logged_out @Chicago | login fails for everybody in Chicago
login logged_out | password rejected five times, it's the right one
login logged_out | verification code never arrives
login logged_out | I've been logged out of everything
login down | log in is still down
payments payment_refused | my card was declined twice, the card is fine
payments payment_refused | payment failed again at checkout
payments payment_refused | PayPal payment rejected, why
payments charged_twice | I was charged twice this month
payments charged_twice | you double charged my card
payments payment_refused @Brazil | can't pay with my card in Brazil
shipping not_arrived | still no discs
shipping not_arrived | My disc hasn't shipped since Monday
shipping not_arrived @Ohio | discs are late again in Ohio, day three
shipping not_arrived | waiting for my package since last Tuesday
shipping not_arrived | lost delivery number two this month
shipping not_arrived | no shipment this week, no word either
playback buffering | constant buffering on every show
playback no_sound | no sound on any movie
playback no_sound | audio out of sync since the update
playback no_picture | sound but no picture on all episodes
playback no_captions | no subtitles on anything tonight
playback buffering @London | streaming keeps freezing here in London
playback wont_load | videos don't play at all
playback wont_load | live stream won't start
search wont_load | search doesn't load
search down | Search is broken, it finds nothing
downloads missing | all my downloads disappeared
downloads wont_load | downloads are stuck at 0
notifications down | notifications stopped working on friday
internet down @Miami | internet is down in Miami
internet down | no service, fiber is still offline
phone_service down | calls don't work since noon
none down | Reelpost is down again
none down | is it just me or is it down? it's down for my sister too
none wont_load | nothing loads
none wont_load | keeps timing out
none missing | my watchlist is gone
none error | something went wrong, try again later. for three hours now
mobile_app wont_load/iPhone | website works fine but the iphone app won't load
tv_app buffering/Roku | no problems on my laptop but the Roku app is buffering nonstop
tv_app wont_load/Roku @Ohio | Anybody in Ohio having trouble? My Roku app just sits on a black screen
tv_app crashes/Samsung TV | On my Samsung TV the app crashed during the last five minutes. THE LAST FIVE
tv_app buffering/Fire TV @Manchester | fire stick in Manchester buffering every minute, unwatchable
tv_app logged_out/Xbox | xbox app logs me out whenever I switch profiles
tv_app error_AVF-11800/Apple TV | Apple TV keeps giving error AVF-11800
tv_app wont_load/PS5 | playstation 5 app refuses to start
mobile_app wont_load/Android @India | India here, android app not loading since 9
mobile_app crashes | The phone app keeps closing on me
mobile_app logged_out/iPhone | signed out on my iphone for no reason and it says wrong... anyway
website error_500 | error 500 on the website, all day
website wont_load/Firefox | website times out in firefox
website down @Toronto | Website unreachable from Toronto
login logged_out | Locked out. Can't log back in.
login logged_out | your 2FA code never came
login logged_out @Bristol | nobody in Bristol can sign in
payments payment_refused | it declined my card even though there is money on it
payments payment_refused | Checkout fails at the last step
payments charged_twice | checked my statement: billed twice for March
shipping not_arrived | Six days and my discs haven't shipped
shipping not_arrived @Kansas City | package lost somewhere between you and Kansas City, again
shipping not_arrived | I still have not received a single disc
playback buffering | the stream stutters and the picture pixelates
playback no_sound | Lost the sound halfway through the movie, no audio since
playback no_captions | where did the captions go, no subtitles on any show
search wont_load | search results won't load
downloads crashes | opening my downloads crashes the thing
internet down @Glasgow | fibre down all over Glasgow
none down | you've been down since dawn
none wont_load | all I get is a spinning wheel
none crashes | it crashed. again. on a friday.
tv_app down/LG TV | lg tv app isn't working, phone works fine
none missing | profiles are gone, history is gone
"""

_FINE = """
works fine here
TV app works again, thanks
no problems in Spain
my roku is working perfectly
the app is back
login works now
no longer buffering, finally
payment went through
discs arrived today
is the TV app down?
does it work on roku?
did the website go down yesterday?
what's the error code for a wrong password?
Netflix is down too
hulu keeps buffering, reelpost is fine
my bank declined the card
power outage here, no tv at all
you let me down
calm down everybody
I'm broken hearted about the show being cancelled
broken promises, that's all you have
stuck at home with nothing to watch
stuck in traffic, listening to the podcast
the show is so slow to get going
slow response from support
customer service is down to one person
used to crash every day, great since the update
remember when it was down for a week?
last year the app crashed all the time
if the app crashes I'll cancel
hope it doesn't crash during the finale
what if the site is down tomorrow
no crash so far
no errors here
it doesn't buffer on wifi
never buffers for me
without any buffering, wow
how to log in on a new tv?
how to get subtitles?
I was down with the flu, so I watched everything
down payment for the new tv
prices are going down, nice
put the remote down
the market crashed today
crash course in cooking is my favourite show
error on my part, sorry
trial and error
I cancelled, my card expires anyway
charged my phone twice today
great movie about a bank robbery
why do you have no new movies
I want a credit
credit please, three days of this
no answer from support
where is my refund
5 stars, love the app
the new player looks great
I love the roku app
watching on my iPhone in Paris
your prices are ridiculous
the loading bay at the warehouse is huge
shipping was quick this time
my disc came a day early
thanks for fixing the login
the outage is fixed
status page says all systems operational
we are back online
not down for me
Spain won the game, what a match
my account number is 4711
episode 503 was the best
season 2 error, episode 5, was a great plot
download of the app went well
Is anyone watching the finale?
my TV broke
bought a new Samsung TV today
The Roku app has never crashed on me
app is fine for me, what's everyone on about
since yesterday it loads again
your new login page looks nice
Is the Xbox app any good?
I could not care less about the outage
Would a new router help with buffering?
if it buffers, lower the quality
how do I log out of all devices?
logged in just fine after the update
the video of the outage meeting was fun
finally, no more black screen
spent the evening down at the lake, no tv
I wish you'd bring back the old app
still love you guys
please add an app for LG TV
payment is due on the first
paid with my card, no trouble
sending the disc back tomorrow
got two discs today
my roommate is stuck in Denver
I'm signed up for the mailing list
the plot fell apart, the ending crashed and burned
black screen of the intro is so stylish
you are slow to admit mistakes
prime video is down as well
half price deal, count me in
the error was mine
I am missing my old queue of favourites from college days
volume down button on my remote
went down to the basement to reset the router
cool app icon
a credit for the outage would be nice
in Spain we say: better late than never
"""

_LATER = """
tv_app wont_load/Roku @Arizona | Arizona here. Opening the app on my Roku gets me a black screen
tv_app buffering/Samsung TV | Samsung smart TV: buffers, plays ten seconds, buffers
tv_app crashes/Xbox @Poland | xbox app crashing all evening in Poland
tv_app logged_out/Fire TV | Fire TV app signed us out on a Saturday night
tv_app error_H-12/PS4 | PS4 app shows error H-12
tv_app down/LG TV | LG TV app still not working after the update
tv_app wont_load | The TV app hangs at the logo
mobile_app crashes/Android | Android app crashes when I open my queue
mobile_app wont_load/iPhone @Seattle | nothing loads in the iPhone app, Seattle
mobile_app down | phone app doesn't work
mobile_app logged_out/iPad | my ipad app keeps logging me out
app error | the app gives me an error message and that's it
website wont_load/Chrome | site won't open in chrome
website error_502 | 502 bad gateway on the website
website slow | the website is painfully slow
website down @Ireland | website is down across Ireland
login logged_out | Sign in fails with "invalid credentials"
login logged_out | locked out of my account since noon
login logged_out @Vienna | can't sign in, Vienna, Austria
payments payment_refused | card declined at checkout three times
payments payment_refused @Mexico City | I can't pay, I'm in Mexico City and every card gets rejected
payments charged_twice | why have I been billed twice
shipping not_arrived @Nashville | disc never showed up in Nashville
shipping not_arrived | it's been nine days, no delivery
shipping not_arrived | my package is late. again.
playback buffering | the show freezes every two minutes
playback no_sound | there's no audio on anything I play
playback no_captions | subtitles are missing on all the French films
search down | search isn't working
notifications down | alerts not working anymore
internet down @Cardiff | broadband is down in Cardiff
none down | still down
none wont_load | won't load won't load won't load
"""

_LATER_FINE = """
everything loads instantly today
app hasn't crashed once
Roku app got so much better
thanks, login is working now
no buffering in Sweden
is the app free?
does the TV app have profiles?
what does error 1016 mean in general?
amazon is down
youtube won't load either so it's my provider, false alarm
my provider is down, not you
I'm down to my last disc
sit down and relax people
that finale crashed my emotions
frozen is my daughter's favourite
the pacing is slow
error-free since the update
no error this time
we got logged in eventually
paid my bill on time
declined the offer, too little
payment received, says the app
package came early
waiting for my refund
waiting for season 3
my list is getting long
my queue has 400 discs
show me the new releases
the sound design on that movie is amazing
subtitles in Klingon would be fun
good morning from Vienna
back to work on Monday
it was a black day for fans
"""


def _cases(lines: str) -> list[tuple[str, tuple[str, str, str], str]]:
    cases = []
    for line in lines.strip().splitlines():
        head, _, text = line.partition(" | ")
        head, _, place = head.partition(" @")
        component, _, rest = head.partition(" ")
        symptom, _, device = rest.partition("/")
        symptom = symptom.replace("error_", "error ")
        cases.append((text, ("" if component == "none" else component, symptom, device), place))
    return cases


def failing() -> list[tuple[str, tuple[str, str, str], str]]:
    """Return texts with what fails, and the place they name where the line says one."""
    return _cases(_FAILS)


def fine() -> list[str]:
    """Return texts in which nothing fails."""
    return _FINE.strip().splitlines()


def later() -> tuple[list[tuple[str, tuple[str, str, str], str]], list[str]]:
    """Return texts that the rules weren't made for: such in which something fails, and such in which nothing does."""
    return _cases(_LATER), _LATER_FINE.strip().splitlines()
