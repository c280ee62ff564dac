def jacobi_grad(A, steps):
    # forward pass
    for t in range(steps):
        new = A.copy()
        new[1:-1, 1:-1] = 0.25 * (A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:-1])
        A = new
    # backprop np.sum(A**2)
    dA = 2 * A
    # backprop for t in range(steps)
    for t in reversed(range(steps)):
        # backprop new[1:-1, 1:-1] = 0.25 * (A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:...
        da = 0.25 * dA[1:-1, 1:-1]
        dA[1:-1, 1:-1] = 0
        # backprop new = A.copy()
        dA[1:-1, :-2] += da
        dA[1:-1, 2:] += da
        dA[:-2, 1:-1] += da
        dA[2:, 1:-1] += da
    return dA
