"""Recordings have a queue of their own, so that they and messages do not wait for each other

A migration leaves the previous release running: add, fill, then remove in a later release.

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-28 21:20:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WAITING = "state = 'pending' AND (kind LIKE 'recording.%' OR kind LIKE 'audio.%')"


def upgrade() -> None:
    op.execute(sa.text(f"UPDATE outbox SET queue = 'recordings' WHERE queue = 'alerts' AND {WAITING}"))
    _say("alerts, recordings or transcription", "alerts or transcription")


def downgrade() -> None:
    op.execute(sa.text(f"UPDATE outbox SET queue = 'alerts' WHERE queue = 'recordings' AND {WAITING}"))
    _say("alerts or transcription", "alerts, recordings or transcription")


def _say(comment: str, before: str) -> None:
    """SQLite keeps no comments."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("outbox", "queue", existing_type=sa.Text(), comment=comment, existing_comment=before)
