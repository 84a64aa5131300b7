"""The history before revision 1, out of published packages: see docs/history.md."""
