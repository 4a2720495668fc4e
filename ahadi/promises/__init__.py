"""What was promised to a customer: next step, owner and time, and whether the word was kept."""
