import { at, element, figure, pill, say, sentence } from './dom.js'
import { duration, hitRate, milliseconds, share, size } from './format.js'

const STATES = {
  ok: ['good', 'All well'],
  degraded: ['warn', 'Degraded'],
  draining: ['warn', 'Shutting down'],
}

/**
 * Parts of one limit, side by side; what is there at all is seen. A picture of the figure above it:
 * hidden from screen readers.
 */
function bar(id, parts, limit) {
  const spans = at(id).querySelectorAll('span')
  parts.forEach((part, i) => {
    spans[i].style.width = part > 0 ? `max(4px, ${share(part, limit)}%)` : '0'
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
    `${backend.name} backend (${kind.join(', ')}${reach}) · node ${node.slice(0, 8)} · up ${duration(uptimeSeconds)}`,
  )
}

function showLimits({ files, disk, evictions }) {
  figure('disk-figure', size(disk.usedBytes), `of ${size(disk.maxBytes)}`)
  bar('disk-bar', [disk.usedBytes, disk.reservedBytes], disk.maxBytes)
  const segments =
    disk.segmentBytes > 0 ? `${size(disk.segmentBytes)} of it converted for browsers, ` : ''
  const room = `${segments}${size(disk.reservedBytes)} reserved for arrivals, ${size(disk.freeOnVolumeBytes)} free on the volume`
  const clamped = disk.maxBytes < disk.configuredBytes
  const less = `, which has less room than the ${size(disk.configuredBytes)} that are allowed`
  say('disk-note', clamped ? room + less : room)
  figure('files-figure', files.count, `of ${files.max}`)
  bar('files-bar', [files.count], files.max)
  const { ttl, count, disk: full } = evictions
  const gone = `Evicted: ${ttl} unused, ${count} over the count, ${full} over the disk limit`
  say('files-note', ttl + count + full === 0 ? 'Nothing was evicted so far' : gone)
}

function showPlays({ plays }) {
  const { hits, misses, total, active, firstByteMs } = plays
  figure('hits-figure', hitRate(hits, misses), 'of plays')
  bar('hits-bar', [hits], hits + misses)
  say('hits-note', `${hits} from the cache, ${misses} from the swarm`)
  const converting = plays.conversions?.running ?? 0
  const converted = converting > 0 ? `, ${converting} being converted for a browser` : ''
  say('plays-note', `${total} ${total === 1 ? 'play' : 'plays'}, ${active} running${converted}`)
  // A play from the disk can round to 0 ms, one from the swarm that is refused has no time at all.
  const none = firstByteMs.p99 === 0 && hits === 0
  figure('p50-figure', none ? '–' : milliseconds(firstByteMs.p50))
  figure('p99-figure', none ? '–' : milliseconds(firstByteMs.p99))
}

function showReadiness({ productionReady, scaling }) {
  const { ready, reasons } = productionReady
  pill('ready', ready ? 'good' : 'warn', ready ? 'Ready' : 'Not yet')
  say('advice', scaling?.recommendation ?? '')
  at('advice').hidden = !scaling?.recommendation
  at('reasons').hidden = reasons.length === 0
  if (at('reasons').dataset.shown === reasons.join('\n')) return
  at('reasons').dataset.shown = reasons.join('\n')
  at('reasons').replaceChildren(...reasons.map((reason) => sentence('li', reason)))
}

function showSweep({ lastSweep }) {
  const shown = lastSweep ? lastSweep.at : 'none'
  if (at('sweep').dataset.shown === shown) return
  at('sweep').dataset.shown = shown
  const when = lastSweep ? new Date(lastSweep.at).toLocaleString() : ''
  say('sweep-note', lastSweep ? `Ran ${when}` : 'No sweep has run yet.')
  at('sweep-table').hidden = !lastSweep
  const rows = (lastSweep?.steps ?? []).map((step) => {
    const row = element('tr')
    const name = element('th', step.name)
    name.scope = 'row'
    const rest = [milliseconds(step.ms), String(step.files), size(step.bytes)]
    row.append(name, ...rest.map((text) => element('td', text)))
    return row
  })
  at('sweep').replaceChildren(...rows)
}

/** @param stats as api/cache-stats gives them */
export function showBoard(stats) {
  for (const show of [showHead, showLimits, showPlays, showReadiness, showSweep]) show(stats)
  at('board').classList.remove('stale')
}

/** @param answer as api/cache-config gives it */
export function showSettings({ config }) {
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
