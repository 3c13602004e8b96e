"""MkDocs configuration → site: where pages and evidence are, and which language is being built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from macros.words import Words, words_of
from pagelab.documents import Documentation
from pagelab.evidence import Proof, engine_folder, other_engines, read_proof
from pagelab.model import Session

BESIDE = "evidence_beside"  # key of `extra` that `macros.build` sets: MkDocs alone knows one language only


@dataclass(frozen=True, slots=True)
class Site:
    """One language's site and the documentation that it shares with the others."""

    documentation: Documentation
    evidence: Path
    language: str
    beside: bool  # whether the records are published beside the languages, for all of them, or below each

    @classmethod
    def configured(cls, config: MkDocsConfig) -> Site:
        base = Path(config.config_file_path).absolute().parent
        docs = Path(config.docs_dir).absolute()
        languages = tuple(each["lang"] for each in config.extra["alternate"] if not each.get("generated"))
        return cls(
            Documentation(docs.parent, languages, base),
            base / config.extra["evidence"],
            docs.name,
            config.extra.get(BESIDE, False),
        )

    @property
    def words(self) -> Words:
        return words_of(self.language)

    @property
    def claims(self) -> Path:
        """The folder of the claim register, beside the languages."""
        return self.documentation.root / "claims"

    def proof_of(self, session: Session) -> Proof:
        return read_proof(self.evidence, session)

    def proofs_elsewhere(self, session: Session) -> tuple[tuple[str, Proof], ...]:
        """The proofs on other engines, with their versions; only those of the document as it is now."""
        found = ((version, read_proof(engine_folder(self.evidence, version), session)) for version in self.engines)
        return tuple((version, proof) for version, proof in found if proof.state == "current")

    @property
    def engines(self) -> tuple[str, ...]:
        """Versions of which there is evidence beside the default engine's."""
        return other_engines(self.evidence)
