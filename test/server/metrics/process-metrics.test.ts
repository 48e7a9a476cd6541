import { expect, test } from '@jest/globals'
import { Registry } from 'prom-client'
import { watchProcess } from '../../../server/metrics/process-metrics.ts'
import { sleep } from '../../support/wait.ts'

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

test('who has nothing to do is hardly late: what lies between two looks is no delay', async () => {
  const { p50 } = await lagOf(() => sleep(500))
  expect(p50).toBeLessThan(0.015)
})

test('a loop that stood still was late by about as long', async () => {
  const { p99 } = await lagOf(async () => {
    await sleep(100)
    const until = performance.now() + 300
    while (performance.now() < until);
    await sleep(100)
  })
  expect(p99).toBeGreaterThan(0.25)
})
