"""What it means: the picture of what is there now, and the rules that ask for attention."""
