# --8<-- [start:answer]
def conv_parameters(channels_in, channels_out, kernel_size):
    """Poids et biais d'une couche de convolution à noyaux carrés."""
    weights = kernel_size * kernel_size * channels_in * channels_out
    return weights + channels_out


def receptive_field(layers):
    """Côté du carré de pixels que voit une case de la dernière carte.

    `layers` : (taille du noyau, pas) de chaque couche, dans l'ordre.
    """
    field, jump = 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump *= stride
    return field


# --8<-- [end:answer]


# --8<-- [start:test]
assert conv_parameters(1, 16, 3) == 160, "première couche de la leçon"
assert conv_parameters(16, 32, 3) == 4640, "seconde couche de la leçon"
assert conv_parameters(3, 64, 7) == 9472, "une image en couleurs"

assert receptive_field([(3, 1)]) == 3, "un noyau de 3 voit 3 pixels"
assert receptive_field([(3, 1), (3, 1)]) == 5, "deux noyaux de 3 en voient 5"
assert receptive_field([(3, 1), (2, 2)]) == 4, "noyau, puis réduction"
lesson = [(3, 1), (2, 2), (3, 1), (2, 2)]
assert receptive_field(lesson) == 10, "le CNN de la leçon"
# --8<-- [end:test]
