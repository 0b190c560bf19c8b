"""emrnetcheck: is this clinic's network ready to host its own EMR?"""

__version__ = "0.1.0"
