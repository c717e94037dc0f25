"""The words of the project: frozen data, standard library only."""
