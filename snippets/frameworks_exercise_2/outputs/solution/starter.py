def add(a, b):
    """Somme de deux couples (valeur, dérivée)."""
    ...  # À vous de jouer


def multiply(a, b):
    """Produit de deux couples (valeur, dérivée)."""
    ...  # À vous de jouer




def constant(value):
    return value, 0


x = (3, 1)  # x vaut 3, et la dérivée de x par rapport à x est 1

assert add(x, constant(5)) == (8, 1), "x + 5"
assert multiply(x, x) == (9, 6), "x², de dérivée 2x"
# 4x³ + 2x vaut 114 en 3, sa dérivée 12x² + 2 vaut 110
cube = multiply(x, multiply(x, x))
polynomial = add(multiply(constant(4), cube), multiply(constant(2), x))
assert polynomial == (114, 110), "4x³ + 2x"
