# --8<-- [start:answer]
def early_stop(val_losses, patience):
    """Époque des meilleurs poids et époque d'arrêt, comptées à partir de 0.

    On s'arrête dès que `patience` époques de suite n'améliorent rien ;
    sinon, à la dernière.
    """
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            return best, epoch
    return best, len(val_losses) - 1


# --8<-- [end:answer]


# --8<-- [start:test]
losses = [0.9, 0.7, 0.6, 0.65, 0.62, 0.61, 0.5]
assert early_stop(losses, 3) == (2, 5), "trois époques sans progrès"
assert early_stop(losses, 2) == (2, 4), "patience plus courte"
assert early_stop(losses, 4) == (6, 6), "la patience est récompensée"
assert early_stop([0.5, 0.5, 0.5], 2) == (0, 2), "l'égalité n'est rien"
# --8<-- [end:test]
