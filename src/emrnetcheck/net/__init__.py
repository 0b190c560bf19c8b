"""The only room with sockets and other programs: one exchange per function, a Failure instead of a network error."""
