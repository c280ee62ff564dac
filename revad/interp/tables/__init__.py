"""Tables: containers whose elements come and go while running."""
