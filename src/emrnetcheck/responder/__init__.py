"""The small server at another site: who am I, can you reach my port, take my upload. Useless to anybody else."""
