// Deux retouches d'accessibilité que Material ne fait pas ; la page se lit très bien sans ce script.
(() => {
  // Une zone qui défile doit pouvoir défiler au clavier.
  const zones = ".tabbed-labels, .md-typeset__scrollwrap, .jupyter-wrapper pre";
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
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
