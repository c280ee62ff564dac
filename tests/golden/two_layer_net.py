import types


def loss_forward(W1, b1, W2, b2, reg, X, y):
    a = X.dot(W1) + b1
    hidden = np.maximum(0, a)
    scores = hidden.dot(W2) + b2
    scores -= np.max(scores, axis=1, keepdims=True)
    probs = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    cache = (
        W1, W2, reg, X, y, a, hidden, probs, np.arange(X.shape[0]),
        np.sum(W1 * W1) + np.sum(W2 * W2)
    )
    return cache


def loss_backward(dout, cache):
    W1, W2, reg, X, y, a, hidden, probs, rows, a_2 = cache
    # backprop data_loss + self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    dreg = a_2 * dout
    prod = 2 * reg * dout
    # backprop data_loss = -np.sum(np.log(probs[np.arange(X.shape[0]), y])) / X.shape[0]
    dminus = dout / X.shape[0]
    # backprop probs = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    dscores = probs * dminus
    dscores[rows, y] -= dminus
    # backprop scores = hidden.dot(W2) + b2
    dhidden = dscores.dot(W2.T)
    dW2 = prod * W2 + hidden.T.dot(dscores)
    db2 = dscores.sum(axis=0)
    # backprop hidden = np.maximum(0, X.dot(W1) + b1)
    da = dhidden * (a > 0)
    dW1 = prod * W1 + X.T.dot(da)
    db1 = da.sum(axis=0)
    return dW1, db1, dW2, db2, dreg


def two_layer_net_grad(net, X, y):
    # forward pass
    loss_cache = loss_forward(
        net.params['W1'], net.params['b1'], net.params['W2'], net.params['b2'], net.reg, X, y
    )
    # backprop net.loss(X, y)
    dW1, db1, dW2, db2, dreg = loss_backward(1.0, loss_cache)
    # backprop W1, b1 = self.params["W1"], self.params["b1"]
    dnet = types.SimpleNamespace(params={'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}, reg=dreg)
    return dnet
