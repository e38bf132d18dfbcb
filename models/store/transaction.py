"""One transaction: all that is kept, by noun."""

from __future__ import annotations

from functools import cached_property

from sqlmodel import Session

from models.seal import Seal
from models.store.acts import Acts
from models.store.alarms import Alarms
from models.store.alerts import Alerts
from models.store.audit import Audit
from models.store.authors import Authors
from models.store.campaigns import Campaigns
from models.store.changes import Happenings
from models.store.clusters import Clusters
from models.store.coined import Coined
from models.store.complaints import Complaints
from models.store.copies import Copies
from models.store.coverage import Coverage
from models.store.days import Days
from models.store.digests import Digests
from models.store.dossiers import Dossiers
from models.store.erasure import Erasure
from models.store.exports import Exports
from models.store.gauges import Gauges
from models.store.gone import Gone
from models.store.holds import Holds
from models.store.holes import Holes
from models.store.incidents import Incidents
from models.store.items import Items
from models.store.leases import Leases
from models.store.mentions import Mentions
from models.store.minutes import Minutes
from models.store.monitors import Monitors
from models.store.outbox import Outbox
from models.store.people import People
from models.store.posts import Posts
from models.store.precedents import Precedents
from models.store.pulse import Pulse
from models.store.queue import Queue
from models.store.quotes import Texts
from models.store.recoveries import Recoveries
from models.store.replies import Replies
from models.store.requests import Requests
from models.store.samples import Samples
from models.store.saved_views import SavedViews
from models.store.spots import Spots
from models.store.status_words import StatusWords
from models.store.tags import Tags
from models.store.tombstones import Tombstones
from models.store.verified import Verified
from models.store.views import Views
from models.store.voices import Voices
from models.store.watches import Watches
from models.store.words import Words


