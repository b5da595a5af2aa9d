// Sur chaque page : marques de la navigation, leçon lue, quiz interactif. Sans ce script, la leçon se lit en entier,
// et chaque réponse attend derrière « Voir la réponse ».
(() => {
  const store = window.parcours;
  if (!store?.root) return;
  const { root, idOf } = store;
  const here = idOf(location.href);

  /** `make("p", { className: "a" }, "texte", nœud…)` */
  const make = (tag, properties, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  const copyOf = (node) => [...node.childNodes].map((child) => child.cloneNode(true));
  const REFUSED = " Ce navigateur refuse de garder votre parcours : il ne vaut que sur cette page.";

  // Navigation : un signe, et sa phrase pour les lecteurs d'écran.
  const links = [...document.querySelectorAll('.md-nav--primary a.md-nav__link:not([href^="#"])')];
  const mark = () => {
    const [read, quiz] = [store.read("lecon"), store.read("quiz")];
    const solved = Object.values(store.read("exercice")).filter(({ reussi }) => reussi);
    for (const link of links) {
      const id = idOf(link.href);
      const said = [];
      if (read[id]?.lue) said.push("leçon lue");
      if (quiz[id]) said.push(`quiz : ${quiz[id].score} sur ${quiz[id].total}`);
      const exercises = solved.filter(({ page }) => page === id).length;
      if (exercises) said.push(exercises > 1 ? `${exercises} exercices réussis` : "1 exercice réussi");
      link.querySelector(".etape")?.remove();
      if (!said.length) continue;
      const sign = make("span", { ariaHidden: "true" }, read[id]?.lue ? "✓" : "◐");
      link.append(make("span", { className: "etape", title: said.join(", ") }, sign, make("span", { className: "hors-vue" }, `(${said.join(", ")})`)));
    }
  };
  mark();
  document.addEventListener("parcours", mark);

  const quizzes = [...document.querySelectorAll("section.quiz")];
  if (!quizzes.length) return;

  // Leçon lue : quand sa fin paraît, ou par le bouton ; une leçon remise « non lue » le reste.
  const button = make("button", { type: "button", className: "md-button" });
  const state = make("p", { className: "lecture-etat" });
  state.setAttribute("role", "status");
  const reading = make("div", { className: "lecture" }, state, button, make("a", { href: `${root}ressources/parcours.html` }, "Voir mon parcours"));
  document.querySelector("article").append(reading);
  const show = () => {
    const read = store.read("lecon", here)?.lue === true;
    button.textContent = read ? "Marquer comme non lue" : "Marquer comme lue";
    const text = (read ? "✓ Leçon lue." : "") + (store.kept ? "" : REFUSED);
    if (state.textContent !== text) state.textContent = text;
  };
  button.addEventListener("click", () => store.write("lecon", here, { lue: !store.read("lecon", here)?.lue }));
  document.addEventListener("parcours", show);
  show();
  const end = new IntersectionObserver(([{ isIntersecting }]) => {
    if (!isIntersecting || scrollY === 0) return;
    end.disconnect();
    if (!store.read("lecon", here)) store.write("lecon", here, { lue: true });
  });
  end.observe(reading);

  // Quiz : de vrais boutons radio, bâtis d'après la question et les réponses déjà dans la page.
  const total = quizzes.length;
  const right = new Map(); // question → la dernière réponse vérifiée est-elle juste ?
  const score = make("p", { className: "quiz-score" });
  const restart = make("button", { type: "button", className: "md-button", hidden: true }, "Recommencer le quiz");
  quizzes.at(-1).after(score, restart);
  const count = () => [...right.values()].filter(Boolean).length;
  const tell = () => {
    const best = store.read("quiz", here);
    const known = best?.total === total;
    const now = right.size ? `Réponses justes : ${count()} sur ${total}. ` : "";
    const kept = known ? `Meilleur score gardé dans ce navigateur : ${best.score} sur ${total}.` : "";
    score.textContent = now + (store.kept ? kept : REFUSED.trim());
    restart.hidden = right.size === 0;
  };
  document.addEventListener("parcours", tell);
  tell();

  const resets = quizzes.map((section, index) => {
    const texts = [...section.querySelectorAll(":scope > .quiz-choix > li")];
    const reasons = [...section.querySelectorAll(".quiz-explication")];
    const good = Number(section.dataset.juste);
    const choices = texts.map((text, value) => {
      const input = make("input", { type: "radio", name: `quiz-${index}`, value });
      return make("label", {}, input, make("span", {}, ...copyOf(text)));
    });
    const legend = make("legend", {}, ...copyOf(section.querySelector(".quiz-question")));
    const fields = make("fieldset", {}, legend, ...choices);
    const check = make("button", { className: "md-button" });
    const result = make("div", { className: "quiz-resultat" });
    result.setAttribute("role", "status");
    const form = make("form", { noValidate: true }, fields, check, result);
    const reset = () => {
      form.reset();
      fields.disabled = false;
      for (const label of choices) label.className = "";
      result.replaceChildren();
      check.textContent = "Vérifier";
      right.delete(index);
    };
    const explain = (title, choice, ...before) => make("p", {}, make("strong", {}, `${title}\u00a0: `), ...before, ...copyOf(reasons[choice]));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (fields.disabled) {
        reset();
        tell();
        choices[0].firstChild.focus();
        return;
      }
      const chosen = choices.findIndex((label) => label.firstChild.checked);
      if (chosen < 0) {
        result.replaceChildren(make("p", {}, "Choisissez d’abord une réponse."));
        return;
      }
      check.focus(); // un bouton radio désactivé perdrait le clavier
      fields.disabled = true;
      check.textContent = "Réessayer";
      choices[chosen].className = chosen === good ? "juste" : "faux";
      right.set(index, chosen === good);
      result.replaceChildren(explain(chosen === good ? "✓ Juste" : "✗ Faux", chosen));
      if (chosen !== good) {
        choices[good].className = "juste";
        result.append(explain("Bonne réponse", good, ...copyOf(texts[good]), " — "));
      }
      if (right.size === total) result.append(make("p", {}, `Quiz terminé : ${count()} sur ${total}.`));
      const best = store.read("quiz", here);
      if (best?.total !== total || best.score < count()) store.write("quiz", here, { score: count(), total });
      else tell();
    });
    reset();
    section.append(form);
    section.classList.add("interactif");
    return reset;
  });
  restart.addEventListener("click", () => {
    for (const reset of resets) reset();
    quizzes[0].querySelector("input").focus(); // avant que ce bouton ne soit caché : il perdrait le clavier
    tell();
  });
})();
