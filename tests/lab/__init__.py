"""The clinic lab: a whole clinic with its Internet, made of network namespaces."""
