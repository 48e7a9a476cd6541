import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from '@jest/globals'
import { Registry } from 'prom-client'
import { watchProcess } from '../../../server/metrics/process-metrics.ts'
import { keepBusy } from '../../support/keep-busy.ts'
import { sleep } from '../../support/wait.ts'

const LOOK_EVERY_MS = 20

async function lagOf(during: () => Promise<unknown>): Promise<{ p50: number; p99: number }> {
  const registry = new Registry()
  const watch = watchProcess(registry)
  try {
    await during()
    const text = await registry.metrics()
    const read = (name: string): number =>
      Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)$`, 'm').exec(text)?.[1])
    return { p50: read('p50'), p99: read('p99') }
  } finally {
    watch.close()
  }
}

/** Node's own measure, which counts from one look to the next, looking this often. */
async function untouched(during: () => Promise<unknown>): Promise<{ p50: number; p99: number }> {
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS })
  delay.enable()
  await during()
  delay.disable()
  return { p50: delay.percentile(50) / 1e9, p99: delay.percentile(99) / 1e9 }
}

test('who has nothing to do is hardly late: what lies between two looks is no delay', async () => {
  let control = { p50: 0, p99: 0 }
  const { p50 } = await lagOf(async () => {
    control = await untouched(() => sleep(500))
  })
  // Both looked at the same half second; a delay that counts the 20 ms would be as long as the control.
  expect(p50).toBeLessThan(control.p50 - LOOK_EVERY_MS / 2000)
})

test('a loop that stood still was late by about as long', async () => {
  let control = { p50: 0, p99: 0 }
  const { p99 } = await lagOf(async () => {
    control = await untouched(async () => {
      await sleep(100)
      keepBusy(300)
      await sleep(100)
    })
  })
  expect(p99 / control.p99).toBeGreaterThan(0.8)
})
