"""Testing: `check_grad`, which compares a gradient with differences of the program, and its report."""
