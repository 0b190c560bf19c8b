"""The command line: parse, wire, print, exit. One module per command."""
