"""What a radar sees: its design, the physics of one look, and the draw of its plots."""
