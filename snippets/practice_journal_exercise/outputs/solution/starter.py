import json



def safe_line(event, allowed):
    """Ligne de JSON avec les seuls champs permis, textes coupés à 64 signes.

    Les champs suivent l'ordre de `allowed` ; un champ absent est ignoré.
    """
    ...  # À vous de jouer



FIELDS = ["chemin", "statut", "duree_ms"]
line = safe_line({"statut": 200, "chemin": "/predict"}, FIELDS)
assert line == '{"chemin": "/predict", "statut": 200}', "ordre, champ absent"

event = {"chemin": "/", "statut": 200, "jeton": "secret", "adresse": "::1"}
assert "secret" not in safe_line(event, FIELDS), "un champ inconnu se tait"
assert "::1" not in safe_line(event, FIELDS), "l'adresse aussi"

forged = {"chemin": '/\n{"chemin": "/", "statut": 200}', "statut": 404}
line = safe_line(forged, FIELDS)
assert "\n" not in line, "un événement, une ligne"
assert json.loads(line)["statut"] == 404, "la fausse ligne reste du texte"

long = json.loads(safe_line({"chemin": "x" * 5000}, FIELDS))
assert len(long["chemin"]) == 64, "un texte démesuré est coupé"
