"""WeCelebrate: a multi-tenant gifting platform as its deployment guide describes it."""
