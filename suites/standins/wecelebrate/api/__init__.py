"""WeCelebrate's HTTP side: the platform's auth service and the edge function `server`."""
