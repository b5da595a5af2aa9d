// Note le site construit avec Lighthouse : mobile, réglages par défaut, médiane de trois passages.
//   node lighthouse.mjs [dossier du site] [page…]
// Le navigateur vient de CHROME_PATH, sinon de chromium ou google-chrome dans le PATH.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { launch } from 'chrome-launcher'
import lighthouse from 'lighthouse'

const RUNS = 3
const CATEGORIES = {
  performance: { title: 'Performance', minimum: 100 },
  accessibility: { title: 'Accessibilité', minimum: 100 },
  'best-practices': { title: 'Bonnes pratiques', minimum: 100 },
  seo: { title: 'Référencement', minimum: 100 },
}
// Une page qui porte une démo a droit à quelques points de performance de moins.
const WITH_DEMO = ['exporter', 'briques', 'optimiseurs', 'surapprentissage', 'metriques']
const minimum = (page, id) =>
  id === 'performance' && WITH_DEMO.some((name) => page.includes(`/${name}.html`)) ? 95 : CATEGORIES[id].minimum
const CHROME_FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
]
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.ipynb': 'application/json; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.py': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml; charset=utf-8',
}
const COMPRESSED = /^text\/|json|svg|xml/

/** Sert le dossier comme GitHub Pages : gzip, redirection des dossiers, page 404 du site. */
async function serve(root) {
  const cache = new Map()
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url, 'http://localhost')
    let path = null
    try {
      path = resolve(join(root, decodeURIComponent(pathname)))
    } catch {
      // adresse mal encodée : page 404
    }
    if (path !== root && !path?.startsWith(root + sep)) path = null
    if (path && statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      if (!pathname.endsWith('/')) {
        response.writeHead(301, { location: `${pathname}/${search}` }).end()
        return
      }
      path = join(path, 'index.html')
    }
    const found = path !== null && statSync(path, { throwIfNoEntry: false })?.isFile()
    const file = found ? path : join(root, '404.html')
    const type = TYPES[extname(file)] ?? 'application/octet-stream'
    const headers = { 'content-type': type, 'cache-control': 'max-age=600', vary: 'accept-encoding' }
    let body = existsSync(file) ? readFileSync(file) : Buffer.from('404')
    if (COMPRESSED.test(type) && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
      if (!cache.has(file)) cache.set(file, gzipSync(body))
      body = cache.get(file)
      headers['content-encoding'] = 'gzip'
    }
    headers['content-length'] = body.length
    response.writeHead(found ? 200 : 404, headers).end(request.method === 'HEAD' ? undefined : body)
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return server
}

/** Renvoie le chemin du navigateur, ou arrête tout avec un message clair. */
function findChrome() {
  const names = ['chromium', 'google-chrome', 'chromium-browser']
  for (const name of process.env.CHROME_PATH ? [] : names) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim()
    } catch {
      // absent : nom suivant
    }
  }
  if (existsSync(process.env.CHROME_PATH ?? '')) return process.env.CHROME_PATH
  throw new Error('aucun navigateur : installez Chromium ou donnez son chemin dans CHROME_PATH')
}

/** Note une page RUNS fois et garde, pour chaque catégorie, le passage médian. */
async function measure(url, port) {
  const reports = []
  for (let run = 0; run < RUNS; run += 1) {
    const options = { port, logLevel: 'error', locale: 'fr', onlyCategories: Object.keys(CATEGORIES) }
    const { lhr } = await lighthouse(url, options)
    if (lhr.runtimeError) throw new Error(`${url} : ${lhr.runtimeError.message}`)
    reports.push(lhr)
  }
  const medians = {}
  for (const id of Object.keys(CATEGORIES)) {
    const sorted = reports.toSorted((a, b) => a.categories[id].score - b.categories[id].score)
    const report = sorted[Math.floor(RUNS / 2)]
    const failed = report.categories[id].auditRefs
      .map((reference) => report.audits[reference.id])
      .filter((audit) => audit.score !== null && audit.score < 0.9)
    medians[id] = { score: Math.round(report.categories[id].score * 100), failed }
  }
  return medians
}

const [directory, ...given] = process.argv.slice(2)
const root = resolve(directory ?? fileURLToPath(new URL('../../site', import.meta.url)))
const pages = given.length > 0 ? given : [
  '/', '/module-2/classification-mnist.html', '/module-4/exporter.html', '/module-4/briques.html',
  '/module-2/optimiseurs.html', '/module-5/surapprentissage.html', '/module-5/metriques.html',
  // une leçon longue, un carnet, des exercices corrigés
  '/module-6/entrainer.html', '/module-2/classification-mnist-carnet.html', '/module-4/exercices-corrige.html',
]
if (!existsSync(join(root, 'index.html'))) {
  console.error(`Aucun site dans ${root} : lancez d'abord make build.`)
  process.exit(1)
}

const results = new Map()
const server = await serve(root)
const chrome = await launch({ chromePath: findChrome(), chromeFlags: CHROME_FLAGS })
try {
  for (const page of pages) {
    const url = new URL(page, `http://127.0.0.1:${server.address().port}/`).href
    results.set(page, await measure(url, chrome.port))
  }
} finally {
  chrome.kill()
  server.close()
}

const width = Math.max(...pages.map((page) => page.length), 'Minimum exigé'.length)
const row = (name, cells) => console.log([name.padEnd(width), ...cells].join('  '))
const cell = (id, value) => String(value).padStart(CATEGORIES[id].title.length)
const ids = Object.keys(CATEGORIES)
console.log(`Lighthouse mobile, médiane de ${RUNS} passages`)
row('Page', ids.map((id) => CATEGORIES[id].title))
for (const [page, medians] of results) row(page, ids.map((id) => cell(id, medians[id].score)))
row('Minimum exigé', ids.map((id) => cell(id, CATEGORIES[id].minimum)))

for (const [page, medians] of results) {
  for (const [id, { score, failed }] of Object.entries(medians)) {
    if (score >= minimum(page, id)) continue
    process.exitCode = 1
    console.log(`\nÉCHEC ${page} : ${CATEGORIES[id].title} ${score} < ${minimum(page, id)}`)
    for (const audit of failed) {
      console.log(`  ${[audit.id, audit.title, audit.displayValue].filter(Boolean).join(' | ')}`)
      for (const { node, description, url } of audit.details?.items ?? []) {
        const place = node?.snippet ?? description ?? url
        if (place) console.log(`    ${place}`)
      }
    }
  }
}
