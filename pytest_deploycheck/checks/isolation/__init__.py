"""Whether one caller reaches what belongs to another: what is sent, and what the replies prove."""
