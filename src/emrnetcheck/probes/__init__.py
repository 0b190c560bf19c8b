"""Campaigns of exchanges, each giving one evidence. PROBES lists them in the order in which they are measured."""
