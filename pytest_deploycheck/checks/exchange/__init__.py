"""One HTTP exchange: what is sent, what is expected, what it creates, what proves that it means something."""
