# --8<-- [start:imports]
"""Quatre façons de calculer les mêmes scores."""

import queue
from functools import partial

import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

# --8<-- [end:imports]


# --8<-- [start:keras]
def with_predict(network):
    return partial(network.predict, verbose=0)


def with_call(network):
    return lambda batch: network(batch, training=False).numpy()


# --8<-- [end:keras]


# --8<-- [start:compiled]
def with_graph(network):
    """Appel compilé : le graphe est tracé une fois, pour toute taille."""
    entry = tf.TensorSpec((None, 224, 224, 3), tf.float32)
    call = partial(network, training=False)
    forward = tf.function(call, input_signature=[entry])
    return lambda batch: forward(batch).numpy()


# --8<-- [end:compiled]


# --8<-- [start:litert]
def with_litert(path, count=2):
    """LiteRT : `count` interpréteurs, un calcul à la fois pour chacun."""
    free = queue.SimpleQueue()
    for _ in range(count):
        free.put(Interpreter(path, num_threads=1).get_signature_runner())

    def forward(batch):
        run = free.get()  # attend qu'un interpréteur se libère
        try:
            (entry,) = run.get_input_details()
            (scores,) = run(**{entry: batch}).values()
            return scores
        finally:
            free.put(run)

    return forward


# --8<-- [end:litert]
