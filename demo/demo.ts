// `npm run demo`: tracker, seeder and server on loopback, films of our own, no network at all.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { styleText } from 'node:util'
import type { Child } from './child.ts'
import { createEnding, type Ending } from './ending.ts'
import { startLoopbackWeb } from './loopback-web.ts'
import { type DemoOptions, readOptions } from './options.ts'
import { portIsFree, startPlaylinkServer } from './playlink-server.ts'
import { magnetOf, startSeeding } from './seeding.ts'
import { DIRECT_VIDEO, demoCatalogue, videoPath } from './titles.ts'
import { createTracker } from './tracker.ts'
import { welcome } from './welcome.ts'

/** Bytes per second of a slow swarm: a film arrives three times as fast as it plays. */
const SLOW = 40_000

const options = readOptions(process.argv.slice(2), process.env)
if ('say' in options) {
  process.stdout.write(options.say)
  process.exitCode = options.exitCode
} else {
  process.exitCode = await demo(options)
}

async function demo(wanted: DemoOptions): Promise<number> {
  const ending = createEnding()
  const stopped = () => ending.end({ exitCode: 0, sentence: 'Ending.' })
  // Kept for good: npm hands a Ctrl-C on that has reached us already.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopped)
  try {
    process.stdout.write(await start(wanted, ending))
  } catch (error) {
    // Has no effect when it is over already, which is then what made it fail.
    ending.end({ exitCode: 1, sentence: `The demo could not start: ${(error as Error).message}` })
  }
  const { exitCode, sentence } = await ending.over
  process.stdout.write(`\n${sentence}\n`)
  await ending.giveBack()
  process.stdout.write('Every process has ended and its files are gone.\n')
  return exitCode
}

/** Starts all parts, each owned by the ending. Resolves with the text for the viewer. */
async function start({ port, slow }: DemoOptions, ending: Ending): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-demo-'))
  ending.own(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

  const tracker = createTracker()
  const film = { name: DIRECT_VIDEO, bytes: await readFile(videoPath(DIRECT_VIDEO)) }
  const web = await startLoopbackWeb(tracker, film)
  ending.own(web.close)

  const seeding = startSeeding(web.announceUrl, slow ? SLOW : -1)
  watch('seeder', seeding, ending)
  const infoHashes = await ending.unlessOver(seeding.infoHashes)
  const magnets = new Map(
    [...infoHashes].map(([name, hash]) => [name, magnetOf(name, hash, web.announceUrl)]),
  )
  const catalogue = join(folder, 'catalogue.json')
  await writeFile(catalogue, JSON.stringify(demoCatalogue(magnets, web.filmUrl), undefined, 2))

  const free = await portIsFree(port)
  const places = { folder, catalogue, cacheDir: join(folder, 'cache'), port: free ? port : 0 }
  const server = startPlaylinkServer(places)
  watch('server', server, ending)
  const served = await ending.unlessOver(server.port)
  const seeded = () => [...infoHashes.values()].every((hash) => tracker.seeders(hash) > 0)
  while (!seeded()) await ending.unlessOver(sleep(50))

  const bold = (text: string) => styleText('bold', text, { stream: process.stdout })
  return welcome({ port: served, taken: free ? undefined : port, slow, bold })
}

/** One that ends by itself ends the demo; else the demo ends it. */
function watch(name: string, child: Child, ending: Ending): void {
  ending.own(child.stop)
  void child.ended.then((how) => {
    const sentence = `The ${name} ended by itself, so the demo ends too: ${how}`
    ending.end({ exitCode: 1, sentence })
  })
}
