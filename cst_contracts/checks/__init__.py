"""Do they agree? Contract to checks; check and observation to verdict. Pure."""
