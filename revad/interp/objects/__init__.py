"""Objects: attributes, instances that the function makes, and the methods that Python calls by itself."""
