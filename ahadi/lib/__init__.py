"""Foundation without models: clock, store, safe HTML, folding, mail parsing, configuration."""
