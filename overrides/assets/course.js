// Chargement différé, onglets liés et retouches d'accessibilité ; la page se lit très bien sans ce script.

// Tiroir des écrans étroits : Material ouvre le menu et ses sections par les étiquettes de cases cachées, hors d'atteinte
// du clavier. Un bouton y enveloppe leur texte ; sans ce script, un clic les ouvre toujours.
(() => {
  const drawer = document.getElementById("__drawer");
  const menu = document.querySelector(".md-sidebar--primary");
  const opener = document.querySelector(".md-header__button[for=__drawer]");
  if (!drawer || !menu || !opener) return;
  const isShown = (node) => node.getClientRects().length > 0 && getComputedStyle(node).visibility === "visible";
  // Sans défiler : le panneau visé glisse encore vers sa place.
  const focusFirst = (nodes) => [...nodes].find(isShown)?.focus({ preventScroll: true });
  const enter = (panel) => focusFirst(panel.querySelectorAll("a[href], button"));

  const labels = [opener, ...menu.querySelectorAll('label:is([for^="__nav"], [for="__toc"])')];
  const wrapped = labels.map((label) => {
    const box = label.control;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "bouton-menu" });
    button.addEventListener("click", () => {
      box.click();
      if (!box.checked) focusFirst(wrapped.filter((one) => one.box === box).map((one) => one.button));
      else if (box !== drawer) enter(box.parentElement.querySelector(".md-nav"));
    });
    return { label, box, button };
  });
  wrapped[0].button.setAttribute("aria-label", "Menu");

  const narrow = matchMedia("(max-width: 76.234375em)");
  const wrap = () => {
    for (const { label, button } of wrapped) {
      if (narrow.matches === button.isConnected) continue;
      if (narrow.matches) {
        button.append(...label.childNodes);
        label.append(button);
      } else label.replaceChildren(...button.childNodes); // au large, tout est déplié : rien à ouvrir
    }
  };
  const update = () => {
    for (const { box, button } of wrapped) button.setAttribute("aria-expanded", box.checked);
  };
  narrow.addEventListener("change", wrap);
  document.addEventListener("change", ({ target }) => {
    if (target.matches?.(".md-toggle")) update();
    if (target === drawer && drawer.checked) enter(menu);
  });
  document.addEventListener("focusin", ({ target }) => {
    if (drawer.checked && !opener.contains(target) && !menu.contains(target)) drawer.click(); // le clavier est sorti du menu
  });
  addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !drawer.checked) return;
    drawer.click();
    wrapped[0].button.focus();
  });
  wrap();
  update();
})();

// Une touche seule ne commande rien : Material cherche par f, s et /, et quitte la page par n, p, virgule et point, ce qu'un
// geste maladroit ou une dictée ferait par accident (WCAG 2.1.4). Ctrl+K, ou Cmd+K, ouvre la recherche à leur place.
addEventListener(
  "keydown",
  (event) => {
    const { key, target, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (target.closest?.(".md-search, [contenteditable], input:not([type=radio]), textarea, select")) return;
    if (!ctrlKey && !metaKey) {
      if ("fs/np,.".includes(key)) event.stopImmediatePropagation();
    } else if (key.toLowerCase() === "k" && !altKey && !shiftKey) {
      const field = document.querySelector(".md-search__input");
      event.preventDefault();
      field.focus();
      field.select();
    }
  },
  true,
);

// Le script de Material (recherche, copie, suivi du plan) n'est exécuté qu'au premier geste du lecteur : la page se lit,
// se parcourt et change d'onglet sans lui, et s'affiche d'autant plus vite.
(() => {
  const material = document.getElementById("material");
  const gestures = ["pointermove", "pointerdown", "touchstart", "keydown", "focusin", "scroll"];
  const add = (source, then) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = then;
    document.body.append(script);
  };
  const start = () => {
    for (const gesture of gestures) removeEventListener(gesture, start, true);
    const replay = () => {
      document.dispatchEvent(new Event("DOMContentLoaded")); // Material attend cet événement, déjà passé
      const field = document.activeElement;
      if (field?.matches(".md-search__input")) {
        field.blur(); // atteint avant que Material n'écoute : le quitter et y revenir ouvre la recherche
        field.focus();
      }
    };
    const load = () => add(material.href, replay);
    // Dans un dossier ouvert sans serveur, la recherche demande un remplaçant de Worker.
    if (location.protocol === "file:") add(material.dataset.worker, load);
    else load();
  };
  for (const gesture of gestures) addEventListener(gesture, start, { capture: true, passive: true });
})();

// Un choix de framework vaut pour tous les onglets du même nom, sur toutes les pages. Sans script, chaque groupe
// d'onglets (boutons radio) marche seul. Ceux de Material mesurent chaque groupe au chargement : ils sont retirés.
(() => {
  const KEY = "onglet";
  const inputsNamed = (name) =>
    [...document.querySelectorAll(".tabbed-labels > label")]
      .filter((label) => label.textContent.trim() === name)
      .map((label) => document.getElementById(label.htmlFor));
  const select = (name) => {
    for (const input of inputsNamed(name)) input.checked = true;
  };
  document.addEventListener("change", ({ target }) => {
    const set = target.closest?.(".tabbed-set");
    if (!set) return;
    const name = set.querySelector(`label[for="${target.id}"]`).textContent.trim();
    const top = set.getBoundingClientRect().top;
    select(name);
    window.scrollBy({ top: set.getBoundingClientRect().top - top, behavior: "instant" }); // le groupe cliqué reste à sa place
    try {
      localStorage.setItem(KEY, name);
    } catch {
      // stockage refusé : le choix vaut pour cette page
    }
  });
  try {
    select(localStorage.getItem(KEY));
  } catch {
    // stockage refusé
  }
})();

