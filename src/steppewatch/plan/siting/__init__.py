"""Choose the best sites under a budget, and prove how good the choice is."""
