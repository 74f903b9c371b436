"""How the pocket model is made and converted. The product imports nothing from here."""
