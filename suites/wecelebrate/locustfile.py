"""What shoppers do while the gifts are announced: they look at products, their orders, their sites.

Runs with locust alone, too: `locust -f locustfile.py --host URL` with the token in WECELEBRATE_TOKEN.
"""

import os

from locust import FastHttpUser, task


class Shopper(FastHttpUser):
    """Looks around, and changes nothing."""

    if token := os.environ.get("WECELEBRATE_TOKEN"):
        default_headers = {"Authorization": f"Bearer {token}"}

    @task(6)
    def products(self) -> None:
        """Most look at the products."""
        self.client.get("/api/products")

    @task(3)
    def orders(self) -> None:
        """Some look at what they ordered."""
        self.client.get("/api/orders")

    @task(1)
    def sites(self) -> None:
        """Few look at their sites."""
        self.client.get("/api/sites")
