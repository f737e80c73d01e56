"""What moved: what is there now against what was there before."""
