# the Jacobian of decays, all columns at once
def decays_jacobian(p, t):
    e = np.exp(-p[1] * t)
    prod = p[3] * t
    J = np.empty((4, t.shape[0]))
    J[0] = e
    J[1] = -p[0] * (e * t)
    J[2] = np.cos(prod)
    J[3] = -p[2] * (np.sin(prod) * t)
    return J.T
