"""The scenarios: described organizations, one a file. See `README.md` for the words they are written in."""
