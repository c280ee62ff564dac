def jacobi_jvp(A, steps, dA):
    for t in range(steps):
        new = A.copy()
        dnew = dA.copy()
        new[1:-1, 1:-1] = 0.25 * (A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:-1])
        dnew[1:-1, 1:-1] = 0.25 * (dA[1:-1, :-2] + dA[1:-1, 2:] + dA[:-2, 1:-1] + dA[2:, 1:-1])
        A = new
        dA = dnew
    return np.sum(A**2), np.sum(2 * A * dA)
