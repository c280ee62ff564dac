def svm_loss_naive_grad(W, X, y, reg):
    # forward pass
    num_classes = W.shape[1]
    num_train = X.shape[0]
    greater_kepts = []
    for i in range(num_train):
        scores = X[i].dot(W)
        correct_class_score = scores[y[i]]
        greater_kept = []
        for j in range(num_classes):
            if j == y[i]:
                greater = False
            else:
                margin = scores[j] - correct_class_score + 1
                greater = margin > 0
            greater_kept.append(greater)
        greater_kepts.append(greater_kept)
    # backprop loss += reg * np.sum(W * W)
    dW = 2 * reg * W
    # backprop loss /= num_train
    dloss = 1 / num_train
    # backprop for i in range(num_train)
    for i in reversed(range(num_train)):
        # backprop for j in range(num_classes)
        dscores = np.zeros(num_classes)
        greater_kept = greater_kepts[i]
        dcorrect_class_score = 0.0
        for j in reversed(range(num_classes)):
            if j != y[i]:
                # backprop if margin > 0
                dmargin_ = dloss if greater_kept[j] else 0.0
                # backprop margin = scores[j] - correct_class_score + 1
                dscores[j] += dmargin_
                dcorrect_class_score -= dmargin_
        # backprop correct_class_score = scores[y[i]]
        dscores[y[i]] += dcorrect_class_score
        # backprop scores = X[i].dot(W)
        dW += np.outer(X[i], dscores)
    return dW
