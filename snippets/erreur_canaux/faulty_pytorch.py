# --8<-- [start:faulty]
import torch
from torch import nn

# Lot, hauteur, largeur, canaux : l'ordre des fichiers d'images
photos = torch.rand(4, 32, 32, 3)
layer = nn.Conv2d(3, 8, kernel_size=3)
features = layer(photos)
# --8<-- [end:faulty]
