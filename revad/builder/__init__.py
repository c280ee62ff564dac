"""Builder: typed stages are appended and simplified, and the rules of gates are run with symbols."""
