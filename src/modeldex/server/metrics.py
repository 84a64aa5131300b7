"""Figures of the service for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric

    from modeldex.server.service import Service

KIND = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """What this process has answered, and how it stands; of each worker its own."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.counts: dict[tuple[str, int], int] = {}
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "modeldex_answer_seconds",
            "Seconds that routes took; answers known already are not among them.",
            ["route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._registry.register(self)

    def count(self, way: str, status: int) -> None:
        """Count an answer: known already, or of a route."""
        key = (way, status)
        self.counts[key] = self.counts.get(key, 0) + 1

    def took(self, route: str, seconds: float) -> None:
        """Note how long a route took."""
        self._seconds.labels(route).observe(seconds)

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; as prometheus_client asks."""
        answers = CounterMetricFamily(
            "modeldex_answers",
            "Answers, by the way they came and their status.",
            labels=["way", "status"],
        )
        for (way, status), count in sorted(self.counts.items()):
            answers.add_metric([way, str(status)], count)
        yield answers
        service = self._service
        meta = service.registry.catalog.snapshot.meta
        yield _gauge("models", "Models in the catalogue.", meta["models"])
        yield _gauge("revision", "Revision that is served.", service.revision)
        if service.following is not None:
            standing = service.following.status()
            yield _gauge("age_seconds", "Since the store confirmed it.", standing.age)
            yield _gauge("store_up", "Whether the store answers.", standing.store_up)
            if standing.events_up is not None:
                yield _gauge("events_up", "Whether events come.", standing.events_up)

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        found: bytes = generate_latest(self._registry)
        return found


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"modeldex_{name}", about, value=float(value))
