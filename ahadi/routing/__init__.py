"""Who gets a new ticket by itself, why, and who stands in for whom."""
