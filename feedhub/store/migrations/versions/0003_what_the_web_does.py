"""What is learned of a source over its polls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    _learned()


def _learned() -> None:
    op.add_column("sources", sa.Column("learned", sa.JSON(), nullable=True))
