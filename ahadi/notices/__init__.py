"""What an agent should know: once, grouped by ticket, with the reason why they are told."""
