"""Evidence and claims → files of the site."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from macros.factcheck import facts_json
from macros.register import read_register
from macros.site import Site
from macros.standing import blocks_of, judge_claim
from pagelab.errors import PageError
from pagelab.evidence import SCHEMA_FILE, engine_folder, evidence_path


def publish_evidence(site: Site, target: Path) -> None:
    """Copy the records of documents that exist to evidence/ below the target, and the schema that they follow."""
    shutil.rmtree(target / "evidence", ignore_errors=True)
    for document, _ in site.documentation.documents():
        for engine in ("", *site.engines):
            record = evidence_path(engine_folder(site.evidence, engine), document)
            if record.is_file():
                place = target / "evidence" / record.relative_to(site.evidence)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(record, place)
    if (target / "evidence").is_dir():
        shutil.copyfile(SCHEMA_FILE, target / "evidence" / "schema.json")


def publish_claims(site: Site, target: Path) -> None:
    """Write the claim register to claims.json below the target, with where each claim stands in this build."""
    try:
        register = read_register(site.claims, site.documentation.base)
    except PageError:
        return  # the pages' builds have said so
    blocks = blocks_of(site)
    judged = {claim.id: judge_claim(register, claim, blocks) for claim in register.claims}
    text = json.dumps(facts_json(register, judged), ensure_ascii=False, indent=1)
    (target / "claims.json").write_text(f"{text}\n", encoding="utf-8")
