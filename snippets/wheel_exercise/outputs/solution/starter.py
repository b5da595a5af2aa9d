def wheel_fits(filename, python, system):
    """La roue convient-elle à ce Python, comme `3.13`, et à ce système ?

    Le nom d'une roue finit par trois étiquettes : `cp313-cp313-win_amd64`.
    La première donne les Python (`cp313`, ou `py3` pour tout Python 3), la
    dernière les systèmes (`any` pour tous) ; un point sépare les choix.
    """
    ...  # À vous de jouer




keras = "keras-3.15.1-py3-none-any.whl"
windows = "torch-2.15.0-cp313-cp313-win_amd64.whl"
mac = "tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl"
linux = (
    "tensorflow-2.15.0-cp311-cp311-"
    "manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
)
assert wheel_fits(keras, "3.14", "win_amd64"), "du Python pur : partout"
assert wheel_fits(windows, "3.13", "win_amd64"), "même Python, même système"
assert not wheel_fits(windows, "3.15", "win_amd64"), "Python trop récent"
assert not wheel_fits(windows, "3.13", "win_arm64"), "autre processeur"
assert not wheel_fits(mac, "3.11", "macosx_12_0_x86_64"), "Mac à puce Intel"
assert wheel_fits(linux, "3.11", "manylinux2014_x86_64"), "deux étiquettes"
assert not wheel_fits("x-1.0-py2-none-any.whl", "3.13", "win_amd64"), (
    "Python 2"
)
