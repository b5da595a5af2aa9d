// La convolution à la main : un noyau glisse sur une grille ou sur une photo ; chaque produit et la somme sont montrés.
// La carte obtenue peut passer dans une seconde brique : activation, pooling ou normalisation.
(() => {
  const PHOTO = "cnn_bricks/with_numpy/photo.json";
  const LARGEST = 1000; // poids permis, en valeur absolue
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
    "Bords verticaux": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    "Bords horizontaux": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    "Sobel, vertical": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "Tous les contours": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    Flou: [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]],
    Netteté: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    Relief: [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
    "Ne rien changer": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
  };

  /** Valeur d'une case de l'image bourrée de zéros. */
  const at = ({ width, height, values }, row, column) =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : values[row * width + column];

  /** Positions d'un noyau de `size` cases sur une ligne de n cases. */
  const outputSize = (n, size, stride, padding) => Math.max(0, Math.floor((n + 2 * padding - size) / stride) + 1);

  /** Carte obtenue en glissant `kernel` (`size` × `size`, à plat) sur `image` ({ width, height, values }). */
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

  const each = (map, change) => ({ ...map, values: map.values.map(change) });
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  /** Résume chaque carré de 2 × 2 ; comme dans les frameworks, une dernière ligne ou colonne impaire est laissée. */
  const pool = (map, summary) => {
    const [width, height] = [map.width, map.height].map((n) => Math.floor(n / 2));
    const square = (n) => {
      const corner = 2 * Math.floor(n / width) * map.width + 2 * (n % width);
      return [corner, corner + 1, corner + map.width, corner + map.width + 1].map((place) => map.values[place]);
    };
    return { width, height, values: Float64Array.from({ length: width * height }, (_, n) => summary(square(n))) };
  };
  // Ce que l'on fait de la carte
  const NEXT = {
    rien: (map) => map,
    ReLU: (map) => each(map, (x) => Math.max(x, 0)),
    sigmoïde: (map) => each(map, (x) => 1 / (1 + Math.exp(-x))),
    "maximum 2 × 2": (map) => pool(map, (square) => Math.max(...square)),
    "moyenne 2 × 2": (map) => pool(map, mean),
    // Celle d'un lot d'une image, comme à l'entraînement ; 0,00001 évite une division par zéro
    normaliser: (map) => {
      const center = mean(map.values);
      const spread = Math.sqrt(mean(map.values.map((x) => (x - center) ** 2)) + 1e-5);
      return each(map, (x) => (x - center) / spread);
    },
  };

  const demo = (zone, data) => {
    const { element, number, colour, onTheme, typeset } = demoTools;
    const { cote, pixels } = data[PHOTO];
    const sources = {
      "Une grille de 7 × 7": { width: 7, height: 7, values: GRID.flat(), cell: 88 },
      "Une photo": {
        width: cote,
        height: cote,
        values: Float64Array.from(atob(pixels), (letter) => letter.charCodeAt(0) / 255),
        cell: 4,
      },
    };
    const state = { source: "Une grille de 7 × 7", size: 3, stride: 1, padding: 0, kernel: [], next: "rien", row: 0, column: 0 };
    let result;
    let final; // la carte, après la seconde brique
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
            stopTravel();
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
    const preset = choice("Noyau", Object.keys(KERNELS), "Bords verticaux", (event) => fill(modelOf(event.target.value)));
    const size = choice("Côté du noyau", [3, 5], 3, (event) => {
      const side = state.size;
      state.size = Number(event.target.value);
      const name = preset.querySelector("select").value; // vide, si le lecteur a changé un poids
      fill(name ? modelOf(name) : centred(state.kernel, side));
    });
    const padding = choice("Bourrage", [0, 1, 2], 0, set("padding"));
    const stride = choice("Pas", [1, 2, 3], 1, set("stride"));
    const next = choice("Ensuite", Object.keys(NEXT), "rien", (event) => {
      state.next = event.target.value;
      update();
    });
    const travel = element("button", { type: "button", onclick: () => toggleTravel() }, "Parcourir");
    travel.hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;

    // Vues
    const view = (label) => element("canvas", { tabindex: 0, role: "application", "aria-label": label, "aria-describedby": "conv-aide" });
    const [before, after, last] = [view("Image et fenêtre"), view("Carte obtenue"), view("Carte après la seconde brique")];
    const [beforeTitle, afterTitle, lastTitle] = [element("p"), element("p"), element("p")];
    const lastView = element("div", {}, lastTitle, last);
    const products = element("div", { class: "conv-produits" });
    const sum = element("output", { "aria-live": "polite" });
    const sizes = element("p", { class: "demo-note" });
    const scale = element("p", { class: "demo-note" });

    /** Un noyau de côté `side`, posé au centre de celui que l'on règle, entouré de zéros ou rogné. */
    const centred = (values, side) => {
      const margin = (state.size - side) / 2;
      const square = { width: side, height: side, values };
      return Array.from({ length: state.size ** 2 }, (_, n) => at(square, Math.floor(n / state.size) - margin, (n % state.size) - margin));
    };
    const modelOf = (name) => (name === "Flou" && state.size === 5 ? Array(25).fill(0.04) : centred(KERNELS[name].flat(), 3));

    /** Remplit le noyau avec ces poids. */
    const fill = (weights) => {
      state.kernel = weights;
      kernelField.style.setProperty("--cote", state.size);
      kernelField.replaceChildren(
        element("legend", {}, "Ses poids, à modifier"),
        ...state.kernel.map((value, n) =>
          element("input", {
            type: "number",
            step: "any",
            min: -LARGEST,
            max: LARGEST,
            value,
            "aria-label": `Poids, ligne ${Math.floor(n / state.size) + 1}, colonne ${(n % state.size) + 1}`,
            oninput: (event) => {
              state.kernel[n] = Math.max(-LARGEST, Math.min(LARGEST, Number(event.target.value)));
              preset.querySelector("select").selectedIndex = -1; // ce n'est plus un modèle
              update();
            },
            onchange: (event) => {
              event.target.value = state.kernel[n];
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
      final = NEXT[state.next](result);
      state.row = bounded(state.row, result.height);
      state.column = bounded(state.column, result.width);
      for (const button of sourceButtons) button.setAttribute("aria-pressed", button.textContent === state.source);
      const room = image.width + 2 * state.padding - state.size;
      const rounded = room % state.stride ? ", arrondi vers le bas" : "";
      sizes.textContent = typeset(
        `Taille de la carte : (${image.width} + 2 × ${state.padding} − ${state.size}) / ${state.stride} = ${Math.floor(room / state.stride)}${rounded}, plus la position de départ, soit ${result.width}.`,
      );
      const padded = state.padding > 0 ? `, bourrée de ${state.padding}` : "";
      beforeTitle.textContent = typeset(`Image, ${image.width} × ${image.height}${padded}`);
      afterTitle.textContent = typeset(`Carte, ${result.width} × ${result.height}`);
      lastTitle.textContent = typeset(`Ensuite, ${state.next} : ${final.width ? `${final.width} × ${final.height}` : "la carte est trop petite"}`);
      lastView.hidden = state.next === "rien";
      last.hidden = lastView.hidden || !final.width;
      move(0, 0);
    };

    /** Combien de cases de la carte, en ligne comme en colonne, font une case après la seconde brique. */
    const reach = () => (state.next.endsWith("2 × 2") ? 2 : 1);

    /** La case d'après la seconde brique où va celle que l'on regarde, si un carré la prend. */
    const target = () => {
      const [row, column] = [state.row, state.column].map((place) => Math.floor(place / reach()));
      return row < final.height && column < final.width ? { row, column, value: final.values[row * final.width + column] } : null;
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
      const then = target();
      if (state.next !== "rien" && then) sum.append(typeset(` Ensuite, ${state.next} : `), element("span", { class: "conv-somme" }, short(then.value)), ".");
      else if (state.next !== "rien") sum.append(typeset(` Ensuite, ${state.next} : aucun carré entier ne la prend, elle est laissée.`));
      sum.dataset.value = total;
      sum.dataset.next = then?.value ?? "";
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
            const gap = cell > 20 ? 2 : 0;
            context.fillRect(column * cell + gap, row * cell + gap, cell - 2 * gap, cell - 2 * gap);
          }
          if (cell < 20) continue;
          const dark = inside ? level < 128 : document.body.dataset.mdColorScheme === "slate";
          context.fillStyle = dark ? "#fff" : "#10151f";
          context.font = `600 ${0.43 * cell}px sans-serif`;
          context.textAlign = "center";
          context.textBaseline = "middle";
          context.fillText(short(value), (column + 0.5) * cell, (row + 0.5) * cell, 0.9 * cell);
        }
      }
    };

    /** Encadre des cases ; sur la photo, le cadre est élargi pour rester visible. */
    const frame = (canvas, left, top, side) => {
      const context = canvas.getContext("2d");
      const [grow, width] = side < 40 ? [7, 4] : [-4, 8];
      for (const [line, style] of [
        [1.75 * width, "#10151f"],
        [width, "#7ff0c3"],
      ]) {
        context.lineWidth = line;
        context.strokeStyle = style;
        context.strokeRect(left - grow, top - grow, side + 2 * grow, side + 2 * grow);
      }
    };

    // L'image ne change qu'avec les réglages, la fenêtre à chaque geste : on garde les fonds peints.
    let kept = "";
    const backgrounds = [before, after, last].map(() => document.createElement("canvas"));
    const paint = () => {
      const image = sources[state.source];
      const cellOf = (map) => (state.source === "Une photo" ? Math.max(4, Math.round((cote * 4) / map.width)) : image.cell);
      const range = ({ values }) => [Math.min(...values), Math.max(...values)];
      const key = JSON.stringify([state.source, state.kernel, state.size, state.stride, state.padding, state.next, document.body.dataset.mdColorScheme]);
      if (key !== kept) {
        kept = key;
        const ends = (map) => range(map).map(short).join(" et le blanc ");
        draw(backgrounds[0], image, image.cell, state.padding, ...range(image));
        draw(backgrounds[1], result, cellOf(result), 0, ...range(result));
        if (!last.hidden) draw(backgrounds[2], final, cellOf(final), 0, ...range(final));
        scale.textContent = typeset(`Sur la carte, le noir vaut ${ends(result)}${last.hidden ? "" : ` ; ensuite, le noir vaut ${ends(final)}`}.`);
      }
      [before, after, last].forEach((canvas, n) => {
        if (canvas.hidden) return;
        canvas.width = backgrounds[n].width;
        canvas.height = backgrounds[n].height;
        canvas.getContext("2d").drawImage(backgrounds[n], 0, 0);
      });
      const side = state.size * image.cell;
      frame(before, state.column * state.stride * image.cell, state.row * state.stride * image.cell, side);
      const mark = (canvas, map, { row, column }) => frame(canvas, column * cellOf(map), row * cellOf(map), cellOf(map));
      mark(after, result, state);
      if (!last.hidden && target()) mark(last, final, target());
    };

    // Souris et doigt : sur l'image, la fenêtre se centre sous le pointeur ; sur une carte, la case est choisie.
    const point = (event) => {
      const canvas = event.currentTarget;
      const { left, top, width, height } = canvas.getBoundingClientRect();
      let [column, row] = [(event.clientX - left) / width, (event.clientY - top) / height];
      if (canvas === after) [column, row] = [Math.floor(column * result.width), Math.floor(row * result.height)];
      else if (canvas === last) [column, row] = [Math.floor(column * final.width) * reach(), Math.floor(row * final.height) * reach()];
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
    for (const canvas of [before, after, last]) {
      canvas.addEventListener("pointermove", point);
      canvas.addEventListener("pointerdown", point);
      canvas.addEventListener("keydown", (event) => {
        if (event.key in arrows && !event.ctrlKey && !event.altKey && !event.metaKey) {
          event.preventDefault();
          stopTravel();
          move(...arrows[event.key].map((step) => step * (event.shiftKey ? 10 : 1) * (canvas === last ? reach() : 1)));
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
        element("div", { class: "conv-reglages" }, preset, size, padding, stride, next, travel),
        kernelField,
      ),
      element("div", { class: "conv-vues" }, element("div", {}, beforeTitle, before), element("div", {}, afterTitle, after), lastView),
      sum,
      element("div", { class: "conv-calcul", tabindex: 0, role: "group", "aria-label": "Les produits, case contre case" }, products),
      sizes,
      scale,
      element(
        "p",
        { class: "demo-note", id: "conv-aide" },
        "Survolez ou touchez l'image et les cartes, ou déplacez la fenêtre avec les flèches (dix cases à la fois avec Majuscule).",
      ),
    );
    fill(modelOf("Bords verticaux"));
    middle();
    onTheme(paint);
  };

  (window.demos ??= {}).convolution = Object.assign(demo, { correlate, GRID, NEXT });
})();
