def svm_loss_naive_jvp(W, X, y, reg, dW):
    num_classes = W.shape[1]
    num_train = X.shape[0]
    loss = 0.0
    dloss = 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        dscores = X[i].dot(dW)
        correct_class_score = scores[y[i]]
        dcorrect_class_score = dscores[y[i]]
        for j in range(num_classes):
            if j != y[i]:
                margin = scores[j] - correct_class_score + 1
                dmargin = dscores[j] - dcorrect_class_score
                if margin > 0:
                    loss += margin
                    dloss += dmargin
    loss /= num_train
    dloss /= num_train
    loss += reg * np.sum(W * W)
    dloss += reg * np.sum(2 * W * dW)
    return loss, dloss
