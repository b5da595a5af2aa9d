// La convolution à la main : un noyau glisse sur une grille ou sur une photo ; chaque produit et la somme sont montrés.
(() => {
  const PHOTO = "cnn_bricks/with_numpy/photo.json";
  // Un petit 7, comme tracé au feutre
  const GRID = [
    [0, 0, 0, 0, 0, 0, 0],
    [0, 3, 3, 3, 3, 3, 0],
    [0, 0, 0, 0, 2, 3, 0],
    [0, 0, 0, 2, 3, 0, 0],
    [0, 0, 0, 3, 2, 0, 0],
    [0, 0, 2, 3, 0, 0, 0],
    [0, 0, 3, 0, 0, 0, 0],
  ];
  const KERNELS = {
    "Bords verticaux": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], // prettier-ignore
    "Bords horizontaux": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]], // prettier-ignore
    "Sobel, vertical": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], // prettier-ignore
    "Tous les contours": [[0, 1, 0], [1, -4, 1], [0, 1, 0]], // prettier-ignore
    Flou: [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]], // prettier-ignore
    Netteté: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], // prettier-ignore
    Relief: [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], // prettier-ignore
    "Ne rien changer": [[0, 0, 0], [0, 1, 0], [0, 0, 0]], // prettier-ignore
  };

  /** Valeur d'une case de l'image bourrée de zéros. */
  const at = ({ width, height, values }, row, column) =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : values[row * width + column];

  /** Positions d'un noyau de `size` cases sur une ligne de n cases. */
  const outputSize = (n, size, stride, padding) => Math.max(0, Math.floor((n + 2 * padding - size) / stride) + 1);

  /** Carte obtenue en glissant `kernel` (size × size, à plat) sur `image` ({ width, height, values }). */
  const correlate = (image, kernel, size, stride, padding) => {
    const [width, height] = [image.width, image.height].map((n) => outputSize(n, size, stride, padding));
    const values = new Float64Array(width * height);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        let sum = 0;
        for (let v = 0; v < size; v++) {
          for (let u = 0; u < size; u++) {
            sum += at(image, row * stride + v - padding, column * stride + u - padding) * kernel[v * size + u];
          }
        }
        values[row * width + column] = sum;
      }
    }
    return { width, height, values };
  };

  const demo = (zone, data) => {
    const { element, number, colour, onTheme, typeset } = demoTools;
    const { cote, pixels } = data[PHOTO];
    const sources = {
      "Une grille de 7 × 7": { width: 7, height: 7, values: GRID.flat(), cell: 44, digits: 0 },
      "Une photo": {
        width: cote,
        height: cote,
        values: Float64Array.from(atob(pixels), (letter) => letter.charCodeAt(0) / 255),
        cell: 4,
        digits: 2,
      },
    };
    const state = { source: "Une grille de 7 × 7", size: 3, stride: 1, padding: 0, kernel: [], row: 0, column: 0 };
    let result;
    let timer = 0;

    // Deux décimales au plus, sans zéros inutiles
    const short = (value) => number(value, 2).replace(/,?0+$/, "");
    const weight = (value) => String(Number(value.toFixed(4))).replace("-", "−").replace(".", ",");

    // Réglages
    const choice = (label, options, value, onchange) =>
      element(
        "label",
        {},
        label,
        element(
          "select",
          { onchange },
          options.map((text) => element("option", { value: text, selected: String(text) === String(value) }, String(text))),
        ),
      );
    const sourceButtons = Object.keys(sources).map((name) =>
      element(
        "button",
        {
          type: "button",
          onclick: () => {
            state.source = name;
            middle();
          },
        },
        name,
      ),
    );
    const kernelField = element("fieldset", { class: "conv-noyau" });
    const set = (name) => (event) => {
      state[name] = Number(event.target.value);
      update();
    };
    const preset = choice("Noyau", Object.keys(KERNELS), "Bords verticaux", (event) => fill(event.target.value));
    const size = choice("Côté du noyau", [3, 5], 3, (event) => {
      state.size = Number(event.target.value);
      fill(preset.querySelector("select").value);
    });
    const padding = choice("Bourrage", [0, 1, 2], 0, set("padding"));
    const stride = choice("Pas", [1, 2, 3], 1, set("stride"));
    const travel = element("button", { type: "button", onclick: () => toggleTravel() }, "Parcourir");
    travel.hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;

    // Vues
    const view = (label) => element("canvas", { tabindex: 0, role: "application", "aria-label": label, "aria-describedby": "conv-aide" });
    const [before, after] = [view("Image et fenêtre"), view("Carte obtenue")];
    const [beforeTitle, afterTitle] = [element("p"), element("p")];
    const products = element("div", { class: "conv-produits" });
    const sum = element("output", { "aria-live": "polite" });
    const sizes = element("p", { class: "demo-note" });
    const scale = element("p", { class: "demo-note" });

    /** Remplit le noyau avec un modèle ; un modèle de 3 est posé au centre d'un noyau de 5. */
    const fill = (name) => {
      const model = KERNELS[name];
      const margin = (state.size - 3) / 2;
      state.kernel = Array.from({ length: state.size ** 2 }, (_, n) => {
        if (name === "Flou" && state.size === 5) return 0.04;
        return model[Math.floor(n / state.size) - margin]?.[(n % state.size) - margin] ?? 0;
      });
      kernelField.style.setProperty("--cote", state.size);
      kernelField.replaceChildren(
        element("legend", {}, "Ses poids, à modifier"),
        ...state.kernel.map((value, n) =>
          element("input", {
            type: "number",
            step: "any",
            value,
            "aria-label": `Poids, ligne ${Math.floor(n / state.size) + 1}, colonne ${(n % state.size) + 1}`,
            oninput: (event) => {
              state.kernel[n] = Number(event.target.value) || 0;
              update();
            },
          }),
        ),
      );
      update();
    };

    /** Pose la fenêtre au milieu de l'image. */
    const middle = () => {
      state.row = state.column = Math.round((sources[state.source].width / 2 + state.padding - state.size / 2) / state.stride);
      update();
    };

    const bounded = (value, count) => Math.max(0, Math.min(count - 1, value));

    const update = () => {
      const image = sources[state.source];
      result = correlate(image, state.kernel, state.size, state.stride, state.padding);
      state.row = bounded(state.row, result.height);
      state.column = bounded(state.column, result.width);
      for (const button of sourceButtons) button.setAttribute("aria-pressed", button.textContent === state.source);
      const room = image.width + 2 * state.padding - state.size;
      const rounded = room % state.stride ? ", arrondi vers le bas" : "";
      sizes.textContent = typeset(
        `Taille de la carte : (${image.width} + 2 × ${state.padding} − ${state.size}) / ${state.stride} = ${Math.floor(room / state.stride)}${rounded}, plus la position de départ, soit ${result.width}.`,
      );
      beforeTitle.textContent = typeset(`Image, ${image.width} × ${image.height}${state.padding ? `, bourrée de ${state.padding}` : ""}`);
      afterTitle.textContent = typeset(`Carte, ${result.width} × ${result.height}`);
      move(0, 0);
    };

    /** Déplace la fenêtre, puis repeint et recompte. */
    const move = (rows, columns) => {
      state.row = bounded(state.row + rows, result.height);
      state.column = bounded(state.column + columns, result.width);
      const image = sources[state.source];
      const [top, left] = [state.row, state.column].map((place) => place * state.stride - state.padding);
      const cells = state.kernel.map((value, n) => {
        const pixel = at(image, top + Math.floor(n / state.size), left + (n % state.size));
        return element(
          "span",
          {},
          `${short(pixel)} × ${weight(value)}`,
          element("br"),
          element("strong", {}, `= ${short(pixel * value)}`),
        );
      });
      products.style.setProperty("--cote", state.size);
      products.replaceChildren(...cells);
      const total = result.values[state.row * result.width + state.column];
      sum.replaceChildren(
        `Ligne ${state.row + 1}, colonne ${state.column + 1} de la carte : la somme des ${state.size ** 2} produits vaut `,
        element("span", { class: "conv-somme" }, short(total)),
        ".",
      );
      sum.dataset.value = total;
      paint();
    };

    /** Peint une grille : gris du plus petit au plus grand nombre ; les nombres sont écrits si les cases sont grandes. */
    const draw = (canvas, image, cell, margin, low, high) => {
      const [columns, rows] = [image.width + 2 * margin, image.height + 2 * margin];
      canvas.width = columns * cell;
      canvas.height = rows * cell;
      const context = canvas.getContext("2d");
      const gray = (value) => Math.round((255 * (value - low)) / (high - low || 1));
      context.fillStyle = colour(zone, "--demo-grid");
      context.fillRect(0, 0, canvas.width, canvas.height);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const inside = row >= margin && column >= margin && row < rows - margin && column < columns - margin;
          const value = at(image, row - margin, column - margin);
          const level = high > low ? gray(value) : 128;
          if (inside) {
            context.fillStyle = `rgb(${level} ${level} ${level})`;
            const gap = cell > 20 ? 1 : 0;
            context.fillRect(column * cell + gap, row * cell + gap, cell - 2 * gap, cell - 2 * gap);
          }
          if (cell < 20) continue;
          const dark = inside ? level < 128 : document.body.dataset.mdColorScheme === "slate";
          context.fillStyle = dark ? "#fff" : "#10151f";
          context.font = "600 19px system-ui, sans-serif";
          context.textAlign = "center";
          context.textBaseline = "middle";
          context.fillText(short(value), (column + 0.5) * cell, (row + 0.5) * cell, cell - 6);
        }
      }
    };

    /** Encadre des cases ; sur la photo, le cadre est élargi pour rester visible. */
    const frame = (canvas, left, top, side) => {
      const context = canvas.getContext("2d");
      const grow = side < 40 ? 7 : -2;
      for (const [line, style] of [
        [7, "#10151f"],
        [4, "#7ff0c3"],
      ]) {
        context.lineWidth = line;
        context.strokeStyle = style;
        context.strokeRect(left - grow, top - grow, side + 2 * grow, side + 2 * grow);
      }
    };

    // L'image ne change qu'avec les réglages, la fenêtre à chaque geste : on garde les fonds peints.
    let kept = "";
    const backgrounds = [document.createElement("canvas"), document.createElement("canvas")];
    const paint = () => {
      const image = sources[state.source];
      const outCell = state.source === "Une photo" ? Math.max(4, Math.round((cote * 4) / result.width)) : image.cell;
      const key = JSON.stringify([state.source, state.kernel, state.size, state.stride, state.padding, document.body.dataset.mdColorScheme]);
      if (key !== kept) {
        kept = key;
        const [low, high] = [Math.min(...result.values), Math.max(...result.values)];
        draw(backgrounds[0], image, image.cell, state.padding, Math.min(...image.values), Math.max(...image.values));
        draw(backgrounds[1], result, outCell, 0, low, high);
        scale.textContent = typeset(`Sur la carte, le noir vaut ${short(low)} et le blanc ${short(high)}.`);
      }
      [before, after].forEach((canvas, n) => {
        canvas.width = backgrounds[n].width;
        canvas.height = backgrounds[n].height;
        canvas.getContext("2d").drawImage(backgrounds[n], 0, 0);
      });
      const side = state.size * image.cell;
      frame(before, state.column * state.stride * image.cell, state.row * state.stride * image.cell, side);
      frame(after, state.column * outCell, state.row * outCell, outCell);
    };

    // Souris et doigt : sur l'image, la fenêtre se centre sous le pointeur ; sur la carte, la case est choisie.
    const point = (event) => {
      const canvas = event.currentTarget;
      const { left, top, width, height } = canvas.getBoundingClientRect();
      let [column, row] = [(event.clientX - left) / width, (event.clientY - top) / height];
      if (canvas === after) [column, row] = [Math.floor(column * result.width), Math.floor(row * result.height)];
      else {
        const cells = sources[state.source].width + 2 * state.padding;
        [column, row] = [column, row].map((place) => Math.round((place * cells - state.size / 2) / state.stride));
      }
      [column, row] = [bounded(column, result.width), bounded(row, result.height)];
      if (column !== state.column || row !== state.row) {
        stopTravel();
        move(row - state.row, column - state.column);
      }
    };
    const arrows = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    for (const canvas of [before, after]) {
      canvas.addEventListener("pointermove", point);
      canvas.addEventListener("pointerdown", point);
      canvas.addEventListener("keydown", (event) => {
        if (event.key in arrows && !event.ctrlKey && !event.altKey && !event.metaKey) {
          event.preventDefault();
          stopTravel();
          move(...arrows[event.key].map((step) => step * (event.shiftKey ? 10 : 1)));
        }
      });
    }

    const stopTravel = () => {
      clearInterval(timer);
      timer = 0;
      travel.textContent = "Parcourir";
      sum.setAttribute("aria-live", "polite");
    };
    const toggleTravel = () => {
      if (timer) return stopTravel();
      travel.textContent = "Arrêter";
      sum.setAttribute("aria-live", "off"); // un lecteur d'écran n'a pas à lire chaque case
      timer = setInterval(() => {
        if (!zone.isConnected) return stopTravel();
        const next = (state.row * result.width + state.column + 1) % (result.width * result.height);
        move(Math.floor(next / result.width) - state.row, (next % result.width) - state.column);
      }, state.source === "Une photo" ? 30 : 500);
    };

    zone.append(
      element("div", { class: "demo-rang" }, sourceButtons),
      element(
        "div",
        { class: "conv-haut" },
        element("div", { class: "conv-reglages" }, preset, size, padding, stride, travel),
        kernelField,
      ),
      element("div", { class: "conv-vues" }, element("div", {}, beforeTitle, before), element("div", {}, afterTitle, after)),
      sum,
      element("div", { class: "conv-calcul", tabindex: 0, role: "group", "aria-label": "Les produits, case contre case" }, products),
      sizes,
      scale,
      element(
        "p",
        { class: "demo-note", id: "conv-aide" },
        "Survolez ou touchez l'image et la carte, ou déplacez la fenêtre avec les flèches (dix cases à la fois avec Majuscule).",
      ),
    );
    fill("Bords verticaux");
    middle();
    onTheme(paint);
  };

  (window.demos ??= {}).convolution = Object.assign(demo, { correlate });
})();
