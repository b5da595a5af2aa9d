// Deux retouches d'accessibilité que Material ne fait pas ; la page se lit très bien sans ce script.
(() => {
  // Une zone qui défile doit pouvoir défiler au clavier.
  const reachable = () => {
    for (const zone of document.querySelectorAll(".tabbed-labels, .md-typeset__scrollwrap, .jupyter-wrapper pre")) {
      if (zone.scrollWidth > zone.clientWidth) zone.tabIndex = 0;
    }
  };
  // La barre d'un bloc de code n'est pas une navigation : ses boutons suffisent.
  const rename = () => {
    for (const bar of document.querySelectorAll("nav.md-code__nav:not([role])")) {
      bar.setAttribute("role", "presentation");
    }
  };
  const update = () => {
    reachable();
    rename();
  };
  new MutationObserver(update).observe(document.body, { childList: true, subtree: true });
  addEventListener("resize", update);
  update();
})();
