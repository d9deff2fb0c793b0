"""Who holds what, who may see what, by whose consent, provably: the agreement as running rules."""
