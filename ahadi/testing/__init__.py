"""One typed function per thing, used by tests and by the demo company alike."""
