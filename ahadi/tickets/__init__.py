"""The matter: what a customer asked, all that was said about it, and who owes the next step."""
