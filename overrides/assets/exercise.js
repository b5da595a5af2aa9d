// Répondre à un exercice dans la page : un éditeur, et Python (Pyodide) chargé à la première exécution seulement.
// Sans ce script, l'énoncé reste dans la page, prêt à copier.
(() => {
  const [LIMIT, LONGEST] = [10_000, 20_000]; // millisecondes d'une exécution, caractères d'une réponse
  const INDENT = "    ";
  const FAILED = "Python n’a pas pu démarrer. Rechargez la page, ou prenez le carnet.";
  const CRASHED = "Python s’est arrêté en pleine exécution, peut-être faute de mémoire. Allégez votre réponse, puis exécutez de nouveau.";
  const REFUSED = "Ce navigateur refuse de garder votre réponse : copiez-la avant de quitter la page.";
  const workerUrl = new URL("exercise-worker.js", document.currentScript.src);
  let worker = null;
  let running = null; // l'exercice en cours : { stop }

  const add = (parent, tag, properties = {}) => {
    const node = Object.assign(document.createElement(tag), properties);
    parent.append(node);
    return node;
  };

  const stop = (message) => {
    worker?.terminate();
    worker = null;
    running?.end(message, false);
  };

  /** Remplace [from, to] par `text`. execCommand, seule, laisse Ctrl + Z annuler ; ailleurs, setRangeText. */
  const edit = (area, from, to, text) => {
    area.setSelectionRange(from, to);
    if (text === "" && from === to) return;
    if (!document.execCommand(text ? "insertText" : "delete", false, text)) area.setRangeText(text, from, to, "end");
  };

  /** Décale ou recale les lignes de la sélection. */
  const shift = (area, back) => {
    const { selectionStart: from, selectionEnd: to, value } = area;
    const start = value.lastIndexOf("\n", from - 1) + 1;
    if (from === to && !back) return edit(area, from, to, INDENT);
    const lines = value.slice(start, to).split("\n");
    const moved = lines.map((line) => (back ? line.replace(/^ {1,4}/, "") : INDENT + line));
    const gained = moved[0].length - lines[0].length;
    edit(area, start, to, moved.join("\n"));
    area.setSelectionRange(Math.max(start, from + gained), start + moved.join("\n").length);
  };

  /** Passe à la ligne en gardant le retrait, augmenté après deux-points. */
  const newLine = (area) => {
    const before = area.value.slice(0, area.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    edit(area, area.selectionStart, area.selectionEnd, "\n" + /^ */.exec(line)[0] + (/:\s*$/.test(line) ? INDENT : ""));
  };

  /** Où la page ne peut pas juger, le lecteur le dit lui-même. */
  const declare = (box, id) => {
    if (!window.parcours) return;
    const button = add(box, "button", { type: "button", className: "md-button" });
    const kept = () => window.parcours.read("exercice", id) ?? { code: "", reussi: false };
    const show = () => {
      button.textContent = kept().reussi ? "Noté comme réussi · annuler" : "Noter comme réussi";
    };
    button.addEventListener("click", () => window.parcours.write("exercice", id, { code: kept().code, reussi: !kept().reussi }));
    document.addEventListener("parcours", show);
    show();
  };

  const build = (box, number) => {
    const id = box.dataset.exercice;
    const starter = box.previousElementSibling.querySelector("code").textContent;
    const isFolder = location.protocol === "file:";
    if (!("page" in box.dataset) || isFolder || !box.dataset.pyodide) {
      if ("page" in box.dataset) {
        add(box, "p").textContent = isFolder
          ? "Ouvert depuis un dossier, le cours ne peut pas exécuter Python : le navigateur le refuse. Ouvrez le cours en ligne, ou prenez le carnet."
          : "Cette copie du cours n’embarque pas de quoi exécuter Python dans la page : prenez le carnet.";
      }
      declare(box, id);
      return;
    }
    const read = () => window.parcours?.read("exercice", id) ?? null;
    let saved = read()?.code || starter; // ce que la zone et le navigateur ont en commun

    const details = add(box, "details", { className: "exercice-page" });
    const summary = add(details, "summary");
    const label = add(details, "label", { htmlFor: `exercice-${number}`, textContent: "Votre réponse, tests compris" });
    const area = add(details, "textarea", {
      id: `exercice-${number}`,
      value: saved,
      rows: Math.min(starter.split("\n").length + 2, 30),
      maxLength: LONGEST,
      spellcheck: false,
      autocomplete: "off",
      autocapitalize: "off",
      wrap: "off",
    });
    const help = add(details, "p", { id: `exercice-aide-${number}`, className: "exercice-aide" });
    help.textContent = `Tab décale la ligne ; Échap, puis Tab, sort de la zone ; Ctrl + Entrée exécute. La première exécution charge Python (Pyodide ${box.dataset.pyodide}, ${box.dataset.poids} Mo au plus) depuis ce site.`;
    area.setAttribute("aria-describedby", help.id);
    const bar = add(details, "div", { className: "exercice-boutons" });
    const play = add(bar, "button", { type: "button", textContent: "Exécuter", className: "md-button md-button--primary" });
    const halt = add(bar, "button", { type: "button", textContent: "Arrêter", className: "md-button", hidden: true });
    const reset = add(bar, "button", { type: "button", textContent: "Revenir à l’énoncé", className: "md-button" });
    const status = add(details, "p", { className: "exercice-etat" });
    status.setAttribute("role", "status");
    const shown = add(details, "pre", { className: "exercice-sortie", hidden: true, tabIndex: 0 });
    shown.setAttribute("role", "region");
    shown.setAttribute("aria-label", "Ce que Python a écrit");

    const title = () => {
      const kept = read();
      summary.textContent = kept?.reussi ? "Répondre dans la page · réussi" : kept ? "Reprendre votre réponse" : "Répondre dans la page";
    };
    let pending = 0;
    let told = false; // le refus du navigateur n'est dit qu'une fois
    const save = (code, passed = false) => {
      saved = code; // avant d'écrire : l'écriture prévient aussi cette zone
      const kept = window.parcours?.write("exercice", id, { code, reussi: passed || (read()?.reussi ?? false) }) ?? true;
      if (!kept) saved = null; // le prochain changement réessaiera
      if (!kept && !told && !running) status.textContent = [status.textContent, REFUSED].filter(Boolean).join(" ");
      told = !kept && (told || !running);
    };
    /** Garde ce qui est écrit, s'il a changé. */
    const flush = () => {
      clearTimeout(pending);
      if (area.value !== saved) save(area.value);
    };
    const later = () => {
      clearTimeout(pending);
      pending = setTimeout(flush, 500);
    };
    // Un autre onglet a écrit : la zone le suit, sauf si le lecteur y a commencé autre chose, ou l'a vidée.
    document.addEventListener("parcours", () => {
      title();
      const code = read()?.code || starter;
      if (saved && area.value === saved && code !== saved) area.value = saved = code;
    });
    const say = (text, state = "") => {
      status.textContent = text;
      status.dataset.etat = state;
    };
    const end = (message, passed, text = "") => {
      const { code, timer } = running;
      clearTimeout(timer);
      running = null;
      if (document.activeElement === halt) play.focus();
      halt.hidden = true;
      say(message, passed ? "juste" : "faux");
      shown.textContent = text;
      shown.hidden = !text;
      save(code, passed);
      later(); // ce qui a été écrit pendant l'exécution n'a pas été jugé
    };

    const run = () => {
      if (running) {
        if (running.end !== end) say("Un autre exercice de cette page s’exécute : arrêtez-le d’abord.");
        return;
      }
      running = { end, code: area.value };
      halt.hidden = false;
      shown.hidden = true;
      say(worker ? "Exécution…" : "Chargement de Python…");
      worker ??= new Worker(workerUrl, { type: "module" });
      worker.onerror = () => stop(running?.timer ? CRASHED : FAILED);
      worker.onmessage = ({ data }) => {
        if (data.state === "running") {
          say("Exécution…");
          running.timer = setTimeout(() => stop(`Arrêté au bout de ${LIMIT / 1000} secondes : une boucle ne finit peut-être jamais.`), LIMIT);
        } else if (data.state === "failed") {
          stop(`${FAILED} (${data.message})`);
        } else if (data.state === "crashed") {
          stop(`${CRASHED} (${data.message})`);
        } else {
          const message = data.passed ? "Tous les tests passent." : data.message;
          end(message, data.passed, [data.output, data.trace].filter(Boolean).join("\n"));
        }
      };
      worker.postMessage([running.code, starter]);
    };

    let leaving = false; // après Échap, Tab reprend son rôle habituel : le clavier n'est jamais prisonnier
    area.addEventListener("keydown", (event) => {
      const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
      if (key === "Escape") leaving = true;
      else if (key === "Enter" && (ctrlKey || metaKey)) {
        event.preventDefault();
        run();
      } else if (key === "Tab" && !leaving && !ctrlKey && !altKey && !metaKey) {
        event.preventDefault();
        shift(area, shiftKey);
      } else if (key === "Enter" && !shiftKey && !altKey && !event.isComposing) {
        event.preventDefault();
        newLine(area);
      } else if (!["Tab", "Shift", "Control", "Alt", "Meta"].includes(key)) leaving = false;
    });
    area.addEventListener("blur", () => {
      leaving = false;
    });
    area.addEventListener("input", later);
    addEventListener("pagehide", flush);
    play.addEventListener("click", run);
    halt.addEventListener("click", () => stop("Arrêté."));
    reset.addEventListener("click", () => {
      if (area.value !== starter && !confirm("Effacer votre réponse et revenir à l’énoncé ?")) return;
      area.focus();
      edit(area, 0, area.value.length, starter);
      area.setSelectionRange(0, 0);
      shown.hidden = true;
      say("Énoncé rétabli.");
    });
    title();
  };

  // Les autres scripts différés, dont le parcours du lecteur, sont alors là.
  addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-exercice]").forEach(build), { once: true });
})();
