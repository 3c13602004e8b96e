"""What pytest was told: options and the project's configuration, as the values that runs need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from pagelab.documents import Documentation
from pagelab.errors import LabError
from pagelab.evidence import engine_folder
from pagelab.project import Project
from pagelab.recipes import FILE, Cookbook, read_cookbook
from pagelab.requirements import RequirementError, read_insisted

if TYPE_CHECKING:
    import docker

    from pagelab.daemon import Say
    from pagelab.named import NamedCluster
    from pagelab.nodeimage import NodeSource

CLUSTERS = "pagelab_clusters"


def add_options(parser: pytest.Parser) -> None:
    """Tell pytest what its command line and the project's configuration may say."""
    group = parser.getgroup("pagelab", "Markdown pages whose commands are run")
    group.addoption("--update", action="store_true", help="rewrite shown output that differs, in every language")
    group.addoption(
        "--require",
        action="append",
        default=[],
        metavar="NAME",
        help="fail, instead of skipping, where the lab lacks what a page requires: swarm, kvm, …; all but versions",
    )
    group.addoption("--run-summary", metavar="FILE", help="write counts and messages of the run as JSON")
    group.addoption("--no-cache", action="store_true", help="run documents whose proof is current, too")
    group.addoption(
        "--provider",
        choices=("docker", "local"),
        default="docker",
        help="where pages run: nested Docker hosts (default), or a scratch directory here, as yourself",
    )
    group.addoption(
        "--engine",
        metavar="VERSION",
        help="Docker version of the labs (default: that of the recipes); the evidence of another one is kept apart",
    )
    group.addoption(
        "--kube-context",
        metavar="NAME",
        help="run what needs Kubernetes in a namespace of this context's cluster, instead of in a cluster made for it",
    )
    group.addoption(
        "--kubeconfig", metavar="FILE", default="", help="the file that it is in; alone: its current context"
    )
    parser.addini("pagelab_docs", "folder with one folder of pages per language", default="docs")
    parser.addini("pagelab_languages", "the languages of the pages, first is the one that runs", type="args")
    parser.addini("pagelab_evidence", "folder that evidence is written to", default="evidence")
    parser.addini("pagelab_images", "folder with recipes of the project's own images (snippets/images, if it has any)")
    parser.addini(CLUSTERS, "`kind` or `built`: where clusters come from (kind where it can be had, else built)")
    parser.addini("pagelab_kind_image", "image of kind's nodes, with its digest (that which kind is made for)")


def read_project(paths: tuple[Path, ...] = ()) -> Project:
    """The project that these paths belong to, found and read as pytest does. Raises pytest.UsageError."""
    return project_of(pytest.Config.fromdictargs({}, ["--capture=no", *map(str, paths)]))


def project_of(config: pytest.Config) -> Project:
    """The project that pytest was started in."""
    root = config.rootpath
    languages = tuple(config.getini("pagelab_languages"))
    return Project(
        Documentation(root / config.getini("pagelab_docs"), languages, root),
        root / config.getini("pagelab_evidence"),
        _recipes(root, config.getini("pagelab_images")),
        _way(config.getini(CLUSTERS)),
        config.getini("pagelab_kind_image"),
    )


def _way(named: str) -> str:
    """Where the project wants its clusters from, empty where it does not care. Raises pytest.UsageError."""
    if named not in ("", "kind", "built"):
        raise pytest.UsageError(f"{CLUSTERS}: `{named}` is neither `kind` nor `built`")
    return named


def _recipes(root: Path, named: str) -> Path | None:
    """The folder of the project's own recipes. One that it names must be there; else it may have none."""
    usual = root / "snippets" / "images"
    if named:
        return root / named
    return usual if (usual / FILE).exists() else None


def insisted(config: pytest.Config) -> frozenset[str]:
    """The requirements that must not be lacking. Raises pytest.UsageError for one that nobody knows."""
    try:
        return read_insisted(config.getoption("require"))
    except RequirementError as error:
        raise pytest.UsageError(f"--require: {error}") from None


def evidence_folder(config: pytest.Config, project: Project) -> Path:
    """Where this run's evidence goes: that of the default engine is what the site rests on. Raises UsageError."""
    if not (version := config.getoption("engine")):
        return project.evidence
    if config.getoption("provider") != "docker":
        raise pytest.UsageError("--engine is a Docker version: it needs the provider `docker`")
    try:
        book = read_cookbook(project.recipes)
        if book.engine(version).version == book.default:
            return project.evidence
    except LabError as error:
        raise pytest.UsageError(str(error)) from None
    if config.getoption("update"):
        raise pytest.UsageError(f"--update takes over what Docker {book.default} prints: leave out --engine")
    return engine_folder(project.evidence, version)


def kube_context(config: pytest.Config) -> str:
    """The context whose cluster this run uses, of a file that is named alone its current one. Raises UsageError."""
    context, file = config.getoption("kube_context") or "", config.getoption("kubeconfig")
    if (context or file) and config.getoption("provider") != "docker":
        option = "--kube-context" if context else "--kubeconfig"
        raise pytest.UsageError(f"{option} names a cluster: it needs the provider `docker`")
    return context or (_current_context(file) if file else "")


def _current_context(file: str) -> str:
    try:
        context = yaml.safe_load(Path(file).read_text(encoding="utf-8")).get("current-context")
    except OSError as error:
        raise pytest.UsageError(f"--kubeconfig {file}: {error.strerror}") from None
    except (ValueError, AttributeError, yaml.YAMLError):
        raise pytest.UsageError(f"--kubeconfig {file}: this is no kubeconfig") from None
    if not context:
        raise pytest.UsageError(f"--kubeconfig {file}: it has no current context: name one with --kube-context")
    return str(context)


def cluster_source(
    config: pytest.Config, client: docker.DockerClient, book: Cookbook, say: Say
) -> NodeSource | NamedCluster | None:
    """Where this run's clusters come from: one that it names, kind, or nodes built here; None beside another engine."""
    from pagelab.kind import own_clusters
    from pagelab.named import NamedCluster

    if context := kube_context(config):
        file = config.getoption("kubeconfig")
        if not config.getoption("kube_context"):
            say(f"the cluster of {file} is that of its current context, {context}")
        return NamedCluster(context, file)
    version = config.getoption("engine") or ""
    if book.engine(version) != book.engine():
        return None
    project = project_of(config)
    return own_clusters(client, book, say, project.clusters, project.kind_image)
