"""A token as a deployment issues it."""

import jwt

KEY = "a key that is long enough for HMAC with SHA-256"
CLAIMS = {"sub": "u1", "role": "authenticated", "iat": 1000, "nbf": 1000, "exp": 4600}
TOKEN = jwt.encode(CLAIMS, KEY, headers={"kid": "k1"})
