import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { HANG_EXIT_CODE } from '../../../common/watchdog/watch-plan.ts'
import { cacheStats, published } from '../../support/facts.ts'
import { MiB } from '../../support/swarm/payload.ts'
import { eventually } from '../../support/wait.ts'
import {
  expectExact,
  openPersistenceStage,
  type PersistenceStage,
  SHORT,
  SIZE,
  SLACK,
} from '../cache/persistence-stage.ts'

/** What nobody should be able to bring about: the event loop hangs, at SIGUSR2. */
const HANGING = `process.on('SIGUSR2', function hangs() { for (;;) Math.random() })`
const PART = 3 * MiB

let stage: PersistenceStage
beforeAll(async () => {
  stage = await openPersistenceStage()
  await stage.fresh()
})
afterAll(() => stage?.end())

test('a server that hangs ends itself and says where; the next one has what was cached, and goes on', async () => {
  const first = await stage.start({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(HANGING)}`,
  })
  await stage.expectWhole(first, 'short')
  await published(first.base, SHORT)
  await stage.playSome(first, PART)
  const enginePid = await first.enginePid()
  first.signal('SIGUSR2')
  expect(await first.exited()).toBe(HANG_EXIT_CODE)
  const last = first
    .log()
    .trimEnd()
    .split('\n')
    .find((line) => line.includes('has hung'))
  expect(JSON.parse(last ?? '{}')).toMatchObject({
    level: 60,
    stack: expect.stringMatching(/at hangs/),
  })
  await eventually('the end of its engine', () => !isThere(enginePid))

  const sent = await stage.uploaded()
  const second = await stage.start()
  expect((await cacheStats(second.base)).files.count).toBe(2)
  await stage.expectWhole(second, 'short')
  await stage.seeder.rate(0)
  await stage.expectWhole(second, 'film')
  expect((await stage.uploaded()) - sent).toBeLessThanOrEqual(SIZE - PART + SLACK)
  await expectExact(second)
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
