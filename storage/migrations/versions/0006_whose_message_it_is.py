"""Whose message it is, since a case may go to another team

A migration leaves the previous release running: add, fill, then remove in a later release.

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-28 21:30:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    told = sa.Column("team", sa.Text(), comment="whose ladder it is on; the case may have gone to another team since")
    op.add_column("deliveries", told)
    op.execute("UPDATE deliveries SET team = (SELECT team FROM cases WHERE cases.number = deliveries.case_number)")


def downgrade() -> None:
    op.drop_column("deliveries", "team")
