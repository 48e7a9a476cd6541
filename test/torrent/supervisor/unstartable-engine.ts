// An engine whose first two starts fail. In a process of its own: jest gives tests a `process` whose execPath nobody reads.

import { systemClock } from '../../../common/clock.ts'
import { EngineProcess } from '../../../torrent/supervisor/engine-process.ts'
import { usualLimits } from '../../../torrent/supervisor/supervision-limits.ts'
import { engineOptions, silent } from '../engines.ts'

const { execPath } = process
process.execPath = '/nowhere/node'
const deaths: string[] = []
const engine = new EngineProcess({
  options: { ...engineOptions, port: Number(process.argv[2]) },
  limits: { ...usualLimits, pauseMs: 10 },
  clock: systemClock,
  log: silent,
  onMessage: () => {},
  onDeath: (why) => {
    if (deaths.push(why) === 2) process.execPath = execPath
  },
})
await engine.started(60_000)
const { running, listensAt } = engine
process.stdout.write(JSON.stringify({ deaths, running, listensAt }))
await engine.close()
