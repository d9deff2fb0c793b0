"""What the picture means: zones, rules, alerts."""