(() => {
  // Une zone qui défile doit pouvoir défiler au clavier.
  const zones = ".tabbed-labels, .md-typeset__scrollwrap, .jupyter-wrapper pre, pre > code, math[display=block], .md-typeset table:not([class])";
  const sizes = new ResizeObserver((entries) => {
    const wide = entries.map(({ target }) => target.scrollWidth > target.clientWidth); // avant d'écrire : un style par zone, sinon
    for (const [rank, { target }] of entries.entries()) {
      if (wide[rank]) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  // La barre d'un bloc de code n'est pas une navigation : ses boutons suffisent.
  const update = () => {
    for (const bar of document.querySelectorAll("nav.md-code__nav:not([role])")) bar.setAttribute("role", "presentation");
    for (const zone of document.querySelectorAll(zones)) sizes.observe(zone);
  };
  let pending = 0;
  new MutationObserver(() => {
    clearTimeout(pending);
    pending = setTimeout(update, 50);
  }).observe(document.querySelector("article") ?? document.body, { childList: true, subtree: true });
  update();
})();

// Liste à cocher : les coches restent dans ce navigateur, repérées par leur texte ; une donnée abîmée est ignorée.
(() => {
  const KEY = "checklist";
  const boxes = [...document.querySelectorAll(".checklist input[type=checkbox]")];
  const erase = document.getElementById("tout-decocher");
  if (!boxes.length || !erase) return;
  const name = (box) => box.parentElement.textContent.trim();
  const read = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY));
      return Array.isArray(kept) ? kept : [];
    } catch {
      return []; // rien de lisible : la liste part vide
    }
  };
  /** Garde l'état de ces cases-là ; les autres coches, dont celles d'un autre onglet, restent. */
  const save = (changed) => {
    const names = changed.map(name);
    const others = read().filter((one) => !names.includes(one));
    try {
      localStorage.setItem(KEY, JSON.stringify([...others, ...changed.filter((box) => box.checked).map(name)]));
    } catch {
      // stockage refusé : les coches valent pour cette visite
    }
  };
  const show = () => {
    const kept = read();
    for (const box of boxes) box.checked = kept.includes(name(box));
  };
  for (const box of boxes) box.addEventListener("change", () => save([box]));
  addEventListener("storage", ({ key }) => {
    if (key === KEY || key === null) show(); // un autre onglet a coché, ou tout effacé
  });
  show();
  erase.hidden = false;
  erase.addEventListener("click", () => {
    for (const box of boxes) box.checked = false;
    save(boxes);
  });
})();


// Démos : chacune est lancée à l'approche de l'écran, ou dès que le clavier y entre. Tout passe par des balises <script> :
// dans un dossier ouvert sans serveur, ni fetch() ni module ne marchent. L'image fixe reste tant que la démo n'a pas démarré.
(() => {
  const sections = document.querySelectorAll("section[data-demo]");
  if (!sections.length) return;
  window.demoWorker = window.Worker; // en file://, la recherche remplace bientôt Worker par une imitation sans Blob
  const folder = new URL("demos/", document.currentScript.src).href;
  const loaded = new Map();
  const load = (source) => {
    if (!loaded.has(source)) {
      loaded.set(
        source,
        new Promise((done, fail) => {
          const css = source.endsWith(".css");
          const node = document.createElement(css ? "link" : "script");
          if (css) node.rel = "stylesheet";
          node[css ? "href" : "src"] = source;
          node.onload = done;
          node.onerror = () => fail(new Error(`${source.split("/").pop()} n’a pas pu être lu`));
          document.head.append(node);
        }),
      );
    }
    return loaded.get(source);
  };
  const start = async (section) => {
    const { demo, fichiers, state } = section.dataset;
    if (state) return;
    section.dataset.state = "loading";
    const zone = document.createElement("div");
    zone.className = "demo-zone";
    try {
      const files = fichiers.split(" ").filter(Boolean);
      await Promise.all([load(`${folder}demos.css`), load(`${folder}commun.js`), ...files.map((file) => load(new URL(file, location).href))]);
      await load(`${folder}${demo}.js`);
      section.append(zone); // dans la page avant de démarrer : une démo peut se mesurer
      await window.demos[demo](zone, window.demoData ?? {});
      section.querySelector(".demo-image").hidden = true;
      section.dataset.state = "ready";
    } catch (error) {
      section.dataset.state = "failed";
      zone.remove();
      const message = document.createElement("p");
      message.setAttribute("role", "alert");
      message.textContent = "La démo n’a pas démarré. Rechargez la page ; l’image ci-dessus en montre l’essentiel.";
      console.error(error);
      section.append(message);
    }
  };
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) start(target);
    },
    { rootMargin: "600px 0px" },
  );
  for (const section of sections) {
    near.observe(section);
    section.addEventListener("focusin", () => start(section));
  }
})();
