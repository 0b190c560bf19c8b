"""emrnetcheck schedule: what is done by itself, and by which scheduler of this computer."""
