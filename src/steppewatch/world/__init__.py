"""Where things are: geodesy, terrain, the border line and its kilometre posts."""
