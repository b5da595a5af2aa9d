// Envoyer un fichier choisi dans la page, et rendre la réponse.
export async function recognize(file) {
  const body = new FormData();
  body.append("image", file);
  const response = await fetch("/predict", { method: "POST", body });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.erreur.message);
  return answer;
}
