// La page : recevoir une image, l'envoyer, montrer la réponse.
import { health, predict } from "./predict.js";
import { setUp } from "./draw.js";

const $ = (id) => document.getElementById(id);
const percent = new Intl.NumberFormat("fr-FR", {
  style: "percent",
  maximumFractionDigits: 1,
});
let request = new AbortController(); // la demande en cours
let latest = null; // la dernière image, pour réessayer

// Un élément et son texte : jamais de HTML venu du serveur.
function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

// Une ligne du résultat : le nom, la valeur écrite, la barre.
function row({ etiquette, etiquette_fr, probabilite }) {
  const item = document.createElement("li");
  const label = element("span", etiquette_fr, "label");
  const original = element("span", etiquette, "original");
  if (/[a-z]/i.test(etiquette)) original.lang = "en"; // « 7 » n'en a pas
  if (etiquette !== etiquette_fr) label.append(" ", original);
  item.append(label, element("span", percent.format(probabilite), "value"));
  const bar = element("span", "", "bar");
  bar.setAttribute("aria-hidden", "true"); // la valeur est déjà écrite
  bar.style.setProperty("--share", String(probabilite));
  item.append(bar);
  return item;
}

function showModel({ nom, version }) {
  $("model").textContent = `Modèle ${nom}, version ${version}`;
  $("drawing").hidden = nom !== "chiffres";
}

function showAnswer({ modele, predictions }) {
  const [best] = predictions;
  const share = percent.format(best.probabilite);
  $("status").textContent = `En tête, ${best.etiquette_fr} à ${share}.`;
  $("predictions").replaceChildren(...predictions.map(row));
  $("predictions").removeAttribute("aria-busy");
  $("warning").hidden = false;
  showModel(modele);
}

function showError(text, canRetry = false) {
  $("status").textContent = "";
  $("predictions").replaceChildren();
  $("predictions").removeAttribute("aria-busy");
  $("warning").hidden = true;
  $("error").textContent = text;
  $("retry").hidden = !canRetry;
}

function showImage(image, caption) {
  URL.revokeObjectURL($("preview").src);
  $("preview").src = URL.createObjectURL(image);
  $("caption").textContent = caption;
  $("shown").hidden = false;
}

// Renoncer à la demande en cours : la dernière image gagne toujours.
function replace() {
  request.abort();
  request = new AbortController();
  return request;
}

async function send(image, caption) {
  const mine = replace();
  latest = [image, caption];
  showImage(image, caption);
  $("error").textContent = "";
  $("retry").hidden = true;
  $("status").textContent = "Le modèle regarde l'image…";
  $("predictions").setAttribute("aria-busy", "true");
  try {
    showAnswer(await predict(image, mine.signal));
  } catch (error) {
    if (mine.signal.aborted) return; // une autre image a pris la place
    showError(error.message, error.canRetry);
  }
}

// La première image d'une liste de fichiers, ou un mot d'explication.
function receive(files, origin) {
  const image = [...files].find(({ type }) => type.startsWith("image/"));
  if (image === undefined) {
    replace();
    showError(`Il n'y a pas d'image dans ce que vous avez ${origin}.`);
  } else {
    $("file").value = "";
    send(image, `Image ${origin === "collé" ? "collée" : "déposée"}`);
  }
}

// 1. Choisir un fichier. Le même peut être choisi deux fois de suite.
$("file").addEventListener("click", () => {
  $("file").value = "";
});
$("file").addEventListener("change", () => {
  const [image] = $("file").files;
  if (image) send(image, image.name);
});
$("form").addEventListener("submit", (event) => event.preventDefault());

// 2. Déposer : sans preventDefault, le navigateur ouvrirait l'image.
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    const over = name === "dragenter" || name === "dragover";
    document.body.classList.toggle("over", over);
  });
}
document.addEventListener("drop", (event) => {
  receive(event.dataTransfer.files, "déposé");
});

// 3. Coller.
document.addEventListener("paste", (event) => {
  receive(event.clipboardData.files, "collé");
});

// 4. Dessiner.
const erase = setUp(
  $("canvas"),
  () => Number($("thickness").value),
  (image) => send(image, "Votre dessin"),
);
$("erase").addEventListener("click", erase);

$("retry").addEventListener("click", () => send(...latest));
$("preview").addEventListener("error", () => {
  $("shown").hidden = true; // ce fichier n'est pas une image
});

// La page est prête : montrer ce qui demande JavaScript.
$("plain").hidden = true;
$("gestures").hidden = false;
$("status").textContent = "En attente d'une image.";
health().then(showModel, (error) => {
  if (latest === null) showError(error.message); // sinon, l'image en dira plus
});
