"""Files, object stores, databases and survey tools' exports in; redacted responses and quarantine out."""

from verbatim.ingest.ingestion import Ingested, ingest

__all__ = ["Ingested", "ingest"]
