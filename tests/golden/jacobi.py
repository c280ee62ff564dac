def jacobi_grad(A, steps):
    # forward pass
    A_2 = A
    for t in range(steps):
        new = A_2.copy()
        new[1:-1, 1:-1] = 0.25 * (A_2[1:-1, :-2] + A_2[1:-1, 2:] + A_2[:-2, 1:-1] + A_2[2:, 1:-1])
        A_2 = new
    # backprop np.sum(A**2)
    dA = 2 * A_2
    # backprop for t in range(steps)
    for t in reversed(range(steps)):
        # backprop A = new
        dnew = dA
        # backprop new[1:-1, 1:-1] = 0.25 * (A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:-1])
        da = 0.25 * dnew[1:-1, 1:-1]
        dA = np.zeros_like(A)
        dA[1:-1, :-2] = da
        dA[1:-1, 2:] += da
        dA[:-2, 1:-1] += da
        dA[2:, 1:-1] += da
        dnew[1:-1, 1:-1] = 0
        # backprop new = A.copy()
        dA += dnew
    return dA
