"""What a redacted text says: opinions with their spans, polarity, theme and embedding; knows nothing of scores.

>>> from verbatim.reading import load_encoder
>>> encoder = load_encoder()
>>> reading = encoder.read(["Accueil parfait mais trop cher"], codebook="cx-fr")
>>> reading.opinions[["quote", "polarity", "theme_id"]].values.tolist()
[['Accueil parfait', 'positive', 'accueil_relation'], ['trop cher', 'negative', 'prix_tarif']]
"""

from verbatim.reading.encoder import Encoder, Reading, Scores, load_encoder, shipped_folder
from verbatim.reading.opinions import ReadResult, read_responses

__all__ = ["Encoder", "ReadResult", "Reading", "Scores", "load_encoder", "read_responses", "shipped_folder"]
