// Outils communs des démos : éléments, nombres à la française, changement de thème. Rien d'autre.
//
// Écrire une démo : dans la page, {% call demo("nom", "Titre", "Une phrase.", ("exemple/script/fichier.json",)) %}, une image
// fixe, {% endcall %} ; ici, nom.js (et nom.css au besoin), un script classique qui s'inscrit : (window.demos ??= {}).nom = (zone, data) => {…}.
// `zone` est un <div> vide, déjà dans la page ; data["exemple/script/fichier.json"] est le contenu d'un artefact de l'exemple.
// course.js lance la fonction à l'approche de l'écran, puis cache l'image fixe ; une erreur la laisse et le dit au lecteur.
window.demoTools = (() => {
  // Comme dans les pages : l'auteur tape des espaces et des apostrophes ordinaires.
  const typeset = (text) =>
    text
      .replace(/(?<=[\p{L}\d])'(?=[\p{L}\d«])/gu, "’")
      .replace(/« /g, "«\u00a0")
      .replace(/(?<=\S) (?=[:»%](?![\p{L}\d]))/gu, "\u00a0")
      .replace(/(?<=\S) (?=[;!?](?![\p{L}\d]))/gu, "\u202f");

  // element("button", { type: "button", onclick: run }, "Lancer") ; les textes sont mis en forme.
  const element = (tag, attributes = {}, ...children) => {
    const svg = /^(svg|g|path|rect|circle|line|polyline|text|title|desc)$/.test(tag);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (typeof value === "boolean") node.toggleAttribute(name, value);
      else node.setAttribute(name, name === "aria-label" ? typeset(value) : value);
    }
    node.append(...children.flat().map((child) => (typeof child === "string" ? typeset(child) : child)));
    return node;
  };

  // 0.9713 → « 0,97 » ; signe moins typographique.
  const number = (value, digits = 2) => value.toFixed(digits).replace(/^-(?=.*[1-9])/, "−").replace(/^-/, "").replace(".", ",");
  const percent = (value, digits = 1) => `${number(100 * value, digits)}\u00a0%`;

  // Valeur d'une variable de style, pour peindre un canvas aux couleurs de la page.
  const colour = (node, name) => getComputedStyle(node).getPropertyValue(name).trim();

  // Rappelle `paint` à chaque bascule entre clair et sombre.
  const onTheme = (paint) =>
    new MutationObserver(paint).observe(document.body, { attributes: true, attributeFilter: ["data-md-color-scheme"] });

  return { typeset, element, number, percent, colour, onTheme };
})();
