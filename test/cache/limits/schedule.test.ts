import { expect, test } from '@jest/globals'
import { createSchedule } from '../../../cache/limits/schedule.ts'
import { eventually } from '../../support/wait.ts'
import { fakeClock, log } from '../fixture.ts'

const HOUR = 3_600_000

test('sweeps at once, then after the interval of the steady clock; stop waits for a running sweep', async () => {
  const clock = fakeClock()
  let sweeps = 0
  let finish = (): void => undefined
  const janitor = {
    sweep: () => {
      sweeps++
      if (sweeps === 1) return Promise.reject(new Error('a failing sweep does not end it'))
      return new Promise<never>((resolve) => {
        finish = () => resolve(undefined as never)
      })
    },
  }
  const schedule = createSchedule({ janitor, intervalSeconds: 300, clock, log })
  schedule.start()
  schedule.start()
  expect(sweeps).toBe(1)
  clock.jump(HOUR)
  await new Promise((resolve) => setTimeout(resolve, 1100))
  expect(sweeps).toBe(1)
  clock.pass(300_000)
  await eventually('the next sweep', () => sweeps === 2)
  let stopped = false
  const stopping = schedule.stop().then(() => {
    stopped = true
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(stopped).toBe(false)
  finish()
  await stopping
  await schedule.stop()
})

test('soon: sweeps before its time, also when it is asked during a sweep', async () => {
  const clock = fakeClock()
  const running: PromiseWithResolvers<never>[] = []
  const janitor = {
    sweep: () => {
      const sweep = Promise.withResolvers<never>()
      running.push(sweep)
      return sweep.promise
    },
  }
  const schedule = createSchedule({ janitor, intervalSeconds: 300, clock, log })
  schedule.soon()
  expect(running).toHaveLength(0)
  schedule.start()
  expect(running).toHaveLength(1)
  schedule.soon()
  running[0]?.resolve(undefined as never)
  await eventually('another sweep', () => running.length === 2)
  running[1]?.resolve(undefined as never)
  await schedule.stop()
})
