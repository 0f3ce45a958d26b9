"""Prefect flows: what runs, when, in which order, with which retries. No logic."""
