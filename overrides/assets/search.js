// Placé en tête du script de recherche de Material : un mot tapé sans accents ou avec une faute devient le mot du cours.
(() => {
  let vocabulary = []; // [mot, mot sans accents], les plus fréquents d'abord
  let sections = []; // mots de chaque section du cours
  const EMPTY = new Set("aux avec ces dans des du est et la le les par pour que qui sur un une".split(" "));
  const fold = (word) => word.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("œ", "oe");
  const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

  /** Nombre de lettres à changer, ajouter, ôter ou échanger pour passer d'un mot à l'autre (Damerau-Levenshtein restreinte). */
  const distance = (a, b) => {
    let [older, old] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      for (let j = 1; j <= b.length; j++) {
        row[j] = Math.min(old[j] + 1, row[j - 1] + 1, old[j - 1] + (a[i - 1] !== b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], older[j - 2] + 1);
      }
      [older, old] = [old, row];
    }
    return old[b.length];
  };

  const learn = (docs) => {
    const counts = new Map();
    sections = docs.map(({ title, text }) => words(`${title} ${text.replace(/<[^>]*>/g, " ")}`));
    for (const word of sections.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
    vocabulary = [...counts].sort((a, b) => b[1] - a[1]).map(([word]) => [word, fold(word)]);
  };

  /** Le mot tel quel s'il commence un mot du cours, sinon le même avec ses accents, sinon le plus proche. */
  const correct = (word) => {
    const typed = word.toLowerCase();
    if (typed.length < 3 || vocabulary.some(([known]) => known.startsWith(typed))) return word;
    const plain = fold(typed);
    const accented = vocabulary.find(([known, folded]) => folded.startsWith(plain) && known.length === folded.length);
    if (accented) return accented[0].slice(0, typed.length);
    const allowed = plain.length < 4 ? 0 : plain.length < 8 ? 1 : 2;
    let [best, gap] = [word, allowed + 1];
    for (const [known, folded] of vocabulary) {
      if (Math.abs(folded.length - plain.length) >= gap) continue;
      const d = distance(plain, folded);
      if (d < gap) [best, gap] = [known, d];
    }
    return best;
  };

  /** Requête corrigée ; si une section contient tous ses mots, ils deviennent obligatoires (`+mot*`). */
  const rewrite = (query) => {
    const corrected = words(query).map(correct);
    const needed = corrected.filter((word) => word.length > 2 && !EMPTY.has(word));
    const together = sections.some((known) => needed.every((word) => known.some((one) => one.startsWith(word))));
    return together && needed.length > 1 ? needed.map((word) => `+${word}*`).join(" ") : corrected.join(" ");
  };

  addEventListener("message", ({ data: message }) => {
    if (message.type === 0) {
      // Un carnet répète sa leçon : seule la leçon se cherche.
      message.data.docs = message.data.docs.filter(({ location }) => !location.includes("-carnet.html"));
      learn(message.data.docs);
    }
    if (message.type === 2) message.data = rewrite(message.data);
  });
})();
