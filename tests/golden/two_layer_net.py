import types


def two_layer_net_grad(net, X, y):
    # forward pass
    W1 = net.params['W1']
    b1 = net.params['b1']
    W2 = net.params['W2']
    b2 = net.params['b2']
    a = X.dot(W1) + b1
    hidden = np.maximum(0, a)
    scores = hidden.dot(W2) + b2
    scores -= np.max(scores, axis=1, keepdims=True)
    probs = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    rows = np.arange(X.shape[0])
    # backprop data_loss + self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    dW1 = 2 * net.reg * W1
    dW2 = 2 * net.reg * W2
    # backprop data_loss = -np.sum(np.log(probs[np.arange(X.shape[0]), y])) / X.shape[0]
    dprobs = np.zeros((X.shape[0], net.params['W2'].shape[1]))
    dprobs[rows, y] -= 1 / probs[rows, y] / X.shape[0]
    # backprop probs = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    dscores = probs * (dprobs - (probs * dprobs).sum(axis=1, keepdims=True))
    # backprop scores = hidden.dot(W2) + b2
    dhidden = dscores.dot(W2.T)
    dW2 += hidden.T.dot(dscores)
    db2 = dscores.sum(axis=0)
    # backprop hidden = np.maximum(0, X.dot(W1) + b1)
    da = dhidden * (0 < a)
    dW1 += X.T.dot(da)
    db1 = da.sum(axis=0)
    # backprop W1, b1 = self.params["W1"], self.params["b1"]
    dnet = types.SimpleNamespace(params={'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}, reg=np.sum(W1 * W1) + np.sum(W2 * W2))
    return dnet
