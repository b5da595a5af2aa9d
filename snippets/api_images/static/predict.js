// Parler à l'API : une image part, une réponse ou un refus revient.

// Octets : un peu moins que la limite du serveur, enveloppe comprise.
const LIMIT = 8_000_000;
// Secondes d'attente avant de renoncer.
const PATIENCE = 15;

// Une erreur dont le texte s'adresse à la personne devant l'écran.
// `canRetry` : la même demande peut réussir plus tard.
export class Refusal extends Error {
  constructor(text, canRetry = true) {
    super(text);
    this.canRetry = canRetry;
  }
}

// Nom et version du modèle.
export async function health() {
  return (await call("sante", {})).modele;
}

// Envoyer une image ; `signal` permet d'y renoncer en route.
export async function predict(image, signal) {
  if (image.size > LIMIT) {
    throw new Refusal(
      "Cette image pèse plus de 8 Mo. Choisissez-en une plus légère.",
      false,
    );
  }
  const body = new FormData();
  body.append("image", image, image.name ?? "image.png");
  const answer = await call("predict", { method: "POST", body, signal });
  if (!answer.predictions?.length) {
    throw new Refusal("La réponse du serveur n'a aucune prédiction.");
  }
  return answer;
}

// Une requête, qui n'attend pas toujours.
async function call(address, options) {
  const stop = new AbortController();
  const { signal } = stop;
  options.signal?.addEventListener("abort", () => stop.abort());
  const timer = setTimeout(() => {
    const text = `Le serveur n'a pas répondu en ${PATIENCE} secondes.`;
    stop.abort(new Refusal(text));
  }, PATIENCE * 1000);
  try {
    return await read(await fetch(address, { ...options, signal }));
  } catch (error) {
    if (error instanceof Refusal || signal.aborted) throw error;
    throw new Refusal("Serveur injoignable. Vérifiez qu'il est lancé.");
  } finally {
    clearTimeout(timer);
  }
}

// Le JSON de la réponse, ou un refus qui dit pourquoi il n'y en a pas.
async function read(response) {
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    // Un intermédiaire peut répondre autre chose que du JSON.
  }
  if (response.ok && body !== null) return body;
  // De 400 à 499, la faute est dans la demande : insister n'y change rien.
  const { status } = response;
  const definitive = status >= 400 && status < 500 && status !== 429;
  throw new Refusal(explain(response, body?.erreur), !definitive);
}

// Le texte d'une erreur : celui du serveur, ou le nôtre s'il se tait.
function explain(response, error) {
  if (response.status === 429) {
    const wait = Number(response.headers.get("Retry-After"));
    const when = wait > 0 ? `dans ${wait} s` : "dans un instant";
    return `Trop de demandes en peu de temps. Réessayez ${when}.`;
  }
  if (error?.message) {
    return [error.message, error.aide].filter(Boolean).join(" ");
  }
  if (response.status === 413) {
    return "Cette image est trop lourde pour le serveur.";
  }
  return `Réponse illisible du serveur (statut ${response.status}).`;
}
