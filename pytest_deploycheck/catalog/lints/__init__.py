"""What is wrong with a catalog as it is, whatever a release expects: pure functions, each with an id."""