class Transaction:
    """One transaction, by noun. Lives as long as its `with`; `audit` says who changed what."""

    def __init__(self, session: Session, seal: Seal) -> None:
        self.session = session
        self.audit = Audit(session, seal)

    @cached_property
    def incidents(self) -> Incidents:
        """Incidents: open, find, change."""
        return Incidents(self.session)

    @cached_property
    def watches(self) -> Watches:
        """Watches, their bookmarks and troubles."""
        return Watches(self.session)

    @cached_property
    def posts(self) -> Posts:
        """Posts and sightings, in batches."""
        return Posts(self.session)

    @cached_property
    def words(self) -> Words:
        """The words of posts as they are looked for."""
        return Words(self.session)

    @cached_property
    def tags(self) -> Tags:
        """Tags by classifiers and people, in batches."""
        return Tags(self.session)

    @cached_property
    def coverage(self) -> Coverage:
        """Stretches of time proved complete."""
        return Coverage(self.session)

    @cached_property
    def holes(self) -> Holes:
        """Stretches of time still to be read, or lost."""
        return Holes(self.session)

    @cached_property
    def samples(self) -> Samples:
        """Stretches of which only a known share was read."""
        return Samples(self.session)

    @cached_property
    def items(self) -> Items:
        """Posts as the team works on them."""
        return Items(self.session)

    @cached_property
    def copies(self) -> Copies:
        """What new texts are copies of."""
        return Copies(self.session)

    @cached_property
    def clusters(self) -> Clusters:
        """Which texts say the same, as people put it."""
        return Clusters(self.session)

    @cached_property
    def status_words(self) -> StatusWords:
        """What the company said of the service's state."""
        return StatusWords(self.session)

    @cached_property
    def voices(self) -> Voices:
        """Posts, voices and distinct complaints, counted together."""
        return Voices(self.session)

    @cached_property
    def pulse(self) -> Pulse:
        """What is said just now."""
        return Pulse(self.session)

    @cached_property
    def complaints(self) -> Complaints:
        """What is complained of, each thing once."""
        return Complaints(self.session)

    @cached_property
    def minutes(self) -> Minutes:
        """Voices by the minute, for alarms."""
        return Minutes(self.session)

    @cached_property
    def alarms(self) -> Alarms:
        """What rose beyond the usual, or went blind."""
        return Alarms(self.session)

    @cached_property
    def queue(self) -> Queue:
        """Items in the order in which they should be worked on."""
        return Queue(self.session)

    @cached_property
    def happenings(self) -> Happenings:
        """What happened since a moment, for pages that are kept fresh."""
        return Happenings(self.session)

    @cached_property
    def people(self) -> People:
        """Who may do what, and how they get in."""
        return People(self.session)

    @cached_property
    def monitors(self) -> Monitors:
        """Who may call to say that something is down."""
        return Monitors(self.session)

    @cached_property
    def alerts(self) -> Alerts:
        """What they said."""
        return Alerts(self.session)

    @cached_property
    def outbox(self) -> Outbox:
        """What is to be told to the world outside."""
        return Outbox(self.session)

    @cached_property
    def digests(self) -> Digests:
        """Which digests were made to be sent."""
        return Digests(self.session)

    @cached_property
    def leases(self) -> Leases:
        """Who may do a job that must not be done twice at once."""
        return Leases(self.session)

    @cached_property
    def acts(self) -> Acts:
        """What the company said or did."""
        return Acts(self.session)

    @cached_property
    def campaigns(self) -> Campaigns:
        """Which credits it offered."""
        return Campaigns(self.session)

    @cached_property
    def requests(self) -> Requests:
        """What is asked about a credit."""
        return Requests(self.session)

    @cached_property
    def mentions(self) -> Mentions:
        """What posts say was offered."""
        return Mentions(self.session)

    @cached_property
    def recoveries(self) -> Recoveries:
        """What became of those who complained."""
        return Recoveries(self.session)

    @cached_property
    def precedents(self) -> Precedents:
        """What past incidents were like, on one scale."""
        return Precedents(self.session)

    @cached_property
    def replies(self) -> Replies:
        """Saved replies: what people start an answer from."""
        return Replies(self.session)

    @cached_property
    def saved_views(self) -> SavedViews:
        """Views of the queue under a name."""
        return SavedViews(self.session)

    @cached_property
    def exports(self) -> Exports:
        """All that is kept of an incident, in the order it came."""
        return Exports(self.session)

    @cached_property
    def views(self) -> Views:
        """Read-only views for lists and digests."""
        return Views(self.session)

    @cached_property
    def gauges(self) -> Gauges:
        """Figures for those who watch over us."""
        return Gauges(self.session)

    @cached_property
    def spots(self) -> Spots:
        """How far a day's labels are right, as people found."""
        return Spots(self.session)

    @cached_property
    def days(self) -> Days:
        """Counts of one stretch of time, for digests."""
        return Days(self.session)

    @cached_property
    def erasure(self) -> Erasure:
        """Posts on their way out."""
        return Erasure(self.session)

    @cached_property
    def authors(self) -> Authors:
        """Authors, and what stands for them."""
        return Authors(self.session)

    @cached_property
    def dossiers(self) -> Dossiers:
        """Posts with every row that is there because of them."""
        return Dossiers(self.session)

    @cached_property
    def texts(self) -> Texts:
        """Texts of ours that may quote posts."""
        return Texts(self.session)

    @cached_property
    def coined(self) -> Coined:
        """Names coined from posts' words, in what was sent."""
        return Coined(self.session)

    @cached_property
    def gone(self) -> Gone:
        """What was counted of posts that are gone."""
        return Gone(self.session)

    @cached_property
    def holds(self) -> Holds:
        """How long posts are kept, and what may not be erased."""
        return Holds(self.session)

    @cached_property
    def tombstones(self) -> Tombstones:
        """Which posts were erased and may not come back."""
        return Tombstones(self.session)

    @cached_property
    def verified(self) -> Verified:
        """When posts were last known to be at their source."""
        return Verified(self.session)
