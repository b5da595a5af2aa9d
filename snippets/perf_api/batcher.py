# --8<-- [start:imports]
"""Rassembler en un lot les requêtes qui arrivent ensemble."""

import queue
import threading
import time
from concurrent.futures import Future

import numpy as np

# --8<-- [end:imports]


# --8<-- [start:batcher]
class Batcher:
    """Un fil calcule pour tous : `size` images au plus, `wait` s d'attente."""

    def __init__(self, forward, size=8, wait=0.005):
        self.forward, self.size, self.wait = forward, size, wait
        self.waiting = queue.Queue()
        threading.Thread(target=self.work, daemon=True).start()

    def __call__(self, batch):
        """Scores de l'image de cette requête ; attend son lot."""
        future = Future()
        self.waiting.put((batch, future))
        return future.result()

    def work(self):
        while True:
            batches, futures = zip(*self.gather(), strict=True)
            try:
                scores = self.forward(np.concatenate(batches))
            except Exception as error:  # chaque requête du lot l'apprend
                for future in futures:
                    future.set_exception(error)
                continue
            for rank, future in enumerate(futures):
                future.set_result(scores[rank : rank + 1])

    def gather(self):
        """La première requête venue, puis celles qui la suivent de près."""
        group = [self.waiting.get()]
        deadline = time.monotonic() + self.wait
        while len(group) < self.size:
            left = max(0, deadline - time.monotonic())
            try:
                group.append(self.waiting.get(timeout=left))
            except queue.Empty:
                break
        return group


# --8<-- [end:batcher]
