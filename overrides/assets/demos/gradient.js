// Descente de gradient : des pertes à un ou deux paramètres, quatre règles de mise à jour. Celles de PyTorch, à la lettre :
// un test compare les chemins de ce fichier à ceux des vrais optimiseurs (exemple `descent_paths`).
(window.demos ??= {}).gradient = (() => {
  // `value` : la perte ; `slope` : son gradient, dérivé à la main ; `best` : le minimum le plus profond ; `local` : un autre creux.
  const SURFACES = {
    ronde: {
      title: "Cuvette ronde",
      note: "Le cas facile : la pente montre toujours le fond.",
      value: ([x, y]) => (x * x + y * y) / 2,
      slope: ([x, y]) => [x, y],
      start: [-2, 1.5],
      best: [0, 0],
    },
    etroite: {
      title: "Vallée étroite",
      note: "Trente fois plus raide en y qu'en x : un taux trop grand y rebondit, puis explose.",
      value: ([x, y]) => (x * x + 30 * y * y) / 2,
      slope: ([x, y]) => [x, 30 * y],
      start: [-2.5, 1],
      best: [0, 0],
    },
    inclinee: {
      title: "Vallée inclinée",
      note: "La même vallée, tournée d'un huitième de tour. RMSprop et Adam règlent chaque coordonnée à part : ici, cela les aide bien moins.",
      value: ([x, y]) => ((x + y) ** 2 + 30 * (x - y) ** 2) / 4,
      slope: ([x, y]) => [(x + y + 30 * (x - y)) / 2, (x + y - 30 * (x - y)) / 2],
      start: [-2.5, -1],
      best: [0, 0],
    },
    deux_vallons: {
      title: "Deux vallons",
      note: "Deux creux, l'un plus profond. Où l'on arrive dépend du départ, du taux et de l'élan.",
      value: ([x, y]) => (x * x - 1) ** 2 / 4 + 0.15 * x + (y * y) / 2,
      slope: ([x, y]) => [x * (x * x - 1) + 0.15, y],
      start: [1.8, 1.5],
      best: [-1.0679230136896973, 0],
      local: [0.9142973158662135, 0],
    },
    courbe: {
      title: "Vallée courbe",
      note: "Le fond est une parabole : trouver la vallée est facile, la suivre l'est moins.",
      value: ([x, y]) => ((1 - x) ** 2 + 10 * (y - x * x) ** 2) / 4,
      slope: ([x, y]) => [(-(1 - x) - 20 * x * (y - x * x)) / 2, 5 * (y - x * x)],
      start: [-1.5, 1.5],
      best: [1, 1],
    },
    cuvette: {
      title: "Cuvette",
      note: "Au-delà d'un taux de 2, SGD saute toujours plus haut qu'il ne descend.",
      value: ([x]) => (x * x) / 2,
      slope: ([x]) => [x],
      start: [-2.5],
      best: [0],
    },
    deux_creux: {
      title: "Deux creux",
      note: "Un creux à droite, un plus profond à gauche : l'élan peut franchir la bosse.",
      value: ([x]) => (x * x - 1) ** 2 / 4 + 0.15 * x,
      slope: ([x]) => [x * (x * x - 1) + 0.15],
      start: [1.8],
      best: [-1.0679230136896973],
      local: [0.9142973158662135],
    },
    plateau: {
      title: "Plateau",
      note: "Loin du fond, presque plus de pente : SGD rampe, RMSprop et Adam divisent par la taille du gradient et avancent.",
      value: ([x]) => 1 - Math.exp((-x * x) / 2),
      slope: ([x]) => [x * Math.exp((-x * x) / 2)],
      start: [-3],
      best: [0],
    },
  };

  // Une règle change la position `p`, coordonnée par coordonnée ; `m` et `v` sont sa mémoire, `t` compte les pas depuis 1.
  const EPSILON = 1e-8;
  const RULES = {
    SGD: {
      formula: "x ← x − taux · g",
      update: (p, g, m, v, t, rate) => p.forEach((_, i) => (p[i] -= rate * g[i])),
    },
    élan: {
      formula: "m ← 0,9 m + g ; x ← x − taux · m",
      update: (p, g, m, v, t, rate) =>
        p.forEach((_, i) => {
          m[i] = 0.9 * m[i] + g[i];
          p[i] -= rate * m[i];
        }),
    },
    RMSprop: {
      formula: "v ← 0,9 v + 0,1 g² ; x ← x − taux · g / (√v + ε)",
      update: (p, g, m, v, t, rate) =>
        p.forEach((_, i) => {
          v[i] = 0.9 * v[i] + 0.1 * g[i] * g[i];
          p[i] -= (rate * g[i]) / (Math.sqrt(v[i]) + EPSILON);
        }),
    },
    Adam: {
      formula: "m ← 0,9 m + 0,1 g ; v ← 0,999 v + 0,001 g² ; au pas t : x ← x − taux · m̂ / (√v̂ + ε), où m̂ = m / (1 − 0,9ᵗ) et v̂ = v / (1 − 0,999ᵗ)",
      update: (p, g, m, v, t, rate) =>
        p.forEach((_, i) => {
          m[i] = 0.9 * m[i] + 0.1 * g[i];
          v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
          const mean = m[i] / (1 - 0.9 ** t);
          const square = v[i] / (1 - 0.999 ** t);
          p[i] -= (rate * mean) / (Math.sqrt(square) + EPSILON);
        }),
    },
  };
  const LIMIT = 100; // au-delà, la descente a divergé : inutile de continuer

  // Positions successives, départ compris : au plus `steps` + 1.
  const descend = (surface, start, rule, rate, steps) => {
    const { slope } = SURFACES[surface];
    const p = [...start];
    const m = p.map(() => 0);
    const v = p.map(() => 0);
    const path = [[...p]];
    for (let t = 1; t <= steps && Math.max(...p.map(Math.abs)) <= LIMIT; t++) {
      RULES[rule].update(p, slope(p), m, v, t, rate);
      path.push([...p]);
    }
    return path;
  };

  // Ce que vaut un chemin, en une phrase.
  const verdict = (surface, path) => {
    const { value, best, local } = SURFACES[surface];
    const end = path.at(-1);
    if (Math.max(...end.map(Math.abs)) > LIMIT) return "la perte explose : le taux est trop grand.";
    const above = (point) => value(point) - value(best);
    const near = (point, goal) => goal && Math.hypot(...point.map((x, i) => x - goal[i])) < 0.25;
    const late = path.slice(-15).map(above);
    const rises = late.slice(1).filter((loss, i) => loss > late[i] + 1e-9).length;
    if (above(end) < 0.005 && Math.max(...late) < 0.02) return "arrivé, au fond du creux le plus profond.";
    if (path.slice(-15).every((point) => near(point, local))) return "arrivé dans un creux, mais pas le plus profond : la pente ne le dit pas.";
    if (rises >= 3) return "il oscille encore : un taux plus petit l'aiderait à se poser, ou quelques pas de plus.";
    if (above(end) < 0.02) return "presque arrivé.";
    return "encore en chemin : davantage de pas, ou un taux plus grand.";
  };

  const STEPS = 100;
  const X = [-3.2, 3.2];
  const Y = [-2.1, 2.1];
  const COLOURS = { SGD: "--demo-a", élan: "--demo-b", RMSprop: "--demo-c", Adam: "--demo-d" };
  const DASHES = { SGD: "none", élan: "7 3", RMSprop: "2 3", Adam: "9 3 2 3" };

  const start = (zone) => {
    const { element: E, number, typeset } = window.demoTools;
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const state = { surface: "etroite", rule: "SGD", start: [...SURFACES.etroite.start], shown: STEPS, timer: 0, all: false };
    const rates = { SGD: 0.05, élan: 0.05, RMSprop: 0.05, Adam: 0.05 };
    const called = (rule) => (rule === "élan" ? "SGD avec élan" : rule);
    const flat = () => state.start.length === 1;
    const rateText = (rate) => number(rate, rate < 0.01 ? 4 : rate < 0.1 ? 3 : 2);
    const place = (point) => (point.length === 1 ? `x = ${number(point[0])}` : `(${point.map((x) => number(x)).join(" ; ")})`);
    const lossText = (loss) => (loss > 1000 ? "plus de mille" : Math.abs(loss) < 0.0005 ? "moins de 0,001" : number(loss, 3));

    // Réglages. La valeur est dans un `<strong>` : un `<output>` dans un `<label>` en prendrait le nom à la place du curseur.
    const surface = E("select", { onchange: () => choose(surface.value) });
    for (const [count, label] of [[2, "Deux paramètres"], [1, "Un paramètre"]]) {
      const group = Object.entries(SURFACES).filter(([, { best }]) => best.length === count);
      surface.append(E("optgroup", { label }, group.map(([key, { title }]) => E("option", { value: key, selected: key === state.surface }, title))));
    }
    const rules = Object.keys(RULES).map((rule) => {
      const radio = E("input", { type: "radio", name: "demo-gradient-regle", value: rule, checked: rule === state.rule, onchange: () => pick(rule) });
      const sample = E("svg", { class: "demo-trait", viewBox: "0 0 34 6", "aria-hidden": "true" }, E("path", { d: "M1 3H33", ...stroke(rule), "stroke-width": 3 }));
      return E("label", { class: "demo-choix" }, radio, called(rule), sample);
    });
    const rateOutput = E("strong", { "aria-hidden": "true" });
    const rate = E("input", { type: "range", min: "-3", max: "0.4", step: "0.02", oninput: () => setRate(10 ** Number(rate.value)) });
    const [startX, startY] = [X, Y].map((range, axis) =>
      E("input", { type: "range", min: String(range[0] + 0.2), max: String(range[1] - 0.1), step: "0.05", oninput: () => move(axis, Number([startX, startY][axis].value)) }),
    );
    const xText = E("strong", { "aria-hidden": "true" });
    const yText = E("strong", { "aria-hidden": "true" });
    const fieldY = E("label", { class: "demo-champ" }, E("span", {}, "Départ, en y : ", yText), startY);
    const step = E("input", { type: "range", min: "0", max: String(STEPS), step: "1", oninput: () => { stop(); show(Number(step.value)); announceSoon(); } });
    const stepText = E("strong", { "aria-hidden": "true" });
    const run = E("button", { type: "button", class: "principal", onclick: () => (state.timer ? pause() : play()) }, "Lancer");
    const one = E("button", { type: "button", onclick: () => { stop(); show(state.shown >= last() ? 1 : state.shown + 1); announce(); } }, "Un pas");
    const reset = E("button", { type: "button", onclick: () => { stop(); choose(state.surface); show(0); say("Revenu au départ de cette surface, taux gardés."); } }, "Recommencer");
    const all = E("input", { type: "checkbox", onchange: () => { state.all = all.checked; draw(); } });

    // Dessins
    const heat = E("canvas", { width: "180", height: "118", "aria-hidden": "true" });
    const level = E("path", { class: "demo-niveaux" });
    const axes = E("g", { class: "demo-axes" });
    const trail = E("g");
    const map = E("svg", { role: "img", class: "demo-carte" }, level, axes, trail);
    const losses = E("svg", { role: "img", class: "demo-courbe" });
    const status = E("output", { class: "demo-etat", "aria-live": "polite" });
    const note = E("p", { class: "demo-note" });
    const formula = E("p", { class: "demo-note demo-formule" });
    zone.append(
      E("div", { class: "demo-rang demo-tete" },
        E("label", { class: "demo-champ" }, "Surface", surface),
        E("fieldset", { class: "demo-groupe" }, E("legend", {}, "Optimiseur"), rules)),
      note,
      E("div", { class: "demo-deux" },
        E("div", {}, E("div", { class: "demo-fond" }, heat, map), E("p", { class: "demo-note demo-legende" }, "Touchez ou cliquez la carte pour poser le départ (carré). L'étoile est le minimum ; le cercle en tirets, un creux moins profond.")),
        E("div", {},
          E("label", { class: "demo-champ" }, E("span", {}, "Taux d'apprentissage : ", rateOutput), rate),
          E("label", { class: "demo-champ" }, E("span", {}, "Départ, en x : ", xText), startX),
          fieldY,
          losses)),
      E("div", { class: "demo-rang" }, run, one, reset, E("label", { class: "demo-champ demo-large" }, E("span", {}, "Pas montrés : ", stepText), step)),
      E("label", { class: "demo-choix" }, all, "Montrer les quatre optimiseurs, chacun au taux que vous lui avez donné"),
      status,
      formula,
    );

    function stroke(rule) {
      return { style: `stroke: var(${COLOURS[rule]})`, fill: "none", "stroke-dasharray": DASHES[rule] };
    }
    const path = (rule) => descend(state.surface, state.start, rule, rates[rule], STEPS);
    const last = () => path(state.rule).length - 1;

    // Échelles : la carte a la taille de son cadre, pour que les textes restent lisibles sur un téléphone.
    let width = 0;
    let height = 0;
    let top = 1; // perte en haut du dessin à un paramètre
    let bottom = 0;
    const px = (x) => ((x - X[0]) / (X[1] - X[0])) * width;
    const py = (y) => (1 - (y - Y[0]) / (Y[1] - Y[0])) * height;
    const lossY = (loss) => height - 26 - ((loss - bottom) / (top - bottom)) * (height - 44);
    const at = (point) => {
      const near = (z) => Math.max(-1e4, Math.min(1e4, z));
      const { value } = SURFACES[state.surface];
      return point.length === 1 ? [near(px(point[0])), near(lossY(value(point)))] : [near(px(point[0])), near(py(point[1]))];
    };
    const line = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
    const star = ([x, y]) => {
      const tips = Array.from({ length: 10 }, (_, i) => [x + (i % 2 ? 4 : 10) * Math.sin((i * Math.PI) / 5), y - (i % 2 ? 4 : 10) * Math.cos((i * Math.PI) / 5)]);
      return E("path", { class: "demo-etoile", d: `${line(tips)}Z` });
    };

    // Le relief : teintes par paliers et lignes de même perte.
    const relief = () => {
      const { value } = SURFACES[state.surface];
      const pen = heat.getContext("2d");
      pen.clearRect(0, 0, heat.width, heat.height);
      axes.replaceChildren();
      if (flat()) {
        const curve = Array.from({ length: 161 }, (_, i) => X[0] + (i / 160) * (X[1] - X[0]));
        const values = curve.map((x) => value([x]));
        bottom = Math.min(...values);
        top = Math.min(Math.max(...values) + 0.05, bottom + 1.5 * (value(SURFACES[state.surface].start) - bottom));
        level.setAttribute("class", "demo-profil");
        level.setAttribute("d", line(curve.map((x, i) => [px(x), lossY(values[i])])));
        axes.append(E("text", { x: 6, y: 16 }, "perte"));
      } else {
        const low = value(SURFACES[state.surface].best);
        const [columns, rows] = [heat.width, heat.height];
        const grid = Array.from({ length: rows }, (_, j) =>
          Array.from({ length: columns }, (_, i) => value([X[0] + (i / (columns - 1)) * (X[1] - X[0]), Y[1] - (j / (rows - 1)) * (Y[1] - Y[0])]) - low),
        );
        const high = Math.max(...grid.flat());
        const levels = Array.from({ length: 14 }, (_, i) => high * (0.03 + (0.97 * i) / 13) ** 2);
        const image = pen.createImageData(columns, rows);
        grid.flat().forEach((loss, i) => {
          const band = levels.filter((limit) => loss > limit).length;
          image.data.set([63, 127, 214, 12 + band * 10], 4 * i);
        });
        pen.putImageData(image, 0, 0);
        level.setAttribute("class", "demo-niveaux");
        level.setAttribute("d", levels.map((limit) => contour(grid, limit)).join(""));
        axes.append(E("text", { x: 8, y: 16 }, "y"));
      }
      axes.append(E("text", { x: width - 14, y: height - 8 }, "x"));
      for (const tick of [-2, -1, 0, 1, 2]) axes.append(E("text", { x: px(tick), y: height - 8, "text-anchor": "middle" }, String(tick).replace("-", "−")));
      if (!flat()) for (const tick of [-1, 0, 1]) axes.append(E("text", { x: 8, y: py(tick) + 4 }, String(tick).replace("-", "−")));
    };
    // Segments où la grille traverse la hauteur `limit`.
    const contour = (grid, limit) => {
      let d = "";
      const [rows, columns] = [grid.length, grid[0].length];
      const scale = [width / (columns - 1), height / (rows - 1)];
      for (let j = 0; j < rows - 1; j += 1) {
        for (let i = 0; i < columns - 1; i += 1) {
          const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
          const cuts = [];
          corners.forEach(([a, b], k) => {
            const [c, e] = corners[(k + 1) % 4];
            const [from, to] = [grid[b][a] - limit, grid[e][c] - limit];
            if (from > 0 !== to > 0) cuts.push([(a + (from / (from - to)) * (c - a)) * scale[0], (b + (from / (from - to)) * (e - b)) * scale[1]]);
          });
          if (cuts.length >= 2) d += line(cuts.slice(0, 2));
        }
      }
      return d;
    };

    const drawn = () => (state.all ? [...Object.keys(RULES).filter((rule) => rule !== state.rule), state.rule] : [state.rule]);
    const draw = () => {
      if (!width) return;
      const { best, local, value } = SURFACES[state.surface];
      trail.replaceChildren(...[best, local].filter(Boolean).map((goal, i) => (i ? E("circle", { class: "demo-creux", cx: at(goal)[0], cy: at(goal)[1], r: 5 }) : star(at(goal)))));
      for (const rule of drawn()) {
        const points = path(rule).slice(0, state.shown + 1).map(at);
        const main = rule === state.rule;
        trail.append(E("path", { d: line(points), ...stroke(rule), "stroke-width": main ? 2.5 : 1.8, "stroke-linejoin": "round" }));
        if (main) {
          const dots = points.map(([x, y]) => `M${(x - 2.6).toFixed(1)} ${y.toFixed(1)}a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0`).join("");
          trail.append(E("path", { d: dots, style: `fill: var(${COLOURS[rule]})` }));
        }
        const [x, y] = points.at(-1);
        trail.append(E("circle", { cx: x, cy: y, r: main ? 6 : 4.5, class: "demo-bille", style: `fill: var(${COLOURS[rule]})` }));
      }
      const [x, y] = at(state.start);
      trail.append(E("rect", { class: "demo-depart", x: x - 6, y: y - 6, width: 12, height: 12, rx: 2 }));
      drawLosses(value, value(best));
      const mine = path(state.rule);
      const shown = Math.min(state.shown, mine.length - 1);
      const end = mine[shown];
      map.setAttribute("aria-label", typeset(
        `${SURFACES[state.surface].title} : ${flat() ? "courbe" : "carte de niveaux"} de la perte. ${called(state.rule)}, départ ${place(state.start)}, ${shown} pas, arrivée ${place(end)}, perte ${lossText(value(end))}.`));
      stepText.textContent = `${shown} sur ${mine.length - 1}`;
      step.value = String(shown);
      step.setAttribute("aria-valuetext", `${shown} pas`);
      rateOutput.textContent = rateText(rates[state.rule]);
      rate.value = String(Math.log10(rates[state.rule]));
      rate.setAttribute("aria-valuetext", rateText(rates[state.rule]));
      startX.value = String(state.start[0]);
      xText.textContent = number(state.start[0]);
      fieldY.hidden = flat();
      if (!flat()) {
        startY.value = String(state.start[1]);
        yText.textContent = number(state.start[1]);
      }
    };

    // La perte au-dessus de son minimum, en échelle logarithmique : de 10 à 0,0001.
    const drawLosses = (value, low) => {
      const [w, h] = [losses.clientWidth || 300, 170];
      losses.setAttribute("viewBox", `0 0 ${w} ${h}`);
      const left = 54;
      const [maxLog, minLog] = [2, -4];
      const x = (t) => left + (t / STEPS) * (w - left - 10);
      const y = (loss) => 24 + ((maxLog - Math.max(minLog, Math.min(maxLog, Math.log10(Math.max(loss, 1e-12))))) / (maxLog - minLog)) * (h - 50);
      const parts = [E("text", { x: 4, y: 13 }, "perte au-dessus du minimum"), E("text", { x: w - 8, y: h - 6, "text-anchor": "end" }, `pas (0 à ${STEPS})`)];
      for (const power of [2, 0, -2, -4]) {
        parts.push(E("path", { class: "demo-filet", d: `M${left} ${y(10 ** power)}H${w - 10}` }));
        parts.push(E("text", { x: left - 6, y: y(10 ** power) + 4, "text-anchor": "end" }, { 2: "100", 0: "1", "-2": "0,01", "-4": "0,0001" }[power]));
      }
      for (const rule of drawn()) {
        const points = path(rule).slice(0, state.shown + 1).map((point, t) => [x(t), y(value(point) - low)]);
        parts.push(E("path", { d: line(points), ...stroke(rule), "stroke-width": rule === state.rule ? 2.5 : 1.8 }));
      }
      losses.replaceChildren(...parts);
      const mine = path(state.rule).slice(0, state.shown + 1);
      losses.setAttribute("aria-label", typeset(`Courbe de la perte, pas après pas : elle part de ${lossText(value(mine[0]))} et vaut ${lossText(value(mine.at(-1)))} au pas ${mine.length - 1}.`));
    };

    // Ce qui se passe, dit à voix haute par un lecteur d'écran : à la fin d'un geste, jamais à chaque image.
    let pending = 0; // un message différé ne doit pas effacer le suivant
    const say = (text) => {
      clearTimeout(pending);
      status.textContent = typeset(text);
    };
    const announce = () => {
      const mine = path(state.rule).slice(0, state.shown + 1);
      const { value } = SURFACES[state.surface];
      const head = `${called(state.rule)}, taux ${rateText(rates[state.rule])}. Après ${mine.length - 1} pas, perte ${lossText(value(mine.at(-1)))}`;
      say(state.shown >= last() ? `${head} : ${verdict(state.surface, path(state.rule))}` : `${head}.`);
    };
    const announceSoon = () => {
      clearTimeout(pending);
      pending = setTimeout(announce, 400);
    };

    // Gestes
    const show = (count) => {
      state.shown = Math.max(0, Math.min(count, last()));
      draw();
    };
    const stop = () => {
      clearInterval(state.timer);
      state.timer = 0;
      run.textContent = "Lancer";
    };
    const pause = () => {
      stop();
      announce();
    };
    const play = () => {
      if (still.matches) {
        show(STEPS);
        announce();
        return;
      }
      if (state.shown >= last()) show(0);
      run.textContent = "Pause";
      say(`${called(state.rule)} descend…`);
      state.timer = setInterval(() => {
        show(state.shown + 1);
        if (state.shown >= last()) pause();
      }, 50);
    };
    const changed = () => {
      stop();
      state.shown = STEPS; // le chemin entier suit le geste
      draw();
      announceSoon();
    };
    const choose = (name) => {
      state.surface = name;
      state.start = [...SURFACES[name].start];
      note.textContent = typeset(SURFACES[name].note);
      relief();
      changed();
    };
    const pick = (rule) => {
      state.rule = rule;
      formula.textContent = typeset(`Règle de PyTorch, pour chaque paramètre x de gradient g : ${RULES[rule].formula}.${/ε/.test(RULES[rule].formula) ? " ε = 0,000 000 01." : ""}`);
      changed();
    };
    const setRate = (value) => {
      rates[state.rule] = value;
      changed();
    };
    const move = (axis, value) => {
      const [low, high] = axis ? Y : X;
      state.start[axis] = Math.max(low + 0.2, Math.min(high - 0.1, value));
      changed();
    };
    const point = (event) => {
      const box = map.getBoundingClientRect();
      move(0, X[0] + ((event.clientX - box.left) / box.width) * (X[1] - X[0]));
      if (!flat()) move(1, Y[1] - ((event.clientY - box.top) / box.height) * (Y[1] - Y[0]));
    };
    map.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      map.setPointerCapture(event.pointerId);
      point(event);
    });
    map.addEventListener("pointermove", (event) => {
      if (map.hasPointerCapture(event.pointerId)) point(event);
    });
    new ResizeObserver(() => {
      const box = map.parentElement.clientWidth;
      if (!box || box === width) return;
      width = box;
      height = Math.round((box * 4.2) / 6.4);
      map.setAttribute("viewBox", `0 0 ${width} ${height}`);
      map.style.height = `${height}px`;
      relief();
      draw();
    }).observe(map.parentElement);
    pick(state.rule);
    choose(state.surface);
    announce();
  };
  return Object.assign(start, { SURFACES, RULES, descend, verdict });
})();
