"""Small applications that are nobody's stand-in: for tests of contracts written from little."""
