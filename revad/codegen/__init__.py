"""Code generation: stages are laid out in lines, named, and written as text."""
