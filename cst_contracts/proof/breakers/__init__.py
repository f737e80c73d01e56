"""The smallest changes that break one promise: one module for what they are done to."""
