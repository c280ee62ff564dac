def network_of_a_dict_grad(params, X, y):
    # forward pass
    x = X
    a = x @ params['W1'] + params['b1']
    x_2 = np.maximum(a, 0)
    a_2 = x_2 @ params['W2'] + params['b2']
    shifted = a_2 - a_2.max(axis=1, keepdims=True)
    e = np.exp(shifted)
    # backprop np.mean(logsum - shifted[np.arange(len(y)), y])
    dlogsum = 1.0 / X.shape[0]
    dshifted = np.zeros((X.shape[0], params['W2'].shape[1]))
    dshifted[np.arange(len(y)), y] = -dlogsum
    # backprop logsum = np.log(np.sum(np.exp(shifted), axis=1))
    dshifted += e * (dlogsum / np.sum(e, axis=1))[:, None]
    # backprop shifted = a - a.max(axis=1, keepdims=True)
    da = dshifted
    # backprop a = x @ params["W" + layer] + params["b" + layer]
    dx = da @ params['W2'].T
    # backprop x = np.maximum(a, 0)
    da_2 = dx * (a > 0)
    # backprop a = x @ params["W" + layer] + params["b" + layer]
    dparams = {'W1': x.T @ da_2, 'b1': da_2.sum(axis=0), 'W2': x_2.T @ da, 'b2': da.sum(axis=0)}
    return dparams
