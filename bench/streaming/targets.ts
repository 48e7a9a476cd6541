import { shapes } from '../lines/shapes.ts'

/** What a figure is held against: times the better of the named peers' figures, or a number of its own. */
export interface Target {
  readonly figure: string
  /** Whether more is better. */
  readonly more?: true
  readonly of?: readonly string[]
  readonly must: number
  readonly aim?: number
}

const fewer = (figure: string, of: readonly string[], must: number, aim: number): Target => ({
  ...{ figure, of, must, aim },
})
const atLeast = (figure: string, of: readonly string[], must: number, aim: number): Target => ({
  ...{ figure, of, must, aim, more: true },
})

const PEERS = ['webtorrent', 'torrent-stream', 'libtorrent']
const ON_LINES = ['webtorrent', 'libtorrent']
const FILM = 'film of 25 Mbit/s on one line of 32 with 20 peers'

/** What a whole film is read at, in order, over each line, and how much of it comes twice. */
const onLines = Object.entries(shapes).flatMap(([name, { viewers, peerRate, peers }]): Target[] => {
  const figure = `${name}: in order, MB/s`
  const twice = { figure: `${name}: bytes twice (%)`, must: 3 }
  if (!viewers.includes('read')) return []
  const sent = (peers * peerRate) / 1e6
  if (sent > 0 && sent < 0.5) return [{ figure, more: true, must: 0.9 * sent }, twice]
  return [atLeast(figure, ON_LINES, 1, 1.2), twice]
})
const soonerOnLines = Object.entries(shapes).flatMap(([name, { viewers }]): Target[] => {
  if (!viewers.includes('seek')) return []
  const figures = ['first byte (ms)', 'first 8 MiB (ms)', 'seek to 75 % (ms)']
  return figures.map((figure) => fewer(`${name}: ${figure}`, ON_LINES, 1, 0.8))
})

export const targets: readonly Target[] = [
  fewer('first byte, magnet, one fast seeder (ms)', ['libtorrent'], 1.5, 1),
  fewer('first byte, torrent, one fast seeder (ms)', ['libtorrent'], 1.5, 1),
  fewer('first byte, magnet, eight (ms)', PEERS, 1, 0.8),
  fewer('first byte, torrent, eight (ms)', PEERS, 1, 0.8),
  fewer('cold seek to 75 %, eight (ms)', PEERS, 1, 0.8),
  fewer('cold seek to the last 64 KiB, eight (ms)', PEERS, 1, 0.8),
  fewer('25 Mbit/s player, eight: start (ms)', ['webtorrent'], 0.65, 0.5),
  { figure: '25 Mbit/s player, eight: stalls', must: 0 },
  fewer('25 Mbit/s player, tight: start (ms)', ['webtorrent'], 0.65, 0.5),
  { figure: '25 Mbit/s player, tight: stalls', must: 0 },
  atLeast('cold MB/s', ['libtorrent'], 1, 1.2),
  fewer('cold CPU s/GB, HTTP included', ['libtorrent'], 1.1, 0.9),
  atLeast('cached 4 MiB ranges, 64 readers: MB/s', ['express.static'], 1.5, 2),
  atLeast('cached 16 KiB ranges, 64 readers: requests/s', ['node loop'], 0.75, 0.9),
  { figure: 'cached 16 KiB ranges, 64 readers: p99 (ms)', must: 20, aim: 10 },
  fewer('20 cold viewers of one torrent: first byte p50 (ms)', PEERS, 1, 0.4),
  { figure: '20 cold viewers of one torrent: times fetched', must: 1.01 },
  atLeast('10 cold torrents at once: MB/s', PEERS, 1, 1.5),
  fewer('10 cold torrents at once: worst first byte (ms)', PEERS, 1, 0.5),
  fewer('peak memory, all processes (MiB)', ['webtorrent'], 1, 0.7),
  { figure: 'event loop delay of the HTTP process, p99 (ms)', must: 20, aim: 10 },
  ...onLines,
  ...soonerOnLines,
  { figure: `${FILM}: stalls`, must: 0 },
  fewer(`${FILM}: start (ms)`, ['libtorrent'], 1, 0.8),
]
