// La page « Mon parcours » : état de chaque leçon, export, import, effacement.
// Ce script est dans l'article, donc avant les autres : il les attend. Sur window : course.js rejoue cet événement sur le
// document pour Material, parfois avant que progress.js soit là.
addEventListener("DOMContentLoaded", () => {
  const store = window.parcours;
  const panel = document.querySelector(".parcours-bilan");
  if (!store || !panel) return;
  const [total, tools] = [panel.querySelector(".parcours-total"), panel.querySelector(".parcours-outils")];
  const items = [...document.querySelectorAll(".mon-parcours > li")].map((item) => ({
    id: item.dataset.lecon,
    questions: Number(item.dataset.questions),
    exercises: item.dataset.exercices.split(" ").filter(Boolean),
    state: item.querySelector("span"),
  }));
  const plural = (count, one, many) => `${count} ${count < 2 ? one : many}`;
  let message = "";

  const show = () => {
    const [read, quiz, exercise] = ["lecon", "quiz", "exercice"].map((kind) => store.read(kind));
    const done = { lessons: 0, quizzes: 0, exercises: 0 };
    let all = 0;
    for (const { id, questions, exercises, state } of items) {
      const solved = exercises.filter((name) => exercise[name]?.reussi).length;
      all += exercises.length;
      done.lessons += Number(read[id]?.lue === true);
      done.quizzes += Number(quiz[id] !== undefined);
      done.exercises += solved;
      const parts = [read[id]?.lue ? "✓ lue" : "à lire", quiz[id] ? `quiz : ${quiz[id].score} sur ${quiz[id].total}` : `quiz de ${questions} questions`];
      if (exercises.length) parts.push(solved ? `${solved} sur ${plural(exercises.length, "exercice réussi", "exercices réussis")}` : plural(exercises.length, "exercice", "exercices"));
      state.textContent = parts.join(" · ");
      state.className = read[id]?.lue ? "fait" : "";
    }
    const count = `Leçons lues : ${done.lessons} sur ${items.length}. Quiz commencés : ${done.quizzes} sur ${items.length}. Exercices réussis : ${done.exercises} sur ${all}.`;
    const refused = store.kept ? "" : " Ce navigateur refuse de garder votre parcours : il ne vaut que sur cette page.";
    total.textContent = [message, count + refused].filter(Boolean).join(" ");
  };
  const say = (text) => {
    message = text;
    show();
  };

  document.getElementById("parcours-exporter").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([store.export()], { type: "application/json" }));
    link.download = "parcours.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // plus tôt, un navigateur lent n'aurait rien à enregistrer
    say("Parcours enregistré dans le fichier parcours.json.");
  });
  document.getElementById("parcours-importer").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    target.value = ""; // le même fichier peut être choisi de nouveau
    if (!file) return;
    try {
      if (file.size > 2_000_000) throw new Error("Ce fichier est trop gros pour être un parcours.");
      const { ajoutees, ignorees } = store.import(await file.text());
      const ignored = ignorees ? ` ${plural(ignorees, "entrée illisible ignorée", "entrées illisibles ignorées")}.` : "";
      say(`Importation faite : ${plural(ajoutees, "entrée ajoutée ou mise à jour", "entrées ajoutées ou mises à jour")}.${ignored}`);
    } catch (error) {
      say(`Rien n’a été importé. ${error.message}`);
    }
  });
  const undos = []; // effacer deux fois de suite s'annule aussi : le plus récent d'abord
  document.getElementById("parcours-effacer").addEventListener("click", () => {
    undos.push(store.erase());
    const cancel = Object.assign(document.createElement("button"), { type: "button", className: "md-button", textContent: "Annuler l’effacement" });
    cancel.addEventListener("click", () => {
      while (undos.length) undos.pop()();
      cancel.remove();
      document.getElementById("parcours-effacer").focus();
      say("Effacement annulé.");
    });
    tools.querySelector("[data-annuler]")?.remove();
    cancel.dataset.annuler = "";
    tools.append(cancel);
    say("Parcours effacé.");
  });
  document.addEventListener("parcours", show);
  show();
}, { once: true });
