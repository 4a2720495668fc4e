"""Formal complaints: numbered without gaps, in two stamped copies, answered by management in time."""
