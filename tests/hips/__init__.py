"""HIPS autograd's own tests, run with revad's operators in the place of autograd's, out of its sdist."""
