"""The command line: ``steppewatch <room> <verb>``; nothing heavy is imported until it runs."""


def main() -> None:
    """Run the command line."""
