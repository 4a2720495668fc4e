"""Ways in and out: each channel is a folder that can be copied, and none knows another."""
