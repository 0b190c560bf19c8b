"""What is asked while the way to the EMR is watched: whom, how often, and from which thread."""
