"""How many calls each balanced block has had

A migration leaves the previous release running: add, fill, then remove in a later release.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-28 19:20:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "balanced_blocks",
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("block", sa.Text(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False, comment="begun so far, with any version of the survey"),
        sa.PrimaryKeyConstraint("survey", "block", name=op.f("pk_balanced_blocks")),
    )


def downgrade() -> None:
    op.drop_table("balanced_blocks")
