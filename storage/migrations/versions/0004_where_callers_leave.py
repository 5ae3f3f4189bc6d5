"""Where callers leave, which call goes on with which, and open calls found without moving an index at every turn

A migration leaves the previous release running: add, fill, then remove in a later release.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-28 19:40:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

IS_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.add_column("calls", sa.Column("continues", sa.Text(), comment="the unfinished call that this one goes on with"))
    op.add_column("calls", sa.Column("prompt_s", sa.Float(), comment="how long it takes to say what is said now"))
    op.add_column("calls", sa.Column("left_step", sa.Text(), comment="where a caller left who reached no ending"))
    op.add_column(
        "calls",
        sa.Column("left_after_s", sa.Float(), comment="since the prompt began; None where the clock noticed"),
    )
    op.create_index("uq_calls_continues", "calls", ["continues"], unique=True)
    op.drop_index("ix_calls_open", "calls")
    op.create_index("ix_calls_open", "calls", ["started_at"], sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)


def downgrade() -> None:
    op.drop_index("ix_calls_open", "calls")
    op.create_index("ix_calls_open", "calls", ["heard_at"], sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
    op.drop_index("uq_calls_continues", "calls")
    for name in ("left_after_s", "left_step", "prompt_s", "continues"):
        op.drop_column("calls", name)
