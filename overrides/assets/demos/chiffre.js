// Dessinez un chiffre : le CNN publié par la leçon, relu et calculé ici, dans la page.
(() => {
  const MODEL = "mnist_export/with_pytorch/cnn_mnist.json";
  const SAMPLES = "mnist_export/with_pytorch/chiffres.json";
  const SIDE = 28; // pixels d'une image de MNIST
  const BOX = 20; // côté de la boîte où MNIST fait tenir chaque chiffre
  const PAPER = 280; // côté de la feuille de dessin
  const PEN = 24; // épaisseur du trait
  const STEP = 14; // pas du curseur au clavier

  // --- Le réseau : mêmes couches, même ordre que dans la leçon.

  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  /** Réseau du fichier publié : des poids entiers, une échelle et un décalage par sortie. */
  const read = ({ image, couches }) => ({
    image,
    layers: couches.map(({ forme, poids, echelle, decalage }) => ({
      shape: forme,
      weights: Float32Array.from(new Int8Array(bytes(poids).buffer)),
      scale: echelle,
      shift: decalage,
    })),
  });

  /** Convolution sans bord de `maps` (entrées × côté × côté), puis plus grand de chaque carré de 2 sur 2. */
  const convolveAndPool = (maps, side, { shape: [outputs, inputs, size], weights }) => {
    const half = (side - size + 1) >> 1;
    const length = inputs * size * size;
    const pooled = new Float32Array(outputs * half * half);
    const [a, b, c, d] = Array.from({ length: 4 }, () => new Float64Array(length));
    const copy = (window, top, left) => {
      for (let input = 0, n = 0; input < inputs; input++) {
        for (let v = 0; v < size; v++) {
          for (let u = 0; u < size; u++) window[n++] = maps[(input * side + top + v) * side + left + u];
        }
      }
    };
    for (let place = 0; place < half * half; place++) {
      // Les quatre fenêtres d'un carré, à plat : un produit scalaire chacune, et l'on garde le plus grand
      const [top, left] = [2 * Math.floor(place / half), 2 * (place % half)];
      copy(a, top, left);
      copy(b, top, left + 1);
      copy(c, top + 1, left);
      copy(d, top + 1, left + 1);
      for (let output = 0, rank = 0; output < outputs; output++) {
        let sumA = 0;
        let sumB = 0;
        let sumC = 0;
        let sumD = 0;
        for (let n = 0; n < length; n++) {
          const weight = weights[rank++];
          sumA += weight * a[n];
          sumB += weight * b[n];
          sumC += weight * c[n];
          sumD += weight * d[n];
        }
        pooled[output * half * half + place] = Math.max(sumA, sumB, sumC, sumD);
      }
    }
    return pooled;
  };

  const multiply = (values, { shape: [outputs, inputs], weights }) => {
    const sums = new Float32Array(outputs);
    for (let output = 0; output < outputs; output++) {
      let sum = 0;
      for (let input = 0; input < inputs; input++) sum += weights[output * inputs + input] * values[input];
      sums[output] = sum;
    }
    return sums;
  };

  /** Ce que rend chaque couche pour `pixels` (cote × cote, normalisés) ; la dernière rend les dix scores. */
  const forward = ({ image, layers }, pixels) => {
    let values = pixels;
    let side = image.cote;
    return layers.map((layer, rank) => {
      const spatial = layer.shape.length === 4;
      values = spatial ? convolveAndPool(values, side, layer) : multiply(values, layer);
      if (spatial) side = (side - layer.shape[2] + 1) >> 1;
      const perOutput = values.length / layer.shape[0];
      const last = rank === layers.length - 1;
      for (let n = 0; n < values.length; n++) {
        const output = Math.floor(n / perOutput);
        const value = values[n] * layer.scale[output] + layer.shift[output];
        values[n] = last ? value : Math.max(value, 0); // ReLU
      }
      return values;
    });
  };

  const softmax = (scores) => {
    const top = Math.max(...scores);
    const powers = [...scores].map((score) => Math.exp(score - top));
    const total = powers.reduce((sum, power) => sum + power);
    return powers.map((power) => power / total);
  };

  // --- La préparation : celle de MNIST, étape par étape. Une image est { width, height, values } : 0 fond, 1 encre.

  /** Plus petit rectangle qui contient l'encre, ou `null` si la feuille est vide. */
  const crop = ({ width, height, values }) => {
    let [left, right, top, bottom] = [width, -1, height, -1];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (values[y * width + x] < 0.05) continue;
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    }
    if (right < 0) return null;
    const box = { width: right - left + 1, height: bottom - top + 1, values: [] };
    for (let y = top; y <= bottom; y++) box.values.push(...values.slice(y * width + left, y * width + right + 1));
    return box;
  };

  /** Ramène le plus grand côté à BOX pixels, sans déformer : chaque pixel est la moyenne de la surface qu'il couvre. */
  const resize = ({ width, height, values }) => {
    const ratio = Math.max(width, height) / BOX;
    const [w, h] = [Math.max(1, Math.round(width / ratio)), Math.max(1, Math.round(height / ratio))];
    const small = { width: w, height: h, values: new Float32Array(w * h) };
    const spans = (count, length) =>
      Array.from({ length: count }, (_, n) => {
        const [from, to] = [(n * length) / count, ((n + 1) * length) / count];
        const parts = [];
        for (let p = Math.floor(from); p < Math.ceil(to); p++) parts.push([p, Math.min(p + 1, to) - Math.max(p, from)]);
        return parts;
      });
    const [columns, rows] = [spans(w, width), spans(h, height)];
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        let [sum, area] = [0, 0];
        for (const [row, tall] of rows[y]) {
          for (const [column, wide] of columns[x]) {
            sum += values[row * width + column] * tall * wide;
            area += tall * wide;
          }
        }
        small.values[y * w + x] = sum / area;
      }
    }
    return small;
  };

  /** Pose l'image dans un carré de SIDE pixels, son centre de gravité au milieu. */
  const centre = ({ width, height, values }) => {
    let [mass, sumX, sumY] = [0, 0, 0];
    values.forEach((value, n) => {
      mass += value;
      sumX += value * ((n % width) + 0.5);
      sumY += value * (Math.floor(n / width) + 0.5);
    });
    const place = (middle, length) => Math.max(0, Math.min(SIDE - length, Math.round(SIDE / 2 - middle)));
    const [left, top] = [place(sumX / mass, width), place(sumY / mass, height)];
    const square = { width: SIDE, height: SIDE, values: new Float32Array(SIDE * SIDE) };
    values.forEach((value, n) => {
      square.values[(top + Math.floor(n / width)) * SIDE + left + (n % width)] = value;
    });
    return square;
  };

  /** Retire la marge ; c'est l'image que voit le réseau. */
  const trim = ({ values }, { cote, marge }) => ({
    width: cote,
    height: cote,
    values: Float32Array.from({ length: cote * cote }, (_, n) => values[(marge + Math.floor(n / cote)) * SIDE + marge + (n % cote)]),
  });

  const normalize = ({ values }, { moyenne, ecart }) => values.map((value) => (value - moyenne) / ecart);

  /** Toutes les étapes, ou `null` si la feuille est vide ; `ready` : image de MNIST, déjà préparée. */
  const prepare = (image, settings, ready = false) => {
    const cropped = crop(image);
    if (!cropped) return null;
    const box = ready ? cropped : resize(cropped);
    const square = ready ? image : centre(box);
    return { cropped, box, square, seen: trim(square, settings) };
  };

  // --- La page.

  const demo = (zone, data) => {
    const { element, percent, number, typeset } = demoTools;
    const network = read(data[MODEL]);
    const { etiquettes, reponses, pixels } = data[SAMPLES];
    const gray = bytes(pixels);
    const samples = etiquettes.map((label, n) => ({
      label,
      wrong: reponses[n] !== label,
      image: {
        width: SIDE,
        height: SIDE,
        values: Float32Array.from(gray.subarray(n * SIDE * SIDE, (n + 1) * SIDE * SIDE), (value) => value / 255),
      },
    }));

    // Palettes : encre (noir → blanc), activité (nuit → vert → blanc), signe (orange ← 0 → bleu).
    const ramp = (stops) => (value) => {
      const place = Math.max(0, Math.min(0.9999, value)) * (stops.length - 1);
      const low = Math.floor(place);
      return stops[low].map((start, n) => start + (place - low) * (stops[low + 1][n] - start));
    };
    const ink = ramp([[12, 16, 26], [255, 255, 255]]);
    const activity = ramp([[12, 22, 42], [16, 92, 92], [58, 190, 140], [240, 255, 225]]);
    const sign = ramp([[255, 150, 70], [150, 80, 40], [24, 30, 44], [50, 95, 170], [140, 190, 255]]);

    const canvas = (side, attributes = {}) => element("canvas", { width: side, height: side, ...attributes });

    /** Peint une image, un pixel par valeur, au milieu d'un `canvas` carré. */
    const paint = (target, { width, height, values }, palette) => {
      const context = target.getContext("2d");
      context.fillStyle = `rgb(${palette(0)})`;
      context.fillRect(0, 0, target.width, target.height);
      if (!width) return;
      const cells = context.createImageData(width, height);
      for (let n = 0; n < width * height; n++) cells.data.set([...palette(values[n]), 255], 4 * n);
      context.putImageData(cells, (target.width - width) >> 1, (target.height - height) >> 1);
    };

    // La feuille et ses commandes
    const sheet = canvas(PAPER, {
      class: "chiffre-feuille",
      tabindex: 0,
      role: "application",
      "aria-label": "Feuille de dessin",
      "aria-describedby": "chiffre-aide",
    });
    const drawing = canvas(PAPER); // l'encre seule, jamais affichée
    const pen = drawing.getContext("2d", { willReadFrequently: true });
    pen.lineWidth = PEN;
    pen.lineCap = pen.lineJoin = "round";
    const spoken = element("output", { class: "demo-cache", "aria-live": "polite" });
    const verdict = element("output", { class: "chiffre-verdict", "aria-live": "polite" });
    const clear = element("button", { type: "button", onclick: () => erase() }, "Effacer");
    const next = element("button", { type: "button", onclick: () => show(false) }, "Un exemple");
    const wrong = element("button", { type: "button", onclick: () => show(true) }, "Une de ses erreurs");

    // Les dix réponses
    const bars = Array.from({ length: 10 }, (_, digit) => {
      const fill = element("span", { class: "chiffre-barre" });
      const value = element("span", { class: "chiffre-part" });
      const row = element("li", {}, element("span", {}, String(digit)), fill, value);
      return { row, fill, value };
    });

    // Les étapes et les cartes
    const stages = [
      ["La feuille", canvas(PAPER)],
      ["Resserré : le plus grand côté ramené à 20 pixels", canvas(BOX)],
      ["Centré : le centre de gravité au milieu de 28 × 28", canvas(SIDE)],
      ["Rogné : les 24 × 24 pixels que reçoit le réseau", canvas(network.image.cote)],
    ];
    const firstLayer = network.layers[0];
    const kernelSide = firstLayer.shape[2];
    const first = Array.from({ length: firstLayer.shape[0] }, (_, n) => {
      const kernel = canvas(kernelSide);
      const values = firstLayer.weights.slice(n * kernelSide ** 2, (n + 1) * kernelSide ** 2);
      paint(kernel, { width: kernelSide, height: kernelSide, values: values.map((weight) => weight / 254 + 0.5) }, sign);
      return { kernel, map: canvas((network.image.cote - kernelSide + 1) >> 1) };
    });
    const second = Array.from({ length: network.layers[1].shape[0] }, () => canvas(3));
    const firstRow = element(
      "div",
      { class: "chiffre-cartes", role: "img" },
      first.map(({ kernel, map }) => element("span", {}, kernel, map)),
    );
    const secondRow = element("div", { class: "chiffre-cartes fines", role: "img" }, second);
    const blame = canvas(network.image.cote, { role: "img", "aria-label": "Ce qui a compté" });
    const reason = element("p", {});
    const speed = element("p", { class: "demo-note" });

    zone.append(
      element(
        "div",
        { class: "chiffre-haut" },
        element(
          "div",
          {},
          sheet,
          element("div", { class: "demo-rang" }, clear, next, wrong),
          element(
            "p",
            { class: "demo-note", id: "chiffre-aide" },
            "Souris, doigt, ou clavier : les flèches déplacent le crayon, Espace le pose et le lève, Retour arrière efface.",
          ),
          spoken,
        ),
        element("div", {}, verdict, element("ol", { class: "chiffre-reponses", start: 0 }, bars.map(({ row }) => row)), speed),
      ),
      element("p", { class: "demo-etape" }, "De la feuille au réseau"),
      element(
        "div",
        { class: "chiffre-etapes" },
        stages.map(([text, picture]) => element("div", {}, picture, element("p", {}, text))),
      ),
      element("p", { class: "demo-etape" }, "Première couche : seize noyaux appris, et ce que chacun trouve"),
      element(
        "p",
        { class: "demo-note" },
        "Noyau : un poids positif est bleu, un poids négatif orange. Carte : plus une case est claire, plus le motif y est.",
      ),
      firstRow,
      element("p", { class: "demo-etape" }, "Seconde couche : quarante-huit cartes de trois sur trois"),
      secondRow,
      element("p", { class: "demo-etape" }, "Pourquoi cette réponse ?"),
      element("div", { class: "chiffre-pourquoi" }, blame, reason),
    );

    // L'état : une image de MNIST, ou un dessin
    let sample = null;
    let turn = 0; // rang de la dernière explication demandée
    const shown = { false: -1, true: -1 }; // dernier exemple, dernière erreur
    const cursor = { x: PAPER / 2, y: PAPER / 2, down: false, visible: false };

    const inkOf = () => {
      const { data: rgba } = pen.getImageData(0, 0, PAPER, PAPER);
      return { width: PAPER, height: PAPER, values: Float32Array.from({ length: PAPER * PAPER }, (_, n) => rgba[4 * n + 3] / 255) };
    };

    const paintSheet = (empty) => {
      const context = sheet.getContext("2d");
      context.imageSmoothingEnabled = false;
      context.fillStyle = `rgb(${ink(0)})`;
      context.fillRect(0, 0, PAPER, PAPER);
      if (sample) {
        paint(stages[2][1], sample.image, ink);
        context.drawImage(stages[2][1], 0, 0, PAPER, PAPER);
      } else context.drawImage(drawing, 0, 0);
      stages[0][1].getContext("2d").drawImage(sheet, 0, 0);
      if (empty || sample) {
        context.fillStyle = "#b9c1cf";
        context.font = "600 15px system-ui, sans-serif";
        context.fillText("Dessinez ici", 12, 24);
      }
      if (cursor.visible) {
        context.beginPath();
        context.arc(cursor.x, cursor.y, PEN / 2, 0, 7);
        context.lineWidth = 3;
        context.strokeStyle = "#7ff0c3";
        context.fillStyle = "#7ff0c3";
        context.stroke();
        if (cursor.down) context.fill();
      }
    };

    const ranking = (odds) => odds.map((_, digit) => digit).sort((a, b) => odds[b] - odds[a]);

    /** Recalcule tout ; `done` : le geste est fini, on peut parler et expliquer. */
    const update = (done) => {
      turn += 1;
      const steps = prepare(sample ? sample.image : inkOf(), network.image, Boolean(sample));
      paintSheet(!steps);
      blame.hidden = reason.hidden = !steps;
      if (!steps) {
        verdict.replaceChildren("À vous de dessiner.");
        for (const { fill, value, row } of bars) {
          fill.style.setProperty("--part", 0);
          value.textContent = "";
          row.classList.remove("premier");
        }
        for (const picture of [...stages.slice(1).map(([, node]) => node), ...first.map(({ map }) => map), ...second]) {
          paint(picture, { width: 0, height: 0, values: [] }, ink);
        }
        nameMaps(firstRow, "Première couche", "aucune carte, la feuille est vide");
        nameMaps(secondRow, "Seconde couche", "aucune carte, la feuille est vide");
        return;
      }
      const input = normalize(steps.seen, network.image);
      const outputs = forward(network, input);
      const odds = softmax(outputs.at(-1));
      const [best, rival] = ranking(odds);
      odds.forEach((part, digit) => {
        bars[digit].fill.style.setProperty("--part", part);
        bars[digit].value.textContent = percent(part);
        bars[digit].row.classList.toggle("premier", digit === best);
      });
      paint(stages[1][1], steps.box, ink);
      paint(stages[2][1], steps.square, ink);
      paint(stages[3][1], steps.seen, ink);
      paintMaps(first.map(({ map }) => map), outputs[0], firstRow, "Première couche");
      paintMaps(second, outputs[1], secondRow, "Seconde couche");
      if (!done) {
        if (verdict.firstElementChild) verdict.replaceChildren("À vous de dessiner."); // la réponse d'avant ne vaut plus
        return;
      }
      const truth = sample ? (sample.label === best ? ", et c'est juste" : `, mais c'était un ${sample.label}`) : "";
      verdict.replaceChildren(
        element("span", { class: sample && sample.label !== best ? "chiffre-lu faux" : "chiffre-lu" }, String(best)),
        element("span", {}, `Le réseau lit un ${best}, à ${percent(odds[best])}${truth}.`),
      );
      explain(input, steps.seen, best, rival, odds);
    };

    const nameMaps = (row, name, text) => row.setAttribute("aria-label", typeset(`${name} : ${text}.`));

    const paintMaps = (targets, values, row, name) => {
      const size = values.length / targets.length;
      const side = Math.sqrt(size);
      const top = Math.max(...values) || 1;
      let active = 0;
      targets.forEach((target, n) => {
        const part = values.subarray(n * size, (n + 1) * size);
        paint(target, { width: side, height: side, values: part.map((value) => value / top) }, activity);
        active += part.some((value) => value > 0);
      });
      nameMaps(row, name, `${active} cartes actives sur ${targets.length}`);
    };

    /** Efface l'image carré par carré, et mesure à chaque fois l'écart entre la réponse et sa rivale. */
    const explain = async (input, seen, best, rival, odds) => {
      const mine = turn;
      const { cote, moyenne, ecart } = network.image;
      let [passes, duration] = [0, 0];
      const gap = (pixels) => {
        const began = performance.now();
        const scores = forward(network, pixels).at(-1);
        duration += performance.now() - began;
        passes += 1;
        return scores[best] - scores[rival];
      };
      const whole = gap(input);
      const [patch, stride] = [4, 2];
      const effect = new Float32Array(cote * cote);
      const covered = new Float32Array(cote * cote);
      for (let top = 0; top + patch <= cote; top += stride) {
        for (let left = 0; left + patch <= cote; left += stride) {
          const places = Array.from({ length: patch * patch }, (_, n) => (top + Math.floor(n / patch)) * cote + left + (n % patch));
          const inked = places.some((place) => seen.values[place] > 0.1);
          const masked = input.slice();
          for (const place of places) masked[place] = -moyenne / ecart;
          const lost = inked ? whole - gap(masked) : 0;
          for (const place of places) {
            effect[place] += lost;
            covered[place] += 1;
          }
        }
        await new Promise((resume) => setTimeout(resume)); // la page reste vive
        if (mine !== turn) return; // le dessin a changé
      }
      speed.textContent = typeset(`Une lecture prend ${number(duration / passes, 1)} ms sur cet appareil ; rien n'est envoyé.`);
      const strength = effect.map((value, n) => (seen.values[n] * value) / covered[n]);
      const largest = Math.max(...strength.map(Math.abs)) || 1;
      paint(blame, { width: cote, height: cote, values: strength.map((value) => value / largest / 2 + 0.5) }, sign);
      blame.setAttribute("aria-label", `Ce qui plaide pour le ${best}, en bleu, et pour le ${rival}, en orange`);
      const doubt =
        odds[best] > 0.9
          ? `Il hésite peu : le ${rival} vient ensuite, à ${percent(odds[rival])}.`
          : `Il hésite : ${percent(odds[best])} pour le ${best}, ${percent(odds[rival])} pour le ${rival}.`;
      reason.replaceChildren(
        typeset(
          `${doubt} L'encre bleue plaide pour le ${best}, l'orange pour le ${rival} : en effaçant l'image carré par carré, on mesure de combien l'écart entre leurs scores change. Plus la couleur est vive, plus ce trait a compté.`,
        ),
      );
    };

    const erase = () => {
      sample = null;
      pen.clearRect(0, 0, PAPER, PAPER);
      update(true);
    };

    const show = (isWrong) => {
      const choices = samples.filter((one) => one.wrong === isWrong);
      shown[isWrong] = (shown[isWrong] + 1) % choices.length;
      pen.clearRect(0, 0, PAPER, PAPER);
      cursor.visible = false;
      sample = choices[shown[isWrong]];
      update(true);
    };

    const stroke = (from, to) => {
      if (sample) {
        sample = null;
        pen.clearRect(0, 0, PAPER, PAPER);
      }
      pen.strokeStyle = "#fff";
      pen.beginPath();
      pen.moveTo(from.x, from.y);
      pen.lineTo(to.x, to.y);
      pen.stroke();
    };

    // Souris et doigt
    let last = null;
    let frame = 0;
    const place = ({ clientX, clientY }) => {
      const { left, top, width } = sheet.getBoundingClientRect();
      return { x: ((clientX - left) * PAPER) / width, y: ((clientY - top) * PAPER) / width };
    };
    const soon = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        update(false);
      });
    };
    sheet.addEventListener("pointerdown", (event) => {
      if (event.button || !event.isPrimary) return; // un second doigt ne trace rien
      sheet.setPointerCapture(event.pointerId);
      cursor.visible = cursor.down = false;
      last = place(event);
      stroke(last, last);
      soon();
    });
    sheet.addEventListener("pointermove", (event) => {
      if (!last || !event.isPrimary) return;
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const move of moves.length ? moves : [event]) {
        const here = place(move);
        stroke(last, here);
        last = here;
      }
      soon();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      sheet.addEventListener(end, (event) => {
        if (!last || !event.isPrimary) return;
        last = null;
        cancelAnimationFrame(frame);
        frame = 0;
        update(true);
      });
    }

    // Clavier
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    sheet.addEventListener("keydown", (event) => {
      const move = arrows[event.key];
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (!move && ![" ", "Backspace", "Delete"].includes(event.key)) return;
      event.preventDefault();
      cursor.visible = true;
      if (event.key === " ") {
        cursor.down = !cursor.down;
        if (cursor.down) stroke(cursor, cursor);
      } else if (move) {
        const from = { ...cursor };
        const bounded = (value) => Math.max(STEP, Math.min(PAPER - STEP, value));
        cursor.x = bounded(cursor.x + move[0] * STEP);
        cursor.y = bounded(cursor.y + move[1] * STEP);
        if (cursor.down) stroke(from, cursor);
      } else {
        cursor.down = false;
        erase();
        return;
      }
      const [row, column] = [cursor.y / STEP, cursor.x / STEP].map(Math.round);
      spoken.textContent = `Ligne ${row}, colonne ${column}, crayon ${cursor.down ? "posé" : "levé"}`;
      update(!cursor.down);
    });
    sheet.addEventListener("blur", () => {
      if (!cursor.visible) return;
      cursor.visible = cursor.down = false;
      update(true);
    });

    show(false);
  };

  (window.demos ??= {}).chiffre = Object.assign(demo, { read, prepare, normalize, forward, softmax });
})();
