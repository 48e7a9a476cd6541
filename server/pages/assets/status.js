import { prepareCleanup } from './cleanup.js'
import { showExamples } from './examples.js'
import { duration, hitRate, milliseconds, share, size } from './format.js'

const POLL_MS = 2000
const STATES = {
  ok: ['good', 'All well'],
  degraded: ['warn', 'Degraded'],
  draining: ['warn', 'Shutting down'],
}

const at = (id) => document.getElementById(id)
const say = (id, text) => {
  if (at(id).textContent !== text) at(id).textContent = text
}

function element(name, text) {
  const made = document.createElement(name)
  made.textContent = text
  return made
}

function figure(id, main, rest = '') {
  if (at(id).textContent === `${main} ${rest}`) return
  at(id).replaceChildren(`${main} `, element('small', rest))
}

function pill(id, tone, text) {
  at(id).dataset.tone = tone
  say(id, text)
}

/** Parts of one limit, side by side. A picture of the figure above it: hidden from screen readers. */
function bar(id, parts, limit) {
  const spans = at(id).querySelectorAll('span')
  parts.forEach((part, i) => {
    spans[i].style.width = `${share(part, limit)}%`
  })
}

function showHead({ status, backend, node, uptimeSeconds }) {
  pill('state', ...(STATES[status] ?? ['bad', status]))
  const kind = [
    backend.shared ? 'shared' : 'this node only',
    backend.durable ? 'durable' : 'volatile',
  ]
  const reach = backend.connected ? '' : ', not reachable'
  say(
    'summary',
    `${backend.name} backend (${kind.join(', ')}${reach}) · node ${node} · up ${duration(uptimeSeconds)}`,
  )
}

function showLimits({ files, disk, arrivals, evictions }) {
  figure('disk-figure', size(disk.usedBytes), `of ${size(disk.maxBytes)}`)
  bar('disk-bar', [disk.usedBytes, disk.reservedBytes], disk.maxBytes)
  say(
    'disk-note',
    `${size(disk.reservedBytes)} reserved for arrivals, ${size(disk.freeOnVolumeBytes)} free on the volume`,
  )
  figure('files-figure', files.count, `of ${files.max}`)
  bar('files-bar', [files.count], files.max)
  say(
    'files-note',
    `Evicted so far: ${evictions.ttl} unused, ${evictions.count} over the count, ${evictions.disk} over the disk limit`,
  )
  figure('arrivals-figure', arrivals.running, `of ${arrivals.max}`)
  bar('arrivals-bar', [arrivals.running], arrivals.max)
  say('arrivals-note', `${arrivals.waiting} waiting, ${size(arrivals.bytesPerSecond)}/s coming in`)
}

function showPlays({ plays }) {
  figure('plays-figure', plays.total, 'in all')
  say('plays-note', `${plays.active} running now`)
  figure('hits-figure', hitRate(plays.hits, plays.misses))
  const none = plays.total === 0
  figure('p50-figure', none ? '–' : milliseconds(plays.firstByteMs.p50))
  figure('p99-figure', none ? '–' : milliseconds(plays.firstByteMs.p99))
}

function showReadiness({ productionReady, scaling }) {
  const { ready, reasons } = productionReady
  pill('ready', ready ? 'good' : 'warn', ready ? 'Ready' : 'Not yet')
  say('advice', scaling?.recommendation ?? '')
  at('advice').hidden = !scaling?.recommendation
  at('reasons').hidden = reasons.length === 0
  if (at('reasons').dataset.shown === reasons.join('\n')) return
  at('reasons').dataset.shown = reasons.join('\n')
  at('reasons').replaceChildren(...reasons.map((reason) => element('li', reason)))
}

function showSweep({ lastSweep }) {
  const when = lastSweep ? new Date(lastSweep.at).toLocaleString() : ''
  say('sweep-note', lastSweep ? `Ran ${when}` : 'No sweep has run yet.')
  const rows = (lastSweep?.steps ?? []).map((step) => {
    const row = document.createElement('tr')
    const name = element('th', step.name)
    name.scope = 'row'
    const rest = [milliseconds(step.ms), String(step.files), size(step.bytes)]
    row.append(name, ...rest.map((text) => element('td', text)))
    return row
  })
  at('sweep').replaceChildren(...rows)
}

function showConfig({ config }) {
  const lines = [
    ['Kept after the last use', duration(config.ttlSeconds)],
    ['Files at most', String(config.maxFiles)],
    ['Disk at most', size(config.maxDiskBytes)],
    ['Time between sweeps', duration(config.cleanupIntervalSeconds)],
    ['Kept across restarts', config.persistent ? 'yes' : 'no'],
    [
      'While someone watches',
      config.fill === 'window' ? 'fetch only ahead' : 'fetch the whole file',
    ],
  ]
  at('limits').replaceChildren(
    ...lines.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  )
}

async function ask(path, signal) {
  const answer = await fetch(path, { cache: 'no-store', signal })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return answer.json()
}

let timer
let asking

/** One question at a time; while the page is hidden, none. */
async function poll() {
  clearTimeout(timer)
  asking?.abort()
  if (document.hidden) return
  const mine = new AbortController()
  asking = mine
  try {
    const signal = AbortSignal.any([mine.signal, AbortSignal.timeout(10_000)])
    const stats = await ask('api/cache-stats', signal)
    for (const show of [showHead, showLimits, showPlays, showReadiness, showSweep]) show(stats)
    at('board').classList.remove('stale')
  } catch {
    if (mine.signal.aborted) return
    pill('state', 'bad', 'No answer')
    at('board').classList.add('stale')
  }
  if (asking === mine && !document.hidden) timer = setTimeout(poll, POLL_MS)
}

document.addEventListener('visibilitychange', poll)
prepareCleanup(poll)
void poll()
ask('api/cache-config').then(showConfig, () => say('limits', 'Could not be read.'))
ask('api/examples').then(
  ({ examples }) => showExamples(examples, at('examples'), at('examples-note')),
  () => say('examples-note', 'The list could not be read.'),
)
