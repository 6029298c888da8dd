"""The blocking client, written by `scripts/unasync.py` from the one for `asyncio`; not to be edited."""
