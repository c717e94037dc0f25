"""Rate limits: how they are counted, and what a refusal must say."""
