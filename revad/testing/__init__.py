"""Testing: `check_grad` compares gradients with differences, `check_finite` looks for nan and inf in them."""
