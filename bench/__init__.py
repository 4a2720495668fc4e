"""What bin/bench measures: the whole product, started as a user starts it, under load."""
