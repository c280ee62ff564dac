"""Protocol: arrays of dask, CuPy and others that NumPy's functions take, with which NumPy's texts run."""
