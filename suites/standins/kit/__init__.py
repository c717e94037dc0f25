"""What every stand-in is made of: database, balancer, replicas, TLS, faults."""
