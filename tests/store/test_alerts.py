"""An alert stands once per source and code; a notice is tried until a channel takes it, under one id."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feedhub.errors import NotFound
from feedhub.model.alert import Notice
from feedhub.store.alerts import (
    add_notices,
    claim_notices,
    clear_alert,
    clear_by_id,
    close_alerts,
    forget_alerts,
    list_alerts,
    list_notices,
    notices_due,
    notices_since,
    open_alerts,
    raise_alert,
    settle_notice,
)
from feedhub.store.engine import Store
from tests.kit import NOW

LEASE = timedelta(minutes=1)


def test_the_same_is_raised_once_and_again_after_its_end(store: Store) -> None:
    with store.write() as tx:
        first = raise_alert(tx, source="s1", code="failing", text="the last poll failed", now=NOW)
        again = raise_alert(tx, source="s1", code="failing", text="the last 2 polls failed", now=NOW + LEASE)
        other = raise_alert(tx, source=None, code="failing", text="x" * 5000, now=NOW)
        assert first == again != other
        found = open_alerts(tx)
        assert [(one.source, one.raised_at, len(one.text)) for one in found] == [("s1", NOW, 23), (None, NOW, 2000)]
        assert found[0].text == "the last 2 polls failed"
        assert clear_alert(tx, source="s1", code="failing", now=NOW + LEASE)
        assert not clear_alert(tx, source="s1", code="failing", now=NOW + LEASE)
        assert raise_alert(tx, source="s1", code="failing", text="anew", now=NOW + 2 * LEASE) != first
        assert [one.cleared_at for one in list_alerts(tx, source="s1", cleared=5)] == [None, NOW + LEASE]
        assert [one.id for one in list_alerts(tx, source="s1")] != [first]
        clear_by_id(tx, other, NOW)
        for wrong in (other, "none", "9" * 30):
            with pytest.raises(NotFound):
                clear_by_id(tx, wrong, NOW)


def test_a_notice_is_due_until_it_is_taken(store: Store) -> None:
    with store.write() as tx:
        alert = raise_alert(tx, source="s1", code="stopped", text="410", now=NOW)
        notice = Notice(
            id="n1",
            channel="email",
            kind="raised",
            alert_ids=(alert,),
            message={"a": "衡阳"},
            made_at=NOW,
            next_try=NOW,
        )
        add_notices(tx, [notice], [alert], NOW)
        assert [notices_since(tx, NOW - LEASE, name) for name in ("email", "other")] == [1, 0]
        assert open_alerts(tx)[0].noticed_at == NOW
    with store.write() as tx:
        assert notices_due(tx, NOW)
        taken = claim_notices(tx, now=NOW, lease=LEASE, most=10)
        assert [(one.id, one.tries, one.message) for one in taken] == [("n1", 1, {"a": "衡阳"})]
        assert claim_notices(tx, now=NOW, lease=LEASE, most=10) == []
    with store.write() as tx:  # whoever took it has died
        later = NOW + LEASE
        taken = claim_notices(tx, now=later, lease=LEASE, most=10)
        settle_notice(tx, taken[0], next_try=later + LEASE, error="no connection", now=later)
        assert (open_alerts(tx)[0].tries, open_alerts(tx)[0].told_at) == (1, None)
        taken = claim_notices(tx, now=later + LEASE, lease=LEASE, most=10)
        settle_notice(tx, taken[0], next_try=None, error=None, now=later + LEASE)
        assert not notices_due(tx, NOW + timedelta(days=9))
        assert open_alerts(tx)[0].told_at == later + LEASE
        assert [(one.tries, one.sent_at, one.last_error) for one in list_notices(tx)] == [(3, later + LEASE, None)]
        assert forget_alerts(tx, NOW + timedelta(days=9)) == 1  # the notice; the alert still stands
        close_alerts(tx, [alert], NOW)
        assert forget_alerts(tx, NOW + timedelta(days=9)) == 1
