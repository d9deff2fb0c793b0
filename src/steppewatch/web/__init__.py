"""The operator's picture: API, live stream, the built front end."""
