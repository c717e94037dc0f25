"""What runs inside locust's process. Nothing else imports it: importing locust patches the process."""
