"""Evidence → files of the site."""

from __future__ import annotations

import shutil
from pathlib import Path

from macros.site import Site
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
