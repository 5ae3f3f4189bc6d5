"""Logs: events with keys, one a line; for people on a terminal, as JSON elsewhere."""

import logging
import sys

if "rich" not in sys.modules:  # structlog would load it into every process, for tracebacks that we write plainly
    sys.modules["rich"] = None  # type: ignore[assignment]  # Python's own way to say that there is none
    import structlog

    del sys.modules["rich"]

import structlog


def configure(level: int = logging.INFO) -> None:
    """Write to standard error. Tracebacks show no local variables: they may hold numbers and words of callers."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_shape(sys.stderr.isatty()),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _shape(people: bool) -> list[structlog.typing.Processor]:
    if people:
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
