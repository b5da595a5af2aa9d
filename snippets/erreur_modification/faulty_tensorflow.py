# --8<-- [start:faulty]
import tensorflow as tf

image = tf.zeros((2, 2))
image[0, 0] = 1.0
# --8<-- [end:faulty]
