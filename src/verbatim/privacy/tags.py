"""The closed list of tags that stand for a personal value; the reader and the models know each as one token."""

from __future__ import annotations

from enum import StrEnum


class Tag(StrEnum):
    """Kind of a personal value; ``str(tag)`` is written between brackets in its place."""

    EMAIL = "EMAIL"
    TELEPHONE = "TELEPHONE"
    IBAN = "IBAN"
    CARTE = "CARTE"
    NIR = "NIR"
    SIRET = "SIRET"
    PLAQUE = "PLAQUE"
    ADRESSE = "ADRESSE"
    NAISSANCE = "NAISSANCE"
    CONTRAT = "CONTRAT"
    IP = "IP"
    COMPTE = "COMPTE"
    URL = "URL"
    PERSONNE = "PERSONNE"

    @property
    def token(self) -> str:
        """What is written in the place of a value."""
        return f"[{self.value}]"
