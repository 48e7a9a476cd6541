// What one list costs the main thread: `node bench/list-cost.ts [sources] [rounds]`, by default 50 and 20. In this
// process, with the real parser in its worker and an index in memory; CPU time of this thread alone, so that a busy
// machine does not count.

import { createMemoryIndex } from '../cache/backends/memory/memory.ts'
import { systemClock } from '../common/clock.ts'
import { createLog } from '../common/log.ts'
import { WorkerNameParser } from '../sources/names/name-parser.ts'
import { packLists } from '../test/support/pack-lists.ts'

const [sources = 50, rounds = 20] = process.argv.slice(2).map(Number)
const print = (text: string): void => void process.stdout.write(`${text}\n`)
const log = createLog('error', 'json', (line) => line)('sources')

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

async function cost(work: () => Promise<unknown>): Promise<number> {
  const before = cpuMs()
  await work()
  return cpuMs() - before
}

const columns = {
  'new, nothing known of the torrents': [] as number[],
  'what is in the torrents is known now': [] as number[],
  'warm, made again': [] as number[],
}
for (let round = 0; round < rounds; round++) {
  const index = createMemoryIndex({ clock: systemClock })
  const parser = new WorkerNameParser({ clock: systemClock, log })
  // Its worker loads at the start of a server, not in a list.
  await parser.releases(['A.Film.2001.1080p.WEB-DL.x264-GRP'])
  const lists = packLists(sources, { index, parser })
  const episode = 1 + (round % 24)
  const list = () => lists.list(episode)
  columns['new, nothing known of the torrents'].push(await cost(list))
  lists.learn()
  columns['what is in the torrents is known now'].push(await cost(list))
  columns['warm, made again'].push(await cost(list))
  lists.close()
  await parser.close()
  await index.close()
}
for (const [name, all] of Object.entries(columns)) {
  const sorted = all.toSorted((a, b) => a - b)
  const [first, half, most] = [all[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  const words = [first, half, most].map((ms) => (ms ?? 0).toFixed(1))
  print(
    `${sources} packs, ${name}: first ${words[0]}, half within ${words[1]}, most ${words[2]} ms of CPU`,
  )
}
