"""The shell around DataFusion and Delta: live facts out, nothing promised in."""
