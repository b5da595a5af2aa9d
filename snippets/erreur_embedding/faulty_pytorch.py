# --8<-- [start:faulty]
import torch
from torch import nn

words = ["le", "chat", "dort"]
index = {word: number for number, word in enumerate(words, start=1)}
embedding = nn.Embedding(len(words), 4)
sentence = torch.tensor([index["chat"], index["dort"]])
vectors = embedding(sentence)
# --8<-- [end:faulty]
