"""When is a check or a report due, and what does the host's own scheduler have to be told so that it gets done?

Pure: no clock, no file, no other program. `cli/schedule` shows, writes and removes what is laid out here.
"""
