# --8<-- [start:answer]
def checkpoints(val_losses):
    """Époques (dès 1) où la perte bat strictement toutes les précédentes."""
    best, epochs = float("inf"), []
    for epoch, loss in enumerate(val_losses, start=1):
        if loss < best:
            best = loss
            epochs.append(epoch)
    return epochs


# --8<-- [end:answer]


# --8<-- [start:test]
assert checkpoints([0.5]) == [1], "la première époque est toujours gardée"
assert checkpoints([0.5, 0.4, 0.3]) == [1, 2, 3], "elle ne fait que baisser"
assert checkpoints([0.5, 0.3, 0.4, 0.2]) == [1, 2, 4], "l'époque 3 remonte"
assert checkpoints([0.3, 0.3]) == [1], "à égalité, on garde l'ancien"
# --8<-- [end:test]
