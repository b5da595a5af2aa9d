// Métriques : le seuil glisse sur les vrais scores du détecteur de 8 ; la matrice, les mesures et les courbes suivent.
(() => {
  const FILES = {
    Keras: "metrics_detector/with_tensorflow/scores.json",
    PyTorch: "metrics_detector/with_pytorch/scores.json",
  };
  const MISS_COST = 5; // celui de la leçon

  const sigmoid = (score) => 1 / (1 + Math.exp(-score));
  const logit = (probability) => Math.log(probability / (1 - probability));

  /** Nombre de scores strictement au-dessus du seuil ; `sorted` : du plus petit au plus grand. */
  const above = (sorted, threshold) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] > threshold) high = middle;
      else low = middle + 1;
    }
    return sorted.length - low;
  };

  /** Les quatre cases et les mesures à ce seuil, exprimé en score. Sans aucune alerte, la précision vaut 0, comme dans la leçon. */
  const measure = ({ positifs, negatifs }, threshold) => {
    const tp = above(positifs, threshold);
    const fp = above(negatifs, threshold);
    const [fn, tn] = [positifs.length - tp, negatifs.length - fp];
    return {
      tp,
      fp,
      fn,
      tn,
      precision: tp + fp ? tp / (tp + fp) : 0,
      recall: tp / (tp + fn),
      f1: (2 * tp) / (2 * tp + fp + fn),
      accuracy: (tp + tn) / (tp + fp + fn + tn),
      alarms: fp / (fp + tn), // taux de fausses alertes
    };
  };

  /** Aire sous la courbe ROC : part des paires (8, autre) que les scores rangent dans le bon ordre ; ex æquo comptés moitié. */
  const area = ({ positifs, negatifs }) => {
    let pairs = 0;
    let [below, equal] = [0, 0]; // négatifs strictement sous le score, puis au plus égaux
    for (const score of positifs) {
      while (below < negatifs.length && negatifs[below] < score) below++;
      equal = Math.max(equal, below);
      while (equal < negatifs.length && negatifs[equal] <= score) equal++;
      pairs += (below + equal) / 2;
    }
    return pairs / (positifs.length * negatifs.length);
  };

  /** Seuil (en probabilité) le moins coûteux, parmi les 99 que la leçon essaie. */
  const cheapest = (scores, missCost) => {
    let best = { cost: Infinity };
    for (let n = 1; n < 100; n++) {
      const { fn, fp } = measure(scores, logit(n / 100));
      const cost = missCost * fn + fp;
      if (cost < best.cost) best = { cost, probability: n / 100 };
    }
    return best;
  };

  const demo = (zone, data) => {
    const { element, number, percent, typeset } = demoTools;
    const state = { name: "Keras", threshold: 0 };
    const whole = (count) => count.toLocaleString("fr-FR");
    const scores = () => data[FILES[state.name]];

    // Le seuil et ses raccourcis
    const slider = element("input", { type: "range", step: 0.1, id: "seuil-curseur", oninput: () => setThreshold(Number(slider.value)) });
    const shown = element("strong");
    const spoken = element("output", { class: "demo-cache", "aria-live": "polite" });
    const missCost = () => Math.max(0, Math.min(1000, Number(cost.value)));
    const cost = element("input", {
      type: "number",
      min: 0,
      max: 1000,
      value: MISS_COST,
      id: "seuil-cout",
      oninput: () => update(),
      onchange: () => {
        cost.value = missCost();
      },
    });
    const costs = element("p", { class: "demo-note" });
    const detectors = Object.keys(FILES).map((name) =>
      element(
        "button",
        {
          type: "button",
          onclick: () => {
            state.name = name;
            setup();
          },
        },
        name,
      ),
    );
    const half = element("button", { type: "button", onclick: () => setThreshold(0, true) }, "Seuil un demi");
    const best = element(
      "button",
      { type: "button", onclick: () => setThreshold(logit(cheapest(scores(), missCost()).probability), true) },
      "Le moins coûteux",
    );

    // Les deux foules de scores
    const [width, height, middle] = [Math.max(300, Math.min(640, zone.clientWidth)), 250, 122];
    const crowds = element("svg", { viewBox: `0 0 ${width} ${height}`, class: "seuil-scores", role: "img" });
    let range = [-1, 1];
    const toX = (score) => ((score - range[0]) / (range[1] - range[0])) * width;

    // Les deux courbes : un carré de 200, marges comprises 250
    const curve = (title, horizontal, vertical) => {
      const line = element("polyline", { class: "seuil-courbe" });
      const chance = element("line", { class: "seuil-hasard" });
      const point = element("circle", { class: "seuil-point", r: 7 });
      const svg = element(
        "svg",
        { viewBox: "0 0 250 262", role: "img" },
        element("text", { x: 140, y: 18, "text-anchor": "middle", "font-weight": 700, "font-size": 14 }, title),
        element("path", { class: "seuil-axe", d: "M40 28V228H240" }),
        element("text", { x: 140, y: 252, "text-anchor": "middle", "font-size": 13 }, horizontal),
        element("text", { x: -128, y: 24, transform: "rotate(-90)", "text-anchor": "middle", "font-size": 13 }, vertical),
        element("text", { x: 34, y: 40, "text-anchor": "end", "font-size": 12 }, "1"),
        element("text", { x: 34, y: 240, "text-anchor": "end", "font-size": 12 }, "0"),
        element("text", { x: 240, y: 243, "text-anchor": "end", "font-size": 12 }, "1"),
        chance,
        line,
        point,
      );
      return { svg, line, chance, point };
    };
    const roc = curve("ROC", "fausses alertes", "rappel");
    const trade = curve("Précision-rappel", "rappel", "précision");
    const place = (x, y) => [40 + 200 * x, 228 - 200 * y];

    // La matrice et les mesures
    const cells = Object.fromEntries(["tp", "fn", "fp", "tn"].map((name) => [name, element("strong", { "data-case": name })]));
    const cell = (name, text) => element("td", { class: name[0] === "t" ? "juste" : "faux" }, cells[name], text);
    const matrix = element(
      "table",
      { class: "seuil-matrice" },
      element(
        "thead",
        {},
        element("tr", {}, element("td"), element("th", { scope: "col" }, "alerte"), element("th", { scope: "col" }, "silence")),
      ),
      element(
        "tbody",
        {},
        element("tr", {}, element("th", { scope: "row" }, "c'est un 8"), cell("tp", "trouvés"), cell("fn", "manqués")),
        element("tr", {}, element("th", { scope: "row" }, "autre chiffre"), cell("fp", "fausses alertes"), cell("tn", "vrais négatifs")),
      ),
    );
    const NAMES = { precision: "Précision", recall: "Rappel", f1: "F1", accuracy: "Exactitude" };
    const values = Object.fromEntries(Object.keys(NAMES).map((name) => [name, element("dd", { "data-mesure-demo": name })]));
    const measures = element(
      "dl",
      { class: "seuil-mesures" },
      Object.entries(NAMES).map(([name, text]) => element("div", {}, element("dt", {}, text), values[name])),
    );

    /** Tout ce qui dépend du détecteur : les deux foules, les courbes, l'étendue du curseur. */
    const setup = () => {
      const { positifs, negatifs } = scores();
      for (const button of detectors) button.setAttribute("aria-pressed", button.textContent === state.name);
      range = [Math.floor(Math.min(positifs[0], negatifs[0])), Math.ceil(Math.max(positifs.at(-1), negatifs.at(-1)))];
      [slider.min, slider.max] = range;
      const bins = (range[1] - range[0]) * 2;
      const bars = (sorted, sign, name) => {
        const counts = Array.from({ length: bins }, (_, n) => above(sorted, range[0] + n / 2) - above(sorted, range[0] + (n + 1) / 2));
        const most = Math.max(...counts);
        return counts.map((count, n) => {
          const tall = (count / most) * 88;
          return element("rect", {
            class: name,
            x: toX(range[0] + n / 2) + 1,
            y: sign > 0 ? middle - tall : middle,
            width: width / bins - 2,
            height: tall,
          });
        });
      };
      const ticks = [0.01, 0.5, 0.99].map((probability) => {
        const text = `p = ${number(probability, probability === 0.5 ? 1 : 2)}`;
        return element("text", { x: toX(logit(probability)), y: height - 6, "text-anchor": "middle" }, text);
      });
      crowds.replaceChildren(
        ...bars(positifs, 1, "seuil-huit"),
        ...bars(negatifs, -1, "seuil-autre"),
        element("line", { class: "seuil-axe", x1: 0, x2: width, y1: middle, y2: middle }),
        element("rect", { class: "seuil-voile", y: 24, height: height - 48 }),
        element("line", { class: "seuil-trait", y1: 22, y2: height - 24 }),
        element("text", { x: 4, y: 60, "font-weight": 700 }, `les 8 (${whole(positifs.length)})`),
        element(
          "text",
          { x: width - 6, y: height - 34, "text-anchor": "end", "font-weight": 700 },
          `les autres (${whole(negatifs.length)})`,
        ),
        element("text", { class: "seuil-mot", y: 16, "text-anchor": "end" }, "silence ←"),
        element("text", { class: "seuil-mot", y: 16 }, "→ alerte"),
        ...ticks,
      );
      const points = { roc: [], trade: [] };
      const all = [...positifs, ...negatifs].sort((a, b) => a - b);
      const steps = 400;
      for (let n = 0; n <= steps; n++) {
        // Les scores des 8 décident du rappel, tous les scores du reste : on suit les deux
        for (const sorted of [all, positifs]) {
          const now = measure(scores(), n ? sorted[Math.round(((sorted.length - 1) * n) / steps)] : range[0] - 1);
          points.roc.push(place(now.alarms, now.recall));
          if (now.tp + now.fp) points.trade.push(place(now.recall, now.precision));
        }
      }
      for (const list of Object.values(points)) list.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
      roc.line.setAttribute("points", points.roc.join(" "));
      trade.line.setAttribute("points", points.trade.join(" "));
      const rate = positifs.length / (positifs.length + negatifs.length);
      const chance = (target, from, to) => {
        const [[x1, y1], [x2, y2]] = [place(...from), place(...to)];
        for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) target.chance.setAttribute(name, value);
      };
      chance(roc, [0, 0], [1, 1]);
      chance(trade, [0, rate], [1, rate]);
      roc.svg.setAttribute("aria-label", typeset(`Courbe ROC du détecteur ${state.name} : aire ${number(area(scores()), 3)}. Le point suit le seuil.`));
      trade.svg.setAttribute("aria-label", `Courbe précision-rappel du détecteur ${state.name}. Le point suit le seuil.`);
      setThreshold(state.threshold, true);
    };

    const setThreshold = (threshold, move = false) => {
      state.threshold = Math.max(range[0], Math.min(range[1], threshold));
      if (move) slider.value = state.threshold;
      update();
    };

    /** Tout ce qui dépend du seuil. */
    const update = () => {
      const now = measure(scores(), state.threshold);
      const probability = number(sigmoid(state.threshold), 3);
      shown.textContent = typeset(`probabilité ${probability} (score ${number(state.threshold, 1)})`);
      slider.setAttribute("aria-valuetext", `probabilité ${probability}`);
      for (const [name, node] of Object.entries(cells)) node.textContent = whole(now[name]);
      for (const [name, node] of Object.entries(values)) {
        node.textContent = name === "f1" ? number(now.f1, 3) : percent(now[name]);
        node.dataset.valeur = now[name];
      }
      const x = toX(state.threshold);
      const veil = crowds.querySelector(".seuil-voile");
      veil.setAttribute("width", x);
      const line = crowds.querySelector(".seuil-trait");
      for (const name of ["x1", "x2"]) line.setAttribute(name, x);
      const [silence, alert] = crowds.querySelectorAll(".seuil-mot");
      silence.setAttribute("x", x - 8);
      alert.setAttribute("x", x + 8);
      crowds.setAttribute(
        "aria-label",
        typeset(`En haut, les scores des 8 ; en bas, ceux des autres chiffres. Au seuil ${probability}, ${now.tp} 8 et ${now.fp} autres sont à droite, du côté de l'alerte.`),
      );
      for (const [target, at] of [
        [roc, place(now.alarms, now.recall)],
        [trade, place(now.recall, now.precision)],
      ]) {
        target.point.setAttribute("cx", at[0]);
        target.point.setAttribute("cy", at[1]);
      }
      costs.textContent = typeset(
        `À ce seuil, les erreurs coûtent ${whole(missCost())} × ${whole(now.fn)} + ${whole(now.fp)} = ${whole(missCost() * now.fn + now.fp)}. Le seuil le moins coûteux, parmi quatre-vingt-dix-neuf, est ${number(cheapest(scores(), missCost()).probability, 2)}.`,
      );
    };
    const speak = () => {
      const now = measure(scores(), state.threshold);
      spoken.textContent = typeset(
        `Seuil ${number(sigmoid(state.threshold), 2)} : précision ${percent(now.precision)}, rappel ${percent(now.recall)}, F1 ${number(now.f1, 2)}.`,
      );
    };
    slider.addEventListener("change", speak);
    for (const button of [half, best, ...detectors]) button.addEventListener("click", speak);

    // La souris et le doigt prennent aussi le trait
    const grab = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const { left, width: wide } = crowds.getBoundingClientRect();
      setThreshold(range[0] + ((event.clientX - left) / wide) * (range[1] - range[0]), true);
    };
    crowds.addEventListener("pointerdown", (event) => {
      crowds.setPointerCapture(event.pointerId);
      grab(event);
    });
    crowds.addEventListener("pointermove", grab);
    crowds.addEventListener("pointerup", speak);

    zone.append(
      element("div", { class: "demo-rang" }, element("span", {}, "Détecteur :"), detectors),
      crowds,
      element("div", {}, element("label", { for: "seuil-curseur" }, "Seuil de décision : ", shown), slider),
      element("div", { class: "demo-rang" }, half, best, element("label", { for: "seuil-cout" }, "Coût d'un 8 manqué :"), cost),
      spoken,
      element("div", { class: "seuil-vues" }, matrix, measures),
      element("div", { class: "seuil-vues" }, roc.svg, trade.svg),
      costs,
    );
    setup();
  };

  (window.demos ??= {}).seuil = Object.assign(demo, { measure, area, cheapest });
})();
