// Envoyer un fichier choisi dans la page, et rendre la réponse.
export async function recognize(file) {
  const body = new FormData();
  body.append("image", file);
  const signal = AbortSignal.timeout(15_000); // ne pas attendre toujours
  const response = await fetch("/predict", { method: "POST", body, signal });
  const answer = await response.json().catch(() => null); // du HTML, peut-être
  if (!response.ok) {
    throw new Error(answer?.erreur?.message ?? `Statut ${response.status}`);
  }
  return answer;
}
