# the Hessian of rosenbrock, the diagonals -1 to 1, by its product with sums of unit vectors
def rosenbrock_hvps(x, dx_):
    diff = x[1:] - x[:-1]**2
    ddiff = dx_[:, 1:] - 2 * x[:-1] * dx_[:, :-1]
    ddx = np.zeros((dx_.shape[0], x.shape[0]))
    ddx[:, 1:] = 200.0 * ddiff
    ddx[:, :-1] -= 400.0 * diff * dx_[:, :-1] + 400.0 * x[:-1] * ddiff - 2 * dx_[:, :-1]
    return ddx
