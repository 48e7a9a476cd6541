import { expect } from '@jest/globals'
import type { SimulatedSwarm } from './simulated-swarm.ts'

/** Plays the whole file as fast as it comes; fails when it takes longer than `limitMs`. */
export function playAll(swarm: SimulatedSwarm, limitMs = 60_000): void {
  const reader = swarm.reader(0, swarm.layout.size - 1)
  const done = swarm.time.runUntil(() => reader.done && swarm.have.complete, limitMs)
  expect({ done, pieces: swarm.have.count }).toEqual({ done: true, pieces: swarm.have.length })
  expect(swarm.kept.equals(swarm.content)).toBe(true)
  expect(swarm.keptTwice).toBe(0)
}
