import { moment } from './dates.js'
import { at, element, figure, pill, say, sentence } from './dom.js'
import { duration, hitRate, milliseconds, share, size } from './format.js'
import { counted, fill, number, words } from './words.js'

const { state, backend: told, limits, plays: played } = words.status
const { readiness, sweep, limits: settings } = words.operator

const STATES = {
  ok: ['good', state.ok],
  degraded: ['warn', state.degraded],
  draining: ['warn', state.draining],
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
    backend.shared ? told.shared : told.single,
    backend.durable ? told.durable : told.volatile,
    ...(backend.connected ? [] : [told.away]),
  ].join(', ')
  const time = duration(uptimeSeconds)
  say('summary', fill(told.summary, { name: backend.name, kind, node: node.slice(0, 8), time }))
}

function showLimits({ files, disk, evictions }) {
  figure('disk-figure', size(disk.usedBytes), fill(limits.of, { most: size(disk.maxBytes) }))
  bar('disk-bar', [disk.usedBytes, disk.reservedBytes], disk.maxBytes)
  const room = { reserved: size(disk.reservedBytes), free: size(disk.freeOnVolumeBytes) }
  const notes = [
    ...(disk.segmentBytes > 0 ? [fill(limits.converted, { size: size(disk.segmentBytes) })] : []),
    fill(limits.room, room),
    ...(disk.maxBytes < disk.configuredBytes
      ? [fill(limits.clamped, { size: size(disk.configuredBytes) })]
      : []),
  ]
  say('disk-note', notes.join(', '))
  figure('files-figure', number(files.count), fill(limits.of, { most: files.max }))
  bar('files-bar', [files.count], files.max)
  const { ttl, count, disk: full } = evictions
  const gone = fill(limits.evicted, { ttl, count, disk: full })
  say('files-note', ttl + count + full === 0 ? limits.noneEvicted : gone)
}

function showPlays({ plays }) {
  const { hits, misses, total, active, firstByteMs } = plays
  figure('hits-figure', hitRate(hits, misses), played.ofAll)
  bar('hits-bar', [hits], hits + misses)
  say('hits-note', fill(played.hits, { hits, misses }))
  const converting = plays.conversions?.running ?? 0
  const notes = [
    counted(played.total, total),
    fill(played.active, { active }),
    ...(converting > 0 ? [fill(played.converting, { converting })] : []),
  ]
  say('plays-note', notes.join(', '))
  // A play from the disk can round to 0 ms, one from the swarm that is refused has no time at all.
  const none = firstByteMs.p99 === 0 && hits === 0
  figure('p50-figure', none ? '–' : milliseconds(firstByteMs.p50))
  figure('p99-figure', none ? '–' : milliseconds(firstByteMs.p99))
}

function showReadiness({ productionReady, scaling }) {
  const { ready, reasons } = productionReady
  pill('ready', ready ? 'good' : 'warn', ready ? readiness.ready : readiness.notYet)
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
  const ran = lastSweep && fill(sweep.ran, { time: moment(lastSweep.at) })
  say('sweep-note', ran ?? sweep.none)
  at('sweep-table').hidden = !lastSweep
  const rows = (lastSweep?.steps ?? []).map((step) => {
    const row = element('tr')
    const name = element('th', sweep[step.name] ?? step.name)
    name.scope = 'row'
    const rest = [milliseconds(step.ms), number(step.files), size(step.bytes)]
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
    [settings.ttl, duration(config.ttlSeconds)],
    [settings.files, number(config.maxFiles)],
    [settings.disk, size(config.maxDiskBytes)],
    [settings.interval, duration(config.cleanupIntervalSeconds)],
    [settings.persistent, config.persistent ? settings.yes : settings.no],
    [settings.fill, config.fill === 'window' ? settings.window : settings.whole],
  ]
  at('limits').replaceChildren(
    ...lines.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  )
}
