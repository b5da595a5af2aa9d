# --8<-- [start:faulty]
import tensorflow as tf

counts = tf.constant([1, 2, 3])
weights = tf.constant([0.5, 0.25, 0.125])
total = tf.reduce_sum(counts * weights)
# --8<-- [end:faulty]
