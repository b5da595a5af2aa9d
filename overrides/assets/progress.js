// Le parcours du lecteur, gardé dans ce navigateur et nulle part ailleurs : leçons lues, quiz, exercices.
//
//   parcours.read("quiz", "module-4/exporter")      une entrée, ou null ; sans identifiant, toutes celles du genre
//   parcours.write("exercice", "quantize_exercise", { reussi: true, code: "…" })   vrai si elle est gardée ; null l'ôte
//   parcours.erase()                                efface tout ; rend la fonction qui annule
//   parcours.export(), parcours.import(texte)       JSON ; l'importation fusionne, ou lève une erreur sans rien toucher
//
// Le contenu du stockage n'est jamais cru : chaque entrée est contrôlée à la lecture, et ce qui ne se comprend pas
// reste en place, ou est mis de côté sous `parcours-illisible` avant d'être remplacé. L'événement `parcours` du
// document signale un changement, venu de cette page ou d'un autre onglet.
(() => {
  const [KEY, ASIDE, VERSION] = ["parcours", "parcours-illisible", 1];
  const [LONGEST_CODE, LONGEST_FILE] = [20_000, 2_000_000]; // caractères
  const ID = /^[a-z0-9][\w./-]{0,119}$/i; // jamais __proto__
  const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?Z)?$/;

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const own = (object, name) => (Object.hasOwn(object, name) ? object[name] : undefined);
  const isCount = (value) => Number.isInteger(value) && value >= 0 && value < 1000;
  const isDate = (value) => typeof value === "string" && DATE.test(value) && !Number.isNaN(Date.parse(value));
  const isCode = (value) => typeof value === "string" && value.length <= LONGEST_CODE;
  const isPage = (value) => value === undefined || (typeof value === "string" && ID.test(value)); // d'où vient l'exercice
  const isBoolean = (value) => typeof value === "boolean";

  // Pour chaque genre, les champs d'une entrée et ce qu'ils doivent être.
  const KINDS = new Map([
    ["lecon", { lue: isBoolean, date: isDate }],
    ["quiz", { score: isCount, total: isCount, date: isDate }],
    ["exercice", { reussi: isBoolean, code: isCode, date: isDate, page: isPage }],
  ]);

  const config = document.getElementById("__config");
  const root = config ? new URL(JSON.parse(config.textContent).base.replace(/\/?$/, "/"), location.href).href : null;
  /** Identifiant d'une page du cours, d'après son adresse : `module-4/exporter` ; indéfini ailleurs. */
  const idOf = (address) => (root && address.startsWith(root) && address.slice(root.length).replace(/(\.html)?([?#].*)?$/, "")) || undefined;

  /** Copie d'une entrée réduite à ses champs connus, ou null si l'un d'eux ne convient pas. */
  const checked = (kind, id, value) => {
    if (!ID.test(id) || !isObject(value)) return null;
    const entry = {};
    for (const [name, isValid] of Object.entries(KINDS.get(kind))) {
      entry[name] = own(value, name);
      if (!isValid(entry[name])) return null;
    }
    return kind === "quiz" && entry.score > entry.total ? null : entry;
  };

  /** Toutes les entrées valables d'un genre : objet sans prototype, identifiant → entrée. */
  const entriesOf = (raw, kind) => {
    const entries = Object.create(null);
    const stored = own(raw, kind);
    for (const [id, value] of isObject(stored) ? Object.entries(stored) : []) {
      const entry = checked(kind, id, value);
      if (entry) entries[id] = entry;
    }
    return entries;
  };
  const clean = (raw) => Object.fromEntries([["version", VERSION], ...[...KINDS.keys()].map((kind) => [kind, entriesOf(raw, kind)])]);

  const refused = new Map(); // les changements que le navigateur n'a pas voulu garder : ils valent pour cette page

  /** Pose des changements, [genre, identifiant, valeur ou null], sur `raw`. */
  const apply = (raw, changes) => {
    for (const kind of KINDS.keys()) if (!isObject(own(raw, kind))) raw[kind] = {};
    for (const [kind, id, value] of changes) {
      if (value) raw[kind][id] = value;
      else delete raw[kind][id];
    }
    return raw;
  };

  /** Ce que contient le stockage : { raw, text, damaged } ; `damaged` : il faudra mettre `text` de côté avant d'écrire. */
  const fromStorage = () => {
    let text = null;
    try {
      text = localStorage.getItem(KEY);
      if (text !== null) {
        const raw = JSON.parse(text);
        if (isObject(raw) && own(raw, "version") === VERSION) {
          const damaged = [...KINDS.keys()].some((kind) => Object.hasOwn(raw, kind) && !isObject(raw[kind]));
          return { raw, text, damaged };
        }
      }
    } catch {
      // stockage refusé, ou texte illisible
    }
    return { raw: { version: VERSION }, text, damaged: text !== null };
  };

  /** La même chose, avec ce que le navigateur a refusé, sauf si un autre onglet a pu écrire mieux depuis. */
  const load = () => {
    const found = fromStorage();
    const isLatest = ([kind, id, value]) => !(Date.parse(entriesOf(found.raw, kind)[id]?.date) > Date.parse(value?.date));
    if (refused.size) apply(found.raw, [...refused.values()].filter(isLatest));
    return found;
  };

  const setAside = (text) => {
    let name = ASIDE;
    for (let number = 2; localStorage.getItem(name) !== null; number++) {
      if (localStorage.getItem(name) === text) return;
      name = `${ASIDE}-${number}`;
    }
    localStorage.setItem(name, text);
  };

  const announce = () => document.dispatchEvent(new CustomEvent("parcours"));

  /** Écrit les entrées données, [genre, identifiant, valeur ou null] ; vrai si le navigateur les garde. */
  const save = (changes) => {
    let { raw, text, damaged } = load();
    try {
      let next;
      try {
        next = JSON.stringify(apply(raw, changes));
      } catch {
        damaged = text !== null; // trop imbriqué pour être récrit : seul ce qui est valable est repris
        raw = clean(raw);
        next = JSON.stringify(apply(raw, changes));
      }
      if (damaged) setAside(text);
      localStorage.setItem(KEY, next);
      refused.clear();
    } catch {
      for (const change of changes) refused.set(`${change[0]} ${change[1]}`, change); // plein, ou interdit
    }
    announce();
    return refused.size === 0;
  };

  /** Deux états d'une entrée en un : le plus récent, sans rien perdre d'acquis. */
  const merged = (one, other) => {
    const [older, entry] = Date.parse(one.date) >= Date.parse(other.date) ? [other, { ...one }] : [one, { ...other }];
    for (const name of ["lue", "reussi"]) if (older[name]) entry[name] = true;
    if (!entry.code && older.code) entry.code = older.code; // « réussi » noté ailleurs, sans rien y écrire
    if (older.total === entry.total && older.score > entry.score) entry.score = older.score;
    return entry;
  };

  /** Réunit les entrées valables de `raw` à celles d'ici ; rend le nombre de celles qui changent, et si elles sont gardées. */
  const join = (raw) => {
    const changes = [];
    for (const kind of KINDS.keys()) {
      const current = entriesOf(load().raw, kind);
      for (const [id, entry] of Object.entries(entriesOf(raw, kind))) {
        const both = current[id] ? merged(current[id], entry) : entry;
        if (JSON.stringify(both) !== JSON.stringify(current[id])) changes.push([kind, id, both]);
      }
    }
    return { count: changes.length, kept: changes.length === 0 || save(changes) };
  };

  const now = () => new Date().toISOString();
  const known = (kind) => {
    if (!KINDS.has(kind)) throw new TypeError(`parcours : genre inconnu, ${kind} ; choisir parmi ${[...KINDS.keys()].join(", ")}`);
  };

  window.parcours = {
    root,
    idOf,
    read(kind, id) {
      known(kind);
      const entries = entriesOf(load().raw, kind);
      return id === undefined ? entries : (entries[id] ?? null);
    },
    write(kind, id, value) {
      known(kind);
      const entry = value === null ? null : checked(kind, id, { date: now(), ...(kind === "exercice" && { page: idOf(location.href) }), ...value });
      if (!ID.test(id) || (value !== null && !entry)) throw new TypeError(`parcours : entrée refusée, ${kind} ${id}`);
      return save([[kind, id, entry]]);
    },
    /** Faux dès que le navigateur a refusé une écriture : le parcours ne vaut plus que pour cette page. */
    get kept() {
      return refused.size === 0;
    },
    erase() {
      const { raw: erased, damaged } = load();
      const before = [];
      refused.clear();
      try {
        for (const name of Object.keys(localStorage)) {
          if (name !== KEY && !name.startsWith(ASIDE)) continue;
          before.push([name, localStorage.getItem(name)]);
          localStorage.removeItem(name);
        }
      } catch {
        // stockage refusé : il n'y avait que le parcours de cette page
      }
      announce();
      return () => {
        try {
          for (const [name, text] of before) {
            if (localStorage.getItem(name) === null) localStorage.setItem(name, text);
            else if (name !== KEY || damaged) setAside(text); // un autre onglet a écrit depuis
          }
        } catch {
          // stockage refusé, ou plein
        }
        join(erased);
        announce();
      };
    },
    export() {
      return `${JSON.stringify(clean(load().raw), null, 1)}\n`;
    },
    /** Fusionne un fichier exporté, sans rien perdre d'acquis ; rend { ajoutees, ignorees, gardees }. */
    import(text) {
      let data = null;
      if (typeof text !== "string" || text.length > LONGEST_FILE) throw new Error("Ce fichier est trop gros pour être un parcours.");
      try {
        data = JSON.parse(text);
      } catch {
        throw new Error("Ce fichier n’est pas du JSON : choisissez celui que « Exporter » a enregistré.");
      }
      if (!isObject(data)) throw new Error("Ce fichier n’est pas un parcours : choisissez celui que « Exporter » a enregistré.");
      if (own(data, "version") !== VERSION) throw new Error("Ce fichier vient d’une autre version du cours : il n’est pas lu, et rien n’a changé.");
      let ignored = 0;
      for (const kind of KINDS.keys()) {
        const listed = own(data, kind);
        const all = isObject(listed) ? Object.keys(listed).length : Number(listed !== undefined);
        ignored += all - Object.keys(entriesOf(data, kind)).length;
      }
      const { count, kept } = join(data);
      return { ajoutees: count, ignorees: ignored, gardees: kept };
    },
  };
  addEventListener("storage", ({ key }) => {
    if (key === KEY || key === null) announce();
  });
})();
