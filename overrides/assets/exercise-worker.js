// Python hors du fil de la page : une boucle sans fin ne gèle rien, et l'arrêter revient à fermer ce Worker.
let loading = null;

const load = async () => {
  const { loadPyodide } = await import("./pyodide/pyodide.mjs");
  const pyodide = await loadPyodide({ indexURL: new URL("pyodide/", import.meta.url).href });
  const source = await fetch(new URL("exercise.py", import.meta.url));
  pyodide.runPython(await source.text());
  return pyodide.globals.get("run");
};

self.onmessage = async ({ data }) => {
  let run;
  try {
    loading ??= load();
    run = await loading;
  } catch (error) {
    postMessage({ state: "failed", message: String(error) });
    return;
  }
  postMessage({ state: "running" });
  try {
    postMessage({ state: "done", ...JSON.parse(run(...data)) });
  } catch (error) {
    postMessage({ state: "crashed", message: String(error) });
  }
};
