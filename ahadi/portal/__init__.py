"""The customers' pages: how to reach a person, the form, and what became of a request."""
