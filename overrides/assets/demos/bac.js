// Bac à sable du surapprentissage : un petit réseau, entraîné sous vos yeux, dans un `Worker` ; la page ne se fige jamais.
// Le `Worker` naît d'un `Blob` : il marche aussi dans un dossier ouvert sans serveur. Un test compare ces calculs à PyTorch
// (exemple `overfitting_sandbox`), et ses gradients à des différences finies.
(window.demos ??= {}).bac = (() => {
  // Tout le calcul, sans rien prendre à la page : cette fonction est aussi le texte du `Worker`.
  const core = () => {
    // Hasard à graine (mulberry32) : mêmes réglages, même graine, mêmes courbes.
    const random = (seed) => {
      let state = seed >>> 0;
      return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), state | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
      };
    };
    const gaussian = (draw) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());

    // Points synthétiques : x (n × 2) et classe y (n), 0 ou 1, une fois sur deux.
    const SHAPES = {
      lunes: (label, draw) => {
        const angle = Math.PI * draw();
        return label ? [0.6 - 1.2 * Math.cos(angle), 0.3 - 1.2 * Math.sin(angle)] : [1.2 * Math.cos(angle) - 0.6, 1.2 * Math.sin(angle) - 0.3];
      },
      cercles: (label, draw) => {
        const [angle, radius] = [2 * Math.PI * draw(), label ? 0.55 : 1.35];
        return [radius * Math.cos(angle), radius * Math.sin(angle)];
      },
      xor: (label, draw) => {
        const [a, b, side] = [0.1 + 1.3 * draw(), 0.1 + 1.3 * draw(), draw() < 0.5 ? 1 : -1];
        return [side * a, (label ? side : -side) * b];
      },
    };
    const points = (shape, n, noise, seed) => {
      const draw = random(seed);
      const [x, y] = [new Float64Array(2 * n), new Float64Array(n)];
      for (let i = 0; i < n; i += 1) {
        y[i] = i % 2;
        const place = SHAPES[shape](y[i], draw);
        x[2 * i] = place[0] + noise * gaussian(draw);
        x[2 * i + 1] = place[1] + noise * gaussian(draw);
      }
      return { x, y };
    };

    // Couches denses : `w` est (`rows` × `columns`), rangé ligne par ligne. Poids de He, biais nuls.
    const network = (sizes, draw) =>
      sizes.slice(1).map((rows, depth) => {
        const columns = sizes[depth];
        const bound = Math.sqrt(6 / columns);
        return { rows, columns, w: Float64Array.from({ length: rows * columns }, () => bound * (2 * draw() - 1)), b: new Float64Array(rows) };
      });

    // Valeurs de chaque couche : ReLU dans les couches cachées, score brut à la sortie. `masks` : l'abandon, s'il y en a un.
    const forward = (layers, x, masks) => {
      const values = [x];
      layers.forEach(({ rows, columns, w, b }, depth) => {
        const input = values[depth];
        const n = input.length / columns;
        const output = new Float64Array(n * rows);
        const hidden = depth < layers.length - 1;
        const mask = hidden && masks ? masks[depth] : null;
        for (let s = 0; s < n; s += 1) {
          for (let r = 0; r < rows; r += 1) {
            let sum = b[r];
            const [row, place] = [r * columns, s * columns];
            for (let c = 0; c < columns; c += 1) sum += w[row + c] * input[place + c];
            if (hidden && sum < 0) sum = 0;
            output[s * rows + r] = mask ? sum * mask[s * rows + r] : sum;
          }
        }
        values.push(output);
      });
      return values;
    };

    // Abandon : chaque neurone caché est éteint avec la probabilité `rate` ; les autres sont grossis d'autant.
    const dropMasks = (layers, n, rate, draw) =>
      layers.slice(0, -1).map(({ rows }) => Float64Array.from({ length: n * rows }, () => (draw() < rate ? 0 : 1 / (1 - rate))));

    // Entropie croisée moyenne, à partir des scores bruts.
    const crossEntropy = (scores, y) => {
      let sum = 0;
      for (let i = 0; i < y.length; i += 1) sum += Math.max(scores[i], 0) - scores[i] * y[i] + Math.log1p(Math.exp(-Math.abs(scores[i])));
      return sum / y.length;
    };
    const evaluate = (layers, { x, y }) => {
      const scores = forward(layers, x).at(-1);
      let right = 0;
      for (let i = 0; i < y.length; i += 1) right += scores[i] > 0 === (y[i] === 1);
      return { loss: crossEntropy(scores, y), accuracy: right / y.length };
    };

    // Perte (pénalité L2 comprise) et gradient de chaque couche, par rétropropagation.
    const gradients = (layers, { x, y }, penalty, masks) => {
      const values = forward(layers, x, masks);
      const n = y.length;
      let loss = crossEntropy(values.at(-1), y);
      let delta = Float64Array.from(values.at(-1), (score, i) => (1 / (1 + Math.exp(-score)) - y[i]) / n);
      const found = [];
      for (let depth = layers.length - 1; depth >= 0; depth -= 1) {
        const { rows, columns, w } = layers[depth];
        const input = values[depth];
        const gradient = { w: new Float64Array(w.length), b: new Float64Array(rows) };
        const before = new Float64Array(n * columns);
        for (let s = 0; s < n; s += 1) {
          for (let r = 0; r < rows; r += 1) {
            const d = delta[s * rows + r];
            if (d === 0) continue;
            gradient.b[r] += d;
            const [row, place] = [r * columns, s * columns];
            for (let c = 0; c < columns; c += 1) {
              gradient.w[row + c] += d * input[place + c];
              before[place + c] += d * w[row + c];
            }
          }
        }
        const mask = depth > 0 && masks ? masks[depth - 1] : null;
        for (let i = 0; i < before.length; i += 1) before[i] = input[i] > 0 ? before[i] * (mask ? mask[i] : 1) : 0;
        delta = before;
        for (let i = 0; i < w.length; i += 1) {
          loss += penalty * w[i] * w[i];
          gradient.w[i] += 2 * penalty * w[i];
        }
        found.unshift(gradient);
      }
      return { loss, gradients: found };
    };

    // Un pas d'Adam, celui de PyTorch ; `memory` garde les moyennes glissantes d'un pas à l'autre.
    const adam = (layers, found, memory, rate) => {
      memory.t = (memory.t ?? 0) + 1;
      memory.m ??= layers.map(({ w, b }) => ({ w: new Float64Array(w.length), b: new Float64Array(b.length) }));
      memory.v ??= layers.map(({ w, b }) => ({ w: new Float64Array(w.length), b: new Float64Array(b.length) }));
      const [one, two] = [1 - 0.9 ** memory.t, 1 - 0.999 ** memory.t];
      layers.forEach((layer, depth) => {
        for (const part of ["w", "b"]) {
          const [p, g, m, v] = [layer[part], found[depth][part], memory.m[depth][part], memory.v[depth][part]];
          for (let i = 0; i < p.length; i += 1) {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
            p[i] -= (rate * m[i]) / one / (Math.sqrt(v[i] / two) + 1e-8);
          }
        }
      });
    };

    // Un essai : données, réseau neuf, mémoire. Changer le nombre de points ne change pas la validation.
    const trial = (settings) => {
      const { shape, n, noise, seed, hidden } = settings;
      return {
        ...settings,
        train: points(shape, n, noise, 3 * seed + 1),
        validation: points(shape, 400, noise, 3 * seed + 2),
        layers: network([2, ...hidden, 1], random(3 * seed + 3)),
        draw: random(3 * seed + 4),
        memory: {},
        epoch: 0,
      };
    };
    const measure = (run) => {
      const [train, validation] = [evaluate(run.layers, run.train), evaluate(run.layers, run.validation)];
      return { epoch: run.epoch, trainLoss: train.loss, trainAccuracy: train.accuracy, valLoss: validation.loss, valAccuracy: validation.accuracy };
    };
    // Une époque : tous les points d'entraînement, un pas d'Adam. Rend les mesures, faites sans abandon ni pénalité.
    const advance = (run) => {
      const masks = run.dropout ? dropMasks(run.layers, run.train.y.length, run.dropout, run.draw) : null;
      adam(run.layers, gradients(run.layers, run.train, run.penalty, masks).gradients, run.memory, run.rate);
      run.epoch += 1;
      return measure(run);
    };
    // Probabilité de la classe 1 sur une grille de `side` × `side`, du haut à gauche au bas à droite.
    const surface = (layers, side, reach) => {
      const x = new Float64Array(2 * side * side);
      for (let i = 0; i < side * side; i += 1) {
        x[2 * i] = reach * ((2 * (i % side)) / (side - 1) - 1);
        x[2 * i + 1] = reach * (1 - (2 * Math.floor(i / side)) / (side - 1));
      }
      return Float32Array.from(forward(layers, x).at(-1), (score) => 1 / (1 + Math.exp(-score)));
    };
    return { random, points, network, forward, dropMasks, evaluate, gradients, adam, trial, measure, advance, surface };
  };

  const REACH = 2.2; // le plan va de −2,2 à 2,2
  const SIDE = 64;
  const EPOCHS = 600;
  const PACES = { lent: 1, normal: 4, vite: 40 }; // époques entre deux images

  // Le `Worker` : entraîne par petites tranches, rend compte, et reste à l'écoute entre deux.
  const work = ({ trial, measure, advance, surface }, SIDE, REACH, EPOCHS) => {
    let run = null;
    let timer = 0;
    let pace = 1;
    // `state` : `neuf`, `marche`, `pause` ou `fin`.
    const report = (history, state) => {
      const grid = surface(run.layers, SIDE, REACH);
      postMessage({ id: run.id, history, grid, state }, [grid.buffer]);
    };
    const slice = (count) => {
      const history = [];
      const began = performance.now();
      // Au plus 60 ms d'affilée : le bouton Pause répond aussitôt, même sur une machine lente.
      while (history.length < count && run.epoch < EPOCHS && performance.now() - began < 60) history.push(advance(run));
      return history;
    };
    const loop = () => {
      const history = slice(pace);
      const running = run.epoch < EPOCHS;
      report(history, running ? "marche" : "fin");
      timer = running ? setTimeout(loop, 33) : 0;
    };
    onmessage = ({ data }) => {
      clearTimeout(timer);
      if (data.pace) pace = data.pace;
      if (data.settings) {
        run = { ...trial(data.settings), id: data.id };
        report([measure(run)], "neuf");
      } else if (data.order === "run") loop();
      else if (data.order === "one") report(slice(1), "pause");
      else if (data.order === "pause") report([], "pause");
    };
  };

  // Ce que disent les courbes ; `history` : mesures d'époques successives.
  const best = (history) => history.reduce((found, now) => (now.valLoss < found.valLoss ? now : found));
  const verdict = (history) => {
    const [now, low] = [history.at(-1), best(history)];
    if (now.epoch < 30) return { kind: "debut", text: "trop tôt pour juger" };
    if (now.valLoss > 1.15 * low.valLoss && now.valLoss > 1.3 * now.trainLoss) {
      return { kind: "surapprentissage", text: `surapprentissage : la perte de validation remonte depuis l'époque ${low.epoch}` };
    }
    if (now.trainLoss > 0.35) return { kind: "sous-apprentissage", text: "même l'entraînement reste mal appris : réseau trop petit, trop retenu, ou points trop mêlés" };
    if (now.valLoss > 1.5 * now.trainLoss && now.valLoss - now.trainLoss > 0.08) {
      return { kind: "ecart", text: "un écart s'est ouvert, mais la perte de validation ne remonte pas nettement" };
    }
    return { kind: "proche", text: "pas de surapprentissage visible : les deux pertes restent proches" };
  };

  const start = (zone) => {
    const { element: E, number, percent, typeset } = window.demoTools;
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const { points } = core();
    const state = { id: 0, running: false, history: [], ghost: [], trials: [] };

    // Réglages. La valeur est dans un `<strong>` : un `<output>` dans un `<label>` en prendrait le nom à la place du curseur.
    const field = (text, input, output) => E("label", { class: "demo-champ" }, E("span", {}, text, ...(output ? [" : ", output] : [])), input);
    const menu = (choices, chosen, onchange) => {
      const node = E("select", { onchange });
      for (const [value, text] of Object.entries(choices)) node.append(E("option", { value, selected: value === chosen }, text));
      return node;
    };
    const slider = (min, max, step, value, write) => {
      const output = E("strong", { "aria-hidden": "true" });
      const input = E("input", { type: "range", min: String(min), max: String(max), step: String(step), value: String(value) });
      const update = () => {
        output.textContent = write(Number(input.value));
        input.setAttribute("aria-valuetext", output.textContent);
      };
      input.addEventListener("input", () => {
        update();
        changed();
      });
      update();
      return [input, output];
    };
    const shape = menu({ lunes: "Deux lunes", cercles: "Deux cercles", xor: "Ou exclusif (XOR)" }, "lunes", () => changed());
    const [size, sizeText] = slider(10, 300, 10, 40, (n) => String(n));
    const [noise, noiseText] = slider(0, 0.6, 0.05, 0.3, (value) => number(value));
    const seed = E("input", { type: "number", min: "1", max: "9999", step: "1", value: "1", onchange: () => changed() });
    const depth = menu({ 1: "une", 2: "deux" }, "2", () => changed());
    const width = menu({ 2: "2", 4: "4", 8: "8", 16: "16", 32: "32" }, "16", () => changed());
    const [dropout, dropoutText] = slider(0, 0.8, 0.1, 0, (value) => (value ? percent(value, 0) : "aucun"));
    const penalty = menu({ 0: "aucune", 0.0001: "0,0001", 0.001: "0,001", 0.003: "0,003", 0.01: "0,01", 0.03: "0,03" }, "0", () => changed());
    const rate = menu({ 0.001: "0,001", 0.003: "0,003", 0.01: "0,01", 0.03: "0,03", 0.1: "0,1" }, "0.01", () => changed());
    const pace = menu({ lent: "lente", normal: "normale", vite: "rapide" }, "normal", () => order({ pace: PACES[pace.value], ...(state.running ? { order: "run" } : {}) }));
    const run = E("button", { type: "button", class: "principal", onclick: () => (state.running ? pause() : play()) }, "Entraîner");
    const one = E("button", { type: "button", onclick: () => once() }, "Une époque");
    const reset = E("button", { type: "button", onclick: () => { renew(); say("Réseau neuf, mêmes points : prêt à entraîner."); } }, "Recommencer");
    const other = E("button", { type: "button", onclick: () => { seed.value = String((Number(seed.value) % 9999) + 1); changed(); } }, "Autre tirage");
    const hollow = E("input", { type: "checkbox", onchange: () => drawPoints() });

    // Dessins
    const canvas = E("canvas", { width: String(SIDE), height: String(SIDE), "aria-hidden": "true" });
    const dots = E("svg", { role: "img", "aria-label": "Plan à venir", class: "demo-plan", viewBox: `${-REACH} ${-REACH} ${2 * REACH} ${2 * REACH}` });
    const lossChart = E("svg", { role: "img", "aria-label": "Courbe à venir", class: "demo-courbe" });
    const accuracyChart = E("svg", { role: "img", "aria-label": "Courbe à venir", class: "demo-courbe" });
    const counter = E("p", { class: "demo-compteur" });
    const status = E("output", { class: "demo-etat", "aria-live": "polite" });
    const rows = E("tbody");
    const table = E("div", { class: "demo-defile", tabindex: "0", role: "region", "aria-label": "Vos essais", hidden: true },
      E("table", { class: "demo-essais" }, E("caption", {}, "Vos essais, le dernier en haut : changez une seule chose à la fois"),
        E("thead", {}, E("tr", {}, ["Points", "Bruit", "Réseau", "Abandon", "L2", "Époques", "Exactitude, entraînement", "Exactitude, validation", "Perte, validation", "Meilleure époque"].map((text) => E("th", { scope: "col" }, text)))), rows));
    const key = (name, text) => E("span", { class: "demo-cle" }, E("svg", { class: "demo-trait", viewBox: "0 0 34 6", "aria-hidden": "true" }, E("path", { d: "M1 3H33", class: name })), text);
    zone.append(
      E("div", { class: "demo-rang" }, run, one, reset, E("label", { class: "demo-choix" }, "Vitesse", pace), counter),
      E("div", { class: "demo-deux" },
        E("div", {}, E("div", { class: "demo-fond demo-carre" }, canvas, dots),
          E("p", { class: "demo-note demo-legende" }, E("span", { class: "demo-rond", "aria-hidden": "true" }), "classe 0", E("span", { class: "demo-losange", "aria-hidden": "true" }), "classe 1 ; le fond montre ce que répond le réseau, plus soutenu s'il est plus sûr."),
          E("label", { class: "demo-choix" }, hollow, "Montrer les 400 points de validation")),
        E("div", {}, lossChart, accuracyChart,
          E("p", { class: "demo-note demo-legende" }, key("demo-ligne-a", "entraînement"), key("demo-ligne-b", "validation"), key("demo-ligne-avant", "validation, essai précédent")))),
      status,
      E("div", { class: "demo-reglages" },
        E("fieldset", { class: "demo-groupe" }, E("legend", {}, "Points synthétiques"), field("Forme", shape), field("Points d'entraînement", size, sizeText), field("Bruit", noise, noiseText), E("div", { class: "demo-rang" }, field("Graine", seed), other)),
        E("fieldset", { class: "demo-groupe" }, E("legend", {}, "Le réseau"), field("Couches cachées", depth), field("Neurones par couche", width), field("Taux d'apprentissage (Adam)", rate)),
        E("fieldset", { class: "demo-groupe" }, E("legend", {}, "Les remèdes"), field("Abandon", dropout, dropoutText), field("Pénalité L2", penalty))),
      table,
    );

    // Fond : une teinte par classe, plus soutenue quand le réseau est plus sûr.
    const drawSurface = (grid) => {
      const pen = canvas.getContext("2d");
      const image = pen.createImageData(SIDE, SIDE);
      grid.forEach((p, i) => {
        image.data.set(p > 0.5 ? [63, 127, 214, 30 + 290 * (p - 0.5)] : [217, 100, 42, 30 + 290 * (0.5 - p)], 4 * i);
      });
      pen.putImageData(image, 0, 0);
    };
    const mark = (x, y, label, cls) =>
      label ? E("path", { class: `${cls} demo-classe-1`, d: `M${x} ${-y - 0.075}l.075 .075-.075 .075-.075-.075z` }) : E("circle", { class: `${cls} demo-classe-0`, cx: x, cy: -y, r: 0.056 });
    const drawPoints = () => {
      const sets = [[state.data.train, "demo-point"]];
      if (hollow.checked) sets.unshift([state.data.validation, "demo-point demo-creuse"]);
      dots.replaceChildren(...sets.flatMap(([{ x, y }, cls]) => Array.from(y, (label, i) => mark(x[2 * i].toFixed(3), Number(x[2 * i + 1].toFixed(3)), label, cls))));
    };
    const chart = (svg, title, top, names, text) => {
      const [w, h, left] = [svg.clientWidth || 300, 185, 44];
      svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
      const count = Math.max(100, ...[state.history, state.ghost].filter((list) => list.length).map((list) => list.at(-1).epoch));
      const x = (epoch) => left + (epoch / count) * (w - left - 8);
      const bottom = names[0] === "trainAccuracy" ? 0.4 : 0;
      const y = (value) => 20 + (1 - (Math.max(bottom, Math.min(top, value)) - bottom) / (top - bottom)) * (h - 42);
      const parts = [E("text", { x: 4, y: 12 }, title), E("text", { x: w - 6, y: h - 5, "text-anchor": "end" }, `époque ${count}`), E("text", { x: left, y: h - 5 }, "0")];
      for (const tick of [bottom, (bottom + top) / 2, top]) {
        parts.push(E("path", { class: "demo-filet", d: `M${left} ${y(tick)}H${w - 8}` }), E("text", { x: left - 5, y: y(tick) + 4, "text-anchor": "end" }, names[0] === "trainAccuracy" ? percent(tick, 0) : number(tick)));
      }
      const trace = (list, name, cls) => {
        if (list.length < 2) return;
        const every = Math.max(1, Math.floor(list.length / 300));
        const kept = list.filter((_, i) => i % every === 0 || i === list.length - 1);
        parts.push(E("path", { class: cls, d: kept.map((now, i) => `${i ? "L" : "M"}${x(now.epoch).toFixed(1)} ${y(now[name]).toFixed(1)}`).join("") }));
      };
      trace(state.ghost, names[1], "demo-ligne-avant");
      trace(state.history, names[0], "demo-ligne-a");
      trace(state.history, names[1], "demo-ligne-b");
      if (names[0] === "trainLoss" && state.history.length > 30) {
        const low = best(state.history);
        parts.push(E("path", { class: "demo-meilleur", d: `M${x(low.epoch)} 20V${h - 22}` }), E("circle", { class: "demo-meilleur-point", cx: x(low.epoch), cy: y(low.valLoss), r: 4 }));
      }
      svg.replaceChildren(...parts);
      svg.setAttribute("aria-label", typeset(text));
    };
    const draw = () => {
      const now = state.history.at(-1);
      if (!now) return;
      const losses = state.history.map((one) => one.valLoss);
      const top = Math.min(2, Math.max(1, Math.ceil(2 * Math.max(...losses)) / 2));
      counter.textContent = typeset(`Époque ${now.epoch} sur ${EPOCHS}`);
      chart(lossChart, "perte", top, ["trainLoss", "valLoss"], `Courbes de perte à l'époque ${now.epoch} : entraînement ${number(now.trainLoss)}, validation ${number(now.valLoss)}. La validation était au plus bas, ${number(best(state.history).valLoss)}, à l'époque ${best(state.history).epoch}.`);
      chart(accuracyChart, "exactitude", 1, ["trainAccuracy", "valAccuracy"], `Courbes d'exactitude à l'époque ${now.epoch} : entraînement ${percent(now.trainAccuracy, 0)}, validation ${percent(now.valAccuracy, 0)}.`);
      dots.setAttribute("aria-label", typeset(`${size.value} points d'entraînement en deux classes, ${shape.selectedOptions[0].textContent}, bruit ${noiseText.textContent}. Le fond montre la réponse du réseau à l'époque ${now.epoch} : il classe bien ${percent(now.trainAccuracy, 0)} de ces points, et ${percent(now.valAccuracy, 0)} des points de validation.`));
    };

    // Ce qui se passe, dit une fois par geste.
    let pending = 0; // un message différé ne doit pas effacer le suivant
    const say = (text) => {
      clearTimeout(pending);
      status.textContent = typeset(text);
    };
    const conclude = () => {
      const now = state.history.at(-1);
      status.dataset.verdict = verdict(state.history).kind;
      say(`Époque ${now.epoch}. Entraînement : perte ${number(now.trainLoss)}, exactitude ${percent(now.trainAccuracy, 0)}. Validation : perte ${number(now.valLoss)}, exactitude ${percent(now.valAccuracy, 0)}. Verdict : ${verdict(state.history).text}.`);
      if (now.epoch < 30) return;
      const cells = [size.value, noiseText.textContent, `${depth.value} × ${width.value}`, dropoutText.textContent, penalty.selectedOptions[0].textContent, String(now.epoch), percent(now.trainAccuracy), percent(now.valAccuracy), number(now.valLoss), String(best(state.history).epoch)];
      const row = E("tr", {}, cells.map((text) => E("td", {}, text)));
      if (state.row) state.row.replaceWith(row);
      else rows.prepend(row);
      state.row = row;
      if (rows.children.length > 6) rows.lastChild.remove();
      table.hidden = false;
    };

    // Le `Worker`
    const address = URL.createObjectURL(new Blob([`(${work})((${core})(), ${SIDE}, ${REACH}, ${EPOCHS});`], { type: "text/javascript" }));
    const worker = new window.demoWorker(address);
    const order = (message) => worker.postMessage(message);
    let latest = null;
    let waiting = 0;
    const paint = () => {
      waiting = 0;
      drawSurface(latest);
      draw();
    };
    worker.onmessage = ({ data }) => {
      if (data.id !== state.id) return; // un essai abandonné
      state.history.push(...data.history);
      latest = data.grid;
      if (data.state === "fin") stop();
      if (state.running && still.matches) counter.textContent = typeset(`Époque ${state.history.at(-1).epoch} sur ${EPOCHS}`);
      else waiting ||= requestAnimationFrame(paint);
      if (data.state === "fin" || (data.state === "pause" && !state.running)) conclude();
    };
    worker.onerror = (event) => {
      stop();
      say(`L'entraînement s'est arrêté sur une erreur : ${event.message}. Rechargez la page.`);
    };

    // Gestes
    const stop = () => {
      state.running = false;
      run.textContent = "Entraîner";
    };
    const play = () => {
      status.dataset.verdict = "";
      if (state.history.at(-1)?.epoch >= EPOCHS) renew();
      state.running = true;
      run.textContent = "Pause";
      say("Entraînement en cours…");
      order({ pace: PACES[pace.value], order: "run" });
    };
    const pause = () => {
      stop();
      order({ order: "pause" });
    };
    const once = () => {
      stop();
      order({ order: "one" });
    };
    const settings = () => ({
      shape: shape.value,
      n: Number(size.value),
      noise: Number(noise.value),
      seed: Math.max(1, Math.min(9999, Math.round(Number(seed.value)) || 1)),
      hidden: Array(Number(depth.value)).fill(Number(width.value)),
      dropout: Number(dropout.value),
      penalty: Number(penalty.value),
      rate: Number(rate.value),
    });
    const renew = () => {
      stop();
      status.dataset.verdict = ""; // il parlait du réseau d'avant
      if (state.history.length > 30) state.ghost = state.history;
      Object.assign(state, { id: state.id + 1, history: [], row: null });
      const chosen = settings();
      seed.value = String(chosen.seed);
      state.data = { train: points(chosen.shape, chosen.n, chosen.noise, 3 * chosen.seed + 1), validation: points(chosen.shape, 400, chosen.noise, 3 * chosen.seed + 2) };
      drawPoints();
      order({ id: state.id, settings: chosen });
    };
    const changed = () => {
      renew();
      clearTimeout(pending);
      pending = setTimeout(() => say("Réglage changé : réseau neuf, prêt à entraîner."), 400);
    };
    new ResizeObserver(() => draw()).observe(zone);
    renew();
    say("Prêt : appuyez sur « Entraîner ».");
  };
  return Object.assign(start, { core, verdict, best, EPOCHS });
})();
