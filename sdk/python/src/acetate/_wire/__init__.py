"""Requests and answers as plain values: what both clients share. Nothing here opens a connection or waits."""
