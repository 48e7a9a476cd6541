import { expect, test } from '@jest/globals'
import { Pulse } from '../../../torrent/supervisor/pulse.ts'

const PID = 7

/** @param state as proc(5) has it; the processor's time is counted from the last sign on */
function starved(state: string, hadMs: number): boolean {
  let vitals = { state: 'S', cpuMs: 123_000 }
  const pulse = new Pulse(() => vitals)
  pulse.felt(PID)
  vitals = { state, cpuMs: vitals.cpuMs + hadMs }
  return pulse.isStarved(PID, 2500)
}

test.each([
  ['waits for the processor', 'R', 300, true],
  ['waits for the disk', 'D', 0, true],
  ['runs without an end', 'R', 4800, false],
  ['is stopped', 'T', 0, false],
  ['waits for what never comes', 'S', 10, false],
])('a process that %s', (_what, state, hadMs, is) => {
  expect(starved(state, hadMs)).toBe(is)
})

test('a process of which nothing is known is not waited for', () => {
  expect(new Pulse(() => undefined).isStarved(PID, 2500)).toBe(false)
})

test('what Linux tells of this process', () => {
  const pulse = new Pulse()
  pulse.felt(process.pid)
  expect(pulse.isStarved(process.pid, 60_000)).toBe(process.platform === 'linux')
  const { user, system } = process.cpuUsage()
  const untilMs = (user + system) / 1000 + 150
  while (process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000 < untilMs) {}
  expect(pulse.isStarved(process.pid, 100)).toBe(false)
  expect(pulse.isStarved(2 ** 22 + 1, 60_000)).toBe(false)
})
