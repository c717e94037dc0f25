"""Load on the deployment: locust in a process of its own, told what to do and read line by line."""
