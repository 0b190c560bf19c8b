"""Reports: a report in, text out. Each format is a module; none decides anything that the report does not say."""
