"""The hub: topics, subscriptions, requests for them, tries; and which changes a section's document never announced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the tables to this revision."""
    _quiet_changes()
    _topics()
    _subscriptions()
    _requests()
    _attempts()
    _partners()
    _webhooks()
    _canaries()
    _notices()
    _profile_states()


def _quiet_changes() -> None:
    op.add_column("section_changes", sa.Column("quiet", sa.Boolean(), nullable=True))


def _topics() -> None:
    op.create_table(
        "topics",
        sa.Column("id", _ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(2000), nullable=False),
        sa.Column("foreign", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.BigInteger()),
        sa.Column("pinged_at", sa.BigInteger()),
        sa.Column("fetch_due", sa.BigInteger()),
        sa.Column("fetched_at", sa.BigInteger()),
        sa.Column("fetch_error", sa.Text()),
        sa.Column("content_type", sa.Text()),
        sa.Column("digest", sa.String(64)),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("name", name="uq_topics_name"),
    )
    op.create_index("ix_topics_fetch_due", "topics", ["fetch_due"])


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", _ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("topic_id", _ROW_NUMBER, nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("callback_key", sa.String(64), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("dialect", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("signature", sa.String(8), nullable=False),
        sa.Column("partner", sa.String(128)),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=False),
        sa.Column("request_id", _ROW_NUMBER, nullable=False),
        sa.Column("acked_seq", sa.BigInteger(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("stopped_seq", sa.BigInteger()),
        sa.Column("stopped_at", sa.BigInteger()),
        sa.Column("last_status", sa.Integer()),
        sa.Column("last_at", sa.BigInteger()),
        sa.Column("answer_ms", sa.Integer()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("claim_owner", sa.String(128)),
        sa.Column("claim_until", sa.BigInteger()),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("procedure", sa.String(128)),
    )
    op.create_index(
        "ix_subscriptions_topic_id_callback_key_dialect",
        "subscriptions",
        ["topic_id", "callback_key", "dialect"],
        unique=True,
    )
    op.create_index("ix_subscriptions_topic_id_state_acked_seq", "subscriptions", ["topic_id", "state", "acked_seq"])
    op.create_index("ix_subscriptions_state_lease_until", "subscriptions", ["state", "lease_until"])
    op.create_index("ix_subscriptions_host_state", "subscriptions", ["host", "state"])
    op.create_index("ix_subscriptions_ended_at", "subscriptions", ["ended_at"])
    op.create_index("ix_subscriptions_partner", "subscriptions", ["partner"])


def _requests() -> None:
    op.create_table(
        "subscription_requests",
        sa.Column("id", _ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("topic_id", _ROW_NUMBER, nullable=False),
        sa.Column("asked_topic", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("callback_key", sa.String(64), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("dialect", sa.String(16), nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("signature", sa.String(8), nullable=False),
        sa.Column("partner", sa.String(128)),
        sa.Column("lease_seconds", sa.Integer(), nullable=False),
        sa.Column("since_seq", sa.BigInteger()),
        sa.Column("baseline_seq", sa.BigInteger(), nullable=False),
        sa.Column("exempt", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claim_until", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("failed_at", sa.BigInteger()),
        sa.Column("outcome", sa.Text()),
        sa.Column("procedure", sa.String(128)),
        sa.Column("by_test", sa.Boolean(), nullable=False),
        sa.Column("to_approve", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(64)),
    )
    op.create_index("ix_subscription_requests_ended_at_next_try", "subscription_requests", ["ended_at", "next_try"])
    op.create_index(
        "ix_subscription_requests_callback_key_ended_at", "subscription_requests", ["callback_key", "ended_at"]
    )
    op.create_index("ix_subscription_requests_host_failed_at", "subscription_requests", ["host", "failed_at"])
    op.create_index("ix_subscription_requests_host_ended_at", "subscription_requests", ["host", "ended_at"])
    op.create_index("ix_subscription_requests_address_failed_at", "subscription_requests", ["address", "failed_at"])
    op.create_index("ix_subscription_requests_address_ended_at", "subscription_requests", ["address", "ended_at"])


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", _ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("subscription_id", _ROW_NUMBER, nullable=False),
        sa.Column("delivery_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("catch_up", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("reason", sa.Text()),
        sa.Column("answer_ms", sa.Integer()),
    )
    op.create_index("ix_attempts_subscription_id_id", "attempts", ["subscription_id", "id"])
    op.create_index("ix_attempts_at", "attempts", ["at"])


def _partners() -> None:
    op.create_table(
        "partners",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("key_digest", sa.String(64), nullable=False),
        sa.Column("old_digest", sa.String(64)),
        sa.Column("old_until", sa.BigInteger()),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("rotated_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
    )
    op.create_index("ix_partners_key_digest", "partners", ["key_digest"])
    op.create_index("ix_partners_old_digest", "partners", ["old_digest"])


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", _ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(128), nullable=False),
        sa.Column("old_secret", sa.String(128)),
        sa.Column("old_until", sa.BigInteger()),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("partner", sa.String(128)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("held_until", sa.BigInteger()),
        sa.UniqueConstraint("name", name="uq_webhooks_name"),
    )
    op.create_table(
        "webhook_events",
        sa.Column("id", _ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("webhook_id", _ROW_NUMBER, nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger()),
        sa.Column("article_id", sa.String(64)),
        sa.Column("data", sa.JSON()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("next_try", sa.BigInteger()),
        sa.Column("claim_until", sa.BigInteger()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("status", sa.Integer()),
        sa.Column("done_at", sa.BigInteger()),
    )
    op.create_index("ix_webhook_events_webhook_id_next_try_id", "webhook_events", ["webhook_id", "next_try", "id"])
    op.create_index("ix_webhook_events_webhook_id_article_id", "webhook_events", ["webhook_id", "article_id"])
    op.create_index("ix_webhook_events_webhook_id_claim_until", "webhook_events", ["webhook_id", "claim_until"])
    op.create_index("ix_webhook_events_done_at", "webhook_events", ["done_at"])


def _canaries() -> None:
    op.create_table(
        "canaries",
        sa.Column("topic", sa.String(640), primary_key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("mounted_at", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger()),
        sa.Column("latencies", sa.JSON(), nullable=False),
    )


def _notices() -> None:
    """Until when a notice stands for a withdrawn article."""
    op.add_column("articles", sa.Column("notice_until", sa.BigInteger(), nullable=True))
    op.create_index("ix_articles_notice_until", "articles", ["notice_until"])


def _profile_states() -> None:
    """When partners' documents are due by themselves, and what could not be written into them."""
    op.create_table(
        "profile_states",
        sa.Column("path", sa.String(640), primary_key=True),
        sa.Column("renew_at", sa.BigInteger(), nullable=True),
        sa.Column("left_out", sa.JSON(), nullable=False),
    )
