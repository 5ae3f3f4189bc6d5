"""Verbatims in depth: redacted copies, waveforms, how long they are kept, who listened, legal holds

A migration leaves the previous release running: add, fill, then remove in a later release.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-28 18:40:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("verbatim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "by",
            sa.Text(),
            nullable=False,
            comment="a person, a program's token or a signed link, never the token itself",
        ),
        sa.ForeignKeyConstraint(
            ["verbatim_id"], ["verbatims.id"], name=op.f("fk_listens_verbatim_id_verbatims"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listens")),
    )
    op.create_index(op.f("ix_listens_verbatim_id"), "listens", ["verbatim_id"])
    for table, column in ADDED:
        op.add_column(table, column)


ADDED = (
    ("calls", sa.Column("held_at", sa.DateTime(timezone=True), comment="a legal hold: nothing of the call may be deleted")),
    ("calls", sa.Column("held_for", sa.Text(), comment="the reason of the hold")),
    ("verbatims", sa.Column("cut_s", sa.Float(), comment="silence cut from the start; times are those of the MP3")),
    ("verbatims", sa.Column("peaks", sa.JSON(), comment="the MP3's loudness, 0 to 100")),
    ("verbatims", sa.Column("redact", sa.JSON(), comment="kinds of words to blank out")),
    ("verbatims", sa.Column("redacted_key", sa.Text(), comment="the MP3 without them, once they are known")),
    ("verbatims", sa.Column("redacted_sha256", sa.Text())),
    ("verbatims", sa.Column("redacted_size_bytes", sa.Integer())),
    ("verbatims", sa.Column("keep_s", sa.Float(), comment="from stored to deleted; None is for ever")),
)


def downgrade() -> None:
    for table, column in reversed(ADDED):
        op.drop_column(table, column.name)
    op.drop_table("listens")
