"""Grafana's webhook contact point: Alertmanager's shape, and a signature if one is set up."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from amends.hooks.alertmanager import Alertmanager
from amends.hooks.kind import Call, moment

NO_OUTAGE = ("DatasourceNoData", "DatasourceError", "TestAlert")
SKEW = timedelta(minutes=5)


class Grafana(Alertmanager):
    """Grafana alerting. `timestamp` names the header that holds the time of a signed call."""

    name = "grafana"
    title = "Grafana alerting"
    hint = "a contact point of type Webhook with this address"
    signs = "if asked"
    settings = {"timestamp": ""}  # noqa: RUF012

    def counts(self, name: str) -> bool:
        """Return whether it speaks of our service, and not of Grafana itself."""
        return name not in NO_OUTAGE

    def proved(self, call: Call, secret: str, now: datetime) -> bool:
        """Return whether the signature fits, and where a time is signed with it, that it is now."""
        header = call.settings.get("timestamp", "").lower()
        signed = call.body
        if header:
            said = call.headers.get(header, "")
            at = moment(said)
            if at is None or abs(now - at) > SKEW:
                return False
            signed = said.encode() + b":" + call.body
        ours = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        given = call.headers.get("x-grafana-alerting-signature", "")
        return hmac.compare_digest(ours.encode(), given.encode())


kind = Grafana()
