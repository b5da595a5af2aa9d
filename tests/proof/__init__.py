"""La chaîne de preuve du cours : voir tests/README.md."""
