// Une toile où dessiner un chiffre, à la souris, au doigt ou au stylet.

// Millisecondes de répit après un trait : un « 4 » en demande deux.
const PAUSE = 600;

// `thickness` rend l'épaisseur ; `drawn` reçoit l'image, le trait fini.
export function setUp(canvas, thickness, drawn) {
  const pen = canvas.getContext("2d");
  let timer = 0;
  let last = null;

  function erase() {
    clearTimeout(timer);
    pen.fillStyle = "white";
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }

  // Place du pointeur, en pixels de la toile et non de l'écran.
  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * canvas.width) / box.width,
      ((event.clientY - box.top) * canvas.height) / box.height,
    ];
  }

  function line(from, to) {
    pen.strokeStyle = "black";
    pen.lineWidth = thickness();
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  }

  // Un seul pointeur dessine : un second doigt tirerait le trait à lui.
  function listen(name, act) {
    canvas.addEventListener(name, (event) => {
      if (event.isPrimary) act(event);
    });
  }

  listen("pointerdown", (event) => {
    if (event.button !== 0) return;
    clearTimeout(timer);
    // Suivre le geste même s'il déborde de la toile.
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    line(last, last);
  });

  listen("pointermove", (event) => {
    if (last === null) return;
    const here = place(event);
    line(last, here);
    last = here;
  });

  function lift() {
    if (last === null) return;
    last = null;
    timer = setTimeout(() => canvas.toBlob(drawn, "image/png"), PAUSE);
  }
  listen("pointerup", lift);
  listen("pointercancel", lift);

  erase();
  return erase;
}
