"""`/metrics` for Prometheus, counted from the database at each scrape: every process gives the same numbers."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from console.health import Health, Report
from storage import measures
from storage.measures import Count
from storage.outbox import QUEUES

PARTS = ("database", "disk", "queue", "mail", "recordings", "alerts", "worker", "clock")
LATELY = timedelta(hours=1)
QUANTILES = {"0.5": 50, "0.9": 90, "0.99": 99}


def metrics(doctor: Health, webhook_failures: Callable[[], int] = lambda: 0) -> Blueprint:
    """The address, open as Prometheus expects it; it tells nothing about callers.

    `webhook_failures` counts what the database may not have seen: it may have been what failed.
    """
    blueprint = Blueprint("metrics", __name__)
    registry = CollectorRegistry()
    registry.register(House(doctor, webhook_failures))

    @blueprint.get("/metrics")
    def scrape() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint


class House(Collector):
    """Gathers the numbers of the house when it is asked."""

    def __init__(self, doctor: Health, webhook_failures: Callable[[], int]) -> None:
        self._doctor = doctor
        self._webhook_failures = webhook_failures

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: registering must not touch the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        report = self._doctor.report()
        yield _parts(report)
        failed = "Requests of the carrier that failed on our side, since the web process started"
        yield CounterMetricFamily("aftercall_webhook_failures", failed, value=self._webhook_failures())
        if "database" not in report.failed:
            now = self._doctor.now()
            with self._doctor.database.reading() as db:
                yield from _calls(db)
                yield from _counts(db)
                yield from _backlog(db, now)
                yield from _latencies(db, now - LATELY)


def _parts(report: Report) -> Metric:
    up = GaugeMetricFamily("aftercall_up", "1 where a part works as it should, as /readyz says", labels=["part"])
    for part in PARTS:
        up.add_metric([part], float(part not in report.failed and part not in report.degraded))
    return up


def _calls(db: Session) -> Iterator[Metric]:
    ended = CounterMetricFamily("aftercall_calls", "Calls that have ended", labels=["survey", "disposition"])
    running = GaugeMetricFamily("aftercall_calls_in_progress", "Calls on the line", labels=["survey"])
    for count in measures.calls(db):
        survey, disposition = count.values
        if disposition == "in_progress":
            running.add_metric([survey], count.n)
        else:
            ended.add_metric([survey, disposition], count.n)
    yield ended
    yield running


def _counts(db: Session) -> Iterator[Metric]:
    cases = GaugeMetricFamily("aftercall_cases", "Recovery cases", labels=["team", "severity", "state"])
    deliveries = GaugeMetricFamily("aftercall_deliveries", "Messages of alerts", labels=["channel", "state"])
    yield _filled(cases, measures.cases(db))
    yield _filled(deliveries, measures.deliveries(db))


def _filled(family: GaugeMetricFamily, counts: Sequence[Count]) -> Metric:
    for count in counts:
        family.add_metric(count.values, count.n)
    return family


def _backlog(db: Session, now: datetime) -> Iterator[Metric]:
    due = GaugeMetricFamily("aftercall_outbox_due", "Work that is due", labels=["queue"])
    oldest = GaugeMetricFamily(
        "aftercall_outbox_oldest_due_seconds", "How long the oldest of it waits", labels=["queue"]
    )
    waiting = {row.queue: row for row in measures.backlog(db, now)}
    for queue in QUEUES:
        row = waiting.get(queue)
        due.add_metric([queue], row.n if row else 0)
        oldest.add_metric([queue], (now - row.oldest_due_at).total_seconds() if row else 0)
    yield due
    yield oldest


def _latencies(db: Session, since: datetime) -> Iterator[Metric]:
    alerts = GaugeMetricFamily(
        "aftercall_alert_seconds",
        "From the alert to its message accepted, in the last hour",
        labels=["channel", "quantile"],
    )
    by_channel: defaultdict[str, list[float]] = defaultdict(list)
    for channel, seconds in measures.alert_seconds(db, since):
        by_channel[channel].append(seconds)
    for channel, took in by_channel.items():
        _add_quantiles(alerts, [channel], took)
    yield alerts
    transcripts = GaugeMetricFamily(
        "aftercall_transcript_seconds",
        "From the stored recording to its transcript, in the last hour",
        labels=["quantile"],
    )
    _add_quantiles(transcripts, [], measures.transcript_seconds(db, since))
    yield transcripts


def _add_quantiles(family: GaugeMetricFamily, labels: Sequence[str], took: Sequence[float]) -> None:
    if took:
        cuts = statistics.quantiles(took if len(took) > 1 else [*took, *took], n=100, method="inclusive")
        for quantile, percent in QUANTILES.items():
            family.add_metric([*labels, quantile], cuts[percent - 1])
