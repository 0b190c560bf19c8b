"""Alarms: the machine by tables, and whole years of a clinic."""
