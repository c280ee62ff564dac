def jacobi_grad(A, steps):
    # forward pass
    A_2 = A
    for t in range(steps):
        new = A_2.copy()
        new = new.copy()
        new[1:-1, 1:-1] = 0.25 * (A_2[1:-1, :-2] + A_2[1:-1, 2:] + A_2[:-2, 1:-1] + A_2[2:, 1:-1])
        A_2 = new
    # backprop np.sum(A**2)
    dA = 2 * A_2
    # backprop for t in range(steps)
    for t in reversed(range(steps)):
        dnew = dA
        da = 0.25 * dnew[1:-1, 1:-1]
        dA = np.zeros_like(A)
        dA[1:-1, :-2] += da
        dA[1:-1, 2:] += da
        dA[:-2, 1:-1] += da
        dA[2:, 1:-1] += da
        dnew[1:-1, 1:-1] = 0
        dA += dnew
    return dA
