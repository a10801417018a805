"""How networks are trained and scored."""
