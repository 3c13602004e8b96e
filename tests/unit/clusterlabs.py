"""Local labs in place of those with a cluster, for tests of what a run makes of them."""

from __future__ import annotations

from typing import Any

from pagelab.local import LocalProvider
from pagelab.model import Cluster


class Clusters(LocalProvider):
    """Local labs that count as hosts beside a cluster, the same from run to run, or as lacking one."""

    def __init__(self, lacking: str = "") -> None:
        self.lacking = lacking

    def identity(self, cluster: Cluster | None = None) -> str:  # noqa: ARG002 - the interface has it
        return "steady"

    def lacks_cluster(self, cluster: Cluster) -> str:  # noqa: ARG002
        return self.lacking

    def lab(
        self, name: str, hosts: tuple[str, ...] = ("host",), cluster: Cluster | None = None, kvm: bool = False
    ) -> Any:
        assert cluster is not None
        assert not kvm
        return super().lab(f"{name} on {hosts}")
