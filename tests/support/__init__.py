"""What tests of several rooms share: tables, lakes, and the gate over them."""
