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

export const targets: readonly Target[] = [
  fewer('first byte, magnet, one fast seeder (ms)', ['webtorrent'], 0.6, 0.25),
  fewer('first byte, magnet, eight (ms)', ['torrent-stream'], 1, 0.75),
  fewer('first byte, torrent, eight (ms)', ['torrent-stream'], 1, 0.75),
  fewer('cold seek to 75 %, eight (ms)', ['webtorrent', 'torrent-stream'], 0.7, 0.5),
  fewer('cold seek to the last 64 KiB, eight (ms)', ['torrent-stream'], 1, 0.8),
  fewer('25 Mbit/s player, eight: start (ms)', ['webtorrent'], 0.65, 0.5),
  { figure: '25 Mbit/s player, eight: stalls', must: 0 },
  fewer('25 Mbit/s player, tight: start (ms)', ['webtorrent'], 0.65, 0.5),
  { figure: '25 Mbit/s player, tight: stalls', must: 0 },
  atLeast('cold MB/s', ['webtorrent'], 1.5, 2.5),
  fewer('cold CPU s/GB, HTTP included', ['webtorrent'], 0.6, 0.3),
  atLeast('cached 4 MiB ranges, 64 readers: MB/s', ['express.static'], 1.5, 2),
  atLeast('cached 16 KiB ranges, 64 readers: requests/s', ['node loop'], 0.75, 0.9),
  { figure: 'cached 16 KiB ranges, 64 readers: p99 (ms)', must: 20, aim: 10 },
  fewer('20 cold viewers of one torrent: first byte p50 (ms)', ['torrent-stream'], 1.2, 0.4),
  { figure: '20 cold viewers of one torrent: times fetched', must: 1.01 },
  atLeast('10 cold torrents at once: MB/s', ['webtorrent'], 1.5, 3),
  fewer('10 cold torrents at once: worst first byte (ms)', ['webtorrent'], 0.4, 0.2),
  fewer('peak memory, all processes (MiB)', ['webtorrent'], 1.1, 0.7),
  { figure: 'event loop delay of the HTTP process, p99 (ms)', must: 20, aim: 10 },
]
