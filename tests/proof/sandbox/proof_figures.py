"""Moteur de rendu Matplotlib du bac à sable : `plt.show()` enregistre chaque figure, claire et sombre."""

import os
import sys
from pathlib import Path
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_svg import FigureCanvasSVG

LIGHT_INK, DARK_INK = "#23272f", "#e2e6ee"
# Ces couleurs gardent un contraste d'au moins 3:1 sur fond clair comme sur fond sombre.
CYCLE = ["#3f7fd6", "#d9642a", "#2f9e6e", "#b65fcf", "#c98a00", "#d64f6f"]
matplotlib.rcParams.update(
    {
        "axes.prop_cycle": cycler(color=CYCLE),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "legend.frameon": False,
        "savefig.facecolor": "none",
        "svg.fonttype": "none",
        "svg.hashsalt": "preuve",
        "svg.id": "figure",
    }
    | dict.fromkeys(["axes.edgecolor", "axes.labelcolor", "text.color", "xtick.color", "ytick.color"], LIGHT_INK)
)


class FigureManager(FigureManagerBase):
    """Remplace la fenêtre par deux fichiers SVG nommés d'après la section en cours."""

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """Enregistre puis ferme toutes les figures ouvertes."""
        from matplotlib import pyplot

        folder = Path(os.environ["PROOF_FIGURES"])
        section = sys.modules["proof_section"].current()
        for number in pyplot.get_fignums():
            figure: Any = pyplot.figure(number)
            rank = 1 + len(list(folder.glob(f"{section}-*.light.svg")))
            light = folder / f"{section}-{rank}.light.svg"
            figure.savefig(light, format="svg", bbox_inches="tight", metadata={"Date": None})
            drawn = light.read_text(encoding="utf-8")  # réécrit : Windows y aurait mis ses fins de ligne
            light.write_text(drawn, encoding="utf-8", newline="\n")
            dark = light.with_name(f"{section}-{rank}.dark.svg")
            dark.write_text(drawn.replace(LIGHT_INK, DARK_INK), encoding="utf-8", newline="\n")
            pyplot.close(figure)


class FigureCanvas(FigureCanvasSVG):  # type: ignore[misc]
    """Toile SVG, associée au gestionnaire ci-dessus."""

    manager_class = FigureManager
