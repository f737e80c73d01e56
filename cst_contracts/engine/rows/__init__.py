"""What a relation's stored rows hold: planned as a value, then answered from what proves it."""
