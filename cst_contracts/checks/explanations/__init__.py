"""What findings, checks and outcomes mean, as data for people in trouble and for the manual."""
