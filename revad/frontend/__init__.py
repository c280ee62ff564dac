"""Front end: a function's source, checked, becomes a Program of single gates."""
