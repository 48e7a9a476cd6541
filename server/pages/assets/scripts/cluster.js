import { at, element, say } from './dom.js'
import { share, size } from './format.js'
import { counted, fill, number, words } from './words.js'

const { cluster: told } = words.operator

const STATES = {
  here: ['', told.here],
  there: ['good', told.there],
  draining: ['warn', told.draining],
  unreachable: ['bad', told.unreachable],
}

/** All nodes, this one first, with what each holds. */
function nodesOf({ cluster, disk, files, plays }) {
  const { node, version, others } = cluster
  const freeBytes = Math.max(0, disk.maxBytes - disk.usedBytes)
  const holds = { files: files.count, bytes: disk.usedBytes, plays: plays.active }
  return [{ ...{ node, version, state: 'here', freeBytes }, ...holds }, ...others]
}

function heldLine(files, bytes, all) {
  if (files === null) return told.unknown
  const percent = fill(words.progress.units.percent, { percent: Math.round(share(bytes, all)) })
  return fill(told.holds, { files: counted(told.files, files), size: size(bytes), percent })
}

function nodeItem({ node, version, state, freeBytes, plays, files, bytes }, all, url) {
  const item = element('li')
  const name = element('div', '', 'name')
  const [tone, text] = STATES[state] ?? ['', state]
  const mark = element('span', text, 'pill')
  mark.dataset.tone = tone
  name.append(element('span', node.slice(0, 8)), mark)
  item.append(name)
  if (url) item.append(element('p', url, 'small'))
  const load = plays === null ? [] : [counted(told.plays, plays)]
  const free = fill(told.free, { size: size(freeBytes) })
  const now = [...load, free, fill(told.version, { version })].join(' · ')
  item.append(element('p', heldLine(files, bytes, all), 'small'), element('p', now, 'soft small'))
  return item
}

function linesOf({ handedOver, leases, totals }) {
  return [
    [told.handedOver, number(handedOver)],
    [told.relayedBytes, size(totals.relayedBytes)],
    [told.handedBytes, size(totals.handedBytes)],
    [told.leases, number(leases)],
    [told.leasesLost, number(totals.leasesLost)],
    [told.takeovers, number(totals.takeovers)],
    [told.copies, number(totals.copies)],
  ]
}

/** @param line of api/live, or one with nothing but its `stats`; only administrators get `nodeUrls` */
export function showCluster({ stats, nodeUrls = {} }) {
  const { cluster } = stats
  at('cluster-card').hidden = !cluster
  if (!cluster) return
  const nodes = nodesOf(stats)
  say('cluster-note', counted(told.together, nodes.length))
  const lines = linesOf(cluster)
  const shown = JSON.stringify([nodes, nodeUrls, lines])
  if (at('cluster-nodes').dataset.shown === shown) return
  at('cluster-nodes').dataset.shown = shown
  const all = nodes.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)
  at('cluster-nodes').replaceChildren(...nodes.map((one) => nodeItem(one, all, nodeUrls[one.node])))
  at('cluster-totals').replaceChildren(
    ...lines.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  )
}
