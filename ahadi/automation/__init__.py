"""Words and actions at hand: saved replies, macros, and what their placeholders mean."""
