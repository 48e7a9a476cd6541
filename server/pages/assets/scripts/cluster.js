import { at, element, say } from './dom.js'
import { share, size } from './format.js'

const STATES = {
  here: ['', 'This node'],
  there: ['good', 'There'],
  draining: ['warn', 'Draining'],
  unreachable: ['bad', 'Out of reach'],
}

const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`

/** All nodes, this one first, with what each holds. */
function nodesOf({ cluster, disk, files, plays }) {
  const { node, version, others } = cluster
  const freeBytes = Math.max(0, disk.maxBytes - disk.usedBytes)
  const holds = { files: files.count, bytes: disk.usedBytes, plays: plays.active }
  return [{ ...{ node, version, state: 'here', freeBytes }, ...holds }, ...others]
}

function nodeItem({ node, version, state, freeBytes, plays, files, bytes }, all, url) {
  const item = element('li')
  const name = element('div', '', 'name')
  const [tone, words] = STATES[state] ?? ['', state]
  const mark = element('span', words, 'pill')
  mark.dataset.tone = tone
  name.append(element('span', node.slice(0, 8)), mark)
  item.append(name)
  if (url) item.append(element('p', url, 'small'))
  const held =
    files === null
      ? 'What it holds is not known now'
      : `${plural(files, 'file', 'files')}, ${size(bytes)}: ${Math.round(share(bytes, all))} % of what all hold`
  const load = plays === null ? [] : [plural(plays, 'play', 'plays')]
  const now = [...load, `${size(freeBytes)} free`, `version ${version}`].join(' · ')
  item.append(element('p', held, 'small'), element('p', now, 'soft small'))
  return item
}

function linesOf({ handedOver, leases, totals }) {
  return [
    ['Plays handed to other nodes now', String(handedOver)],
    ['Got from other nodes for viewers here', size(totals.relayedBytes)],
    ['Sent to other nodes', size(totals.handedBytes)],
    ['Torrents this node has the lease of', String(leases)],
    ['Leases lost', String(totals.leasesLost)],
    ['Plays that went on elsewhere', String(totals.takeovers)],
    ['Copies of what many watch', String(totals.copies)],
  ]
}

/** @param line of api/live, or one with nothing but its `stats`; only administrators get `nodeUrls` */
export function showCluster({ stats, nodeUrls = {} }) {
  const { cluster } = stats
  at('cluster-card').hidden = !cluster
  if (!cluster) return
  const nodes = nodesOf(stats)
  say('cluster-note', `${plural(nodes.length, 'node', 'nodes')} with one cache`)
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
